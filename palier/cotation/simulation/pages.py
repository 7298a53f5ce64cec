"""What the page of a trial and its report show of a result: sentences and pictures."""

from typing import Any

from palier.common import charts
from palier.common.text import number_fr, plural
from palier.cotation.simulation.result import First, Result

# Said in words where the picture is only seen.
PICTURED = "Les mêmes nombres sont dans le tableau qui suit."


def gain_fr(value: float | None) -> str:
    """« +212 », « −44 », « 0 »."""
    if value is None:
        return "masqué"
    return f"+{number_fr(value)}" if value > 0 else number_fr(value)


def share(part: int, whole: int) -> int:
    """A share in percent, 0 of nothing."""
    return round(100 * part / whole) if whole else 0


def splits(result: Result, *, width: charts.Width = charts.FULL) -> list[dict[str, Any]]:
    """Each way to split the demands: its groups, each with its bar (places gained or lost by half of them)."""
    out = []
    for split in result["splits"]:
        most = max((abs(group["rank_median"] or 0) for group in split["groups"]), default=0)
        rows = [
            {
                "group": group,
                "bar": charts.cell(group["rank_median"] or 0, most, width=width),
                "points": gain_fr(group["points_mean"]),
                "ranks": gain_fr(int(group["rank_median"] or 0)),
            }
            for group in split["groups"]
        ]
        masked = sum(group["masked"] for group in split["groups"])
        if rows:
            out.append({"name": split["name"], "title": split["title"], "rows": rows, "masked": masked})
    return out


def first_share(result: Result, first: First) -> tuple[int, int]:
    """The share of priority demands among the first n, before and after, in percent."""
    n = first["n"]
    return share(first["before"], min(n, result["ranked_before"])), share(
        first["after"], min(n, result["ranked_after"])
    )


def the_first(result: Result) -> First:
    """The line of the n that was chosen."""
    return next(item for item in result["firsts"] if item["n"] == result["n"])


def shares(result: Result, *, width: charts.Width = charts.FULL) -> str:
    """Priority demands among the first n, before and after, as a picture."""
    was, now = first_share(result, the_first(result))
    rows = [
        charts.Bar("Avant, grille en vigueur", was, f"{was}\u00a0%", hatched=True),
        charts.Bar("Après, brouillon", now, f"{now}\u00a0%"),
    ]
    title = f"Part des ménages prioritaires parmi les {number_fr(result['n'])} premières demandes"
    said = f"{was}\u00a0% avant, {now}\u00a0% après. {PICTURED}"
    return charts.bars("parts", title, rows, description=said, width=width)


def distribution(result: Result, *, width: charts.Width = charts.FULL) -> str:
    """Both distributions of scores as a picture."""
    groups = [charts.Column(number_fr(one["low"]), (one["before"], one["after"])) for one in result["bins"]]
    low, high = result["bins"][0]["low"], result["bins"][-1]["high"]
    series = ("Avant, grille en vigueur", "Après, brouillon")
    return charts.columns(
        "distribution", "Nombre de demandes par note, avant et après", groups, series,
        description=f"De {number_fr(low)} à {number_fr(high)} points. {PICTURED}",
        width=width,
    )  # fmt: skip


def effects(result: Result, *, width: charts.Width = charts.FULL) -> list[dict[str, Any]]:
    """Each change alone, with its bar (mean change of points) and what it does to the first n."""
    most = max((abs(effect["points_mean"]) for effect in result["effects"]), default=0)
    former = the_first(result)["before"]
    return [
        {
            "effect": effect,
            "bar": charts.cell(effect["points_mean"], most, width=width),
            "points": gain_fr(effect["points_mean"]),
            "priority": gain_fr(effect["priority"] - former),
        }
        for effect in result["effects"]
    ]


def movers(result: Result) -> list[dict[str, Any]]:
    """The demands that gain, then lose, most places."""
    return [
        {"title": "Celles qui montent le plus", "rows": _rows(result, result["rising"])},
        {"title": "Celles qui descendent le plus", "rows": _rows(result, result["falling"])},
    ]


def alerts(result: Result) -> list[dict[str, Any]]:
    """Each alert with its examples."""
    return [
        {**alert, "number": number, "rows": _rows(result, alert["examples"])}
        for number, alert in enumerate(result["alerts"], start=1)
    ]


def _rows(result: Result, places: list[int]) -> list[dict[str, Any]]:
    return [{"at": at, "one": result["examples"][at], "gain": gain(result, at)} for at in places]


def gain(result: Result, at: int) -> str:
    """« gagne 212 places »."""
    one = result["examples"][at]
    ranks = one["rank_before"] - one["rank_after"]
    return f"{'gagne' if ranks > 0 else 'perd'} {plural(abs(ranks), 'place', 'places')}"


def seconds_fr(seconds: float) -> str:
    """« moins de 0,1 s », « 2,3 s »."""
    return "moins de 0,1\u00a0s" if seconds < 0.1 else f"{number_fr(round(seconds, 1))}\u00a0s"


def context(result: Result) -> dict[str, Any]:
    """Everything the page of a result prints."""
    was, now = first_share(result, the_first(result))
    return {
        "result": result, "was": was, "now": now, "splits": splits(result), "shares": shares(result),
        "distribution": distribution(result), "effects": effects(result), "movers": movers(result),
        "alerts": alerts(result),
        "firsts": [(first, *first_share(result, first)) for first in result["firsts"]],
    }  # fmt: skip
