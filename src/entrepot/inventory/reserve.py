"""Reserving stock for an order, and releasing it: which warehouse serves which line, never more than there is."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

from entrepot.inventory import queries
from entrepot.inventory.model import InsufficientStock, Shelf, Taken, Wanted
from entrepot.kernel.db import Tx


async def reserve(
    tx: Tx, order_id: int, lines: Sequence[Wanted], *, zone_id: int | None, actor_id: int | None
) -> list[Taken]:
    """Hold stock for all lines, or for none.

    Raises:
        InsufficientStock: naming each product of which there is too little, and what is left.
    """
    shelves = await queries.lock_shelves(tx, [line.product_id for line in lines], zone_id)
    taken = take_from(shelves, lines)
    await queries.hold(tx, order_id, taken, actor_id)
    return taken


async def release(tx: Tx, order_id: int, *, actor_id: int | None) -> list[int]:
    """Give back what the order still holds; returns the products of which there is more again."""
    product_ids = await queries.list_held_products(tx, order_id)
    if product_ids:
        await queries.lock_shelves(tx, product_ids, None)
        await queries.let_go(tx, order_id, actor_id)
    return product_ids


def take_from(shelves: Sequence[Shelf], lines: Sequence[Wanted]) -> list[Taken]:
    """Which warehouse serves which line.

    A line comes from one warehouse where one has enough of it, in the buyer's zone first; otherwise from as few as
    possible, the fullest first. Ties go to the older warehouse.

    Raises:
        InsufficientStock: there is too little in all warehouses together.
    """
    left = {(shelf.product_id, shelf.warehouse_id): shelf.available for shelf in shelves}
    by_product: defaultdict[int, list[Shelf]] = defaultdict(list)
    for shelf in shelves:
        by_product[shelf.product_id].append(shelf)
    _refuse_shortage(by_product, lines)
    taken: list[Taken] = []
    for line in lines:
        wanted = line.quantity
        for shelf in sorted(by_product[line.product_id], key=lambda shelf: _preference(shelf, left, line.quantity)):
            place = (shelf.product_id, shelf.warehouse_id)
            quantity = min(wanted, left[place])
            if quantity > 0:
                taken.append(Taken(line.line_id, line.product_id, shelf.warehouse_id, quantity))
                left[place] -= quantity
                wanted -= quantity
    return taken


def _preference(shelf: Shelf, left: dict[tuple[int, int], int], wanted: int) -> tuple[bool, bool, int, int]:
    available = left[shelf.product_id, shelf.warehouse_id]
    return (available < wanted, not shelf.near, -available, shelf.warehouse_id)


def _refuse_shortage(by_product: dict[int, list[Shelf]], lines: Sequence[Wanted]) -> None:
    wanted: defaultdict[int, int] = defaultdict(int)
    for line in lines:
        wanted[line.product_id] += line.quantity
    available = {product_id: sum(shelf.available for shelf in by_product.get(product_id, [])) for product_id in wanted}
    if short := {product_id: left for product_id, left in available.items() if left < wanted[product_id]}:
        raise InsufficientStock.of(short)
