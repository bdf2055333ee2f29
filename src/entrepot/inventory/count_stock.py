"""Entering a stock count: what was counted on the shelves, line by line."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import msgspec

from entrepot.inventory import count_queries
from entrepot.inventory.model import ProductUnknown, Reason, SkuAmbiguous, StockChange, StockSet, WarehouseNotFound
from entrepot.inventory.read_counts import Counted
from entrepot.inventory.set_stock import set_stock_many
from entrepot.kernel.actors import Actor
from entrepot.kernel.db import Tx
from entrepot.kernel.errors import Invalid, Refused


class CountedLine(msgspec.Struct, frozen=True):
    """What became of a line."""

    counted: Counted
    outcome: StockSet


async def count_stock(
    tx: Tx, actor: Actor, lines: Sequence[Counted], *, company_id: int | None, note: str
) -> list[CountedLine]:
    """Set what lies on the shelves to what was counted; of each line, what became of it.

    Products are named by SKU within `company_id`, or within what the actor may change; warehouses by their code.
    """
    skus = sorted({line.sku for line in lines if line.product_id is None and not line.fault})
    codes = sorted({line.warehouse.upper() for line in lines if line.warehouse})
    products: dict[str, list[int]] = {}
    for product in await count_queries.list_products_called(tx, actor, company_id, skus):
        products.setdefault(product.sku, []).append(product.id)
    places = {
        (place.product_id, place.code): place.warehouse_id
        for place in await count_queries.list_places_called(tx, actor, codes, _ids(lines, products))
    }
    changes: list[StockChange | Refused] = [_change(line, products, places) for line in lines]
    valid = [change for change in changes if isinstance(change, StockChange)]
    outcomes = iter(await set_stock_many(tx, actor, valid, reason=Reason.COUNT, note=note))
    return [
        CountedLine(line, next(outcomes) if isinstance(change, StockChange) else _refused(line, change))
        for line, change in zip(lines, changes, strict=True)
    ]


def _ids(lines: Sequence[Counted], products: Mapping[str, Sequence[int]]) -> list[int]:
    named = {line.product_id for line in lines if line.product_id is not None and line.warehouse}
    called = {product_id for line in lines if line.warehouse for product_id in products.get(line.sku, ())}
    return sorted(named | called)


def _change(
    line: Counted, products: Mapping[str, Sequence[int]], places: Mapping[tuple[int, str], int]
) -> StockChange | Refused:
    if line.fault:
        return Invalid({"line": [line.fault]}, line.fault)
    found = [line.product_id] if line.product_id is not None else products.get(line.sku, ())
    if not found:
        return ProductUnknown(f"There is no product with the SKU {line.sku}")
    if len(found) > 1:
        return SkuAmbiguous()
    warehouse_id = places.get((found[0], line.warehouse.upper())) if line.warehouse else None
    if line.warehouse and warehouse_id is None:
        return WarehouseNotFound(f"The product's company has no warehouse {line.warehouse} that you may use")
    return StockChange(product_id=found[0], warehouse_id=warehouse_id, on_hand=line.on_hand)


def _refused(line: Counted, refusal: Refused) -> StockSet:
    return StockSet(product_id=line.product_id or 0, refusal=refusal)
