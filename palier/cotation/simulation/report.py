"""The report of a trial for the assembly: the data of `cotation/letters/rapport-essai.typ`, then the PDF."""

from datetime import date
from typing import Any

from palier.common.actor import Actor
from palier.common.text import number_fr, plural
from palier.cotation.simulation import pages
from palier.cotation.simulation.result import LEAST_PUSHED, GroupFigures, Result
from palier.documents import api as documents
from palier.territory import api as territory

TEMPLATE = "cotation/rapport-essai"
# Points of a typeset picture: the width of the text, and of a bar in a row.
WIDE, NARROW = 640, 200


def report(actor: Actor, result: Result, draft: str, on: date) -> bytes:
    """The report as a tagged PDF (PDF/UA-1)."""
    return documents.compile_pdf(TEMPLATE, data(actor, result, draft, on))


def data(actor: Actor, result: Result, draft: str, on: date) -> dict[str, Any]:
    """What the report says, ready to print."""
    place = territory.current_territory()
    was, now = pages.first_share(result, pages.the_first(result))
    return {
        "on": on,
        "territory": {"name": place.name if place else actor.territory, "accent": place.accent if place else "#0f5c54"},
        "place": {"name": actor.place or actor.organisation, "lines": []},
        "tried_on": date.fromisoformat(result["on"]),
        "before": {**result["before"], "version": number_fr(result["before"]["version"])},
        "after": {**result["after"], "version": number_fr(result["after"]["version"])},
        "draft": draft,
        "demonstration": result["before"]["demonstration"] or result["after"]["demonstration"],
        "figure": "la note vérifiée" if result["verified"] else "la note déclarée",
        "summary": _summary(result, was, now),
        "alerts": [(alert["sentence"], alert["why"]) for alert in result["alerts"]],
        "splits": [
            {
                "title": split["title"],
                "rows": [_group(row) for row in split["rows"] if not row["group"]["masked"]],
                "masked": split["masked"],
            }
            for split in pages.splits(result, width=NARROW)
        ],
        "smallest": result["smallest"],
        "n": number_fr(result["n"]),
        "threshold": result["threshold"],
        "least": LEAST_PUSHED,
        "shares": {"svg": pages.shares(result, width=WIDE), "alt": f"{was}\u00a0% avant, {now}\u00a0% après."},
        "firsts": [_first(result, first) for first in result["firsts"]],
        "publics": [
            (one["label"], number_fr(one["total"] or 0), number_fr(one["before"] or 0), number_fr(one["after"] or 0))
            for one in result["publics"] if not one["masked"]
        ],
        "distribution": {
            "svg": pages.distribution(result, width=WIDE),
            "alt": "Nombre de demandes par note, avant et après. Les nombres sont dans le tableau qui suit.",
        },
        "bins": [
            (
                f"de {number_fr(one['low'])} à moins de {number_fr(one['high'])}",
                number_fr(one["before"]), number_fr(one["after"]),
            )
            for one in result["bins"]
        ],
        "effects": [_effect(row) for row in pages.effects(result, width=NARROW)],
        "effects_note": result["effects_note"],
        "movers": [
            (row["one"]["household"], row["one"]["commune"], _places(row["one"]), row["gain"])
            for group in pages.movers(result) for row in group["rows"]
        ],
        "never_filled": result["never_filled"],
        "changes": result["changes"],
    }  # fmt: skip


def _summary(result: Result, was: int, now: int) -> list[str]:
    said = [
        f"{plural(result['compared'], 'demande a', 'demandes ont')} une note dans les deux grilles et sont comparées, "
        f"sur {number_fr(result['size'])}.",
        f"{plural(result['up'], 'demande gagne', 'demandes gagnent')} des points, {number_fr(result['down'])} en "
        f"{'perdent' if result['down'] > 1 else 'perd'}, {number_fr(result['same'])} n’en changent pas.",
        f"{number_fr(result['rank_up'])} montent dans la liste, {number_fr(result['rank_down'])} y descendent.",
        f"Parmi les {number_fr(result['n'])} premières demandes, la part des ménages prioritaires passe de "
        f"{was}\u00a0% à {now}\u00a0%.",
    ]
    if result["left"] or result["entered"]:
        said.append(
            f"{number_fr(result['left'])} sortiraient de la cotation et {number_fr(result['entered'])} y entreraient."
        )
    return said


def _group(row: dict[str, Any]) -> dict[str, Any]:
    group: GroupFigures = row["group"]
    return {
        "label": group["label"], "bar": row["bar"], "count": number_fr(group["count"] or 0),
        "moves": f"{number_fr(group['up'] or 0)} / {number_fr(group['down'] or 0)}", "points": row["points"],
        "ranks": row["ranks"],
    }  # fmt: skip


def _first(result: Result, first: Any) -> tuple[str, str, str]:
    was, now = pages.first_share(result, first)
    return (
        f"Les {number_fr(first['n'])} premières demandes",
        f"{number_fr(first['before'])} ({was}\u00a0%)",
        f"{number_fr(first['after'])} ({now}\u00a0%)",
    )


def _effect(row: dict[str, Any]) -> dict[str, Any]:
    effect = row["effect"]
    return {
        "label": effect["label"], "kind": effect["kind"], "sentences": " ".join(effect["sentences"]), "bar": row["bar"],
        "moves": f"{number_fr(effect['up'])} / {number_fr(effect['down'])}", "points": row["points"],
        "priority": row["priority"],
    }  # fmt: skip


def _places(one: Any) -> str:
    return f"{number_fr(one['rank_before'])} → {number_fr(one['rank_after'])}"
