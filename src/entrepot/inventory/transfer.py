"""Moving stock from one warehouse of a company to another, in one step: all of it, or nothing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from entrepot.inventory import stock_queries, transfer_queries
from entrepot.inventory.announce import announce
from entrepot.inventory.ledger import Ledger
from entrepot.inventory.model import InsufficientStock, Reason, SameWarehouse, WarehouseNotFound
from entrepot.inventory.stock_queries import LockedProduct, Place
from entrepot.inventory.transfer_queries import Transfer
from entrepot.kernel.actors import Actor
from entrepot.kernel.db import Tx
from entrepot.kernel.errors import Invalid


async def transfer(
    tx: Tx, actor: Actor, from_id: int, to_id: int, quantities: Mapping[int, int], note: str = ""
) -> Transfer:
    """Move so many pieces of each product; what is held for orders stays where it is.

    Raises:
        SameWarehouse
        WarehouseNotFound: the actor does not work with both, or they belong to different companies.
        Invalid: a product that the company does not sell.
        InsufficientStock: naming each product of which there is too little, and what can be moved.
    """
    if from_id == to_id:
        raise SameWarehouse
    product_ids = sorted(quantities)
    products = await stock_queries.lock_products(tx, actor, product_ids)
    places = {place.id: place for place in await transfer_queries.hold_both(tx, actor, from_id, to_id)}
    _refuse_foreign(places, from_id, to_id, products, product_ids)
    ledger = Ledger(products, await stock_queries.list_levels(tx, product_ids))
    _refuse_shortage(ledger, from_id, quantities)
    for product_id, quantity in sorted(quantities.items()):
        ledger.put(product_id, from_id, -quantity)
        ledger.put(product_id, to_id, quantity)
    made = await transfer_queries.insert_transfer(tx, from_id, to_id, actor.user_id, note)
    await stock_queries.write_moves(tx, ledger.moves, Reason.TRANSFER, actor.user_id, note, transfer_id=made.id)
    companies = {product.id: product.company_id for product in products}
    await announce(tx, ledger, companies, Reason.TRANSFER, actor_id=actor.user_id)
    return made


def _refuse_foreign(
    places: Mapping[int, Place], from_id: int, to_id: int, products: Sequence[LockedProduct], product_ids: Sequence[int]
) -> None:
    for warehouse_id, field in ((from_id, "fromWarehouseId"), (to_id, "toWarehouseId")):
        if warehouse_id not in places:
            raise WarehouseNotFound(
                details={field: ["there is no such warehouse, or you don't have permission to use it"]}
            )
    company_id = places[from_id].company_id
    if places[to_id].company_id != company_id:
        raise WarehouseNotFound(details={"toWarehouseId": ["belongs to another company"]})
    own = {product.id for product in products if product.company_id == company_id}
    if foreign := [product_id for product_id in product_ids if product_id not in own]:
        raise Invalid(
            {"items": [f"the warehouse's company does not sell product {product_id}" for product_id in foreign]}
        )


def _refuse_shortage(ledger: Ledger, from_id: int, quantities: Mapping[int, int]) -> None:
    available = {product_id: ledger.level(product_id, from_id).available for product_id in quantities}
    if short := {product_id: left for product_id, left in available.items() if left < quantities[product_id]}:
        raise InsufficientStock.of(short)
