"""A sheet of locked stock: changes are entered one after the other, and written down together."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from entrepot.inventory.model import TooMuchStock
from entrepot.inventory.stock_queries import Level, LockedProduct, Move

MOST_PIECES: Final = 2_000_000_000
"""As much as a warehouse, and all of them together, can hold of a product."""

USUAL_THRESHOLD: Final = 5
"""So many left are few, where nothing else was said."""


class Ledger:
    """Levels and totals of products whose stock is locked, and what is done to them."""

    def __init__(self, products: Iterable[LockedProduct], levels: Iterable[Level]) -> None:
        self._totals = {product.id: product.total for product in products}
        self._levels = {(level.product_id, level.warehouse_id): level for level in levels}
        self.totals_before: Final = dict(self._totals)
        self.levels_before: Final = dict(self._levels)
        self.moves: Final[list[Move]] = []

    def total(self, product_id: int) -> int:
        """How many can be bought, over all warehouses."""
        return self._totals[product_id]

    def level(self, product_id: int, warehouse_id: int) -> Level:
        """What lies in a warehouse now; nothing, where nothing ever lay."""
        place = (product_id, warehouse_id)
        return self._levels.get(place) or Level(product_id, warehouse_id, 0, 0, USUAL_THRESHOLD)

    def put(self, product_id: int, warehouse_id: int, pieces: int) -> None:
        """Enter pieces that come, or go if negative. Raises TooMuchStock."""
        before = self.level(product_id, warehouse_id)
        if max(before.on_hand, self._totals[product_id]) + pieces > MOST_PIECES:
            raise TooMuchStock
        on_hand = before.on_hand + pieces
        self._levels[product_id, warehouse_id] = Level(
            product_id, warehouse_id, on_hand, before.reserved, before.low_stock_threshold
        )
        self._totals[product_id] += pieces
        self.moves.append(Move(product_id, warehouse_id, pieces, on_hand, before.reserved))

    def changed_levels(self) -> list[tuple[Level, Level]]:
        """Before and after, of each level that something was done to."""
        touched = dict.fromkeys((move.product_id, move.warehouse_id) for move in self.moves)
        nothing = {place: Level(*place, 0, 0, USUAL_THRESHOLD) for place in touched}
        return [(self.levels_before.get(place, nothing[place]), self._levels[place]) for place in touched]
