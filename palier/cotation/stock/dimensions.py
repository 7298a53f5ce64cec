"""Ways to split a stock for statistics: commune, kind of household, age, income, priority, public, dwelling sought."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

from palier.cotation import grid as g
from palier.cotation.catalogue import DWELLINGS, EVICTION, FIELDS
from palier.cotation.compile import MISSING
from palier.cotation.control import HOMELESS, HOUSED
from palier.cotation.facts import PROTECTED
from palier.cotation.stock.flat import Array, narrowest
from palier.cotation.stock.plan import NO_DAY, TENANT
from palier.cotation.stock.raw import WISHED, ranks
from palier.cotation.stock.reader import Reader

if TYPE_CHECKING:
    from palier.cotation.stock.mirror import Stock

UNKNOWN = "non renseigné"
ELSEWHERE = "hors du territoire"
AGES = (25, 35, 50, 65, 75)
QUARTERS = ("1er quart (ressources les plus basses)", "2e quart", "3e quart", "4e quart (ressources les plus hautes)")
MINOR = g.FieldTest("mineur", (("est", True),))
HANDICAP = g.FieldTest("handicap", (("est", True),))
# The flags of L441-1 that make a priority alone.
PRIORITIES = (
    "labels.dalo", "labels.pdalhpd", "situation.violences", "situation.mariage_force", "situation.viol_agression",
    "situation.sortie_prostitution", "situation.traite", "situation.aide_enfance", "logement_actuel.indigne",
    "logement_actuel.inadapte",
)  # fmt: skip


@dataclass(frozen=True)
class Dimension:
    """Which part each demand is in: `codes` number `labels`, the last of which is « non renseigné »."""

    codes: Array
    labels: list[str]


def dimension(stock: "Stock", name: str, on: date) -> Dimension:
    """One way of `NAMES` to split the demands of a stock on a day. Communes are said by their INSEE code."""
    codes, labels = NAMES[name](stock, Reader(stock, on))
    codes = np.where(codes < 0, len(labels), codes).astype(narrowest(0, len(labels)))
    return Dimension(codes, [*labels, UNKNOWN])


# Each gives a code by demand, -1 when unknown, and the labels of the codes.
Split = tuple[Array, list[str]]


def _commune(stock: "Stock", reader: Reader) -> Split:
    """Where somebody in danger lives is not shown."""
    column = stock.table.columns.get("lieux.residence")
    if column is None:
        return _nobody(stock), []
    words, hidden = stock.table.words["lieux.residence"], stock.table.columns.get(PROTECTED)
    return _sorted(column if hidden is None else np.where(hidden == 1, -1, column), words, ELSEWHERE)


def _wish(stock: "Stock", reader: Reader) -> Split:
    wished = stock.lists_by_name.get(WISHED)
    if wished is None or not wished.items.size:
        return _nobody(stock), []
    first = np.minimum(wished.offsets[:-1], wished.items.size - 1)
    codes = np.where(wished.lengths > 0, wished.items.columns["commune"][first], -1)
    return _sorted(codes, wished.items.words["commune"], ELSEWHERE)


def _sorted(codes: Array, words: list[str], none: str) -> Split:
    """Words in their order; those that nobody has any more left out."""
    used = sorted({words[code] for code in np.unique(codes[codes >= 0]).tolist()})
    place = {word: rank for rank, word in enumerate(used)}
    elsewhere = bool((codes == -2).any())
    worth = [place.get(word, -1) for word in words]
    return np.array([*worth, len(used), -1])[codes], [*used, *([none] if elsewhere else [])]


def _household(stock: "Stock", reader: Reader) -> Split:
    """Known from who lives there; with a minor, one adult or several."""
    labels = [
        "personne seule",
        "adultes sans mineur",
        "famille monoparentale",
        "adultes et mineurs",
    ]
    household = stock.lists_by_name.get("membres")
    minor = reader.some_member(MINOR)
    if household is None or minor is None:
        return _nobody(stock), labels
    alone = household.lengths == 1
    several = np.where(minor == 0, 1, np.where(minor == 1, 3, -1))
    codes = np.where(household.lengths < 1, -1, np.where(alone, 0, several))
    single = stock.table.columns.get("calc.monoparentale")
    return (codes if single is None else np.where(single == 1, 2, codes)), labels


def _age(stock: "Stock", reader: Reader) -> Split:
    labels = [f"moins de {AGES[0]} ans"]
    labels += [f"{low} à {high - 1} ans" for low, high in pairwise(AGES)]
    labels.append(f"{AGES[-1]} ans et plus")
    given = reader.number(stock.table, "calc.age")
    if given is None:
        return _nobody(stock), labels
    steps, decimals = given
    bands = np.searchsorted(np.array(AGES) * 2 * 10**decimals, steps, side="right")
    return np.where(steps == np.iinfo(steps.dtype).min, -1, bands), labels


def _quartile(stock: "Stock", reader: Reader) -> Split:
    """The quartile given; without any, that of monthly resources by person within this stock."""
    given = reader.number(stock.table, "calc.quartile")
    if given is not None:
        steps, decimals = given
        quarter = steps.astype(np.int64) // (2 * 10**decimals) - 1
        return np.where((quarter >= 0) & (quarter < 4), quarter, -1), [*QUARTERS]
    income, household = reader.number(stock.table, "calc.ressources"), stock.lists_by_name.get("membres")
    if income is None or household is None:
        return _nobody(stock), [*QUARTERS]
    known = (income[0] != np.iinfo(income[0].dtype).min) & (household.lengths > 0)
    each = income[0][known] // np.maximum(household.lengths[known], 1)
    codes = _nobody(stock)
    if each.size:
        codes[known] = np.searchsorted(np.quantile(each, [0.25, 0.5, 0.75]), each, side="left")
    return codes, [*QUARTERS]


def _priority(stock: "Stock", reader: Reader) -> Split:
    """A public of L441-1 or not, from the facts known; unknown when none of them is."""
    columns, size = stock.table.columns, stock.size
    sure, known = np.zeros(size, np.bool_), np.zeros(size, np.bool_)

    def add(yes: Array, told: Array) -> None:
        sure[:] |= yes
        known[:] |= told

    for path in PRIORITIES:
        if (flag := columns.get(path)) is not None:
            add(flag == 1, flag != 2)
    for path, codes in (
        ("logement_actuel.statut", (*HOUSED, *HOMELESS, "coordination_therapeutique")),
        ("logement_actuel.etape_expulsion", tuple(EVICTION)),
    ):
        if (column := columns.get(path)) is not None:
            table = ranks(FIELDS[path])
            add(np.isin(column, [table[code] for code in codes]), column != table[MISSING])
    long, back = columns.get("emploi.chomage_longue_duree"), columns.get("emploi.reprise")
    if long is not None and back is not None:
        add((long == 1) & (back < NO_DAY), long != 2)
    for where, paths in ((HANDICAP, ()), (MINOR, ("calc.suroccupe", "logement_actuel.non_decent"))):
        some = reader.some_member(where)
        if some is None:
            continue
        if where is HANDICAP:
            add(some == 1, some != 2)
        for path in paths:
            if (flag := columns.get(path)) is not None:
                add((some == 1) & (flag == 1), (some != 2) & (flag != 2))
    return np.where(sure, 0, np.where(known, 1, -1)), ["public prioritaire (L441-1)", "autre public"]


def _public(stock: "Stock", reader: Reader) -> Split:
    labels = ["première demande", "mutation"]
    tenant = stock.table.columns.get(TENANT)
    return (_nobody(stock) if tenant is None else np.where(tenant == 2, -1, tenant)), labels


def _type(stock: "Stock", reader: Reader) -> Split:
    column, labels = stock.table.columns.get("demande.typologie"), [*DWELLINGS.values()]
    return (_nobody(stock) if column is None else np.where(column == len(labels), -1, column)), labels


def _nobody(stock: "Stock") -> Array:
    return np.full(stock.size, -1, np.int8)


NAMES: dict[str, Callable[["Stock", Reader], Split]] = {
    "commune": _commune,
    "menage": _household,
    "age": _age,
    "quartile": _quartile,
    "priorite": _priority,
    "public": _public,
    "typologie": _type,
    "souhait": _wish,
}
