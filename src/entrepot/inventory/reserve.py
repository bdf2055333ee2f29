"""Reserving stock for an order, and releasing it: never more than there is."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import msgspec

from entrepot.inventory import queries, waiting_queries
from entrepot.inventory.announce import came_back, crossed_down
from entrepot.inventory.model import Shelf, Taken, Wanted
from entrepot.inventory.offer import offer_returned
from entrepot.inventory.waiting_queries import Person, WaiterStatus
from entrepot.inventory.which_warehouse import take_from
from entrepot.kernel.db import Tx
from entrepot.kernel.events import publish_all


async def reserve(
    tx: Tx,
    order_id: int,
    lines: Sequence[Wanted],
    *,
    zone_id: int | None,
    actor_id: int | None,
    guest_email: str | None = None,
) -> list[Taken]:
    """Hold stock for all lines, or for none. What is held for the buyer because it waited is taken first.

    Publishes what runs low and out; that stock changed, the caller says.

    Raises:
        InsufficientStock: naming each product of which there is too little, and what is left.
    """
    product_ids = [line.product_id for line in lines]
    shelves = await queries.lock_shelves(tx, product_ids, zone_id, actor_id, guest_email)
    if any(shelf.offered for shelf in shelves):
        shelves = await _take_up(tx, shelves, product_ids, Person(actor_id, guest_email))
    taken = take_from(shelves, lines)
    sunk = await queries.hold(tx, order_id, taken, actor_id)
    if sunk:
        await publish_all(tx, crossed_down(sunk), actor_id=actor_id)
    return taken


async def _take_up(tx: Tx, shelves: Sequence[Shelf], product_ids: Sequence[int], buyer: Person) -> list[Shelf]:
    """The shelves, with what was held for the buyer on them."""
    ended = await waiting_queries.end_offers(tx, product_ids, WaiterStatus.BOUGHT, person=buyer)
    back = {(offer.product_id, offer.warehouse_id): offer.quantity for offer in ended}
    return [
        msgspec.structs.replace(
            shelf, available=shelf.available + back.get((shelf.product_id, shelf.warehouse_id), 0), offered=0
        )
        for shelf in shelves
    ]


async def release(
    tx: Tx,
    order_id: int,
    *,
    actor_id: int | None,
    line_ids: Sequence[int] | None = None,
    pieces: Mapping[int, int] | None = None,
) -> list[int]:
    """Give back what these lines of the order still hold, or all of them; with `pieces`, so many of each line.

    Of a line that is held in several warehouses, those that were taken last go back first. Publishes what can be bought
    again; that stock changed, the caller says. Returns the products of which there is more.
    """
    line_ids = list(pieces) if pieces is not None else line_ids
    product_ids = await queries.list_held_products(tx, order_id, line_ids)
    if product_ids:
        await queries.lock_shelves(tx, product_ids, None)
        returned = await (
            queries.let_go(tx, order_id, line_ids, actor_id)
            if pieces is None
            else queries.let_go_pieces(tx, order_id, list(pieces), list(pieces.values()), actor_id)
        )
        if returned:
            await publish_all(tx, came_back(returned), actor_id=actor_id)
            await offer_returned(tx, [product.product_id for product in returned])
    return product_ids
