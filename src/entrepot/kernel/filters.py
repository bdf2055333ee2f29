"""Dynamic lists: conditions with their arguments, and sort keys from a whitelist."""

from __future__ import annotations

import zlib
from collections.abc import Callable, Mapping
from decimal import Decimal, InvalidOperation
from typing import Any, Final

import msgspec

from entrepot.kernel.errors import Invalid
from entrepot.kernel.pages import WrongCursor, a_cursor_id, a_cursor_moment


class Filters:
    """Conditions of a `where`, each with its arguments; SQL text comes from code, values only as arguments."""

    def __init__(self, *always: str) -> None:
        self._conditions = list(always)
        self.args: list[Any] = []

    def add(self, condition: str, *values: Any) -> None:
        """Add a condition; each `{}` in it stands for one of the values."""
        self._conditions.append(condition.format(*(self.arg(value) for value in values)))

    def arg(self, value: Any) -> str:
        """A further argument; returns its placeholder."""
        self.args.append(value)
        return f"${len(self.args)}"

    @property
    def sql(self) -> str:
        return " and ".join(self._conditions) or "true"


class SortKey(msgspec.Struct, frozen=True):
    """A column to sort by, the type of its value in a cursor, and whether the natural order is descending."""

    column: str
    kind: str


class Sort(msgspec.Struct, frozen=True):
    """A chosen sort key and direction; ties are broken by id, so that the order is total."""

    key: SortKey
    descending: bool
    id_column: str

    @property
    def order_by(self) -> str:
        direction = " desc" if self.descending else ""
        if self.key.column == self.id_column:
            return f"{self.id_column}{direction}"
        return f"{self.key.column}{direction}, {self.id_column}{direction}"

    @property
    def mark(self) -> int:
        """Tells cursors of this order from those of others."""
        return zlib.crc32(self.order_by.encode())

    def cursor(self, value: Any, row_id: int) -> tuple[Any, ...]:
        """The place after the row with this value and id."""
        return (self.mark, value, row_id)

    def read(self, cursor: tuple[Any, ...]) -> tuple[Any, int]:
        """The value and the id that a cursor of this order describes. Raises WrongCursor for one of another order."""
        if len(cursor) != 3 or cursor[0] != self.mark:
            raise WrongCursor
        return _cursor_value(self.key.kind, cursor[1]), a_cursor_id(cursor[2])

    def after(self, filters: Filters, cursor: tuple[Any, ...]) -> None:
        """Only rows that come after the one that the cursor describes. Raises WrongCursor for one of another order."""
        comparison = "<" if self.descending else ">"
        filters.add(
            f"({self.key.column}, {self.id_column}) {comparison} ({{}}::{self.key.kind}, {{}}::bigint)",
            *self.read(cursor),
        )


def choose_sort(
    keys: Mapping[str, SortKey], sort_by: str | None, order: str | None, *, default: Sort, id_column: str
) -> Sort:
    """The sort that a query string asks for. Raises Invalid for keys that are not in the whitelist."""
    if order is not None and order.lower() not in ("asc", "desc"):
        raise Invalid({"order": ["must be asc or desc"]})
    if sort_by is None:
        return default if order is None else Sort(default.key, order.lower() == "desc", id_column)
    key = keys.get(sort_by)
    if key is None:
        raise Invalid({"sortBy": [f"must be one of {', '.join(keys)}"]})
    return Sort(key, order is not None and order.lower() == "desc", id_column)


def _text(value: Any) -> str:
    if not isinstance(value, str) or "\0" in value:
        raise ValueError
    return value


def _integer(value: Any) -> int:
    number = a_cursor_id(value)
    if not -(2**31) <= number < 2**31:
        raise ValueError
    return number


def _number(value: Any) -> Decimal:
    number = Decimal(_text(value))
    if not number.is_finite():
        raise ValueError
    return number


_READERS: Final[Mapping[str, Callable[[Any], Any]]] = {
    "bigint": a_cursor_id,
    "integer": _integer,
    "numeric": _number,
    "text": _text,
    "timestamptz": a_cursor_moment,
}


def _cursor_value(kind: str, value: Any) -> Any:
    try:
        return _READERS[kind](value)
    except (ValueError, TypeError, InvalidOperation):
        raise WrongCursor from None
