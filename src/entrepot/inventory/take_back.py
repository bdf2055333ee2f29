"""Taking back what was shipped: the pieces can be bought again."""

from __future__ import annotations

from collections.abc import Sequence

from entrepot.inventory import ship_queries, stock_queries
from entrepot.inventory.announce import announce
from entrepot.inventory.ledger import Ledger
from entrepot.inventory.model import Back, NotShipped, Reason
from entrepot.inventory.ship_queries import Parcel
from entrepot.kernel.db import Tx


async def take_back(tx: Tx, order_id: int, lines: Sequence[Back], *, actor_id: int | None, note: str = "") -> list[int]:
    """Put pieces of an order's lines back where they were shipped from, or into the company's first warehouse where that
    one is gone. Each line is named once.

    Publishes StockChanged. Returns the products of which there is more.

    Raises:
        NotShipped: naming each line of which more would come back than was shipped and has not come back yet.
    """
    product_ids = await ship_queries.list_line_products(tx, [line.line_id for line in lines])
    products = await stock_queries.lock_totals(tx, product_ids)
    parcels = await ship_queries.list_shipped(tx, order_id, [line.line_id for line in lines])
    back = came_with(parcels, lines)
    ledger = Ledger(products, await stock_queries.list_levels(tx, product_ids))
    for parcel, quantity in back:
        ledger.put(parcel.product_id, parcel.back_to, quantity)
    await ship_queries.add_returned(tx, [(parcel, quantity) for parcel, quantity in back])
    await stock_queries.write_moves(tx, ledger.moves, Reason.RETURN, actor_id, note, order_id=order_id)
    companies = {product.id: product.company_id for product in products}
    await announce(tx, ledger, companies, Reason.RETURN, actor_id=actor_id)
    return sorted({parcel.product_id for parcel, _ in back})


def came_with(parcels: Sequence[Parcel], lines: Sequence[Back]) -> list[tuple[Parcel, int]]:
    """How many pieces of each line came back of which parcel, the oldest warehouse's first. Raises NotShipped."""
    left = {line.line_id: sum(parcel.left for parcel in parcels if parcel.line_id == line.line_id) for line in lines}
    if short := {line.line_id: left[line.line_id] for line in lines if line.quantity > left[line.line_id]}:
        raise NotShipped.of(short)
    back = []
    for line in lines:
        quantity = line.quantity
        for parcel in parcels:
            if parcel.line_id == line.line_id and (pieces := min(quantity, parcel.left)):
                back.append((parcel, pieces))
                quantity -= pieces
    return back
