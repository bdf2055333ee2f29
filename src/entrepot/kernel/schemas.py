"""JSON Schemas of what goes over the wire: replies (msgspec structs) as they are encoded, bodies as Pydantic reads them."""

from __future__ import annotations

import inspect
import types
import typing
from collections.abc import Iterable, Mapping
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from enum import Enum
from typing import Any, Final, get_args, get_origin
from uuid import UUID

import msgspec
from pydantic import BaseModel

Schema = dict[str, Any]

REFERENCE: Final = "#/components/schemas/"

_PLAIN: Final[Mapping[Any, Schema]] = {
    Any: {},
    object: {},
    None: {"type": "null"},
    types.NoneType: {"type": "null"},
    bool: {"type": "boolean"},
    int: {"type": "integer"},
    float: {"type": "number"},
    str: {"type": "string"},
    bytes: {"type": "string", "contentEncoding": "base64"},
    Decimal: {"type": "string", "format": "decimal"},
    datetime: {"type": "string", "format": "date-time"},
    date: {"type": "string", "format": "date"},
    time: {"type": "string", "format": "time"},
    timedelta: {"type": "string", "format": "duration"},
    UUID: {"type": "string", "format": "uuid"},
}

CONSTRAINTS: Final = {
    "gt": "exclusiveMinimum",
    "ge": "minimum",
    "lt": "exclusiveMaximum",
    "le": "maximum",
    "multiple_of": "multipleOf",
    "min_length": "minLength",
    "max_length": "maxLength",
    "min_items": "minItems",
    "max_items": "maxItems",
    "pattern": "pattern",
    "format": "format",
    "title": "title",
    "description": "description",
}
"""What msgspec and Litestar call a bound, and what JSON Schema calls it."""


class Schemas:
    """The schemas of one description; structs, enums and bodies stand once in `components`, by the name of their class."""

    def __init__(self) -> None:
        self.components: dict[str, Schema] = {}
        self._owners: dict[str, Any] = {}

    def of(self, kind: Any) -> Schema:
        """The schema of a type, a reference where it has a name of its own.

        Raises:
            TypeError: for a type that JSON does not know, or two classes of one name.
        """
        if kind in _PLAIN:
            return dict(_PLAIN[kind])
        if isinstance(kind, type) and not get_args(kind):
            return self._named(kind)
        origin, inner = get_origin(kind), get_args(kind)
        if origin is typing.Annotated:
            return self._annotated(inner[0], inner[1:])
        if origin in (typing.Union, types.UnionType):
            return self._one_of(inner)
        if origin is typing.Literal:
            return {"enum": list(inner)}
        if isinstance(origin, type) and issubclass(origin, Mapping):
            return {"type": "object", "additionalProperties": self.of(inner[1]) or True}
        if origin is tuple and inner[-1] is not Ellipsis:
            return {"type": "array", "prefixItems": [self.of(part) for part in inner], "items": False}
        if isinstance(origin, type) and issubclass(origin, Iterable):
            return {"type": "array", "items": self.of(inner[0])}
        raise TypeError(f"JSON has nothing like {kind}")

    def _annotated(self, kind: Any, markers: Iterable[Any]) -> Schema:
        schema = self.of(kind)
        for marker in markers:
            if isinstance(marker, msgspec.Meta):
                schema |= constraints_of(marker) | (marker.extra_json_schema or {})
                if marker.examples:
                    schema["examples"] = list(marker.examples)
        return schema

    def _one_of(self, kinds: Iterable[Any]) -> Schema:
        parts = [self.of(kind) for kind in kinds]
        if _PLAIN[float] in parts:
            parts = [part for part in parts if part != _PLAIN[int]]  # every integer is a number
        return parts[0] if len(parts) == 1 else {"anyOf": parts}

    def _named(self, kind: type) -> Schema:
        if self._owners.setdefault(kind.__name__, kind) is not kind:
            raise TypeError(
                f"two schemas are called {kind.__name__}: rename one of {kind}, {self._owners[kind.__name__]}"
            )
        if kind.__name__ not in self.components:
            self.components[kind.__name__] = {}  # a struct may hold itself
            self.components[kind.__name__].update(self._written_out(kind))
        return {"$ref": f"{REFERENCE}{kind.__name__}"}

    def _written_out(self, kind: type) -> Schema:
        if issubclass(kind, msgspec.Struct):
            return self._struct(kind)
        if issubclass(kind, Enum):
            values = [member.value for member in kind]
            return {**_PLAIN[type(values[0])], "enum": values, **_description(kind)}
        if issubclass(kind, BaseModel):
            return self._body(kind)
        raise TypeError(f"JSON has nothing like {kind}")

    def _struct(self, kind: type[msgspec.Struct]) -> Schema:
        properties, required = {}, []
        for field in msgspec.structs.fields(kind):
            properties[field.encode_name] = self.of(field.type)
            if field.required:
                required.append(field.encode_name)
            elif field.default is not msgspec.NODEFAULT and "$ref" not in properties[field.encode_name]:
                properties[field.encode_name]["default"] = msgspec.to_builtins(field.default)
        return {"type": "object", **_description(kind), "properties": properties, "required": required}

    def _body(self, kind: type[BaseModel]) -> Schema:
        schema: Schema = _untitled(kind.model_json_schema(ref_template=f"{REFERENCE}{{model}}"))
        for name, part in schema.pop("$defs", {}).items():
            earlier = self.components.setdefault(name, part)
            if earlier.get("properties") != part.get("properties") or earlier.get("enum") != part.get("enum"):
                raise TypeError(f"two schemas are called {name}: rename the one in {kind}")
        return schema


def constraints_of(marker: Any) -> Schema:
    """The bounds that a marker (msgspec's Meta, Litestar's parameters) sets."""
    given = {name: getattr(marker, ours, None) for ours, name in CONSTRAINTS.items()}
    return {name: value for name, value in given.items() if value is not None}


def _description(kind: type) -> Schema:
    """The docstring of the class itself; what it inherits says nothing of it."""
    written = vars(kind).get("__doc__")
    return {"description": inspect.cleandoc(written)} if written else {}


def _untitled(schema: Any) -> Any:
    """Without the titles that Pydantic makes up from names, and with defaults of the type that they are sent in."""
    if isinstance(schema, list):
        return [_untitled(part) for part in schema]
    if not isinstance(schema, dict):
        return schema
    plain = {name: value for name, value in schema.items() if name != "title"}
    for name in plain.keys() & _OF_NAMED_SCHEMAS:
        plain[name] = {field: _untitled(part) for field, part in plain[name].items()}
    for name in plain.keys() & _OF_SCHEMAS:
        plain[name] = _untitled(plain[name])
    if plain.get("type") == "number" and isinstance(default := plain.get("default"), str):
        plain["default"] = float(default)
    return plain


_OF_NAMED_SCHEMAS: Final = frozenset({"$defs", "properties"})
_OF_SCHEMAS: Final = frozenset({"additionalProperties", "allOf", "anyOf", "items", "oneOf", "prefixItems"})
