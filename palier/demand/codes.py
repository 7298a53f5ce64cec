"""The code lists of the form CERFA 14069, version by version: one table, which forms, imports and exports read.

A snapshot keeps the version of the form it was taken with (`Snapshot.cerfa_version`): a code that later versions no
longer have is still read, with its own words. `sne` is the code that the SNE interface 02.01 knows, "" when none.
`seen` is False for what was not read in a source: to be checked on the form itself before relying on it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache


@dataclass(frozen=True)
class Version:
    """A version of the form: the first day it was in force, and how many grounds and communes it takes."""

    code: str
    since: date
    source: str
    seen: bool = True
    grounds: int = 3
    communes: int = 8


VERSIONS = (
    Version("14069*01", date(2010, 10, 1), "décret du 29 avril 2010, appliqué au 1er octobre 2010"),
    Version("14069*02", date(2013, 7, 24), "arrêté du 24 juillet 2013, abrogé depuis"),
    Version("14069*03", date(2018, 9, 10), "arrêté du 6 août 2018 (TERL1820983A), notice 51423#03"),
    Version("14069*04", date(2021, 2, 1), "arrêté du 22 décembre 2020, notice 51423#04"),
    # Its number and the year were read, the day was not.
    Version("14069*05", date(2022, 5, 1), "arrêté d’avril 2022 (JORFTEXT000045684322)", seen=False),
)
LIMITS_SEEN = False
"""Three grounds and eight communes come from memory: to be checked on the form (demande.md §13)."""

_ORDER = {version.code: rank for rank, version in enumerate(VERSIONS)}
_FIRST, _LAST = VERSIONS[0].code, VERSIONS[-1].code


@dataclass(frozen=True)
class Code:
    """One line of a list. `since` and `until` are the first and last versions of the form that have it."""

    code: str
    label: str
    sne: str
    since: str = _FIRST
    until: str = _LAST
    seen: bool = True

    def in_version(self, version: str) -> bool:
        """Whether the form has it in a version; one that Palier does not know is read as the latest."""
        rank = _ORDER.get(version, len(VERSIONS) - 1)
        return _ORDER[self.since] <= rank <= _ORDER[self.until]


def _same(*rows: tuple[str, str]) -> tuple[Code, ...]:
    """Lines that every version has, under the SNE's own code."""
    return tuple(Code(code, label, code) for code, label in rows)


_V3 = "14069*03"
_V5 = "14069*05"

SOURCES = {
    "civility": "libsne, JDD-XML (civilite@code)",
    "nationality": "libsne (nationalite@code)",
    "family": "libsne (situationFamiliale@code)",
    "sex": "JDD-XML (sexe@code)",
    "co_link": "libsne (lienDemandeur@code)\u00a0; liens familiaux\u00a0: service-public.fr F10007, 2022",
    "dependant_link": "libsne (lienParente@code)",
    "custody": "JDD-XML (coParentalite@code)",
    "contract": "libsne (typeContratTravail@code)",
    "resource": "libsne (ressource@code)",
    "paid": "libsne (listeRessourceVersee)",
    "dwelling_kind": "libsne (modeleLogement@code)",
    "dwelling_type": "libsne (typeLogement@code)",
    "category": "libsne (categorieLogement@code)",
    "ground": "libsne (ListeMotifDemande)\u00a0; division du motif 03\u00a0: vigneux91.fr",
    "disability_state": "libsne (annexe handicap)",
    "stairs": "libsne (annexe handicap)",
    "limb": "libsne (annexe handicap)",
    "sense": "libsne (annexe handicap)",
    "aid": "libsne (annexe handicap)",
    "equipment": "libsne (annexe handicap)",
}

LISTS: dict[str, tuple[Code, ...]] = {
    "civility": (Code("mr", "M.", "1"), Code("mrs", "Mme", "2")),
    "nationality": _same(("1", "française"), ("2", "Union européenne"), ("3", "hors Union européenne")),
    "family": _same(
        ("C", "célibataire"), ("M", "marié·e"), ("D", "divorcé·e"), ("S", "séparé·e"), ("P", "pacsé·e"),
        ("U", "concubin·e"), ("V", "veuf ou veuve"),
    ),
    "sex": _same(("F", "féminin"), ("M", "masculin")),
    "co_link": (
        *_same(("M", "conjoint·e"), ("P", "partenaire de PACS"), ("C", "concubin·e"), ("L", "colocataire")),
        Code("GP", "grand-parent", "", _V5),
        Code("PA", "père ou mère", "", _V5),
        Code("EN", "enfant majeur non à charge", "", _V5),
        Code("PE", "petit-enfant", "", _V5),
        Code("FS", "frère ou sœur", "", _V5),
    ),
    "dependant_link": _same(("E", "enfant"), ("P", "père, mère ou autre ascendant"), ("A", "autre lien")),
    "custody": (Code("shared_custody", "garde alternée", "G"), Code("visit", "droit de visite", "D")),
    "contract": _same(
        ("CDI", "CDI ou fonction publique"), ("CDD", "CDD, stage ou intérim"),
        ("ART", "artisan, commerçant ou profession libérale"), ("CHO", "au chômage"), ("APP", "apprentissage"),
        ("ETU", "études"), ("RET", "retraite"), ("AUT", "autre situation"),
    ),
    "resource": (
        *_same(
            ("SAL", "Salaires et revenus d’activité"), ("RET", "Retraites"), ("CHO", "Allocations de chômage"),
            ("RSA", "RSA"), ("AAH", "AAH"), ("AF", "Allocations familiales"), ("PAR", "Pension alimentaire reçue"),
            ("PINV", "Pension d’invalidité"), ("AMV", "Minimum vieillesse (ASPA)"),
            ("PAJE", "Prestation d’accueil du jeune enfant (PAJE)"),
            ("AEEH", "Allocation d’éducation de l’enfant handicapé (AEEH)"),
            ("AJPP", "Allocation journalière de présence parentale (AJPP)"), ("BE", "Bourse d’études"),
        ),
        Code("PRIM", "Prime d’activité", "", "14069*04", seen=False),
        Code("AUT", "Autres ressources", "AUT"),
    ),
    "paid": _same(("PAV", "Pension alimentaire versée")),
    "dwelling_kind": (
        *_same(
            ("HLM", "Locataire d’un logement HLM"), ("LP", "Locataire du parc privé"),
            ("CP", "Hébergé chez un particulier"), ("CPE", "Chez ses parents ou ses enfants"),
            ("SD", "Sans abri ou abri de fortune"), ("SH", "En structure d’hébergement"), ("HOT", "À l’hôtel"),
            ("RS", "En résidence sociale, foyer ou pension de famille"),
            ("SLHT", "Sous-location ou logement à titre temporaire"),
            ("RHVS", "En résidence hôtelière à vocation sociale"), ("RE", "En résidence étudiante"),
            ("CDEFCM", "Centre départemental de l’enfance ou centre maternel"),
        ),
        Code("ACT", "En appartement de coordination thérapeutique", "", _V3, seen=False),
        Code("IML", "En intermédiation locative ou bail glissant", "", _V3, seen=False),
        *_same(
            ("LTG", "Logé à titre gratuit"), ("FONC", "Logement de fonction"), ("POCC", "Propriétaire occupant"),
            ("CAMCAR", "Camping, caravaning"), ("SQUAT", "Dans un squat"),
        ),
    ),
    "dwelling_type": _same(
        ("C", "Chambre"), ("T1", "T1"), ("T2", "T2"), ("T3", "T3"), ("T4", "T4"), ("T5", "T5"), ("T6P", "T6 et plus")
    ),
    "category": _same(("A", "Appartement"), ("M", "Maison"), ("I", "Indifférent")),
    "ground": (
        *_same(("01", "Sans logement, hébergé ou en logement temporaire"), ("02", "Démolition")),
        Code("03", "Logement non décent, insalubre, dangereux ou local impropre", "03", until="14069*02"),
        Code("NDEC", "Logement non décent", "03", _V3),
        Code("INSA", "Logement insalubre ou dangereux", "03", _V3),
        Code("IMPR", "Local impropre à l’habitation", "03", _V3),
        *_same(
            ("04", "Logement repris ou mis en vente par le propriétaire"), ("05", "En procédure d’expulsion"),
            ("06", "Violences familiales"),
        ),
        Code("VCMF", "Violences au sein du couple ou menace de mariage forcé", "06", _V3, seen=False),
        Code("VIOL", "Viol ou agression sexuelle", "", _V5, seen=False),
        Code("PROS", "Parcours de sortie de la prostitution", "", _V5, seen=False),
        Code("TRAI", "Traite des êtres humains ou proxénétisme", "", _V5, seen=False),
        *_same(
            ("07", "Handicap"), ("08", "Raisons de santé"), ("09", "Logement trop cher"), ("10", "Logement trop grand"),
            ("11", "Divorce, séparation"), ("12", "Décohabitation"), ("13", "Logement trop petit"),
            ("14", "Futur mariage, concubinage ou PACS"), ("15", "Regroupement familial"),
            ("16", "Assistant·e maternel·le ou familial·e"), ("17", "Environnement ou voisinage"),
            ("18", "Mutation professionnelle"), ("19", "Rapprochement du lieu de travail"),
            ("20", "Rapprochement des équipements et services"), ("21", "Rapprochement de la famille"),
            ("22", "Accédant à la propriété en difficulté"), ("23", "Autre motif"),
        ),
    ),
    "disability_state": _same(("STA", "stabilisé"), ("EVO", "évolutif")),
    "stairs": _same(
        ("1", "aucune marche"), ("2", "une à trois marches"), ("3", "jusqu’au premier étage"), ("4", "plus d’un étage")
    ),
    "limb": _same(("MS", "membres supérieurs"), ("MI", "membres inférieurs")),
    "sense": _same(("DA", "audition"), ("DV", "vue")),
    "aid": _same(
        ("1", "aucune"), ("2", "canne ou béquille"), ("3", "déambulateur"), ("4", "fauteuil roulant manuel"),
        ("5", "fauteuil roulant électrique"), ("6", "lève-personne"), ("7", "lit médicalisé"),
    ),
    "equipment": _same(
        ("1", "baignoire adaptée"), ("2", "WC avec espace de transfert"), ("3", "douche sans seuil"),
        ("4", "ascenseur"), ("5", "chambre pour une tierce personne"), ("6", "place de stationnement de 3,30 m"),
    ),
}  # fmt: skip


def version_on(on: date) -> Version:
    """The version of the form in force on a day; before the first one, the first."""
    return next((version for version in reversed(VERSIONS) if version.since <= on), VERSIONS[0])


@cache
def choices(name: str, version: str) -> tuple[tuple[str, str], ...]:
    """(code, label) of a list in one version of the form, in the order of the paper."""
    return tuple((line.code, line.label) for line in LISTS[name] if line.in_version(version))


def offered(name: str, version: str, kept: Sequence[str] = ()) -> list[tuple[str, str]]:
    """The choices of a version and, so that nothing already said is lost, the codes `kept` that it no longer has."""
    offered = list(choices(name, version))
    known, every = {code for code, _ in offered}, _labels(name)
    old = [code for code in dict.fromkeys(kept) if code not in known and code in every]
    return [*offered, *((code, f"{every[code]} (autre version du formulaire)") for code in old)]


@cache
def _labels(name: str) -> dict[str, str]:
    return {line.code: line.label for line in LISTS[name]}


def label(name: str, code: str) -> str:
    """The words of a code, whatever the version that has it; the code itself when no version does."""
    return _labels(name).get(code, code)


@cache
def _sne(name: str) -> dict[str, str]:
    return {line.code: line.sne for line in LISTS[name]}


def to_sne(name: str, code: str) -> str:
    """The SNE's code, "" when its interface 02.01 has none."""
    return _sne(name).get(code, "")


def from_sne(name: str, sne: str) -> str:
    """Palier's code for one of the SNE; "" when no list has it. The first of several that share it, the oldest."""
    return next((line.code for line in LISTS[name] if line.sne == sne), "")
