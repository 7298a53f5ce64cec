"""The tables of a trial, as CSV that a French spreadsheet opens: « ; », UTF-8 with its mark, no formula."""

import csv
import io
from collections.abc import Callable, Iterable
from typing import NamedTuple

from palier.cotation.simulation.result import Result

Cell = str | int | float | None
MASKED = "masqué"
# A text that begins with one of these would be read as a formula.
FORMULA = ("=", "+", "-", "@", "\t", "\r")


class Table(NamedTuple):
    """One table: its title, the names of its columns, its rows."""

    title: str
    header: tuple[str, ...]
    rows: Callable[[Result], Iterable[tuple[Cell, ...]]]


def _groups(result: Result) -> Iterable[tuple[Cell, ...]]:
    for split in result["splits"]:
        for group in split["groups"]:
            yield (
                split["title"], group["label"], group["count"], group["up"], group["down"], group["same"],
                group["points_median"], group["points_mean"], group["rank_median"], group["rank_mean"],
            )  # fmt: skip


def _firsts(result: Result) -> Iterable[tuple[Cell, ...]]:
    for first in result["firsts"]:
        yield "Ménages prioritaires (L441-1)", first["n"], result["priority_total"], first["before"], first["after"]
    for public in result["publics"]:
        yield public["label"], result["n"], public["total"], public["before"], public["after"]


def _effects(result: Result) -> Iterable[tuple[Cell, ...]]:
    for effect in result["effects"]:
        yield (
            effect["label"], effect["kind"], " ".join(effect["sentences"]), effect["up"], effect["down"],
            effect["points_mean"], effect["priority"],
        )  # fmt: skip


def _movers(result: Result) -> Iterable[tuple[Cell, ...]]:
    for at in (*result["rising"], *result["falling"]):
        one = result["examples"][at]
        yield (
            one["household"], one["commune"], one["rank_before"], one["rank_after"],
            one["rank_before"] - one["rank_after"], one["points_before"], one["points_after"],
        )  # fmt: skip


TABLES = {
    "groupes": Table(
        "Qui monte, qui descend",
        (
            "Répartition", "Groupe", "Demandes", "Gagnent des points", "Perdent des points", "Sans changement",
            "Points, médiane", "Points, moyenne", "Places gagnées, médiane", "Places gagnées, moyenne",
        ),
        _groups,
    ),
    "premiers": Table(
        "Parmi les premières demandes", ("Public", "Premières demandes", "Demandes en tout", "Avant", "Après"), _firsts
    ),
    "distribution": Table(
        "Distribution des notes", ("Points, à partir de", "Moins de", "Demandes avant", "Demandes après"),
        lambda result: ((one["low"], one["high"], one["before"], one["after"]) for one in result["bins"]),
    ),
    "changements": Table(
        "L’effet de chaque changement, seul",
        (
            "Critère ou réglage", "Changement", "En clair", "Gagnent des points", "Perdent des points",
            "Points, moyenne", "Prioritaires parmi les premières",
        ),
        _effects,
    ),
    "ecarts": Table(
        "Les demandes qui bougent le plus",
        ("Ménage", "Commune", "Rang avant", "Rang après", "Places gagnées", "Points avant", "Points après"),
        _movers,
    ),
    "alertes": Table(
        "Alertes d’équité", ("Alerte", "Pourquoi"),
        lambda result: ((one["sentence"], one["why"]) for one in result["alerts"]),
    ),
}  # fmt: skip


def as_csv(table: Table, result: Result) -> bytes:
    """A table of a trial as a CSV file."""
    out = io.StringIO()
    writer = csv.writer(out, delimiter=";", lineterminator="\r\n")
    writer.writerow(table.header)
    for row in table.rows(result):
        writer.writerow([_cell(value) for value in row])
    return out.getvalue().encode("utf-8-sig")


def _cell(value: Cell) -> str:
    if value is None:
        return MASKED
    if isinstance(value, str):
        return f"'{value}" if value.startswith(FORMULA) else value
    return f"{value:.10g}".replace(".", ",") if isinstance(value, float) else str(value)
