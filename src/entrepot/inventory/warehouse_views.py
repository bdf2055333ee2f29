"""How warehouses, what lies in them and what happened there are shown."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import msgspec

from entrepot.inventory.list_queries import Movement, SoldOut, StockLevel
from entrepot.inventory.model import Reason
from entrepot.inventory.transfer_queries import Transfer
from entrepot.inventory.warehouse_queries import Warehouse


class WarehouseView(msgspec.Struct, frozen=True, rename="camel", kw_only=True):
    """A warehouse; `zone` is a slug, the place is in degrees."""

    id: int
    company_id: int
    company: str
    zone: str
    zone_name: str
    code: str
    name: str
    address: dict[str, Any]
    latitude: float | None
    longitude: float | None
    created_at: datetime
    updated_at: datetime

    @classmethod
    def of(cls, warehouse: Warehouse) -> WarehouseView:
        return cls(
            id=warehouse.id,
            company_id=warehouse.company_id,
            company=warehouse.company,
            zone=warehouse.zone,
            zone_name=warehouse.zone_name,
            code=warehouse.code,
            name=warehouse.name,
            address=warehouse.address,
            latitude=warehouse.latitude,
            longitude=warehouse.longitude,
            created_at=warehouse.created_at,
            updated_at=warehouse.updated_at,
        )


class WarehousePage(msgspec.Struct, frozen=True, rename="camel", kw_only=True, omit_defaults=True):
    """A page of warehouses."""

    warehouses: list[WarehouseView]
    total: int
    skip: int
    limit: int
    next_cursor: str | None = None


class StockLevelView(msgspec.Struct, frozen=True, rename="camel", kw_only=True):
    """What lies in a warehouse of a product; `available` of it can be sold, `isLow` says whether those are few."""

    product_id: int
    sku: str
    title: str
    unit: str
    warehouse_id: int
    warehouse: str
    zone: str
    company_id: int
    on_hand: int
    reserved: int
    available: int
    low_stock_threshold: int
    is_low: bool
    is_deleted: bool

    @classmethod
    def of(cls, level: StockLevel) -> StockLevelView:
        available = level.on_hand - level.reserved
        return cls(
            product_id=level.product_id,
            sku=level.sku,
            title=level.title,
            unit=level.unit,
            warehouse_id=level.warehouse_id,
            warehouse=level.warehouse,
            zone=level.zone,
            company_id=level.company_id,
            on_hand=level.on_hand,
            reserved=level.reserved,
            available=available,
            low_stock_threshold=level.low_stock_threshold,
            is_low=available <= level.low_stock_threshold,
            is_deleted=level.is_deleted,
        )


class StockPage(msgspec.Struct, frozen=True, rename="camel", kw_only=True, omit_defaults=True):
    """A page of levels; `at` is the moment that they are of, if one was asked for."""

    stock: list[StockLevelView]
    total: int
    skip: int
    limit: int
    next_cursor: str | None = None
    at: datetime | None = None


class LowStockPage(msgspec.Struct, frozen=True, rename="camel", kw_only=True, omit_defaults=True):
    """A page of levels that are low."""

    products: list[StockLevelView]
    total: int
    skip: int
    limit: int
    next_cursor: str | None = None


class SoldOutView(msgspec.Struct, frozen=True, rename="camel", kw_only=True):
    """A product of which nothing can be bought; `reserved` pieces are held for orders, `since` when there was some."""

    product_id: int
    sku: str
    title: str
    unit: str
    company_id: int
    company: str
    reserved: int
    since: datetime | None

    @classmethod
    def of(cls, product: SoldOut) -> SoldOutView:
        return cls(**msgspec.structs.asdict(product))


class SoldOutPage(msgspec.Struct, frozen=True, rename="camel", kw_only=True, omit_defaults=True):
    """A page of products that are sold out."""

    products: list[SoldOutView]
    total: int
    skip: int
    limit: int
    next_cursor: str | None = None


class MovementView(msgspec.Struct, frozen=True, rename="camel", kw_only=True):
    """An entry of the history: what changed, and what was there after it. `orderId` is what people call the order by."""

    id: int
    product_id: int
    sku: str
    title: str
    warehouse_id: int
    warehouse: str
    reason: Reason
    on_hand_change: int
    reserved_change: int
    on_hand_after: int
    reserved_after: int
    available_after: int
    actor_id: int | None
    order_id: str | None
    transfer_id: int | None
    note: str
    occurred_at: datetime

    @classmethod
    def of(cls, movement: Movement) -> MovementView:
        fields = msgspec.structs.asdict(movement)
        order_id = fields.pop("order_number")
        return cls(**fields, order_id=order_id, available_after=movement.on_hand_after - movement.reserved_after)


class HistoryPage(msgspec.Struct, frozen=True, rename="camel", kw_only=True, omit_defaults=True):
    """A page of the history."""

    history: list[MovementView]
    total: int
    skip: int
    limit: int
    next_cursor: str | None = None


class TransferredView(msgspec.Struct, frozen=True, rename="camel"):
    """So many pieces of a product that were moved."""

    product_id: int
    quantity: int


class TransferView(msgspec.Struct, frozen=True, rename="camel", kw_only=True):
    """What was moved, from where to where."""

    id: int
    from_warehouse_id: int
    to_warehouse_id: int
    items: list[TransferredView]
    actor_id: int | None
    note: str
    created_at: datetime

    @classmethod
    def of(cls, made: Transfer, quantities: Mapping[int, int]) -> TransferView:
        items = [TransferredView(product_id, quantity) for product_id, quantity in sorted(quantities.items())]
        return cls(**msgspec.structs.asdict(made), items=items)
