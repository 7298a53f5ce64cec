"""What each element of a demand means: one table, which reading and writing share. Pure.

A line is (path of the element, field of the content); « @code » is an attribute. Elements that stand for several fields
(names, address, resources, lists) are read and written by hand below.
"""

from palier.demand.codes import LISTS as CODES
from palier.demand.codes import to_sne
from palier.demand.enums import Section
from palier.demand.exchange.whole import ALL
from palier.demand.rules import LISTS as LISTED

Lines = tuple[tuple[str, str], ...]

PERSON: Lines = (
    ("prenom", "first_names"),
    ("dateNaissance", "birth_date"),
    ("nationalite@code", "nationality"),
)
JOB: Lines = (
    ("profession", "profession"),
    ("typeContratTravail@code", "contract"),
    ("nomEmployeurPrincipal", "employer"),
    ("etranger", "abroad"),
    ("codePostal", "postal_code"),
    ("commune@code", "commune"),
)
TAX: Lines = (
    ("montantMoins1", "rfr_n1"),
    ("anneeMoins2", "tax_year"),
    ("montantMoins2", "rfr_n2"),
)
ADDRESS: Lines = (
    ("etranger", "abroad"),
    ("codePostal", "postal_code"),
    ("commune@code", "insee"),
)
CONTACT: Lines = (("telPortable", "phone"), ("mel", "email"))
UNBORN: Lines = (("nombre", "unborn"), ("dateNaissancePrevue", "unborn_due"))
DWELLING: Lines = (
    ("montantMensuelLoyer", "rent"),
    ("nombreHabitant", "occupants"),
    ("categorieLogement@code", "category"),
    ("typeLogementActuel@code", "type"),
    ("surface", "surface"),
    ("proprietaire", "owner_elsewhere"),
)

MOVEMENTS = {
    "CRE": "création",
    "CRS": "création après la séparation d’un couple",
    "MOD": "modification",
    "RAD": "radiation",
    "REN": "renouvellement",
    "SUP": "suppression",
    "DIS": "transmission à un autre guichet",
    "RET": "retour",
    "COP": "copie numérique",
}

# Names that no source shows. They follow those seen (`listeTypeLogement/typeLogement`, `listeModeleLogement`…) or the
# lists of codes of libsne; to be compared with the specifications before the first real exchange.
UNSEEN = {
    "listeMotifDemande/motifDemande@code": "motifs de la demande",
    "logementRecherche/categorieLogement@code": "catégorie de logement recherchée",
    "radiation/motifRadiation@code": "motif de radiation",
    "radiation/sousMotifRadiationIrrecevabilite@code": "motif d’irrecevabilité",
    "radiation/dateRadiation": "date de radiation",
    "radiation/dateAvis": "date de l’avis",
    "dateRenouvellement": "date de renouvellement",
    "personneMorale": "organisme demandeur",
}

# What the format has no element for, as far as it is known: said beside every export.
NOT_CARRIED = (
    "les autres adultes du ménage, et le lien de parenté d’un codemandeur",
    "le complément d’adresse, l’adresse de courrier, le second téléphone et l’accord pour les avis par courriel",
    "la tutelle ou la curatelle",
    "les publics prioritaires (L441-1), le handicap et la procédure d’expulsion",
    "l’employeur cotisant à Action Logement et l’agent de l’État",
    "l’aide au logement, la fin du bail, le bailleur et l’état du logement actuel",
    "le loyer maximal, les quartiers, le rez-de-chaussée, l’ascenseur et le stationnement souhaités",
    "la précision d’un motif, et les codes que l’interface 02.01 ne connaît pas",
)

# Health and identity data that Palier does not take from a file, whatever it says.
DROPPED = {
    "nir": "Le numéro de sécurité sociale n’est pas lu\u00a0: Palier ne le recueille pas.",
    "handicap": "Les données de santé (handicap) ne se lisent pas dans un fichier\u00a0: saisissez-les au dossier.",
}

# Where the fields read by hand are, in the applicant's part of a file or in a member's.
_BY_HAND = {
    "civility": "civilite@code",
    "birth_name": "nomPatronymique",
    "usage_name": "nom",
    "sex": "sexe@code",
    "link": "lienDemandeur@code",
    "role": "coParentalite@code",
    "family": "situationFamiliale@code",
    "line": "adressePostale/voie",
    "care_of": "adressePostale/chez",
    "complement": "adressePostale/complement",
    "town": "commune@code",
    "phone_other": "telDomicile",
    "monthly": "listeRessourceRecue",
    "dependants": "listeRessourceRecuePersACharge",
    "alimony_paid": "listeRessourceVersee",
}
_WHOLE = {
    "nud": "numUnique",
    "filed_on": "dateCreationDemande",
    "movement": "entete/typeFichier",
    "renewed_on": "dateRenouvellement",
    "struck_ground": "radiation/motifRadiation@code",
    "struck_why": "radiation/sousMotifRadiationIrrecevabilite@code",
    "struck_on": "radiation/dateRadiation",
    "noticed_on": "radiation/dateAvis",
    "allocation": "radiation",
    "kind": "logementActuel/listeModeleLogement/modeleLogement@code",
    "logement_other_kinds": "logementActuel/listeModeleLogement/modeleLogement@code",
    "codes": "listeMotifDemande/motifDemande@code",
    "category": "logementRecherche/categorieLogement@code",
    "types": "logementRecherche/listeTypeLogement/typeLogement@code",
    "communes": "logementRecherche/listeLocalisationSouhaite/localisationSouhaite/commune@code",
    "wider_area": "logementRecherche/demandeElargie",
    "ressources_per_person": "listeCotitulaire",
}
_UNDER = {
    Section.HOUSEHOLD: (("personneANaitre/", UNBORN),),
    Section.ADDRESS: (("", CONTACT), ("adressePostale/", ADDRESS)),
    Section.WORK: (("situationProfessionnelle/", JOB),),
    Section.RESOURCES: (("revenuFiscal/", TAX),),
    Section.DWELLING: (("logementActuel/", DWELLING),),
    Section.IDENTITY: (("", PERSON + CONTACT),),
}


def element_of(code: str) -> str:
    """Where a column comes from: « demandeur/situationFamiliale@code ». For a member, inside the member."""
    if code in _WHOLE:
        return _WHOLE[code]
    item = ALL[code]
    section, name = Section(item.section), item.name
    start = "" if section in (Section.HOUSEHOLD, Section.DWELLING) else "demandeur/"
    if name.startswith("members."):
        inside, _, name = name.split(".", 2)[2].rpartition(".")
        section = {"job": Section.WORK, "income": Section.RESOURCES}.get(inside, Section.IDENTITY)
    held = {field: f"{under}{path}" for under, lines in _UNDER.get(section, ()) for path, field in lines}
    by_hand = f"{'situationProfessionnelle/' if section is Section.WORK else ''}{_BY_HAND.get(name, '')}"
    return f"{start}{held.get(name, by_hand)}"


_CODES = {(item.section, item.name): item.code for item in ALL.values()}


def code_of(section: Section, name: str) -> str:
    """The column of a field of the content."""
    return _CODES[section.value, name]


def sne_of(name: str, value: str, listed: str = "") -> str:
    """The code of the SNE for a value of a field, "" when it has none."""
    listed = listed or LISTED.get(name, "")
    return to_sne(listed, value) if listed in CODES else value
