"""A stock as a file without names, for another machine to try grids on.

No number, no birth date (ages instead); what fewer than `FEW` demands share is left out: a commune, a danger. Where
somebody in danger lives is left out always.
"""

import json
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from typing import Any

import numpy as np

from palier.cotation.catalogue import FIELDS
from palier.cotation.facts import PROTECTED, Facts
from palier.cotation.outlook import CONFIDENTIAL
from palier.cotation.stock.mirror import Stock
from palier.cotation.stock.raw import WISHED, Table
from palier.cotation.stock.source import IDENTITY

FEW = 11


def lines(stock: Stock, on: date) -> Iterator[str]:
    """One line of JSON by demand, as `cotation evaluate` and `read_jsonl` take them, the oldest demand first."""
    table = stock.table
    rare = {path for path in CONFIDENTIAL if np.count_nonzero(table.columns.get(path, np.zeros(0)) == 1) < FEW}
    common = {path: _common(table, path) for path in ("lieux.residence", "lieux.travail")}
    wished = stock.lists_by_name.get(WISHED)
    wishes = _common(wished.items, "commune") if wished else frozenset()
    hidden = table.columns.get(PROTECTED, np.zeros(stock.size, np.int8)) == 1
    filed = table.columns.get("demande.date_depot", np.zeros(stock.size))
    for index in np.argsort(filed, kind="stable").tolist():
        facts = stock.facts(index, on)
        values = {path: value for path, value in facts.values.items() if path not in rare and path != IDENTITY}
        for path, kept in common.items():
            if values.get(path) is not None and (values[path] not in kept or hidden[index]):
                del values[path]
        if WISHED in values:
            values[WISHED] = [commune for commune in values[WISHED] if commune in wishes]
            if not values[WISHED]:
                del values[WISHED]
        yield json.dumps(_nested(values, facts), ensure_ascii=False, separators=(",", ":"))


def _common(table: Table, path: str) -> frozenset[str]:
    """The communes that enough demands share."""
    if path not in table.columns:
        return frozenset()
    codes, counts = np.unique(table.columns[path], return_counts=True)
    return frozenset(
        table.words[path][code]
        for code, count in zip(codes.tolist(), counts.tolist(), strict=True)
        if code >= 0 and count >= FEW
    )


def _nested(values: dict[str, Any], facts: Facts) -> dict[str, Any]:
    out: dict[str, Any] = {"date_calcul": _plain(facts.on)}
    for path, value in values.items():
        if path in FIELDS:
            section, _, name = path.partition(".")
            out.setdefault(section, {})[name] = _plain(value)
    if "membres" in values:
        out["membres"] = [{name: _plain(value) for name, value in member.items()} for member in values["membres"]]
    if values.get("refus"):
        out["refus"] = [
            {"date": _plain(item.day), "logement_adapte": item.fitted, "legitime": item.legitimate}
            for item in values["refus"]
        ]
    if facts.proofs:
        out["preuves"] = {known: {"le": _plain(day)} for known, day in facts.proofs.items()}
    return out


def _plain(value: Any) -> Any:
    if isinstance(value, date):
        return value.isoformat()
    # Amounts and rates have few decimals: they come back to the same text.
    return float(value) if isinstance(value, Decimal) else value
