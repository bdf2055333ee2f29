"""Which warehouse serves which line of an order, and why."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from typing import Final

from entrepot.inventory.model import InsufficientStock, Shelf, Taken, Wanted

WORTH_A_PARCEL_KM: Final = 50
"""A warehouse that is further away by less than this is as good as the nearest, if it saves a parcel."""


def take_from(shelves: Sequence[Shelf], lines: Sequence[Wanted]) -> list[Taken]:
    """From where each line is taken.

    In the buyer's zone first, then the nearest: what lies there goes before what lies further away, also where it is only
    a part of the line. Among warehouses of the zone, or as near as each other, the fewest parcels: one that has all that
    is left of the line, then one that sends another line of the order anyway, then the fullest where only parts are left.
    Ties go to the nearer, the fuller and the older warehouse. Lines that fewer warehouses can serve choose first.

    Raises:
        InsufficientStock: there is too little in all warehouses together.
    """
    standing = _Standing(shelves)
    _refuse_shortage(standing, lines)
    places = {line.line_id: place for place, line in enumerate(lines)}
    taken: list[Taken] = []
    for line in sorted(lines, key=lambda line: (standing.servers_of(line), places[line.line_id])):
        taken += _take(standing, line)
    return sorted(taken, key=lambda take: places[take.line_id])


class _Standing:
    """What is left on the shelves while lines are served."""

    def __init__(self, shelves: Sequence[Shelf]) -> None:
        self.left: Final = {(shelf.product_id, shelf.warehouse_id): shelf.available for shelf in shelves}
        self.sending: Final[set[int]] = set()
        self._by_product: Final[defaultdict[int, list[Shelf]]] = defaultdict(list)
        for shelf in shelves:
            self._by_product[shelf.product_id].append(shelf)

    def shelves_of(self, product_id: int) -> list[Shelf]:
        """Those with anything left, the oldest first."""
        return [shelf for shelf in self._by_product.get(product_id, []) if self.left_on(shelf) > 0]

    def left_on(self, shelf: Shelf) -> int:
        return self.left[shelf.product_id, shelf.warehouse_id]

    def servers_of(self, line: Wanted) -> int:
        """How many warehouses have enough for all of the line."""
        return sum(self.left_on(shelf) >= line.quantity for shelf in self.shelves_of(line.product_id))

    def take(self, line: Wanted, shelf: Shelf, quantity: int, why: str) -> Taken:
        self.left[shelf.product_id, shelf.warehouse_id] -= quantity
        self.sending.add(shelf.warehouse_id)
        return Taken(line.line_id, line.product_id, shelf.warehouse_id, quantity, why)


def _take(standing: _Standing, line: Wanted) -> list[Taken]:
    taken, wanted = [], line.quantity
    while wanted:
        shelves = standing.shelves_of(line.product_id)
        best = min(shelves, key=lambda shelf: _preference(standing, shelf, wanted))
        quantity = min(wanted, standing.left_on(best))
        why = _reason(standing, best, wanted, len(shelves))
        taken.append(standing.take(line, best, quantity, why))
        wanted -= quantity
    return taken


def _preference(standing: _Standing, shelf: Shelf, wanted: int) -> tuple[bool, float, bool, bool, int, float, int, int]:
    distance = 0.0 if shelf.near else float("inf") if shelf.distance_km is None else shelf.distance_km
    left = standing.left_on(shelf)
    has_all = left >= wanted
    return (
        not shelf.near,
        distance // WORTH_A_PARCEL_KM if distance < float("inf") else distance,
        not has_all,
        shelf.warehouse_id not in standing.sending,
        0 if has_all else -left,
        distance,
        -left,
        shelf.warehouse_id,
    )


def _reason(standing: _Standing, shelf: Shelf, wanted: int, choices: int) -> str:
    part = "" if standing.left_on(shelf) >= wanted else ", a part: it has no more"
    if shelf.near:
        return f"in the buyer's zone{part}"
    if choices == 1:
        return "the only one that has any left"
    if shelf.warehouse_id in standing.sending:
        return f"sends another parcel of the order anyway{part}"
    if shelf.distance_km is not None:
        return f"the nearest that has any left: {shelf.distance_km:.0f} km{part}"
    return f"has the most of it{part}"


def _refuse_shortage(standing: _Standing, lines: Sequence[Wanted]) -> None:
    wanted: defaultdict[int, int] = defaultdict(int)
    for line in lines:
        wanted[line.product_id] += line.quantity
    available = {
        product_id: sum(standing.left_on(shelf) for shelf in standing.shelves_of(product_id)) for product_id in wanted
    }
    if short := {product_id: left for product_id, left in available.items() if left < wanted[product_id]}:
        raise InsufficientStock.of(short)
