"""Indications for the agent and the household, never decisions: the commission decides. Pure, arithmetic in words.

Income ceilings and first quartile (CCH R441-1, L441-1), the year whose income counts, the type that fits, over- and
under-occupation. What is not known is not guessed: the indication says what is missing.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_DOWN, Decimal

from palier.common.text import euros_fr, number_fr, plural
from palier.law.api import TYPES, USUAL_SOURCE, USUAL_TYPES, ZONE_WORDS, Ceilings, Financing


@dataclass(frozen=True)
class Indication:
    """What is indicated, how it was worked out, on what text it stands; `missing` says what would be needed instead."""

    title: str
    answer: str = ""
    reasons: tuple[str, ...] = ()
    source: str = ""
    missing: str = ""


@dataclass(frozen=True)
class Home:
    """Who would live in the home. Ages in complete years on the day; None when a birth date is not known.

    `adults` are the applicant, then co-applicants and other adults; `dependants` the persons in charge and children in
    shared custody; `visitors` children in droit de visite, who count for rooms and not for ceilings.
    """

    adults: tuple[int | None, ...]
    dependants: tuple[int | None, ...] = ()
    unborn: int = 0
    visitors: int = 0
    couple: bool = False
    handicap: bool | None = None

    @property
    def size(self) -> int:
        """People who count for the ceilings, unborn children included."""
        return len(self.adults) + len(self.dependants) + self.unborn


def category(home: Home, young_couple_ages: int) -> tuple[int, str]:
    """The category of the household for the ceilings (arrêté of 29 July 1987, annex 1), and why.

    One uplift at most: a single adult with dependants, a young couple without, or a person with a handicap.
    `young_couple_ages` is the greatest sum of ages of a « jeune ménage », in years.
    """
    size, charges = home.size, len(home.dependants) + home.unborn
    people = plural(size, "personne", "personnes")
    if len(home.adults) == 1 and charges:
        in_charge = plural(charges, "personne à charge", "personnes à charge")
        return size + 1, f"une personne seule avec {in_charge}"
    if home.couple and size == 2 and len(home.adults) == 2 and None not in home.adults:
        ages = sum(age for age in home.adults if age is not None)
        if ages <= young_couple_ages:
            return 3, f"jeune ménage sans personne à charge\u00a0: {ages} ans à deux, {young_couple_ages} au plus"
    if home.handicap:
        return size + 1, f"{people}, dont une au moins avec un handicap"
    return size, people


@dataclass(frozen=True)
class Income:
    """The reference tax income that counts, in euros a year, and which year's it is."""

    amount: Decimal
    year: int
    reason: str


def income(n2: Decimal | None, n1: Decimal | None, drop: int, on: date) -> Income | None:
    """Which tax income counts: that of N-2, or that of N-1 when it is lower by `drop` per cent at least.

    None when N-2 is not known. An income in N-1 alone says nothing: the law starts from N-2.
    """
    if n2 is None:
        return None
    threshold = n2 * (100 - drop) / 100
    if n1 is not None and n1 <= threshold and n1 < n2:
        reason = (
            f"celui de {on.year - 1} ({euros_fr(n1)}) est plus bas d’au moins {drop}\u00a0% "
            f"que celui de {on.year - 2} ({euros_fr(n2)})"
        )
        return Income(n1, on.year - 1, reason)
    return Income(n2, on.year - 2, f"revenu fiscal de référence de {on.year - 2}")


def bracket(amount: Decimal, ceilings: Ceilings, household: int) -> str:
    """« plai », « plus », « pls » or « au_dela »: the lowest ceiling that the income does not pass."""
    for financing in Financing:
        if amount <= ceilings.of(financing, household):
            return financing.value
    return "au_dela"


def ceiling_indication(
    home: Home, found: Income | None, ceilings: Ceilings | None, young_couple_ages: int
) -> Indication:
    """Under which ceiling the household stands, with its arithmetic."""
    title = "Plafonds de ressources"
    if ceilings is None:
        return Indication(title, missing="Les plafonds de cette année ne sont pas connus de Palier.")
    if found is None:
        return Indication(title, missing="Il manque le revenu fiscal de référence de l’année N-2, sur l’avis d’impôt.")
    household, why = category(home, young_couple_ages)
    known = bracket(found.amount, ceilings, household)
    answer = "Au-delà du plafond PLS" if known == "au_dela" else f"Sous le plafond {known.upper()}"
    limits = ", ".join(f"{one.upper()} {euros_fr(ceilings.of(one, household))}" for one in Financing)
    unread = [one.upper() for one in Financing if not ceilings.was_read(one)]
    doubt = (
        (f"Plafonds {' et '.join(unread)}\u00a0: à vérifier dans l’arrêté, Palier ne les y a pas lus.",)
        if unread
        else ()
    )
    return Indication(
        title,
        answer,
        (
            f"Catégorie {household}\u00a0: {why}.",
            f"Revenu retenu\u00a0: {euros_fr(found.amount)} ({found.reason}).",
            f"Plafonds de la catégorie, {ZONE_WORDS[ceilings.zone]}\u00a0: {limits}.",
            *doubt,
        ),
        ceilings.source,
    )


def consumption_units(home: Home) -> Decimal | None:
    """1 for the first adult, 0.5 for each other person of 14 or more, 0.3 for each younger child.

    None when an age that decides is not known. An unborn child does not count yet.
    """
    ages = (*home.adults[1:], *home.dependants)
    if None in ages:
        return None
    return Decimal(1) + sum(
        (Decimal("0.5") if age is not None and age >= 14 else Decimal("0.3") for age in ages), Decimal(0)
    )


def quartile_indication(monthly: Decimal | None, home: Home, threshold: Decimal | None, source: str) -> Indication:
    """Whether the household is in the first quartile (L441-1): 12 monthly incomes by consumption unit.

    `threshold` in euros a year is that of the intercommunalité, by yearly arrêté; None when nobody gave it.
    """
    title, units = "Premier quartile de ressources", consumption_units(home)
    if threshold is None:
        return Indication(
            title,
            missing="Le seuil de l’année n’est pas renseigné dans «\u00a0Valeurs du territoire\u00a0».",
        )
    if monthly is None:
        return Indication(title, missing="Il manque les ressources mensuelles.")
    if units is None:
        return Indication(title, missing="Il manque une date de naissance dans le ménage.")
    each = (12 * monthly / units).quantize(Decimal("0.01"), ROUND_DOWN)
    inside = each <= threshold
    return Indication(
        title,
        "Dans le premier quartile" if inside else "Au-dessus du premier quartile",
        (
            f"12 × {euros_fr(monthly)} ÷ {number_fr(units)} unités de consommation = {euros_fr(each)} par an.",
            f"Seuil\u00a0: {euros_fr(threshold)}.",
        ),
        source,
    )


def fitting_types(home: Home, grid: Sequence[Sequence[str]] = USUAL_TYPES) -> tuple[str, ...]:
    """The types that usually fit. No national rule: a usage, or the `grid` that a territory set.

    A child in droit de visite may justify one room more.
    """
    low, high = grid[min(home.size, len(grid)) - 1]
    last = min(TYPES.index(high) + bool(home.visitors), len(TYPES) - 1)
    return tuple(TYPES[TYPES.index(low) : last + 1])


def type_indication(
    home: Home, sought: Sequence[str], grid: Sequence[Sequence[str]] = USUAL_TYPES, source: str = USUAL_SOURCE
) -> Indication:
    """Whether the types sought fit the household."""
    title, fit = "Taille du logement", fitting_types(home, grid)
    people = plural(home.size, "personne à loger", "personnes à loger")
    if home.visitors:
        people += f", et {plural(home.visitors, 'enfant accueilli', 'enfants accueillis')} en droit de visite"
    words = " ou ".join("T6 et plus" if one == "T6P" else one for one in fit)
    if not sought:
        return Indication(title, missing="Il manque le type de logement recherché.")
    others = [("T6 et plus" if one == "T6P" else "chambre" if one == "C" else one) for one in sought if one not in fit]
    answer = f"{words} conviendrait d’ordinaire" if others else "Les types recherchés conviennent"
    reasons = (f"{people}\u00a0: {words}.", *((f"Recherché aussi\u00a0: {', '.join(others)}.",) if others else ()))
    return Indication(title, answer, reasons, source)


def occupation_indication(surface: Decimal | None, people: int | None, smallest: dict[str, int]) -> Indication:
    """Over-occupation of the present dwelling (CCH R822-25): m² for « one », « two », each « more », « most »."""
    title = "Sur-occupation du logement actuel"
    if surface is None or not people:
        return Indication(title, missing="Il manque la surface du logement actuel ou le nombre d’occupants.")
    if people == 1:
        need, sum_fr = smallest["one"], f"{smallest['one']}\u00a0m² pour une personne"
    else:
        need = smallest["two"] + smallest["more"] * (people - 2)
        sum_fr = f"{smallest['two']}\u00a0m² pour deux"
        if people > 2:
            sum_fr += f" + {people - 2} × {smallest['more']}\u00a0m² = {need}\u00a0m²"
        if need > smallest["most"]:
            need, sum_fr = smallest["most"], f"{smallest['most']}\u00a0m² au plus, pour huit personnes ou davantage"
    over = surface < need
    return Indication(
        title,
        "Sur-occupé" if over else "Pas de sur-occupation",
        (f"{number_fr(surface)}\u00a0m² pour {plural(people, 'personne', 'personnes')}, minimum\u00a0: {sum_fr}.",),
        "CCH art. R822-25",
    )
