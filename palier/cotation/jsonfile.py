"""Reads a JSON file of facts: exact decimals, no duplicate key, and the line of what is wrong."""

import json
from decimal import Decimal
from pathlib import Path
from typing import Any

from palier.common.yamlfile import FileProblems, Key, Problem, read_text, where

# Reading may take 25 times as much memory. A stock is given as one demand by line (`stock.source`).
LIMIT = 8_000_000
_SPACES = " \t\r\n"


class _Pairs(dict[str, Any]):
    """A JSON object that remembers a key written twice."""

    twice: str | None = None


def read_json(path: Path, *, limit: int = LIMIT) -> tuple[Any, str]:
    """The value and the text of a file of at most `limit` bytes. Raises FileProblems."""

    def refuse(line: int, sentence: str) -> FileProblems:
        return FileProblems([Problem(path.name, line, "", sentence)])

    text = read_text(path, limit)
    try:
        value = json.loads(text, parse_float=Decimal, parse_constant=_no_constant, object_pairs_hook=_pairs)
    except json.JSONDecodeError as error:
        raise refuse(error.lineno, f"JSON mal formé, colonne {error.colno}.") from error
    except (RecursionError, ValueError) as error:
        sentence = "trop de niveaux imbriqués." if isinstance(error, RecursionError) else "nombre incompris."
        raise refuse(1, sentence) from error
    found = _duplicate(value, ())
    if found is not None:
        raise FileProblems([Problem(path.name, line_of(text, found), where(found), "clé écrite deux fois.")])
    return value, text


def read_line(text: str) -> Any:
    """The value of one line of JSON. Raises ValueError with a sentence in French."""
    try:
        value = json.loads(text, parse_float=Decimal, parse_constant=_no_constant, object_pairs_hook=_pairs)
    except json.JSONDecodeError as error:
        raise ValueError(f"JSON mal formé, colonne {error.colno}.") from error
    except (RecursionError, ValueError) as error:
        sentence = "trop de niveaux imbriqués." if isinstance(error, RecursionError) else "nombre incompris."
        raise ValueError(sentence) from error
    if (found := _duplicate(value, ())) is not None:
        raise ValueError(f"{where(found)}\u00a0: clé écrite deux fois.")
    return value


def line_of(text: str, path: Key) -> int:
    """The line of a key path in a well-formed JSON text, or of its nearest parent."""
    position = _skip(text, 0)
    for step in path:
        entry = _find(text, position, step)
        if entry is None:
            break
        position = entry
    return text.count("\n", 0, position) + 1


def _find(text: str, position: int, step: str | int) -> int | None:
    """Where the value of `step` starts in the object or list at `position`."""
    decoder = json.JSONDecoder()
    opening, index = text[position], 0
    if opening not in "{[":
        return None
    position = _skip(text, position + 1)
    found: int | None = None
    while text[position] not in "}]":
        key: str | int = index
        if opening == "{":
            key, position = decoder.raw_decode(text, position)
            position = _skip(text, _skip(text, position) + 1)
        if key == step:
            # The last one wins, as for the reader, so that a duplicate is shown where it repeats.
            found = position
        _, position = decoder.raw_decode(text, position)
        position = _skip(text, position)
        if text[position] == ",":
            position = _skip(text, position + 1)
        index += 1
    return found


def _skip(text: str, position: int) -> int:
    while position < len(text) and text[position] in _SPACES:
        position += 1
    return position


def _pairs(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    out = _Pairs()
    for key, value in pairs:
        if key in out:
            out.twice = key
        out[key] = value
    return out


def _duplicate(value: Any, path: Key) -> Key | None:
    if isinstance(value, _Pairs):
        if value.twice is not None:
            return (*path, value.twice)
        items: Any = value.items()
    elif isinstance(value, list):
        items = enumerate(value)
    else:
        return None
    for key, item in items:
        found = _duplicate(item, (*path, key))
        if found is not None:
            return found
    return None


def _no_constant(name: str) -> Any:
    raise ValueError(name)
