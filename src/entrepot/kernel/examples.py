"""Examples made from schemas: what a schema says of itself first, then what its name suggests. Always the same ones."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Final

from entrepot.kernel.schemas import REFERENCE, Schema

MAX_DEPTH: Final = 8
"""Schemas that hold themselves are not followed further."""

_FORMATS: Final = {
    "binary": "...",
    "date": "2026-03-29",
    "date-time": "2026-03-29T10:15:00Z",
    "decimal": "19.99",
    "duration": "PT15M",
    "email": "jane@example.com",
    "password": "Secret123",
    "time": "10:15:00",
    "uri": "https://example.com/picture.webp",
    "uuid": "018f2f1e-7c3a-7a54-9d0e-5f0c8a2b1c3d",
}
_TEXTS: Final = {
    "accesstoken": "eyJhbGciOiJSUzI1NiJ9...",
    "city": "New York",
    "country": "USA",
    "currency": "USD",
    "email": "jane@example.com",
    "firstname": "Jane",
    "id": "b7e4c2",
    "language": "en",
    "languages": "en",
    "lastname": "Smith",
    "password": "Secret123",
    "phone": "+12025550100",
    "refreshtoken": "yLkJ3nq0...",
    "slug": "for-example",
    "status": "ok",
    "token": "eyJhbGciOiJSUzI1NiJ9...",
    "username": "jane.smith",
}
_PICTURES: Final = re.compile(r".*(avatar|image|images|photo|photos|picture|thumbnail|url)$")
_WHOLE: Final = {"limit": 1, "quantity": 2, "skip": 0, "total": 1}
_NUMBERS: Final = {"discountpercentage": 5.5, "rating": 4.5, "weight": 0.5}


def example_of(schema: Schema, components: Mapping[str, Schema], name: str = "", depth: int = 0) -> Any:
    """A value that fits the schema; `name` is the field that it stands in.

    Fields that may be left out are shown where the schema has an example or a default, or where they hold further fields.
    """
    if (given := _given(schema)) is not None:
        return given
    if "$ref" in schema:
        return example_of(components[schema["$ref"].removeprefix(REFERENCE)], components, name, depth)
    if (choices := schema.get("anyOf") or schema.get("oneOf")) is not None:
        return example_of(_first_choice(choices), components, name, depth)
    match schema.get("type"):
        case "object":
            return _object(schema, components, depth)
        case "array":
            return _array(schema, components, name, depth)
        case "boolean":
            return True
        case "integer" | "number" as kind:
            return _number(schema, kind, name)
        case "string":
            return _text(schema, name)
    return None


def _given(schema: Schema) -> Any:
    """What the schema itself names: its first example, its only value, its default, its first value."""
    if schema.get("examples"):
        return schema["examples"][0]
    if schema.get("const") is not None:
        return schema["const"]
    if schema.get("default") not in (None, [], {}, ""):
        return schema["default"]
    return schema["enum"][0] if "enum" in schema else None


def _first_choice(choices: list[Schema]) -> Schema:
    return next((choice for choice in choices if choice.get("type") != "null"), choices[0])


def _object(schema: Schema, components: Mapping[str, Schema], depth: int) -> dict[str, Any]:
    if depth >= MAX_DEPTH:
        return {}
    required = schema.get("required", [])
    return {
        name: example_of(part, components, name, depth + 1)
        for name, part in schema.get("properties", {}).items()
        if name in required or _is_worth_showing(part)
    }


def _is_worth_showing(schema: Schema) -> bool:
    if _given(schema) is not None:
        return True
    choices = schema.get("anyOf") or schema.get("oneOf") or [schema]
    return any("$ref" in choice or choice.get("type") in ("array", "object") for choice in choices)


def _array(schema: Schema, components: Mapping[str, Schema], name: str, depth: int) -> list[Any]:
    if "prefixItems" in schema:
        return [example_of(part, components, name, depth + 1) for part in schema["prefixItems"]]
    if depth >= MAX_DEPTH or not schema.get("items"):
        return []
    return [example_of(schema["items"], components, name, depth + 1)] * max(1, schema.get("minItems", 1))


def _number(schema: Schema, kind: str, name: str) -> int | float:
    spoken = _WHOLE.get(name.lower(), 1) if kind == "integer" else _NUMBERS.get(name.lower(), 19.99)
    lowest, highest = schema.get("minimum", spoken), schema.get("maximum", spoken)
    number = min(max(spoken, lowest), highest)
    return int(number) if kind == "integer" else number


def _text(schema: Schema, name: str) -> str:
    if (known := _FORMATS.get(schema.get("format", ""))) is not None:
        return known
    if (known := _TEXTS.get(name.lower())) is not None:
        return known
    if _PICTURES.fullmatch(name.lower()):
        return _FORMATS["uri"]
    words = re.sub(r"(?<=[a-z0-9])([A-Z])", r" \1", name).capitalize() or "Text"
    return words.ljust(schema.get("minLength", 0), ".")[: schema.get("maxLength", len(words))]
