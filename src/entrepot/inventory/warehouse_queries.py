"""The SQL of warehouses."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

import msgspec

from entrepot.inventory.model import WarehouseFields
from entrepot.kernel import clock
from entrepot.kernel.actors import Actor, Role
from entrepot.kernel.db import Db, Tx
from entrepot.kernel.filters import Filters


class Warehouse(msgspec.Struct, frozen=True, kw_only=True):
    """A warehouse of a company, in a zone, which is named by its slug."""

    id: int
    company_id: int
    company: str
    zone_id: int
    zone: str
    zone_name: str
    code: str
    name: str
    address: dict[str, Any]
    latitude: float | None
    longitude: float | None
    created_at: datetime
    updated_at: datetime


class Held(msgspec.Struct, frozen=True):
    """What lies in a warehouse: of so many products, so many pieces."""

    products: int
    pieces: int


# The first three arguments of every statement that looks at warehouses: see `reach`.
IN_REACH: Final = "($1 or coalesce(w.company_id = $2::bigint, false) or w.zone_id = any($3::bigint[]))"

_WAREHOUSE: Final = """
    select w.id, w.company_id, c.name as company, w.zone_id, z.slug as zone, z.name as zone_name, w.code, w.name, w.address,
           w.latitude, w.longitude, w.created_at, w.updated_at
    from warehouses w join companies c on c.id = w.company_id join zones z on z.id = w.zone_id
    """


def in_reach_of(actor: Actor, *always: str) -> Filters:
    """The conditions that every list begins with that looks at warehouses, called `w`."""
    filters = Filters(IN_REACH, *always)
    filters.args.extend(actor.reach)
    return filters


async def list_ids_in_reach(db: Db, actor: Actor) -> list[int]:
    """The warehouses that the actor works with, also those that are deleted."""
    return await db.values(f"select w.id from warehouses w where {IN_REACH}", *actor.reach)


async def list_warehouses(db: Db, filters: Filters, skip: int, limit: int) -> list[Warehouse]:
    """The oldest first."""
    skip_arg, limit_arg = f"${len(filters.args) + 1}", f"${len(filters.args) + 2}"
    return await db.many(
        Warehouse,
        f"{_WAREHOUSE} where {filters.sql} order by w.id offset {skip_arg} limit {limit_arg}",
        *filters.args,
        skip,
        limit,
    )


async def count_warehouses(db: Db, filters: Filters) -> int:
    total: int = await db.value(
        f"select count(*) from warehouses w join zones z on z.id = w.zone_id where {filters.sql}", *filters.args
    )
    return total


async def find_warehouse(db: Db, actor: Actor, warehouse_id: int) -> Warehouse | None:
    return await db.maybe(
        Warehouse, f"{_WAREHOUSE} where {IN_REACH} and w.id = $4 and w.deleted_at is null", *actor.reach, warehouse_id
    )


async def lock_warehouse(tx: Tx, actor: Actor, warehouse_id: int) -> Warehouse | None:
    """The warehouse; nothing is put into it or taken out until the transaction ends, once what began before is done."""
    return await tx.maybe(
        Warehouse,
        f"{_WAREHOUSE} where {IN_REACH} and w.id = $4 and w.deleted_at is null for update of w",
        *actor.reach,
        warehouse_id,
    )


async def find_company_for(db: Db, actor: Actor, company_id: int | None) -> int | None:
    """The company to make a warehouse for: the one that is named, or else the actor's own or the shop's; None when it is
    not the actor's to decide, or there is none."""
    found: int | None = await db.value(
        """
        select c.id from companies c
        where c.deleted_at is null and c.status <> 'inactive'
          and case when $1::bigint is null and $3 then c.is_house else c.id = coalesce($1, $4::bigint) end
          and ($3 or (c.id = $4::bigint and exists (
              select from company_members m where m.company_id = c.id and m.user_id = $2 and m.is_owner)))
        """,
        company_id,
        actor.user_id,
        actor.is_admin,
        actor.company_id if actor.role is Role.SELLER else None,
    )
    return found


async def owns_company(db: Db, user_id: int | None, company_id: int) -> bool:
    owns: bool = await db.value(
        "select exists (select from company_members where company_id = $1 and user_id = $2 and is_owner)",
        company_id,
        user_id,
    )
    return owns


async def insert_warehouse(tx: Tx, company_id: int, zone_id: int, fields: WarehouseFields) -> int:
    warehouse_id: int = await tx.value(
        """
        insert into warehouses (company_id, zone_id, code, name, address, latitude, longitude, created_at, updated_at)
        values ($1, $2, $3, $4, $5, $6, $7, $8, $8) returning id
        """,
        company_id,
        zone_id,
        fields.code,
        fields.name,
        fields.address,
        fields.latitude,
        fields.longitude,
        clock.now(),
    )
    return warehouse_id


async def set_warehouse(tx: Tx, warehouse_id: int, changes: Mapping[str, Any]) -> None:
    """Set the columns that are named, and leave the others."""
    await tx.run(
        """
        update warehouses set
            zone_id = coalesce($2, zone_id), code = coalesce($3, code), name = coalesce($4, name),
            address = coalesce($5, address),
            latitude = case when $8 then $6::double precision else latitude end,
            longitude = case when $8 then $7::double precision else longitude end, updated_at = $9
        where id = $1
        """,
        warehouse_id,
        changes.get("zone_id"),
        changes.get("code"),
        changes.get("name"),
        changes.get("address"),
        changes.get("latitude"),
        changes.get("longitude"),
        "latitude" in changes,
        clock.now(),
    )


async def get_held(db: Db, warehouse_id: int) -> Held:
    return await db.one(
        Held,
        """
        select count(*) as products, coalesce(sum(on_hand), 0)::bigint as pieces
        from stock_levels where warehouse_id = $1 and on_hand > 0
        """,
        warehouse_id,
    )


async def set_warehouse_deleted(tx: Tx, warehouse_id: int) -> None:
    await tx.run("update warehouses set deleted_at = $2, updated_at = $2 where id = $1", warehouse_id, clock.now())
