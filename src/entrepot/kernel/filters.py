"""Dynamic lists: conditions with their arguments, and sort keys from a whitelist."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec

from entrepot.kernel.errors import Invalid


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

    def after(self, filters: Filters, cursor: tuple[Any, ...]) -> None:
        """Only rows that come after the one that the cursor describes: (value, id)."""
        if len(cursor) != 2 or not isinstance(cursor[1], int):
            raise Invalid({"cursor": ["is not a cursor of this list: start again without it"]})
        comparison = "<" if self.descending else ">"
        filters.add(
            f"({self.key.column}, {self.id_column}) {comparison} ({{}}::text::{self.key.kind}, {{}})",
            str(cursor[0]),
            cursor[1],
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
