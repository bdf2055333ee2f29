"""Every product's filterable columns in memory, so that any list, any total and any facet costs no database.

A row is a product's position in the arrays. `Columns.select` says which rows a filter wants; a `Selection` counts them,
cuts pages from them in any order, and counts their facets. No I/O happens here: `follow.py` reads and applies.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from typing import Any, Final

import msgspec
import numpy as np
import numpy.typing as npt

from entrepot.catalog.columns_deep import DeepLists
from entrepot.catalog.columns_filter import filtered
from entrepot.catalog.columns_mask import Mask
from entrepot.catalog.columns_selection import Remembered, Selection
from entrepot.catalog.columns_table import Ids, Table
from entrepot.catalog.documents import Documents
from entrepot.catalog.product_filter import ProductFilter

Numbers = npt.NDArray[np.int64]


REMEMBERED: Final = 16
"""Selections that are kept as bits until something changes: pages of one list follow each other."""


_EVERYTHING: Final = (ProductFilter(), ProductFilter(variants_apart=True))


class Columns:
    """The filterable columns of all products. Used on the event loop only, where nothing changes between two awaits."""

    def __init__(self, table: Table, documents: Documents | None = None) -> None:
        self.table = table
        self.documents = documents or Documents()
        """How the products look in lists."""
        self._remembered: OrderedDict[tuple[bool, ProductFilter], Remembered] = OrderedDict()
        self._deep = DeepLists()
        self._version = -1

    def select(self, wanted: ProductFilter, *, hidden_too: bool = False) -> Selection:
        """The products that the filter wants; with `hidden_too`, also those of companies that do not sell now."""
        if self._version != self.table.version:
            self._version = self.table.version
            self._remembered.clear()
            self._deep.clear()
        asked = (hidden_too, msgspec.structs.replace(wanted, sort_by=None, order=None))
        known, masks = self._remembered.get(asked), self._masks(hidden_too)
        if known is None or asked[1] in _EVERYTHING:
            mask = masks(wanted)
        else:
            mask = np.unpackbits(known.bits, count=self.table.size).view(np.bool_)
        selection = Selection(
            self.table, wanted, mask, masks, known, lambda order, make: self._deep.get((asked, order), make)
        )
        self._remembered[asked] = selection.remembered
        self._remembered.move_to_end(asked)
        if len(self._remembered) > REMEMBERED:
            self._remembered.popitem(last=False)
        return selection

    def _masks(self, hidden_too: bool) -> Callable[[ProductFilter], Mask]:
        return lambda wanted: filtered(self.table, wanted, self.table.live if hidden_too else self.table.sold)

    def ratings(self, ids: Ids) -> Numbers:
        """In hundredths, in the order of the ids; 0 for an unknown one."""
        return self._numbers("rating", ids)

    def stocks(self, ids: Ids) -> Numbers:
        """Pieces that can be bought, in the order of the ids; 0 for an unknown one."""
        return self._numbers("stock", ids)

    def prices(self, ids: Ids) -> Numbers:
        """In minor units, in the order of the ids; 0 for an unknown one."""
        return self._numbers("price", ids)

    def created_at_us(self, ids: Ids) -> Numbers:
        """Microseconds since 1970, in the order of the ids; 0 for an unknown one."""
        return self._numbers("created", ids)

    def has_category(self, slug: str) -> bool:
        """Whether there is a category of this slug."""
        return self.table.categories.subtree(slug) is not None

    def _numbers(self, name: str, ids: Ids) -> Numbers:
        rows = self.table.rows_of(ids)
        column: npt.NDArray[Any] = self.table.column(name)
        return (
            np.where(rows >= 0, column[rows], 0).astype(np.int64) if len(column) else np.zeros(len(ids), dtype=np.int64)
        )
