"""Setting and adjusting stock, of one product or of thousands."""

from __future__ import annotations

from collections.abc import Sequence

from entrepot.inventory import stock_queries
from entrepot.inventory.announce import announce
from entrepot.inventory.ledger import Ledger
from entrepot.inventory.model import (
    NoWarehouse,
    ProductUnknown,
    Reason,
    StockChange,
    StockReserved,
    StockSet,
    WarehouseNeeded,
    WarehouseNotFound,
)
from entrepot.inventory.stock_queries import LockedProduct, Place, Threshold
from entrepot.kernel.actors import Actor
from entrepot.kernel.db import Tx
from entrepot.kernel.errors import Forbidden, Refused


async def set_stock(
    tx: Tx, actor: Actor, change: StockChange, *, reason: Reason = Reason.COUNT, note: str = ""
) -> StockSet:
    """Carry out one change.

    Raises:
        ProductUnknown, WarehouseNotFound, Forbidden: the actor may not, or there is no such thing.
        NoWarehouse: there is no warehouse to put it into that the actor may use.
        WarehouseNeeded: pieces were counted, but not said where.
        StockReserved: fewer than are held for orders.
        TooMuchStock
    """
    (outcome,) = await set_stock_many(tx, actor, [change], reason=reason, note=note)
    if outcome.refusal is not None:
        raise outcome.refusal
    return outcome


async def set_stock_many(
    tx: Tx, actor: Actor, changes: Sequence[StockChange], *, reason: Reason = Reason.COUNT, note: str = ""
) -> list[StockSet]:
    """Carry out all changes that can be, in their order, with few statements; says of each what became of it.

    A seller changes its company's products, a location admin what lies in warehouses of its zones. Rows stay locked until
    the transaction ends: tens of thousands at a time at most. Publishes StockChanged.
    """
    product_ids = sorted({change.product_id for change in changes})
    products = {product.id: product for product in await stock_queries.lock_products(tx, actor, product_ids)}
    places = await stock_queries.hold_places(tx, actor, sorted({product.company_id for product in products.values()}))
    ledger = Ledger(products.values(), await stock_queries.list_levels(tx, product_ids))
    by_company: dict[int, list[Place]] = {}
    for place in places:
        by_company.setdefault(place.company_id, []).append(place)

    outcomes, thresholds = [], []
    for change in changes:
        product = products.get(change.product_id)
        try:
            open_places = _open_places(product, change, by_company)
            done = carry_out(ledger, change, [place.id for place in open_places])
        except Refused as refusal:
            outcomes.append(StockSet(product_id=change.product_id, warehouse_id=change.warehouse_id, refusal=refusal))
            continue
        outcomes.append(done)
        if change.low_stock_threshold is not None:
            thresholds += [Threshold(change.product_id, place.id, change.low_stock_threshold) for place in open_places]

    if ledger.moves:
        await stock_queries.write_moves(tx, ledger.moves, reason, actor.user_id, note)
    if thresholds:
        await stock_queries.set_thresholds(tx, thresholds)
    companies = {product.id: product.company_id for product in products.values()}
    await announce(tx, ledger, companies, reason, actor_id=actor.user_id)
    return outcomes


def _open_places(product: LockedProduct | None, change: StockChange, by_company: dict[int, list[Place]]) -> list[Place]:
    """Where the actor may change this product's stock: the warehouse that is named, or all."""
    if product is None:
        raise ProductUnknown
    if not product.open_to_actor:
        raise Forbidden("You don't have permission to change the stock of this product")
    places = by_company.get(product.company_id, [])
    if change.warehouse_id is None:
        return places
    if named := [place for place in places if place.id == change.warehouse_id]:
        return named
    raise WarehouseNotFound("The product's company has no such warehouse, or you don't have permission to use it")


def carry_out(ledger: Ledger, change: StockChange, warehouse_ids: Sequence[int]) -> StockSet:
    """Enter one change into the ledger. `warehouse_ids`: where it may happen, the first to be filled and emptied first.

    Raises:
        NoWarehouse, WarehouseNeeded, StockReserved, TooMuchStock: nothing was entered.
    """
    difference = _difference(ledger, change, warehouse_ids)
    if difference > 0:
        if not warehouse_ids:
            raise NoWarehouse
        ledger.put(change.product_id, warehouse_ids[0], difference)
    elif difference < 0:
        _take(ledger, change.product_id, warehouse_ids, -difference)
    where = warehouse_ids[0] if len(warehouse_ids) == 1 else None
    levels = [ledger.level(change.product_id, warehouse_id) for warehouse_id in warehouse_ids]
    return StockSet(
        product_id=change.product_id,
        warehouse_id=where,
        change=difference,
        on_hand=sum(level.on_hand for level in levels),
        reserved=sum(level.reserved for level in levels),
        total=ledger.total(change.product_id),
    )


def _difference(ledger: Ledger, change: StockChange, warehouse_ids: Sequence[int]) -> int:
    if change.adjustment is not None:
        return change.adjustment
    if change.on_hand is not None:
        if len(warehouse_ids) > 1:
            raise WarehouseNeeded
        return change.on_hand - sum(ledger.level(change.product_id, place).on_hand for place in warehouse_ids)
    if change.available is None:
        return 0
    if change.warehouse_id is None:
        return change.available - ledger.total(change.product_id)
    level = ledger.level(change.product_id, change.warehouse_id)
    return change.available - level.available


def _take(ledger: Ledger, product_id: int, warehouse_ids: Sequence[int], pieces: int) -> None:
    free = sum(ledger.level(product_id, warehouse_id).available for warehouse_id in warehouse_ids)
    if free < pieces:
        raise StockReserved.of(free)
    for warehouse_id in warehouse_ids:
        taken = min(pieces, ledger.level(product_id, warehouse_id).available)
        if taken:
            ledger.put(product_id, warehouse_id, -taken)
            pieces -= taken
