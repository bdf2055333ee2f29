"""Whole lists in their order, for pages that are far down: whoever skips a hundred thousand entries once does so again."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Hashable
from typing import Final

from entrepot.catalog.columns_order import Rows

MOST_BYTES: Final = 18_000_000
"""What all of them may take up."""


class DeepLists:
    """The least recently used ones go; all of them when anything changes."""

    def __init__(self, most_bytes: int = MOST_BYTES) -> None:
        self._most_bytes = most_bytes
        self._bytes = 0
        self._kept: OrderedDict[Hashable, Rows] = OrderedDict()

    def get(self, key: Hashable, make: Callable[[], Rows]) -> Rows:
        """The list of this key, made if need be."""
        if (kept := self._kept.get(key)) is not None:
            self._kept.move_to_end(key)
            return kept
        rows = make()
        if rows.nbytes <= self._most_bytes:
            self._kept[key] = rows
            self._bytes += rows.nbytes
        while self._bytes > self._most_bytes:
            self._bytes -= self._kept.popitem(last=False)[1].nbytes
        return rows

    def clear(self) -> None:
        self._kept.clear()
        self._bytes = 0
