"""Changes one block of a YAML text and nothing else: its comments, its layout and every other line stay as written.

PyYAML tells where each node begins and ends; only those characters are written again. The caller has read the text with
`yamlfile.parse`, so it is small, shallow and without anchors. Pure.
"""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

import yaml

from palier.common.errors import Refusal

WIDTH = 110
PLAIN = re.compile(r"[a-z][a-z0-9_.-]*|P\d+[MY]")
RESERVED = {"y", "n", "yes", "no", "on", "off", "true", "false", "null"}
DASH = re.compile(r"[ ]*-[ ]+")
ELSEWISE = "Cette partie est écrite d’une façon que le formulaire ne sait pas modifier. Passez par le texte."


def replace_item(text: str, part: str, number: int, value: Mapping[str, Any]) -> str:
    """The text with item `number` (from 0) of the list `part` written anew."""
    node = _items(text, part)[number]
    start, end = node.start_mark.index, _end(text, node)
    new = _rendered(value, node.start_mark.column, flow=bool(node.flow_style))
    return text[:start] + new + text[end:]


def add_item(text: str, part: str, value: Mapping[str, Any]) -> str:
    """The text with one more item at the end of the list `part`, written as its neighbour is."""
    found = _entry(text, part)
    items = found[1].value if found and isinstance(found[1], yaml.SequenceNode) else []
    if not items:
        return set_key(text, part, [value])
    last = items[-1]
    end = _end(text, last)
    if found and found[1].flow_style:
        return f"{text[:end]}, {_flow(value)}{text[end:]}"
    line = _line_start(text, last.start_mark.index)
    dash = _dash(text, last)
    new = _rendered(value, len(dash), flow=bool(last.flow_style))
    return _after_line(text, end, f"{text[line : line + len(dash)]}{new}\n")


def remove_item(text: str, part: str, number: int) -> str:
    """The text without one item; the comments above it stay."""
    items = _items(text, part)
    if len(items) == 1:
        return set_key(text, part, [] if part in ("criteres", "familles", "exemples") else None)
    node = items[number]
    if _in_flow(text, part):
        if number:
            return text[: _end(text, items[number - 1])] + text[_end(text, node) :]
        return text[: node.start_mark.index] + text[items[1].start_mark.index :]
    _dash(text, node)
    return text[: _line_start(text, node.start_mark.index)] + text[_line_end(text, _end(text, node)) :]


def swap_items(text: str, part: str, one: int, other: int) -> str:
    """The text with two items in each other's place, each with the comments just above it."""
    items = _items(text, part)
    if not (0 <= one < len(items) and 0 <= other < len(items)) or one == other:
        return text
    first, second = items[min(one, other)], items[max(one, other)]
    (a, b), (c, d) = (_chunk(text, part, node) for node in (first, second))
    return text[:a] + text[c:d] + text[b:c] + text[a:b] + text[d:]


def set_key(text: str, key: str, value: Any, order: Sequence[str] = ()) -> str:
    """The text with a key of its first level set, or taken out when `value` is None.

    A new key goes after the nearest one that precedes it in `order`, else at the end.
    """
    root = _root(text)
    found = _entry(text, key)
    if found is None:
        return text if value is None else _insert(text, root, key, value, order)
    name, node = found
    start, end = name.start_mark.index, _end(text, node)
    if value is not None:
        return text[:start] + _pair(key, value, name.start_mark.column, flow=bool(root.flow_style)) + text[end:]
    if not root.flow_style:
        return text[: _line_start(text, start)] + text[_line_end(text, end) :]
    pairs = root.value
    index = next(i for i, (one, _) in enumerate(pairs) if str(one.value) == key)
    if index:
        return text[: _end(text, pairs[index - 1][1])] + text[end:]
    return text[:start] + text[pairs[1][0].start_mark.index if len(pairs) > 1 else end :]


def _insert(text: str, root: yaml.MappingNode, key: str, value: Any, order: Sequence[str]) -> str:
    pairs = root.value
    before = set(order[: order.index(key)]) if key in order else set()
    known = [node for name, node in pairs if str(name.value) in before] or [node for _, node in pairs]
    end = _end(text, known[-1])
    column = pairs[0][0].start_mark.column
    pair = _pair(key, value, column, flow=bool(root.flow_style))
    if root.flow_style:
        return f"{text[:end]}, {pair}{text[end:]}"
    return _after_line(text, end, f"{' ' * column}{pair}\n")


def _root(text: str) -> yaml.MappingNode:
    node = yaml.compose(text, Loader=yaml.CSafeLoader)
    if not isinstance(node, yaml.MappingNode) or not node.value:
        raise Refusal(ELSEWISE)
    return node


def _entry(text: str, key: str) -> tuple[yaml.ScalarNode, Any] | None:
    return next(((name, node) for name, node in _root(text).value if str(name.value) == key), None)


def _items(text: str, part: str) -> list[Any]:
    found = _entry(text, part)
    if found is None or not isinstance(found[1], yaml.SequenceNode):
        raise Refusal(ELSEWISE)
    return list(found[1].value)


def _in_flow(text: str, part: str) -> bool:
    found = _entry(text, part)
    return bool(found and found[1].flow_style)


def _end(text: str, node: Any) -> int:
    """Where a node ends: PyYAML says that a block goes on to the next one, comments and blank lines included."""
    if isinstance(node, yaml.CollectionNode) and not node.flow_style and node.value:
        last = node.value[-1]
        return _end(text, last[1] if isinstance(node, yaml.MappingNode) else last)
    end = int(node.end_mark.index)
    if isinstance(node, yaml.ScalarNode) and node.style in ("|", ">"):
        end = len(text[:end].rstrip())
    return end


def _line_start(text: str, index: int) -> int:
    return text.rfind("\n", 0, index) + 1


def _line_end(text: str, index: int) -> int:
    """Just after the line break that follows."""
    end = text.find("\n", index)
    return len(text) if end < 0 else end + 1


def _after_line(text: str, index: int, new: str) -> str:
    end = _line_end(text, index)
    head = text[:end]
    return head + ("" if head.endswith("\n") else "\n") + new + text[end:]


def _dash(text: str, node: Any) -> str:
    """« - » and what is before it on its line."""
    start = node.start_mark.index
    before = text[_line_start(text, start) : start]
    if not DASH.fullmatch(before):
        raise Refusal(ELSEWISE)
    return before


def _chunk(text: str, part: str, node: Any) -> tuple[int, int]:
    """An item: alone inside brackets, else its whole lines and the comments just above."""
    if _in_flow(text, part):
        return node.start_mark.index, _end(text, node)
    _dash(text, node)
    start = _line_start(text, node.start_mark.index)
    while start:
        above = _line_start(text, start - 1)
        if not text[above:start].lstrip().startswith("#"):
            break
        start = above
    end = _line_end(text, _end(text, node))
    if not text[:end].endswith("\n"):
        raise Refusal(ELSEWISE)
    return start, end


def _rendered(value: Any, column: int, *, flow: bool) -> str:
    """A mapping written from `column` on, as {…} cut in lines or key by key."""
    if flow:
        return _wrapped(value, column)
    return ("\n" + " " * column).join(_pair(key, item, column) for key, item in value.items())


def _pair(key: str, value: Any, column: int, *, flow: bool = False) -> str:
    short = f"{_scalar(key)}: {_flow(value)}"
    nested = isinstance(value, dict | list) and value
    if flow or not nested or (column + len(short) <= WIDTH and not _is_list_of_maps(value)):
        return short
    inner = column + 2
    pad = "\n" + " " * inner
    if isinstance(value, list):
        lines = [f"- {_wrapped(item, inner + 2) if isinstance(item, dict) else _flow(item)}" for item in value]
    else:
        lines = [_pair(one, item, inner) for one, item in value.items()]
    return f"{_scalar(key)}:{pad}{pad.join(lines)}"


def _is_list_of_maps(value: Any) -> bool:
    return isinstance(value, list) and len(value) > 0 and isinstance(value[0], dict)


def _wrapped(value: Mapping[str, Any], column: int) -> str:
    """{a: b, c: d}, in several lines when one is too long."""
    lines, line = [], "{"
    for index, (key, item) in enumerate(value.items()):
        pair = f"{_scalar(key)}: {_flow(item)}" + ("," if index < len(value) - 1 else "}")
        if line != "{" and column + len(line) + len(pair) > WIDTH:
            lines.append(line.rstrip())
            line = " "
        line += pair if line in ("{", " ") else f" {pair}"
    return ("\n" + " " * column).join([*lines, line if value else "{}"])


def flow(value: Any) -> str:
    """A value on one line, as YAML writes it between brackets: two values written alike are the same."""
    return _flow(value)


def _flow(value: Any) -> str:
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{_scalar(key)}: {_flow(item)}" for key, item in value.items()) + "}"
    if isinstance(value, list | tuple):
        return "[" + ", ".join(map(_flow, value)) + "]"
    return _scalar(value)


def tree(value: Any) -> str:
    """A nested condition as a text to edit, one test on a line."""
    return "\n".join(_tree(value))


def _tree(value: Any) -> Iterator[str]:
    match value:
        case {"tous": [*items]} | {"un_de": [*items]} if len(value) == 1:
            yield f"{next(iter(value))}:"
            for item in items:
                first, *rest = _tree(item)
                yield f"  - {first}"
                yield from (f"    {line}" for line in rest)
        case {"non": inner} | {"membre": inner} if len(value) == 1 and isinstance(inner, dict) and "champ" not in inner:
            yield f"{next(iter(value))}:"
            yield from (f"  {line}" for line in _tree(inner))
        case _:
            yield _flow(value)


def _scalar(value: Any) -> str:
    match value:
        case None:
            return "null"
        case bool():
            return "true" if value else "false"
        case Decimal():
            return f"{value:f}"
        case int():
            return str(value)
        case date():
            return value.isoformat()
        case _:
            text = str(value)
            if PLAIN.fullmatch(text) and text not in RESERVED:
                return text
            return "".join(map(_escaped, json.dumps(text, ensure_ascii=False)))


def _escaped(character: str) -> str:
    if character.isprintable() or character in "\u00a0\u202f":
        return character
    return f"\\u{ord(character):04x}" if ord(character) < 0x10000 else f"\\U{ord(character):08x}"
