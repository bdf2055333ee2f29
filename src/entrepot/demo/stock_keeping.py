"""What is done in the warehouses: goods arrive, leave, break, are counted and change places; each as a row of history."""

from __future__ import annotations

from collections.abc import Sequence
from random import Random
from typing import Final

from entrepot.demo.assortment import Assortment
from entrepot.demo.content import Content
from entrepot.demo.stockroom import Stockroom
from entrepot.demo.tables import Books, moment

_RESTOCKED_A_DAY: Final = 0.7
_SLOTS_OF_A_MISHAP: Final = 3000
_SLOTS_OF_A_TRANSFER: Final = 6000
"""Once a day for so many slots, and once in any case."""

_MISHAPS: Final = (
    ("damage", -1, "broken in the warehouse"),
    ("damage", -2, "water damage"),
    ("count", -1, "shelf count"),
    ("count", 1, "shelf count"),
)


class StockKeeping:
    """Moves stock and writes it down. `sellers` has the id of each company's seller, who does the work."""

    def __init__(
        self, content: Content, assortment: Assortment, stockroom: Stockroom, sellers: Sequence[int], random: Random
    ) -> None:
        self._assortment = assortment
        self._stockroom = stockroom
        self._sellers = sellers
        self._random = random
        self._names = [warehouse.name for company in content.companies for warehouse in company.warehouses]

    def move(
        self, books: Books, at: int, reason: str, taken: Sequence[tuple[int, int]], *, on_hand: int, reserved: int,
        actor_id: int | None, order_id: int,
    ) -> None:  # fmt: skip
        """Move what an order took, slot by slot: `on_hand` and `reserved` say in which direction (-1, 0, 1)."""
        for slot, quantity in taken:
            self._record(
                books, slot, reason, on_hand * quantity, reserved * quantity, at, actor_id=actor_id, order_id=order_id
            )

    def open(self, books: Books, place: int, at: int) -> None:
        """The first stock of a product, in each of its warehouses."""
        for slot in self._stockroom.slots(place):
            self._receive(books, slot, self._stockroom.delivery_quantity(self._random, slot), "first stock", at)

    def rush(self, books: Books, place: int, quantity: int, at: int) -> None:
        """Have at least so many of a product brought at once."""
        slot = self._stockroom.slots(place)[0]
        self._receive(books, slot, quantity + self._stockroom.usual[slot], "rush delivery", at)

    def restock(self, books: Books, at: int) -> None:
        """The suppliers bring what ran low."""
        for slot, quantity in self._stockroom.deliveries(self._random, _RESTOCKED_A_DAY):
            self._receive(books, slot, quantity, "delivery from the supplier", at)

    def tidy(self, books: Books, at: int) -> None:
        """Now and then something breaks, a count finds another number, or goods change warehouses."""
        random, stockroom = self._random, self._stockroom
        slots = len(stockroom.products)
        for _ in range(slots // _SLOTS_OF_A_MISHAP + 1):
            slot = random.randrange(slots)
            reason, change, note = random.choice(_MISHAPS)
            if stockroom.available(slot) > 5:
                self._record(books, slot, reason, change, 0, at, actor_id=self._keeper(slot), note=note)
        for _ in range(slots // _SLOTS_OF_A_TRANSFER + 1):
            self._balance(books, stockroom.products[random.randrange(slots)], at)

    def _balance(self, books: Books, place: int, at: int) -> None:
        """Bring some from the fuller to the emptier warehouse."""
        stockroom = self._stockroom
        slots = sorted(stockroom.slots(place), key=stockroom.available)
        emptier, fuller = slots[0], slots[-1]
        quantity = (stockroom.available(fuller) - stockroom.available(emptier)) // 3
        if quantity >= 2:
            for slot, change, note in (
                (fuller, -quantity, f"to {self._names[stockroom.warehouses[emptier]]}"),
                (emptier, quantity, f"from {self._names[stockroom.warehouses[fuller]]}"),
            ):
                self._record(books, slot, "transfer", change, 0, at, actor_id=self._keeper(slot), note=note)

    def _receive(self, books: Books, slot: int, quantity: int, note: str, at: int) -> None:
        self._record(books, slot, "receipt", quantity, 0, at, actor_id=self._keeper(slot), note=note)

    def _keeper(self, slot: int) -> int:
        return self._sellers[self._assortment.companies[self._stockroom.products[slot]]]

    def _record(
        self, books: Books, slot: int, reason: str, on_hand: int, reserved: int, at: int, *, actor_id: int | None,
        order_id: int | None = None, note: str = "",
    ) -> None:  # fmt: skip
        levels = self._stockroom.change(slot, on_hand, reserved)
        books.of("stock_movements").append((
            books.next_id("stock_movements"), self._stockroom.products[slot] + 1, self._stockroom.warehouse_id(slot),
            reason, on_hand, reserved, *levels, actor_id, order_id, note, moment(at),
        ))  # fmt: skip
