"""A whole trial: two grids, one stock, one day, and what the change does to whom. Pure.

A group is said to lose when half of its demands or more lose places; an alert rises when that loss reaches `threshold`
percent of the list. Groups under `smallest` demands are masked (R441-2-17 asks for distributions; eleven is the usual
floor of statistics on persons).
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

import numpy as np

from palier.common.text import number_fr, plural
from palier.cotation import grid as g
from palier.cotation.changes import grid_changes
from palier.cotation.language import SMALLEST_GROUP
from palier.cotation.simulation import statistics as st
from palier.cotation.simulation.result import (
    FIRST,
    LEAST_PUSHED,
    THRESHOLD,
    Alert,
    Effect,
    Example,
    First,
    GridSaid,
    GroupFigures,
    Public,
    Result,
    Split,
)
from palier.cotation.simulation.scoring import Replay
from palier.cotation.simulation.statistics import Array
from palier.cotation.simulation.variants import Variant, variants
from palier.cotation.stock.dimensions import ELSEWHERE, UNKNOWN, Dimension
from palier.cotation.stock.flat import narrowest
from palier.cotation.stock.mirror import Stock

# Changes told alone: each is one more scoring of the stock.
MOST_ALONE = 60
MOVERS = 5
EXAMPLES = 5
# A share of priority demands that falls by less is not worth an alert.
POINT_OF_SHARE = 0.01
SPLITS = {
    "menage": "Ménage", "age": "Âge du demandeur", "quartile": "Ressources", "public": "Première demande ou mutation",
    "priorite": "Priorité de l’article L441-1", "commune": "Commune de résidence", "croise": "Ménage et âge",
}  # fmt: skip
CROSSED = "croise"
Progress = Callable[[int, int], None]


@dataclass(frozen=True)
class _Found:
    """What every part of a trial reads."""

    before: st.Side
    after: st.Side
    filed: Array
    ranks_before: Array
    ranks_after: Array
    moves: st.Moves
    priority: Array
    reached: Mapping[str, Array]


@dataclass
class _Loser:
    """A group, or a public, that an alert speaks of, and its mean change of points (or number left) by change."""

    sentence: str
    places: Array
    depth: float
    public: bool = False
    crossed: bool = False


def simulate(
    stock: Stock, before_grid: g.Grid, after_grid: g.Grid, on: date, n: int = FIRST, *, verified: bool = False,
    threshold: int = THRESHOLD, communes: Mapping[str, str] | None = None, progress: Progress | None = None,
) -> Result:  # fmt: skip
    """Replay `after_grid` on a stock scored by `before_grid`.

    `n` first demands are looked at (the first half of a stock that has no more than `n`); `verified` reads the verified
    figure; `threshold` (percent of the list) is the median loss of places that raises an alert; `communes` gives the
    names of INSEE codes. `progress` is told how many scorings are done and how many there will be. Raises Refusal when
    a grid cannot be replayed on so many demands.
    """
    tell = progress or _silent
    if n >= stock.size:
        n = max(1, stock.size // 2)
    smallest = max(SMALLEST_GROUP, before_grid.smallest_group, after_grid.smallest_group)
    alone = variants(before_grid, after_grid)
    steps = 2 + min(len(alone), MOST_ALONE)
    replay = Replay(stock, on, verified)
    publics = [item for item in before_grid.criteria if item.required]
    was = replay.score(before_grid, [item.id for item in publics])
    tell(1, steps)
    now = replay.score(after_grid)
    tell(2, steps)
    before, after = st.same_scale(was.side, now.side)
    filed = replay.filed(before_grid)
    ranks_before, ranks_after = st.ranking(before, filed), st.ranking(after, filed)
    moves = st.moves(before, after, ranks_before, ranks_after)
    splits = _dimensions(stock, on, communes or {})
    priority = splits["priorite"].codes == 0
    found = _Found(before, after, filed, ranks_before, ranks_after, moves, priority, was.reached)

    tables: list[Split] = []
    losers: list[_Loser] = []
    for name, title in SPLITS.items():
        if (splits[name].codes == len(splits[name].labels) - 1).all():
            # Nobody tells it: there is nothing to split.
            continue
        table, lost = _split(found, name, title, splits[name], smallest, threshold)
        tables.append(table)
        losers += lost
    losers = _not_twice(losers, stock.size)
    shown, pushed = _publics(found, publics, n, smallest, threshold)
    firsts = [_first(found, limit) for limit in sorted({max(1, n // 2), n, 2 * n})]
    pushed += _share(found, firsts, n)
    losers = sorted(losers, key=lambda item: item.depth) + pushed

    effects, causes = _effects(replay, before_grid, found, alone[:MOST_ALONE], losers, n, tell)
    examples: dict[int, int] = {}
    up, down = _movers(found)
    alerts: list[Alert] = []
    for loser, why in zip(losers, causes, strict=True):
        some = [] if loser.public else _worst(found, loser.places)
        alerts.append({"sentence": loser.sentence, "why": why, "examples": [_kept(examples, at) for at in some]})
    rising, falling = [_kept(examples, at) for at in up], [_kept(examples, at) for at in down]
    bounds = st.edges(before, after)
    bins = zip(bounds[:-1], bounds[1:], st.histogram(before, bounds), st.histogram(after, bounds), strict=True)
    return {
        "on": on.isoformat(), "n": n, "threshold": threshold, "smallest": smallest, "verified": verified,
        "size": stock.size, "ranked_before": int(before.scored.sum()), "ranked_after": int(after.scored.sum()),
        "compared": len(moves.places), "entered": int((after.scored & ~before.scored).sum()),
        "left": int((before.scored & ~after.scored).sum()),
        "before": _said(before_grid), "after": _said(after_grid), "changes": grid_changes(before_grid, after_grid),
        "up": int((moves.points > 0).sum()), "down": int((moves.points < 0).sum()),
        "same": int((moves.points == 0).sum()),
        "rank_up": int((moves.ranks > 0).sum()), "rank_down": int((moves.ranks < 0).sum()),
        "priority_total": int(priority.sum()), "firsts": firsts, "publics": shown, "splits": tables,
        "bins": [{"low": low, "high": high, "before": was, "after": now} for low, high, was, now in bins],
        "effects": effects, "effects_note": _left_out(len(alone)),
        "alerts": alerts, "rising": rising, "falling": falling,
        "examples": _examples(found, splits, list(examples), smallest),
        "never_filled": [item.label for item in after_grid.criteria if item.id not in now.filled],
    }  # fmt: skip


def _silent(done: int, total: int) -> None:
    """Nobody waits to know how far the work is."""


def _said(grid: g.Grid) -> GridSaid:
    return {
        "title": grid.title, "version": grid.version, "fingerprint": grid.fingerprint,
        "demonstration": grid.demonstration,
    }  # fmt: skip


def _left_out(count: int) -> str:
    if count <= MOST_ALONE:
        return ""
    return (
        f"Le brouillon change {number_fr(count)} critères et réglages\u00a0: l’effet propre des {MOST_ALONE} premiers "
        "seulement est mesuré."
    )


def _dimensions(stock: Stock, on: date, communes: Mapping[str, str]) -> dict[str, Dimension]:
    found = {name: stock.dimension(name, on) for name in SPLITS if name != CROSSED}
    found["commune"] = _named(found["commune"], communes)
    home, age = found["menage"], found["age"]
    labels = [f"{one}, {other}" for one in home.labels for other in age.labels]
    codes = home.codes.astype(np.int16) * len(age.labels) + age.codes
    found[CROSSED] = Dimension(codes, labels)
    return found


def _named(split: Dimension, communes: Mapping[str, str]) -> Dimension:
    """Communes by their name; those that have none here are outside the territory."""
    if not communes:
        return split
    last = len(split.labels) - 1
    names = [UNKNOWN if code == last else communes.get(label, ELSEWHERE) for code, label in enumerate(split.labels)]
    labels = [*sorted(set(names) - {UNKNOWN, ELSEWHERE}), ELSEWHERE, UNKNOWN]
    worth = np.array([labels.index(name) for name in names], narrowest(0, len(labels)))
    return Dimension(worth[split.codes], labels)


# Groups


def _split(
    found: _Found, name: str, title: str, split: Dimension, smallest: int, threshold: int
) -> tuple[Split, list[_Loser]]:
    """The figures of each group that has someone, and the groups that lose too much."""
    moves = found.moves
    parts = list(st.members(split.codes[moves.places], len(split.labels)))
    masked = st.hidden([len(part) for part in parts], smallest)
    limit = max(1.0, len(moves.places) * threshold / 100)
    groups: list[GroupFigures] = []
    losers = []
    for label, part, hidden in zip(split.labels, parts, masked, strict=True):
        if not len(part) or (name == CROSSED and hidden):
            continue
        label = label[:1].upper() + label[1:]
        if hidden:
            groups.append(_masked(label))
            continue
        figures = st.summary(moves.points[part], moves.ranks[part], moves.scale)
        groups.append({
            "label": label, "masked": False, "count": figures.count, "up": figures.up, "down": figures.down,
            "same": figures.same, "points_median": round(figures.points_median, 2),
            "points_mean": round(figures.points_mean, 2), "rank_median": figures.rank_median,
            "rank_mean": round(figures.rank_mean, 1),
        })  # fmt: skip
        if figures.rank_median <= -limit:
            lost = number_fr(int(-figures.rank_median))
            sentence = (
                f"{label}\u00a0: la moitié de ces {number_fr(figures.count)} demandes perdent au moins {lost} places "
                f"sur {number_fr(len(moves.places))}."
            )
            losers.append(_Loser(sentence, moves.places[part], figures.rank_median, crossed=name == CROSSED))
    if name == CROSSED:
        groups.sort(key=lambda group: group["rank_median"] or 0)
    return {"name": name, "title": title, "groups": groups}, losers


def _masked(label: str) -> GroupFigures:
    return {
        "label": label, "masked": True, "count": None, "up": None, "down": None, "same": None, "points_median": None,
        "points_mean": None, "rank_median": None, "rank_mean": None,
    }  # fmt: skip


def _not_twice(losers: list[_Loser], size: int) -> list[_Loser]:
    """Without the crossed groups that a wider group, said already, holds and that lose hardly more than it."""
    wide = [item for item in losers if not item.crossed]
    kept = list(wide)
    for loser in losers:
        if loser.crossed and not any(
            loser.depth > 1.25 * other.depth and _mask(other.places, size)[loser.places].all() for other in wide
        ):
            kept.append(loser)
    return kept


def _mask(places: Array, size: int) -> Array:
    inside = np.zeros(size, bool)
    inside[places] = True
    return inside


# The first n


def _first(found: _Found, n: int) -> First:
    was = found.priority & (found.ranks_before > 0) & (found.ranks_before <= n)
    now = found.priority & (found.ranks_after > 0) & (found.ranks_after <= n)
    return {"n": n, "before": int(was.sum()), "after": int(now.sum())}


def _publics(
    found: _Found, publics: list[g.Criterion], n: int, smallest: int, threshold: int
) -> tuple[list[Public], list[_Loser]]:
    """Each public that the grid in force holds for priority: how many among the first n, and those pushed out."""
    was, now = ((ranks > 0) & (ranks <= n) for ranks in (found.ranks_before, found.ranks_after))
    shown: list[Public] = []
    pushed = []
    for item in publics:
        mine = found.reached[item.id] & found.before.scored
        total, before, after = int(mine.sum()), int((mine & was).sum()), int((mine & now).sum())
        if not total:
            continue
        if total < smallest:
            shown.append({"label": item.label, "masked": True, "total": None, "before": None, "after": None})
            continue
        shown.append({"label": item.label, "masked": False, "total": total, "before": before, "after": after})
        if before - after >= max(LEAST_PUSHED, before * threshold / 100):
            sentence = (
                f"«\u00a0{item.label}\u00a0»\u00a0: ce public prioritaire recule parmi les {number_fr(n)} premières "
                f"demandes, de {number_fr(before)} à {number_fr(after)}."
            )
            pushed.append(_Loser(sentence, np.flatnonzero(mine), after - before, public=True))
    return shown, pushed


def _share(found: _Found, firsts: list[First], n: int) -> list[_Loser]:
    one = next(item for item in firsts if item["n"] == n)
    ranked_before, ranked_after = (min(n, int(side.scored.sum())) for side in (found.before, found.after))
    if not ranked_before or not ranked_after:
        return []
    was, now = one["before"] / ranked_before, one["after"] / ranked_after
    if was - now < POINT_OF_SHARE:
        return []
    sentence = (
        f"La part des ménages prioritaires parmi les {number_fr(n)} premières demandes baisse de {share_fr(was)} à "
        f"{share_fr(now)}."
    )
    return [_Loser(sentence, np.flatnonzero(found.priority), now - was, public=True)]


def share_fr(share: float) -> str:
    """« 61 % »."""
    return f"{number_fr(round(100 * share))}\u00a0%"


# What each change does alone


def _effects(
    replay: Replay, before_grid: g.Grid, found: _Found, alone: list[Variant], losers: list[_Loser], n: int,
    tell: Progress,
) -> tuple[list[Effect], list[str]]:  # fmt: skip
    """The effect of each change, and for each loser a sentence on the change that explains most."""
    effects: list[Effect] = []
    worst: list[tuple[float, str]] = [(0.0, "")] * len(losers)
    former = st.among_first(found.before, found.filed, n)
    for step, variant in enumerate(alone):
        was, now = st.same_scale(found.before, replay.score(variant.grid).side)
        both = was.scored & now.scored
        points = np.where(both, now.points - was.points, 0)
        total = int(both.sum())
        mean = float(points.sum()) / total / now.scale if total else 0.0
        first = st.among_first(now, found.filed, n)
        effects.append({
            "label": variant.label, "kind": variant.kind, "sentences": list(variant.sentences),
            "up": int((points > 0).sum()), "down": int((points < 0).sum()), "points_mean": round(mean, 2),
            "priority": int((first & found.priority).sum()),
        })  # fmt: skip
        for index, loser in enumerate(losers):
            if loser.public:
                weight = float(first[loser.places].sum()) - float(former[loser.places].sum())
                said = f"Seul, ce changement en fait sortir {number_fr(int(-weight))}."
            else:
                own = float(points[loser.places].mean()) / now.scale
                weight, said = own - mean, _alone_fr(own, mean)
            if weight < worst[index][0]:
                worst[index] = weight, f"{' '.join(variant.sentences)} {said}"
        tell(3 + step, 2 + len(alone))
    why = [said or "Aucun changement ne l’explique à lui seul\u00a0: leurs effets s’ajoutent." for _, said in worst]
    return effects, why


def _alone_fr(own: float, mean: float) -> str:
    alone = f"Seul, ce changement donne à ce groupe {_gain(own)} en moyenne"
    return f"{alone}, contre {_gain(mean)} à l’ensemble des demandes."


def _gain(points: float) -> str:
    rounded = Decimal(f"{points:.1f}")
    return f"{'+' if rounded > 0 else ''}{plural(rounded, 'point', 'points')}"


# Examples


def _movers(found: _Found) -> tuple[list[int], list[int]]:
    """The places, in the compared demands, of those that gain and lose most places."""
    ranks = found.moves.ranks
    order = np.argsort(ranks, kind="stable")
    up = [int(at) for at in order[::-1][:MOVERS] if ranks[at] > 0]
    return up, [int(at) for at in order[:MOVERS] if ranks[at] < 0]


def _worst(found: _Found, places: Array) -> list[int]:
    """The demands of a group that lose most places."""
    inside = np.flatnonzero(np.isin(found.moves.places, places, assume_unique=True))
    order = np.argsort(found.moves.ranks[inside], kind="stable")[:EXAMPLES]
    return [int(at) for at in inside[order] if found.moves.ranks[at] < 0]


def _kept(examples: dict[int, int], at: int) -> int:
    return examples.setdefault(at, len(examples))


def _examples(found: _Found, splits: Mapping[str, Dimension], wanted: list[int], smallest: int) -> list[Example]:
    """Household and commune, this one only when enough demands share both: nothing else tells who it is."""
    moves, home, town = found.moves, splits["menage"], splits["commune"]
    alike = np.bincount(_together(home, town), minlength=len(home.labels) * len(town.labels))
    out: list[Example] = []
    for at in wanted:
        place = int(moves.places[at])
        one, other = int(home.codes[place]), int(town.codes[place])
        enough = alike[one * len(town.labels) + other] >= smallest
        household = home.labels[one]
        out.append({
            "place": place, "household": household[:1].upper() + household[1:],
            "commune": town.labels[other] if enough else "commune non dite",
            "rank_before": int(found.ranks_before[place]), "rank_after": int(found.ranks_after[place]),
            "points_before": int(found.before.points[place]) / found.before.scale,
            "points_after": int(found.after.points[place]) / found.after.scale,
        })  # fmt: skip
    return out


def _together(home: Dimension, town: Dimension) -> Array:
    return home.codes.astype(np.int64) * len(town.labels) + town.codes
