"""From a template and data to a PDF that a screen reader can read (PDF/UA-1).

A letter is a typst file in the `letters/` folder of the context that writes it, beginning with « // version: 1 ». It
reads `data`, plain values: what a person typed is printed as it is and never read as typst. The same template and data
always give the same bytes: the only date is `data["on"]`.
"""

import json
import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from decimal import Decimal
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import Any

import typst

from palier.common.text import number_fr

_HERE = Path(__file__).parent
_CONTEXTS = _HERE.parent
_NAME = re.compile(r"([a-z]+)/([a-z][a-z0-9-]*)")
_VERSION = re.compile(r"// version: (\d+)")
# Stands for a character that the fonts cannot draw: a missing glyph would make the PDF refuse to be accessible.
MISSING = "□"


class WrongTemplate(Exception):
    """A letter that does not exist, has no version or does not compile: a fault of the program, not of the user."""


@dataclass(frozen=True)
class Template:
    """Where a letter is written and which version of its text it is."""

    path: Path
    version: int


def find_template(name: str) -> Template:
    """« demand/fiche-information » is `palier/demand/letters/fiche-information.typ`."""
    match = _NAME.fullmatch(name)
    path = _CONTEXTS / match[1] / "letters" / f"{match[2]}.typ" if match else None
    if path is None or not path.is_file():
        raise WrongTemplate(f"no letter « {name} »")
    version = _VERSION.match(path.read_text(encoding="utf-8"))
    if version is None:
        raise WrongTemplate(f"{path.name} does not begin with « // version: 1 »")
    return Template(path, int(version[1]))


def compile_pdf(name: str, data: Mapping[str, Any]) -> bytes:
    """The letter `name` filled with `data`, as PDF/UA-1. `data["on"]`, its date, is required.

    Dates become ISO text and Decimals French numbers. A character that the fonts lack is replaced by the nearest one
    (« ễ » by « e ») or by □, and the letter says so.
    """
    template = find_template(name)
    try:
        return _compile(template, data["on"], data, plain=False)
    except typst.TypstError as error:
        if "could not be displayed" not in error.message:
            raise WrongTemplate(f"{name}: {error.diagnostic}") from error
    # Marks that no font stacks on that letter: the letter alone can be drawn.
    return _compile(template, data["on"], data, plain=True)


def _compile(template: Template, on: date, data: Mapping[str, Any], *, plain: bool) -> bytes:
    values, replaced = _printable(data, plain=plain)
    inputs = json.dumps({**values, "replaced": replaced}, ensure_ascii=False, sort_keys=True)
    compiler = typst.Compiler(
        template.path, root=_CONTEXTS, font_paths=_fonts(), ignore_system_fonts=True, sys_inputs={"data": inputs}
    )
    midnight = datetime.combine(on, time(), UTC)
    pdf = compiler.compile(format="pdf", pdf_standards=["ua-1"], timestamp=midnight)
    assert isinstance(pdf, bytes)
    return pdf


def fingerprint(pdf: bytes) -> str:
    """SHA-256 of a document, in hexadecimal."""
    return sha256(pdf).hexdigest()


@cache
def _fonts() -> typst.Fonts:
    return typst.Fonts(include_system_fonts=False, include_embedded_fonts=False, font_paths=[_HERE / "fonts"])


@cache
def _drawn() -> frozenset[str]:
    """The characters that the fonts shipped can draw (`fonts/coverage.txt`, ranges in hexadecimal)."""
    spans = (_HERE / "fonts" / "coverage.txt").read_text(encoding="ascii").split()
    bounds = ([int(end, 16) for end in span.split("-")] for span in spans)
    return frozenset(chr(code) for bound in bounds for code in range(bound[0], bound[-1] + 1))


def _printable(value: Any, *, plain: bool = False) -> tuple[Any, bool]:
    """Plain values with only characters that can be drawn, and whether one had to be replaced.

    `plain` also leaves out every combining mark and joiner.
    """
    if isinstance(value, str):
        typed = unicodedata.normalize("NFC", value)
        text = "".join(_drawable(c, plain) for c in typed)
        return text, text != typed
    if isinstance(value, Mapping):
        items = {key: _printable(one, plain=plain) for key, one in value.items()}
        return {key: one for key, (one, _) in items.items()}, any(replaced for _, replaced in items.values())
    if isinstance(value, list | tuple):
        many = [_printable(one, plain=plain) for one in value]
        return [one for one, _ in many], any(replaced for _, replaced in many)
    if isinstance(value, Decimal):
        return number_fr(value), False
    if isinstance(value, date):
        return value.isoformat(), False
    return value, False


def _drawable(character: str, plain: bool) -> str:
    drawn = _drawn()
    invisible = unicodedata.category(character) in {"Cc", "Cf", "Cs", "Mn"}
    if character in drawn and not (plain and invisible):
        return character
    if invisible:
        return ""
    base = unicodedata.normalize("NFKD", character)[0]
    return base if base in drawn else MISSING
