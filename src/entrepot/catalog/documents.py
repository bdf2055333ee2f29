"""Products as lists show them, as JSON, kept until something that they were made from changes.

Most lists show products that other lists showed a moment ago. A document tells of its product and, where it stands for a
group, of the group's members. Changes are only noted, each with a higher number: a document that is older than a change of
what it tells of does not count, whether it was kept before the change or was being made meanwhile.
"""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Iterable, Sequence
from typing import Any, Final

import msgspec

from entrepot.catalog import queries
from entrepot.catalog.list_views import ListedProduct
from entrepot.kernel import languages
from entrepot.kernel.db import Db
from entrepot.shop import Shop

MOST_BYTES: Final = 16_000_000
"""What all documents of a process may take up."""

MOST_CHANGES: Final = 20_000
"""Changes that are remembered; after more, all documents are forgotten."""

MOST_MEMBERS: Final = 100
"""What tells of a larger group is not kept: too many may change it."""

LONGEST_S: Final = 300.0
"""What no event tells of is seen after so long."""

OVERHEAD_BYTES: Final = 600
"""A document's share of dictionaries and keys."""

Key = tuple[int, str, bool]
"""A product, the language asked for, and whether it tells of its group."""


class Document(msgspec.Struct, frozen=True):
    """A product's JSON. `of` are the products that it tells of, `turn` the number of the last change before it was made."""

    json: msgspec.Raw
    of: tuple[int, ...]
    group_id: int | None
    turn: int
    expires_at: float

    @property
    def size_bytes(self) -> int:
        return len(self.json) + OVERHEAD_BYTES


class EncodedProducts(list[ListedProduct]):
    """Products that are JSON already: encoded with the list around them, they stay the same bytes."""

    def __init__(self, ids: Sequence[int], products: Sequence[Any]) -> None:
        super().__init__(products)
        self.ids = ids


class Documents:
    """Whoever hears of changes tells `change`, `regroup` and `clear`."""

    def __init__(self, most_bytes: int = MOST_BYTES) -> None:
        self._most_bytes = most_bytes
        self._bytes = 0
        self._kept: OrderedDict[Key, Document] = OrderedDict()
        self._turn = 0
        self._cleared = 0
        self._changed: dict[int, int] = {}
        self._regrouped: dict[int, int] = {}

    async def in_order(self, db: Db, shop: Shop, ids: Sequence[int], language: str, grouped: bool) -> EncodedProducts:
        """These products in their order, without deleted ones; those that are not kept are read with one statement."""
        now = time.monotonic()
        found = {product_id: self._get((product_id, language, grouped), now) for product_id in ids}
        if missing := [product_id for product_id, json in found.items() if json is None]:
            found |= await self._read(db, shop, missing, language, grouped)
        there = [product_id for product_id in ids if found[product_id] is not None]
        return EncodedProducts(there, [found[product_id] for product_id in there])

    async def _read(
        self, db: Db, shop: Shop, ids: Sequence[int], language: str, grouped: bool
    ) -> dict[int, msgspec.Raw | None]:
        turn = self._turn
        found: dict[int, msgspec.Raw | None] = dict.fromkeys(ids)
        for row in await queries.list_in_order(db, ids, languages.candidates(language), grouped):
            json = msgspec.Raw(msgspec.json.encode(ListedProduct.listed(row, shop)))
            found[row.id] = json
            members = () if row.group is None else tuple(row.group.members)
            if len(members) <= MOST_MEMBERS:
                of = (row.id, *(member for member in members if member != row.id))
                expires_at = time.monotonic() + LONGEST_S
                self._keep((row.id, language, grouped), Document(json, of, row.group_id, turn, expires_at))
        return found

    def change(self, product_ids: Iterable[int]) -> None:
        """These products are other ones now."""
        self._note(self._changed, product_ids)

    def regroup(self, group_id: int) -> None:
        """A group has another member or title."""
        self._note(self._regrouped, [group_id])

    def clear(self) -> None:
        """Anything may have changed."""
        self._turn += 1
        self._cleared = self._turn
        self._bytes = 0
        self._kept.clear()
        self._changed.clear()
        self._regrouped.clear()

    def _note(self, changes: dict[int, int], ids: Iterable[int]) -> None:
        self._turn += 1
        changes.update(dict.fromkeys(ids, self._turn))
        if len(changes) > MOST_CHANGES:
            self.clear()

    def _get(self, key: Key, now: float) -> msgspec.Raw | None:
        document = self._kept.get(key)
        if document is None:
            return None
        if document.expires_at < now or not self._is_true(document):
            self._drop(key)
            return None
        self._kept.move_to_end(key)
        return document.json

    def _is_true(self, document: Document) -> bool:
        turn = document.turn
        if turn == self._turn:
            return True
        if turn < self._cleared or (document.group_id is not None and self._regrouped.get(document.group_id, 0) > turn):
            return False
        changed = self._changed
        return all(changed.get(product_id, 0) <= turn for product_id in document.of)

    def _keep(self, key: Key, document: Document) -> None:
        self._drop(key)
        self._kept[key] = document
        self._bytes += document.size_bytes
        while self._bytes > self._most_bytes:
            self._drop(next(iter(self._kept)))

    def _drop(self, key: Key) -> None:
        if (document := self._kept.pop(key, None)) is not None:
            self._bytes -= document.size_bytes
