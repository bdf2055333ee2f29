"""What lies where: levels that only change with a movement, in the order of time, and never below nothing.

A slot is a product in one of its company's warehouses. Slots of a product follow each other, products follow each other.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterator
from random import Random
from typing import Final

import msgspec

from entrepot.demo.assortment import Assortment
from entrepot.demo.chance import mixed
from entrepot.demo.content import Content

_NEVER_RESTOCKED_OF: Final = 40
"""One slot in so many is being sold off."""

_IN_ONE_WAREHOUSE_OF_8: Final = 5


class Shelf(msgspec.Struct, frozen=True):
    """A warehouse: its id is `place` + 1."""

    place: int
    company: int
    zone: int


class Stockroom:
    """On hand and reserved, for every slot."""

    def __init__(self, content: Content, assortment: Assortment, places: int, seed: int, scale: float) -> None:
        """`scale` multiplies what usually lies there, for a shop that sells more of each product than the base shop."""
        zones = [zone.slug for zone in content.zones]
        self.shelves = [
            Shelf(place, company, zones.index(warehouse.zone))
            for place, (company, warehouse) in enumerate(
                (company, warehouse)
                for company, owner in enumerate(content.companies)
                for warehouse in owner.warehouses
            )
        ]
        own: list[list[int]] = [[] for _ in content.companies]
        for shelf in self.shelves:
            own[shelf.company].append(shelf.place)
        self._seed = seed
        self.first_slots = array("i", [0])
        self.products = array("i")
        self.warehouses = array("B")
        self.usual = array("i")
        for place in range(places):
            kept_in = own[assortment.companies[place]]
            bits = mixed(seed + 3, place)
            if place >= assortment.base_count and bits & 7 < _IN_ONE_WAREHOUSE_OF_8:
                kept_in = [kept_in[bits >> 8 & 1 if len(kept_in) > 1 else 0]]
            for warehouse in kept_in:
                self.products.append(place)
                self.warehouses.append(warehouse)
                self.usual.append(
                    max(assortment.minimums[place], round(assortment.stocks[place] * scale / len(kept_in)))
                )
            self.first_slots.append(len(self.products))
        self.on_hand = array("i", bytes(4 * len(self.products)))
        self.reserved = array("i", bytes(4 * len(self.products)))
        self.running_low: list[int] = []
        self._is_low = bytearray(len(self.products))

    def slots(self, place: int) -> range:
        """The slots of a product."""
        return range(self.first_slots[place], self.first_slots[place + 1])

    def warehouse_id(self, slot: int) -> int:
        return self.warehouses[slot] + 1

    def available(self, slot: int) -> int:
        return self.on_hand[slot] - self.reserved[slot]

    def threshold(self, slot: int) -> int:
        """Below this, more is ordered: the low-stock threshold."""
        return max(3, self.usual[slot] // 8)

    def choose(self, place: int, quantity: int, zone: int) -> list[tuple[int, int]] | None:
        """Which slots serve a line, and with how many: one that has enough, in the buyer's zone first, then the fullest;
        otherwise several. None when there is too little in all of them."""
        slots = self.slots(place)
        best = -1
        best_rank = (False, 0)
        for slot in slots:
            available = self.on_hand[slot] - self.reserved[slot]
            if available >= quantity:
                rank = (self.shelves[self.warehouses[slot]].zone == zone, available)
                if best < 0 or rank > best_rank:
                    best, best_rank = slot, rank
        if best >= 0:
            return [(best, quantity)]
        if sum(self.available(slot) for slot in slots) < quantity:
            return None
        taken = []
        for slot in sorted(
            slots, key=lambda slot: (self.shelves[self.warehouses[slot]].zone != zone, -self.available(slot))
        ):
            part = min(quantity, self.available(slot))
            if part:
                taken.append((slot, part))
                quantity -= part
        return taken

    def change(self, slot: int, on_hand: int, reserved: int) -> tuple[int, int]:
        """Move stock; the answer is on hand and reserved afterwards. Notes when a slot runs low.

        Raises:
            ValueError: there would be less than nothing.
        """
        on_hand_after = self.on_hand[slot] + on_hand
        reserved_after = self.reserved[slot] + reserved
        if not 0 <= reserved_after <= on_hand_after:
            raise ValueError(f"slot {slot} cannot hold {on_hand_after}, of which {reserved_after} reserved")
        self.on_hand[slot] = on_hand_after
        self.reserved[slot] = reserved_after
        if reserved > 0 and not self._is_low[slot] and on_hand_after - reserved_after <= self.threshold(slot):
            self._is_low[slot] = 1
            if mixed(self._seed + 4, slot) % _NEVER_RESTOCKED_OF:
                self.running_low.append(slot)
        return on_hand_after, reserved_after

    def deliveries(self, random: Random, chance: float) -> Iterator[tuple[int, int]]:
        """What suppliers bring this morning: slots and quantities; what does not come today stays on the list."""
        waiting, self.running_low = self.running_low, []
        for slot in waiting:
            if random.random() < chance:
                self._is_low[slot] = 0
                yield slot, self.delivery_quantity(random, slot)
            else:
                self.running_low.append(slot)

    def delivery_quantity(self, random: Random, slot: int) -> int:
        """A usual delivery."""
        return max(1, self.usual[slot] * random.randint(70, 120) // 100)
