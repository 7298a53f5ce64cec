"""From what a demand says to the facts that a grid counts. What is not known is left out: the engine says so."""

from dataclasses import dataclass, field
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from functools import lru_cache
from typing import Any

from palier.cotation.api import DWELLINGS
from palier.demand.content import Content, Dwelling, Household
from palier.demand.indications import Home, bracket, category, income
from palier.law.api import Ceilings, Zone, ceilings_on, complete_years, parameter, zone_of
from palier.people.api import MemberRole

# SNE code of the current dwelling → word of the grid language.
_STATUS = {
    "SD": "sans_abri",
    "SQUAT": "squat",
    "CAMCAR": "camping",
    "SH": "chrs",
    "CDEFCM": "enfance_famille",
    "HOT": "hotel",
    "CP": "heberge_tiers",
    "CPE": "heberge_parents",
    "HLM": "locataire_social",
    "LP": "locataire_prive",
    "POCC": "proprietaire",
    "RS": "residence_sociale",
    "RHVS": "residence_hoteliere",
    "RE": "residence_etudiante",
    "SLHT": "logement_temporaire",
    "IML": "logement_temporaire",
    "ACT": "coordination_therapeutique",
    "LTG": "loge_gratuit",
    "FONC": "logement_fonction",
}
_CONTRACTS = {
    "CDI": "cdi", "CDD": "cdd", "ART": "independant", "CHO": "chomage", "APP": "apprenti", "ETU": "etudiant",
    "RET": "retraite", "AUT": "autre",
}  # fmt: skip
# A ground that is given is a fact; one that is not may still be true, there are three at most.
_GROUNDS = {
    "04": ("logement_actuel", "vente"), "08": ("situation", "sante"), "11": ("situation", "separation"),
    "12": ("situation", "decohabitation"), "15": ("situation", "regroupement_familial"),
    "17": ("logement_actuel", "voisinage"), "18": ("emploi", "mutation"), "19": ("emploi", "rapprochement"),
}  # fmt: skip
ELSEWHERE = "ailleurs"
_ROOMS = {"C": 1, "T1": 1, "T2": 2, "T3": 3, "T4": 4, "T5": 5, "T6P": 6}
_IN_HOME = {MemberRole.CO_APPLICANT, MemberRole.DEPENDANT, MemberRole.SHARED_CUSTODY, MemberRole.OTHER_ADULT}


@dataclass(frozen=True)
class Law:
    """The legal parameters that facts need: an age in years, m² for « one », « two », « more » and « most ».

    `young_couple_ages` in years, `income_drop` in per cent and `ceilings` by zone tell the income bracket.
    """

    adult_age: int
    smallest: dict[str, int]
    young_couple_ages: int = 0
    income_drop: int = 0
    ceilings: dict[Zone, Ceilings] = field(default_factory=dict)


@lru_cache(maxsize=1024)
def law_on(on: date) -> Law:
    """The legal parameters of a day, the same object while nothing changes. No query: they are national ones."""
    sizes = ("one", "two", "more", "most")
    ceilings = {zone: ceilings_on(on, zone) for zone in Zone}
    law = Law(
        int(parameter("adult_age", on=on)),
        {size: int(parameter(f"overcrowding_{size}", on=on)) for size in sizes},
        int(parameter("young_couple_ages", on=on)),
        int(parameter("income_drop", on=on)),
        {zone: known for zone, known in ceilings.items() if known},
    )
    for known in _laws:
        if known == law:
            return known
    _laws.append(law)
    return law


_laws: list[Law] = []


def facts_on(content: Content, *, filed_on: date, on: date, nud: str | None = None) -> dict[str, Any]:
    """The facts of a demand on a day, with the legal parameters of that day."""
    return facts_of(content, filed_on=filed_on, on=on, law=law_on(on), nud=nud)


def facts_of(content: Content, *, filed_on: date, on: date, law: Law, nud: str | None = None) -> dict[str, Any]:
    """The facts of a demand on a day, in the words of the grid language (cotation.md §4).

    `nud` is the number of the national system, empty when it has not given one yet; None leaves it out.
    """
    identity, situation, work, dwelling = (
        content.identite,
        content.situation,
        content.travail,
        content.logement,
    )
    facts: dict[str, Any] = {"date_calcul": on, "demande": {"date_depot": filed_on}, "calc": {}, "lieux": {}}
    if nud is not None:
        facts["demande"]["numero_unique"] = nud or None
    if situation:
        facts["labels"] = _known(dalo=situation.dalo, pdalhpd=situation.pdalhpd)
        facts["situation"] = _known(
            violences=situation.violence,
            mariage_force=situation.forced_marriage,
            viol_agression=situation.assault,
            sortie_prostitution=situation.leaving_prostitution,
            traite=situation.trafficking,
            aide_enfance=situation.child_welfare,
        )
        facts["demande"] |= _known(relogement_demolition=situation.demolition, sinistre=situation.disaster)
    if work:
        facts["emploi"] = _known(
            actif=work.insertion,
            essentiel=work.essential,
            chomage_longue_duree=work.long_unemployment,
            reprise=work.resumed_on,
            contrat=_CONTRACTS.get(work.contract),
        )
        facts["lieux"] |= _place("travail", work.commune)
    if dwelling and dwelling.kind:
        facts["demande"]["locataire_social"] = "HLM" in dwelling.kinds
        facts["lieux"] |= _place("residence", dwelling.commune)
        facts["logement_actuel"] = _known(
            statut=_STATUS[dwelling.kind],
            indigne=dwelling.unfit,
            non_decent=dwelling.indecent,
            fin_bail=dwelling.lease_end,
            surface=dwelling.surface,
            occupants=dwelling.occupants,
        )
        if dwelling.eviction_stage:
            stage = None if dwelling.eviction_stage == "aucune" else dwelling.eviction_stage
            facts["logement_actuel"]["etape_expulsion"] = stage
        facts["calc"] |= _occupation(dwelling, law.smallest)
        facts["calc"] |= _effort(content)
    if (monthly := content.monthly_income()) is not None:
        facts["calc"]["ressources"] = monthly
    if identity.birth_date:
        facts["calc"]["age"] = _age(identity.birth_date, on)
    if content.menage:
        facts["membres"] = _members(content.menage, identity.birth_date, on, law.adult_age)
        facts["calc"]["monoparentale"] = single_parent(content.menage)
        facts["calc"]["personnes"] = household_size(content.menage)
        if content.menage.unborn is not None:
            facts.setdefault("situation", {})["naissance_attendue"] = content.menage.unborn > 0
    if content.recherche:
        if types := types_wished(content):
            facts["demande"]["typologie"] = types[0]
        if communes := [commune for commune in content.recherche.communes if commune != ELSEWHERE]:
            facts["lieux"]["souhait"] = communes
    if known := _bracket(content, filed_on, on, law):
        facts["calc"]["tranche_ressources"] = known
    for code in content.motifs.codes if content.motifs else ():
        if code in _GROUNDS:
            section, name = _GROUNDS[code]
            facts.setdefault(section, {})[name] = True
    return facts


def types_wished(content: Content) -> tuple[str, ...]:
    """The types of dwelling wished for, in order, as the grid language says them; it has no word for a single room."""
    types = content.recherche.types if content.recherche else ()
    return tuple(code.lower() for code in types if code.lower() in DWELLINGS)


# Family situations, and links of a co-applicant, that make a couple.
_COUPLES = {"M", "P", "U"}
_PARTNERS = {"M", "P", "C"}
_CHARGES = {MemberRole.DEPENDANT, MemberRole.SHARED_CUSTODY}


def home_of(content: Content, on: date) -> Home | None:
    """Who would live in the home, for the ceilings; None while the household is not described.

    Ages are those of `on`. Co-applicants of another kind (a brother, a parent) make no couple.
    """
    if content.menage is None:
        return None
    members = content.menage.members

    def age(born: date | None) -> int | None:
        return None if born is None else _age(born, on)

    adults = [member for member in members if member.is_adult]
    couple = content.situation is not None and content.situation.family in _COUPLES
    return Home(
        adults=(age(content.identite.birth_date), *(age(member.birth_date) for member in adults)),
        dependants=tuple(age(member.birth_date) for member in members if member.role in _CHARGES),
        unborn=content.menage.unborn or 0,
        visitors=sum(member.role == MemberRole.VISIT for member in members),
        couple=any(
            member.link in _PARTNERS if member.link else couple
            for member in adults
            if member.role is MemberRole.CO_APPLICANT
        ),
        handicap=content.menage.handicap,
    )


def zone_wished(content: Content) -> Zone | None:
    """The zone of the first commune wished for, whose ceilings apply; None when no commune is."""
    communes = content.recherche.communes if content.recherche else ()
    return next((zone_of(commune) for commune in communes if commune != ELSEWHERE), None)


def _bracket(content: Content, filed_on: date, on: date, law: Law) -> str:
    """Under which ceiling; "" when something is missing. Ages are those of the filing: the fact keeps with time."""
    zone, home = zone_wished(content), home_of(content, filed_on)
    ceilings = law.ceilings.get(zone) if zone else None
    found = income(*content.tax_income(), law.income_drop, on)
    if ceilings is None or home is None or found is None:
        return ""
    return bracket(found.amount, ceilings, category(home, law.young_couple_ages)[0])


def births(content: Content) -> tuple[date | None, ...]:
    """The birth dates of those who would live in the home, the applicant first, in the order of « membres »."""
    members = content.menage.members if content.menage else ()
    return content.identite.birth_date, *(member.birth_date for member in members if member.role in _IN_HOME)


def _age(born: date, on: date) -> int:
    return max(0, complete_years(born, on))


def _known(**values: Any) -> dict[str, Any]:
    return {name: value for name, value in values.items() if value is not None}


def _place(name: str, commune: str) -> dict[str, str | None]:
    """A commune of the territory; None when it is elsewhere (« sans objet » for the grid); nothing when not known."""
    return {name: None if commune == ELSEWHERE else commune} if commune else {}


def _effort(content: Content) -> dict[str, Decimal]:
    """The rate of effort, with the two amounts it comes from, so that the score can say them."""
    resources = content.monthly_income()
    if not content.logement or content.logement.rent is None or resources is None or resources <= 0:
        return {}
    charge = max(content.logement.rent - (content.logement.benefit or Decimal(0)), Decimal(0))
    return {
        "taux_effort": (charge / resources).quantize(Decimal("0.0001"), ROUND_HALF_UP),
        "loyer_net": charge,
        "ressources": resources,
    }


def effort_rate(content: Content) -> Decimal | None:
    """(Rent − housing benefit) ÷ monthly resources, to four decimals; None when it cannot be computed."""
    return _effort(content).get("taux_effort")


def single_parent(household: Household) -> bool:
    """One adult alone with at least one child (dependant or in shared custody)."""
    roles = {member.role for member in household.members}
    adults = roles & {MemberRole.CO_APPLICANT, MemberRole.OTHER_ADULT}
    return not adults and bool(roles & {MemberRole.DEPENDANT, MemberRole.SHARED_CUSTODY})


def household_size(household: Household | None) -> int:
    """People who live in the home for good, the applicant included."""
    return 1 + sum(member.role in _IN_HOME for member in household.members) if household else 1


def _occupation(dwelling: Dwelling, smallest: dict[str, int]) -> dict[str, Any]:
    out: dict[str, Any] = {}
    people = dwelling.occupants
    if not people:
        return out
    if dwelling.surface is not None:
        need = smallest["one"] if people == 1 else smallest["two"] + smallest["more"] * (people - 2)
        out["suroccupe"] = dwelling.surface < min(need, smallest["most"])
    if dwelling.type:
        out["pieces_en_trop"] = max(_ROOMS[dwelling.type] - people, 0)
    return out


def _members(household: Household, applicant_born: date | None, on: date, adult_age: int) -> list[dict[str, Any]]:
    def aged(born: date | None) -> dict[str, Any]:
        return {} if born is None else {"mineur": _age(born, on) < adult_age, "age": _age(born, on)}

    # « troubles » and « expulse_troubles » are validated acts: nobody having recorded one, they are false, not unknown.
    none_recorded = {"troubles": False, "expulse_troubles": False}
    handicap = {} if household.handicap is None else {"handicap": household.handicap}
    applicant = {"mineur": False, "a_charge": False, "garde_alternee": False}
    members = [{**applicant, **aged(applicant_born), **handicap, **none_recorded}]
    for member in household.members:
        if member.role in _IN_HOME:
            shared = member.role == MemberRole.SHARED_CUSTODY
            role = {"a_charge": shared or member.role == MemberRole.DEPENDANT, "garde_alternee": shared}
            members.append({**role, **aged(member.birth_date), "handicap": False, **none_recorded})
    return members
