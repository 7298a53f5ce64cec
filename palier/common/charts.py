"""Pictures as SVG written by the server: bars, bars on both sides of zero, columns compared.

They hold under our strict policy (no script, no `style`), on paper (typst draws the same file) and for everyone: a
title and a description for screen readers, hatching beside each colour, and the page always prints the same figures in
a table under the picture. Lengths are shares of the width, so that text keeps its size on a phone.

`width` is left at « 100% » on a page; a document gives a number of points. `name` makes ids: once by page. Colours are
those of the default palette; on a page the classes of `palier.css` take the territory's own.
"""

from collections.abc import Sequence
from math import floor, log10
from typing import NamedTuple
from xml.etree import ElementTree as ET

from django.utils.safestring import SafeString

from palier.common.text import number_fr

INK, SOFT, LINE, UP, DOWN = "#1c2321", "#5a645f", "#dedbd2", "#0f5c54", "#b4553d"
FULL = "100%"
ROW, BAR, COLUMNS = 48, 16, 220
# The room, in percent, kept on the left of columns for the figures of their scale.
LEFT = 9.0
TICKS = 7
HATCH = "4 3"
Width = str | int


class Bar(NamedTuple):
    """One bar: its label, its length, the words said beside it; `hatched` when declared and not proven, or lost."""

    label: str
    value: float
    said: str = ""
    hatched: bool = False


class Column(NamedTuple):
    """One group of columns: the label of its left edge, then one value by series."""

    label: str
    values: tuple[float, ...]


def bars(name: str, title: str, rows: Sequence[Bar], *, description: str = "", width: Width = FULL) -> SafeString:
    """Horizontal bars from zero, each under its label. Negative values are drawn as zero."""
    root = _picture(name, title, description, width, ROW * len(rows))
    most = max((row.value for row in rows), default=0) or 1
    for index, row in enumerate(rows):
        top = index * ROW
        _label(root, row, top)
        _span(root, 0, 100 * max(row.value, 0) / most, top + 32, "up", hatched=row.hatched)
    return _text(root)


def diverging(name: str, title: str, rows: Sequence[Bar], *, description: str = "", width: Width = FULL) -> SafeString:
    """Horizontal bars on both sides of zero: gains to the right in full colour, losses to the left, hatched."""
    root = _picture(name, title, description, width, ROW * len(rows))
    most = max((abs(row.value) for row in rows), default=0) or 1
    for index, row in enumerate(rows):
        top = index * ROW
        _label(root, row, top)
        _either_side(root, row.value, most, top + 32)
    return _text(root)


def cell(value: float, most: float, *, width: Width = FULL) -> SafeString:
    """One bar on either side of zero for a row of a table, which says the figure itself: hidden from screen readers.

    `most` is the longest bar of the table.
    """
    root = ET.Element("svg", _size(width, 24) | {"class": "chart-cell", "aria-hidden": "true", "focusable": "false"})
    _either_side(root, value, most or 1, 12)
    return _text(root)


def columns(
    name: str, title: str, groups: Sequence[Column], series: Sequence[str], *, description: str = "",
    width: Width = FULL, marked: int | None = None,
) -> SafeString:  # fmt: skip
    """Vertical columns side by side, one by series, on a scale that starts at zero. The last series is in full colour.

    `series` are their names, written above. `marked` is the group where the reader stands: a dot over it.
    """
    head, foot = (32 if len(series) > 1 else 12) + (12 if marked is not None else 0), 26
    root = _picture(name, title, description, width, head + COLUMNS + foot)
    for place, known in enumerate(series if len(series) > 1 else ()):
        left, last = 50.0 * place, place == len(series) - 1
        _rectangle(root, left, 4, 18, BAR, last=last)
        _write(root, known, f"{left + 5:.2f}%", 15)
    most = max((value for group in groups for value in group.values), default=0) or 1
    step = _step(most)
    base = head + COLUMNS
    for level in range(int(most // step) + 1):
        y = base - COLUMNS * level * step / most
        _rule(root, "0%", FULL, y, y, "axis" if level == 0 else "line")
        if level:
            _write(root, number_fr(round(level * step, 6)), "0%", y - 3, soft=True)
    room = (100 - LEFT) / max(len(groups), 1)
    every = -(-len(groups) // TICKS)
    for index, group in enumerate(groups):
        left = LEFT + index * room
        wide = room * 0.84 / max(len(group.values), 1)
        for place, value in enumerate(group.values):
            last = place == len(group.values) - 1
            _rectangle(root, left + place * wide, wide * 0.9, base, COLUMNS * value / most, last=last)
        if index % every == 0:
            _write(root, group.label, f"{left:.2f}%", base + 20, soft=True)
        if index == marked:
            tall = COLUMNS * max(group.values, default=0) / most
            dot = {"cx": f"{left + room * 0.42:.2f}%", "cy": f"{base - tall - 8:.1f}", "r": "5"}
            ET.SubElement(root, "circle", dot | {"class": "chart-mark", "fill": INK})
    return _text(root)


def _picture(name: str, title: str, description: str, width: Width, height: float) -> ET.Element:
    known = {"class": "chart", "role": "img", "aria-labelledby": f"{name}-titre {name}-desc", "focusable": "false"}
    root = ET.Element("svg", _size(width, height) | known | {"font-family": "Atkinson Hyperlegible Next, sans-serif"})
    ET.SubElement(root, "title", {"id": f"{name}-titre"}).text = title
    ET.SubElement(root, "desc", {"id": f"{name}-desc"}).text = description or title
    return root


def _size(width: Width, height: float) -> dict[str, str]:
    return {"xmlns": "http://www.w3.org/2000/svg", "width": str(width), "height": f"{height:g}"}


def _text(root: ET.Element) -> SafeString:
    # ElementTree escapes every text and every attribute.
    return SafeString(ET.tostring(root, encoding="unicode"))


def _label(root: ET.Element, row: Bar, top: float) -> None:
    _write(root, row.label, "0%", top + 18)
    if row.said:
        _write(root, row.said, FULL, top + 18, anchor="end")


def _write(root: ET.Element, text: str, x: str, y: float, *, anchor: str = "start", soft: bool = False) -> None:
    known = {"x": x, "y": f"{y:.1f}", "text-anchor": anchor, "font-size": "13" if soft else "15"}
    known |= {"class": "chart-note" if soft else "chart-text", "fill": SOFT if soft else INK}
    ET.SubElement(root, "text", known).text = text


def _either_side(root: ET.Element, value: float, most: float, y: float) -> None:
    reach = 50 * min(abs(value) / most, 1)
    if value > 0:
        _span(root, 50, 50 + reach, y, "up", hatched=False)
    elif value < 0:
        _span(root, 50 - reach, 50, y, "down", hatched=True)
    _rule(root, "50%", "50%", y - BAR / 2 - 4, y + BAR / 2 + 4, "axis")


def _span(root: ET.Element, left: float, right: float, y: float, kind: str, *, hatched: bool) -> None:
    """A thick horizontal line: dashes are the hatching."""
    known = {"x1": f"{left:.2f}%", "x2": f"{right:.2f}%", "y1": f"{y:.1f}", "y2": f"{y:.1f}"}
    known["stroke"] = UP if kind == "up" else DOWN
    known |= {"stroke-width": f"{BAR}", "class": f"chart-{kind}"} | ({"stroke-dasharray": HATCH} if hatched else {})
    ET.SubElement(root, "line", known)


def _rectangle(root: ET.Element, left: float, wide: float, base: float, tall: float, *, last: bool) -> None:
    """A column: full for the last series, pale in a broken line for the former ones."""
    known = {"x": f"{left:.2f}%", "width": f"{wide:.2f}%", "y": f"{base - tall:.1f}", "height": f"{tall:.1f}"}
    if last:
        known |= {"fill": UP, "class": "chart-column"}
    else:
        known |= {"fill": LINE, "stroke": SOFT, "stroke-dasharray": HATCH, "class": "chart-former"}
    ET.SubElement(root, "rect", known)


def _rule(root: ET.Element, x1: str, x2: str, y1: float, y2: float, kind: str) -> None:
    known = {"x1": x1, "x2": x2, "y1": f"{y1:.1f}", "y2": f"{y2:.1f}", "class": f"chart-{kind}"}
    ET.SubElement(root, "line", known | {"stroke": INK if kind == "axis" else LINE, "stroke-width": "1"})


def _step(most: float) -> float:
    """A round step that gives two to five lines on the scale."""
    unit = 10.0 ** (floor(log10(most)) - 1)
    return next(unit * factor for factor in (1, 2, 5, 10, 20, 50) if most / (unit * factor) <= 5)
