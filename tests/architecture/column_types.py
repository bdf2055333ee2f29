"""Which Python type a column of PostgreSQL becomes, and which a parameter takes."""

from __future__ import annotations

import types
import typing
from collections.abc import Mapping
from datetime import date, datetime, timedelta
from decimal import Decimal
from enum import Enum
from typing import Any, Final, get_args, get_origin
from uuid import UUID

import asyncpg
import msgspec

from tests.architecture.samples import MadeUp

PYTHON: Final[Mapping[str, type]] = {
    "bool": bool,
    "bpchar": str,
    "bytea": bytes,
    "date": date,
    "float4": float,
    "float8": float,
    "int2": int,
    "int4": int,
    "int8": int,
    "interval": timedelta,
    "name": str,
    "numeric": Decimal,
    "text": str,
    "timestamptz": datetime,
    "uuid": UUID,
    "varchar": str,
}
JSON: Final = frozenset({"json", "jsonb"})


def fits_field(column: asyncpg.Type, kind: Any) -> bool:
    """Whether a field of this type can hold what the column gives."""
    origin, inner = get_origin(kind), get_args(kind)
    if kind is Any or kind is object:
        return True
    if origin is typing.Annotated or hasattr(kind, "__supertype__"):
        return fits_field(column, inner[0] if inner else kind.__supertype__)
    if origin in (typing.Union, types.UnionType):
        return all(fits_field(column, part) for part in inner if part is not type(None))
    if origin is typing.Literal:
        return all(fits_field(column, type(value)) for value in inner)
    if column.name in JSON:
        return origin in (dict, list, tuple) or kind in (dict, list) or _is_struct(kind)
    if column.kind == "array":
        return origin in (list, tuple) and PYTHON.get(column.name.removesuffix("[]")) is _plain(inner[0])
    return PYTHON.get(column.name) is _plain(kind)


def fits_parameter(parameter: asyncpg.Type, value: Any) -> bool:
    """Whether asyncpg can send this value as this parameter."""
    if value is None or isinstance(value, MadeUp):
        return True
    if parameter.name in JSON:
        return isinstance(value, dict | list | msgspec.Struct)
    if parameter.kind == "array":
        element = PYTHON.get(parameter.name.removesuffix("[]"))
        return isinstance(value, list) and all(
            item is None or isinstance(item, MadeUp) or _plain(type(item)) is element for item in value
        )
    wanted = PYTHON.get(parameter.name)
    return _plain(type(value)) is wanted or (type(value) is int and wanted in (Decimal, float))


def _plain(kind: Any) -> Any:
    """An enum of strings is stored as text."""
    if isinstance(kind, type) and issubclass(kind, Enum):
        return next((plain for plain in (str, int) if issubclass(kind, plain)), kind)
    return kind


def _is_struct(kind: Any) -> bool:
    return isinstance(kind, type) and issubclass(kind, msgspec.Struct)
