"""From what a demand says to the facts that a grid counts. What is not known is left out: the engine says so."""

from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from palier.demand.content import Content, Dwelling, Household
from palier.law.api import complete_years, parameter
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
    "LTG": "loge_gratuit",
    "FONC": "logement_fonction",
}
ELSEWHERE = "ailleurs"
_ROOMS = {"C": 1, "T1": 1, "T2": 2, "T3": 3, "T4": 4, "T5": 5, "T6P": 6}
_IN_HOME = {MemberRole.CO_APPLICANT, MemberRole.DEPENDANT, MemberRole.SHARED_CUSTODY, MemberRole.OTHER_ADULT}


def facts_on(content: Content, *, filed_on: date, on: date) -> dict[str, Any]:
    """The facts of a demand on a day, with the legal parameters of that day. No query: they are national ones."""
    return facts_of(
        content,
        filed_on=filed_on,
        on=on,
        adult_age=int(parameter("adult_age", on=on)),
        smallest={size: int(parameter(f"overcrowding_{size}", on=on)) for size in ("one", "two", "more", "most")},
    )


def facts_of(content: Content, *, filed_on: date, on: date, adult_age: int, smallest: dict[str, int]) -> dict[str, Any]:
    """The facts of a demand on a day, in the words of the grid language (cotation.md §4).

    `adult_age` in years and `smallest` (over-occupation: m² for « one », « two », « more » and « most ») are legal
    parameters of that day.
    """
    identity, situation, work, dwelling = (
        content.identite,
        content.situation,
        content.travail,
        content.logement,
    )
    facts: dict[str, Any] = {"date_calcul": on, "demande": {"date_depot": filed_on}, "calc": {}, "lieux": {}}
    if situation:
        facts["labels"] = _known(dalo=situation.dalo, pdalhpd=situation.pdalhpd)
        facts["situation"] = _known(violences=situation.violence)
        facts["demande"] |= _known(relogement_demolition=situation.demolition, sinistre=situation.disaster)
    if work:
        facts["emploi"] = _known(
            actif=work.insertion,
            essentiel=work.essential,
            chomage_longue_duree=work.long_unemployment,
            reprise=work.resumed_on,
        )
        facts["lieux"] |= _place("travail", work.commune)
    if dwelling and dwelling.kind:
        facts["demande"]["locataire_social"] = dwelling.kind == "HLM"
        facts["lieux"] |= _place("residence", dwelling.commune)
        facts["logement_actuel"] = _known(
            statut=_STATUS[dwelling.kind],
            indigne=dwelling.unfit,
            non_decent=dwelling.indecent,
            fin_bail=dwelling.lease_end,
        )
        if dwelling.eviction_stage:
            stage = None if dwelling.eviction_stage == "aucune" else dwelling.eviction_stage
            facts["logement_actuel"]["etape_expulsion"] = stage
        facts["calc"] |= _occupation(dwelling, smallest)
        facts["calc"] |= _effort(content)
    if identity.birth_date:
        facts["calc"]["age"] = complete_years(identity.birth_date, on)
    if content.menage:
        facts["membres"] = _members(content.menage, identity.birth_date, on, adult_age)
        facts["calc"]["monoparentale"] = single_parent(content.menage)
    return facts


def _known(**values: Any) -> dict[str, Any]:
    return {name: value for name, value in values.items() if value is not None}


def _place(name: str, commune: str) -> dict[str, str | None]:
    """A commune of the territory; None when it is elsewhere (« sans objet » for the grid); nothing when not known."""
    return {name: None if commune == ELSEWHERE else commune} if commune else {}


def _effort(content: Content) -> dict[str, Decimal]:
    """The rate of effort, with the two amounts it comes from, so that the score can say them."""
    if not content.logement or content.logement.rent is None or not content.ressources:
        return {}
    resources = sum(content.ressources.monthly.values(), Decimal(0))
    if resources <= 0:
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
    def minor(born: date | None) -> dict[str, Any]:
        return {} if born is None else {"mineur": complete_years(born, on) < adult_age}

    # « troubles » and « expulse_troubles » are validated acts: nobody having recorded one, they are false, not unknown.
    none_recorded = {"troubles": False, "expulse_troubles": False}
    handicap = {} if household.handicap is None else {"handicap": household.handicap}
    members = [{"mineur": False, **minor(applicant_born), **handicap, **none_recorded}]
    for member in household.members:
        if member.role in _IN_HOME:
            members.append({**minor(member.birth_date), "handicap": False, **none_recorded})
    return members
