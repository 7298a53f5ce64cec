"""The part of JSON Schema that the schema of grids uses, to check a value against it."""

import re
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from typing import Any

TYPES: dict[str, tuple[type, ...]] = {
    "object": (dict,), "array": (list,), "string": (str,), "integer": (int,), "number": (int, Decimal),
    "boolean": (bool,),
}  # fmt: skip
KNOWN = {
    "$defs", "$ref", "$schema", "additionalProperties", "anyOf", "const", "description", "enum", "exclusiveMinimum",
    "format", "items", "maxItems", "maxLength", "maximum", "minItems", "minLength", "minProperties", "minimum",
    "pattern", "properties", "required", "title", "type",
}  # fmt: skip


def errors(value: Any, schema: dict[str, Any], root: dict[str, Any], path: str = "") -> Iterator[str]:
    """What is wrong in a value, by its path. Dates of YAML are texts, as editors see them."""
    assert set(schema) <= KNOWN, set(schema) - KNOWN
    value = value.isoformat() if isinstance(value, date) else value
    if "$ref" in schema:
        yield from errors(value, root["$defs"][schema["$ref"].rpartition("/")[2]], root, path)
    if "anyOf" in schema and not any(not list(errors(value, one, root, path)) for one in schema["anyOf"]):
        yield f"{path}: none of the shapes"
    if "type" in schema and (
        not isinstance(value, TYPES[schema["type"]]) or (isinstance(value, bool) and schema["type"] != "boolean")
    ):
        yield f"{path}: not {schema['type']}"
        return
    if ("enum" in schema and value not in schema["enum"]) or ("const" in schema and value != schema["const"]):
        yield f"{path}: {value!r} unknown"
    if isinstance(value, str):
        if not schema.get("minLength", 0) <= len(value) <= schema.get("maxLength", len(value)):
            yield f"{path}: length"
        if "pattern" in schema and not re.search(schema["pattern"], value):
            yield f"{path}: {value!r} is not {schema['pattern']}"
    elif isinstance(value, list):
        if not schema.get("minItems", 0) <= len(value) <= schema.get("maxItems", len(value)):
            yield f"{path}: number of items"
        for index, item in enumerate(value):
            yield from errors(item, schema.get("items", {}), root, f"{path}[{index}]")
    elif isinstance(value, dict):
        for name in schema.get("required", []):
            if name not in value:
                yield f"{path}: {name} is missing"
        if len(value) < schema.get("minProperties", 0):
            yield f"{path}: too few keys"
        for name, item in value.items():
            if name in schema.get("properties", {}):
                yield from errors(item, schema["properties"][name], root, f"{path}.{name}")
            elif schema.get("additionalProperties") is False:
                yield f"{path}: {name} is too much"
    elif isinstance(value, int | Decimal) and not isinstance(value, bool):
        if value < schema.get("minimum", value) or value > schema.get("maximum", value):
            yield f"{path}: bounds"
        if value <= schema.get("exclusiveMinimum", value - 1):
            yield f"{path}: bounds"
