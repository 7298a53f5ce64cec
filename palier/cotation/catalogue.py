"""The facts a grid may count: a closed catalogue.

A grid that names a field outside this catalogue is refused, so what a territory collects is decided here and nowhere
else. Sources: CERFA 14069*05, CCH L441-1 (priority publics), R441-2-10 and R441-2-17.
"""

# A table reads better with one field on a line.
# ruff: noqa: E501

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from functools import lru_cache
from typing import Any

from palier.common.text import date_fr, euros_fr, number_fr

Value = bool | int | Decimal | date | str | tuple[str, ...] | None


@dataclass(frozen=True)
class Field:
    """One fact of the catalogue.

    `yes` and `no` say a true and a false fact, `say` any other value (with {} for it). `none` is the wording when it
    is known that there is nothing; empty when the field always has a value. `absent_is_none` marks an event that did
    not happen unless it is written (a notice to quit). `companions` are fields said in brackets beside it. `lawful`
    is False when the law bars a landlord's register from collecting it: a grid may name it (some do), the control of
    grids warns.
    """

    path: str
    kind: str
    label: str
    yes: str = ""
    no: str = ""
    say: str = ""
    codes: Mapping[str, str] = field(default_factory=dict)
    none: str = ""
    absent_is_none: bool = False
    minimum: int | None = 0
    unit: str = ""
    companions: tuple[str, ...] = ()
    lawful: bool = True

    def clause(self, value: Value) -> str:
        """The fact in French words, lower case, without final stop."""
        if value is None:
            return self.none or f"{self.label}\u00a0: sans objet"
        if self.kind == "bool":
            return self.yes if value else self.no
        if self.codes:
            return self.say.format(self.codes[str(value)])
        if isinstance(value, int | Decimal):
            return self.say.format(self.number(value))
        if isinstance(value, date):
            return self.say.format(day_fr(value))
        return self.say.format(", ".join(value) if isinstance(value, tuple) else value)

    def number(self, value: int | Decimal) -> str:
        """A value of this field as French figures, with its unit (a share is shown in hundredths)."""
        return figures(value, self.unit)


@lru_cache(maxsize=16384)
def figures(value: int | Decimal, unit: str) -> str:
    """« 38,46 % », « 1 300 € », « 3 »."""
    if unit == "%":
        value = (Decimal(value) * 100).quantize(Decimal("0.01"))
    if unit == "€":
        return euros_fr(value)
    return f"{number_fr(value)}\u00a0{unit}" if unit else number_fr(value)


day_fr = lru_cache(maxsize=16384)(date_fr)


def _flag(path: str, label: str, yes: str, no: str, **more: Any) -> Field:
    return Field(path, "bool", label, yes, no, **more)


HOUSING = {
    "sans_abri": "sans abri ou abri de fortune",
    "squat": "squat",
    "camping": "camping ou habitat mobile",
    "hotel": "hôtel",
    "chrs": "centre d’hébergement et de réinsertion sociale",
    "chu": "centre d’hébergement d’urgence",
    "cada": "centre d’accueil de demandeurs d’asile",
    "structure": "autre structure d’hébergement",
    "enfance_famille": "centre départemental de l’enfance ou centre maternel",
    "coordination_therapeutique": "appartement de coordination thérapeutique",
    "logement_temporaire": "logement à titre temporaire ou sous-location",
    "residence_sociale": "résidence sociale, foyer ou pension de famille",
    "residence_hoteliere": "résidence hôtelière à vocation sociale",
    "residence_etudiante": "résidence étudiante",
    "heberge_parents": "hébergement chez les parents ou les enfants",
    "heberge_tiers": "hébergement chez un particulier",
    "loge_gratuit": "logement à titre gratuit",
    "logement_fonction": "logement de fonction",
    "locataire_prive": "location dans le parc privé",
    "locataire_social": "location dans le parc social",
    "proprietaire": "propriétaire occupant",
}
EVICTION = {
    "commandement": "commandement de payer",
    "assignation": "assignation devant le juge",
    "jugement": "jugement d’expulsion",
    "commandement_quitter": "commandement de quitter les lieux",
    "concours": "concours de la force publique",
}
CONTRACTS = {
    "cdi": "contrat à durée indéterminée ou fonctionnaire",
    "cdd": "contrat à durée déterminée, stage ou intérim",
    "independant": "artisan, commerçant ou profession libérale",
    "chomage": "chômage",
    "apprenti": "apprentissage",
    "etudiant": "études",
    "retraite": "retraite",
    "autre": "autre situation",
}
INCOME = {
    "plai": "sous le plafond PLAI",
    "plus": "sous le plafond PLUS",
    "pls": "sous le plafond PLS",
    "au_dela": "au-delà du plafond PLS",
}
DWELLINGS = {f"t{n}": f"T{n}" for n in range(1, 6)} | {"t6p": "T6 et plus"}

_DEMAND_AND_PEOPLE = (
    Field("demande.date_depot", "date", "date de dépôt de la demande", say="demande déposée le {}"),
    Field("demande.numero_unique", "text", "numéro unique", say="numéro unique {}", none="pas encore de numéro unique"),
    Field("demande.typologie", "code", "type de logement recherché", say="recherche un {}", codes=DWELLINGS),
    _flag(
        "demande.locataire_social", "locataire du parc social",
        "locataire du parc social, demande une mutation", "n’est pas locataire du parc social",
    ),
    _flag(
        "demande.relogement_demolition", "relogement lié à une démolition",
        "relogement lié à une démolition", "pas de relogement lié à une démolition",
    ),
    _flag("demande.sinistre", "sinistre", "logement détruit ou inhabitable après un sinistre", "pas de sinistre"),
    _flag("labels.dalo", "décision DALO", "reconnu prioritaire au titre du DALO", "pas de décision DALO favorable"),
    _flag("labels.pdalhpd", "public du PDALHPD", "reconnu public du PDALHPD", "pas reconnu public du PDALHPD"),
    _flag(
        "situation.violences", "violences au sein du couple ou de la famille",
        "victime de violences au sein du couple ou de la famille", "pas de violences signalées",
    ),
    _flag(
        "situation.mariage_force", "menace de mariage forcé", "menacé de mariage forcé",
        "pas de menace de mariage forcé signalée",
    ),
    _flag(
        "situation.viol_agression", "viol ou agression sexuelle au domicile ou à ses abords",
        "victime de viol ou d’agression sexuelle au domicile ou à ses abords", "pas d’agression signalée",
    ),
    _flag(
        "situation.sortie_prostitution", "parcours de sortie de la prostitution",
        "engagé dans un parcours de sortie de la prostitution", "pas de parcours de sortie de la prostitution",
    ),
    _flag("situation.traite", "traite des êtres humains", "victime de traite ou de proxénétisme", "pas de traite signalée"),
    _flag(
        "situation.aide_enfance", "aide sociale à l’enfance",
        "confié à l’aide sociale à l’enfance ou sorti depuis moins de trois ans",
        "pas de sortie récente de l’aide sociale à l’enfance",
    ),
    _flag(
        "situation.pompier_volontaire", "sapeur-pompier volontaire", "sapeur-pompier volontaire",
        "n’est pas sapeur-pompier volontaire",
    ),
    _flag("situation.naissance_attendue", "naissance attendue", "naissance attendue", "pas de naissance attendue"),
    _flag("situation.separation", "séparation ou divorce", "séparation ou divorce en cours", "pas de séparation en cours"),
    _flag("situation.decohabitation", "décohabitation", "quitte un logement partagé", "pas de décohabitation"),
    _flag(
        "situation.regroupement_familial", "regroupement familial", "regroupement familial en cours",
        "pas de regroupement familial",
    ),
    _flag("situation.sante", "raisons de santé", "raisons de santé", "pas de raison de santé invoquée"),
    _flag("situation.perte_autonomie", "perte d’autonomie", "perte d’autonomie", "pas de perte d’autonomie signalée"),
    _flag("situation.vie_locale", "engagement dans la vie locale", "engagé dans la vie locale", "pas d’engagement local signalé"),
    _flag("situation.anru", "relogement de rénovation urbaine", "relogement de rénovation urbaine", "hors rénovation urbaine"),
    _flag("emploi.actif", "en emploi ou en insertion", "en emploi ou en insertion", "n’est ni en emploi ni en insertion"),
    _flag("emploi.essentiel", "travailleur essentiel", "travailleur essentiel", "n’est pas travailleur essentiel"),
    _flag(
        "emploi.chomage_longue_duree", "chômage de longue durée", "a connu un chômage de longue durée",
        "pas de chômage de longue durée",
    ),
    _flag("emploi.agent_public", "agent public", "agent public", "n’est pas agent public"),
    _flag("emploi.mutation", "mutation professionnelle", "mutation professionnelle", "pas de mutation professionnelle"),
    _flag("emploi.rapprochement", "rapprochement du travail", "souhaite se rapprocher du travail", "pas de rapprochement du travail"),
    Field("emploi.contrat", "code", "situation professionnelle", say="situation professionnelle\u00a0: {}", codes=CONTRACTS),
    Field("emploi.reprise", "date", "date de reprise d’emploi", say="emploi repris le {}", none="pas de reprise d’emploi"),
    Field("lieux.residence", "commune", "commune de résidence", say="réside dans la commune {}", none="sans résidence"),
    Field("lieux.travail", "commune", "commune de travail", say="travaille dans la commune {}", none="pas de lieu de travail"),
    Field("lieux.souhait", "communes", "communes souhaitées", say="communes souhaitées\u00a0: {}"),
)  # fmt: skip
_COMPUTED_AND_DWELLING = (
    Field("calc.age", "int", "âge du demandeur", say="{}", unit="ans"),
    _flag("calc.monoparentale", "famille monoparentale", "un seul adulte avec des enfants", "pas une famille monoparentale"),
    _flag(
        "calc.suroccupe", "sur-occupation (seuil du droit au logement opposable)",
        "logement trop petit pour le nombre de personnes", "logement assez grand pour le nombre de personnes",
    ),
    Field("calc.pieces_en_trop", "int", "pièces en trop", say="pièces de plus que le besoin\u00a0: {}"),
    Field("calc.taux_effort", "decimal", "taux d’effort", say="taux d’effort de {}", unit="%",
          companions=("calc.loyer_net", "calc.ressources")),
    Field("calc.loyer_net", "decimal", "loyer, aides déduites", say="{} de loyer, aides déduites", unit="€"),
    Field("calc.ressources", "decimal", "ressources mensuelles", say="{} de ressources", unit="€"),
    Field("calc.reste_a_vivre", "decimal", "reste à vivre par personne et par jour", say="reste à vivre de {}", minimum=None, unit="€"),
    Field("calc.tranche_ressources", "code", "tranche de ressources", say="ressources {}", codes=INCOME),
    Field("calc.quartile", "int", "quartile de ressources", say="quartile de ressources\u00a0: {}", minimum=1),
    Field("calc.personnes", "int", "personnes à loger", say="personnes à loger\u00a0: {}"),
    Field("logement_actuel.statut", "code", "logement actuel", say="logement actuel\u00a0: {}", codes=HOUSING),
    Field("logement_actuel.depuis", "date", "date d’entrée dans le logement actuel", say="dans ce logement depuis le {}"),
    _flag("logement_actuel.indigne", "habitat indigne", "habitat indigne", "pas d’habitat indigne signalé"),
    _flag("logement_actuel.non_decent", "logement non décent", "logement non décent", "pas de non-décence signalée"),
    _flag("logement_actuel.inadapte", "logement inadapté au handicap", "logement inadapté au handicap", "logement adapté"),
    _flag("logement_actuel.voisinage", "problème de voisinage", "problème de voisinage", "pas de problème de voisinage"),
    _flag("logement_actuel.vente", "logement repris ou vendu", "logement repris ou vendu par le propriétaire", "logement ni repris ni vendu"),
    Field(
        "logement_actuel.etape_expulsion", "code", "étape de la procédure d’expulsion",
        say="expulsion, étape atteinte\u00a0: {}", codes=EVICTION, none="pas de procédure d’expulsion",
        companions=("logement_actuel.date_etape",),
    ),
    Field("logement_actuel.date_etape", "date", "date de l’étape de la procédure d’expulsion", say="le {}"),
    Field(
        "logement_actuel.fin_bail", "date", "date de fin du bail (congé reçu)", say="fin du bail le {}",
        none="pas de congé reçu", absent_is_none=True,
    ),
    Field("logement_actuel.surface", "decimal", "surface du logement actuel", say="{}", unit="m²"),
    Field("logement_actuel.occupants", "int", "personnes dans le logement actuel", say="personnes dans le logement\u00a0: {}"),
)  # fmt: skip
_MEMBERS = (
    _flag("mineur", "mineur", "mineur", "majeur"),
    _flag("a_charge", "personne à charge", "à charge", "pas à charge"),
    _flag("handicap", "handicap", "personne handicapée", "pas de handicap signalé"),
    _flag("garde_alternee", "garde alternée", "en garde alternée", "pas de garde alternée"),
    _flag("perte_autonomie", "perte d’autonomie", "perte d’autonomie", "pas de perte d’autonomie signalée"),
    _flag("etudiant", "étudiant", "étudiant", "n’est pas étudiant"),
    Field("age", "int", "âge", say="{}", unit="ans"),
    _flag("troubles", "procédure pour troubles graves", "procédure pour troubles graves en cours",
          "pas de procédure pour troubles graves", lawful=False),
    _flag("expulse_troubles", "expulsion antérieure pour troubles", "expulsion antérieure pour troubles",
          "pas d’expulsion antérieure pour troubles", lawful=False),
    _flag("condamnation", "condamnation pénale", "condamnation pénale", "pas de condamnation signalée", lawful=False),
    _flag("condamnation_stupefiants", "condamnation pour stupéfiants", "condamnation pour stupéfiants",
          "pas de condamnation pour stupéfiants signalée", lawful=False),
)  # fmt: skip

FIELDS: dict[str, Field] = {item.path: item for item in (*_DEMAND_AND_PEOPLE, *_COMPUTED_AND_DWELLING)}
MEMBER_FIELDS: dict[str, Field] = {item.path: item for item in _MEMBERS}
