"""The SQL of shipping. Amounts are in the shop's own currency; no company or no zone stands for all."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import msgspec

from entrepot.kernel import clock
from entrepot.kernel.actors import Actor
from entrepot.kernel.db import Db, Tx
from entrepot.kernel.filters import Filters
from entrepot.pricing.rules import ShippingRate


class ShippingMethod(msgspec.Struct, frozen=True, kw_only=True):
    """A way of shipping, and how many days it takes."""

    code: str
    name: str
    description: str
    min_days: int
    max_days: int
    is_active: bool


class TariffKey(msgspec.Struct, frozen=True):
    """What a tariff is for."""

    method: str
    company_id: int | None
    zone_id: int | None


class TariffRow(msgspec.Struct, frozen=True, kw_only=True):
    """A row of `shipping_rates`."""

    method: str
    company_id: int | None
    zone_id: int | None
    from_weight_g: int
    to_weight_g: int | None
    from_goods_minor: int
    to_goods_minor: int | None
    fee_minor: int
    per_kg_minor: int
    free_from_minor: int | None


class TariffRate(msgspec.Struct, frozen=True, kw_only=True):
    """What is asked of parcels from so heavy to less than so heavy, worth from so much to less than so much."""

    from_weight_g: int
    to_weight_g: int | None
    from_goods_minor: int
    to_goods_minor: int | None
    fee_minor: int
    per_kg_minor: int
    free_from_minor: int | None


class Tariff(msgspec.Struct, frozen=True, kw_only=True):
    """All that is asked for a method; `zone` is a slug."""

    method: str
    company_id: int | None
    company: str | None
    zone_id: int | None
    zone: str | None
    rates: list[TariffRate]


class CompanyTerms(msgspec.Struct, frozen=True, kw_only=True):
    """Who delivers, and what the company itself asks for it in the zone; no fee: it does not deliver there."""

    company_id: int
    name: str
    delivery_fee_minor: int | None
    free_delivery_from_minor: int | None


class CartLine(msgspec.Struct, frozen=True):
    """So many pieces of a product."""

    product_id: int
    quantity: int


_METHOD: Final = "code, name, description, min_days, max_days, is_active"
_TARIFF: Final = """
    select r.method, r.company_id, c.name as company, r.zone_id, z.slug as zone,
           jsonb_agg(jsonb_build_object(
               'from_weight_g', r.from_weight_g, 'to_weight_g', r.to_weight_g, 'from_goods_minor', r.from_goods_minor,
               'to_goods_minor', r.to_goods_minor, 'fee_minor', r.fee_minor, 'per_kg_minor', r.per_kg_minor,
               'free_from_minor', r.free_from_minor) order by r.from_weight_g, r.from_goods_minor) as rates
    from shipping_rates r left join companies c on c.id = r.company_id left join zones z on z.id = r.zone_id
    """
_BY_TARIFF: Final = "group by r.method, r.company_id, c.name, r.zone_id, z.slug order by min(r.id)"


async def list_methods(db: Db) -> list[ShippingMethod]:
    """Those that are offered."""
    return await db.many(ShippingMethod, f"select {_METHOD} from shipping_methods where is_active order by position")


async def lock_method(tx: Tx, code: str) -> ShippingMethod | None:
    return await tx.maybe(ShippingMethod, f"select {_METHOD} from shipping_methods where code = $1 for update", code)


async def set_method(tx: Tx, method: ShippingMethod) -> None:
    await tx.run(
        """
        update shipping_methods set name = $2, description = $3, min_days = $4, max_days = $5, is_active = $6, updated_at = $7
        where code = $1
        """,
        method.code,
        method.name,
        method.description,
        method.min_days,
        method.max_days,
        method.is_active,
        clock.now(),
    )


async def list_rates_to(db: Db, company_ids: Sequence[int], zone_id: int | None) -> list[ShippingRate]:
    """What may count for these companies' parcels to this zone."""
    return await db.many(
        ShippingRate,
        """
        select r.method, r.company_id, r.zone_id, r.fee_minor, r.per_kg_minor, r.from_weight_g, r.to_weight_g,
               r.from_goods_minor, r.to_goods_minor, r.free_from_minor
        from shipping_rates r
        where (r.company_id is null or r.company_id = any($1::bigint[])) and (r.zone_id is null or r.zone_id = $2)
        order by r.from_weight_g, r.from_goods_minor, r.id
        """,
        list(company_ids),
        zone_id,
    )


def tariffs_seen_by(
    actor: Actor, *, method: str | None = None, company_id: int | None = None, zone: str | None = None
) -> Filters:
    """A location admin sees those of its zones, and those for all."""
    filters = Filters("z.deleted_at is null", "c.deleted_at is null")
    if not actor.is_admin:
        filters.add("(r.zone_id is null or r.zone_id = any({}::bigint[]))", list(actor.zone_ids))
    if method is not None:
        filters.add("r.method = {}", method)
    if company_id is not None:
        filters.add("r.company_id = {}", company_id)
    if zone is not None:
        filters.add("z.slug = {}", zone)
    return filters


async def list_tariffs(db: Db, filters: Filters, skip: int, limit: int) -> list[Tariff]:
    """The oldest first."""
    skip_arg, limit_arg = f"${len(filters.args) + 1}", f"${len(filters.args) + 2}"
    return await db.many(
        Tariff,
        f"{_TARIFF} where {filters.sql} {_BY_TARIFF} offset {skip_arg} limit {limit_arg}",
        *filters.args,
        skip,
        limit,
    )


async def count_tariffs(db: Db, filters: Filters) -> int:
    total: int = await db.value(
        f"""
        select count(*) from (select distinct r.method, r.company_id, r.zone_id
                              from shipping_rates r left join companies c on c.id = r.company_id
                              left join zones z on z.id = r.zone_id where {filters.sql}) t
        """,
        *filters.args,
    )
    return total


async def list_tariffs_for(db: Db, keys: Sequence[TariffKey]) -> list[Tariff]:
    return await db.many(
        Tariff,
        f"""
        {_TARIFF} join unnest($1::text[], $2::bigint[], $3::bigint[]) as n (method, company_id, zone_id)
            on n.method = r.method and n.company_id is not distinct from r.company_id
               and n.zone_id is not distinct from r.zone_id
        {_BY_TARIFF}
        """,
        [key.method for key in keys],
        [key.company_id for key in keys],
        [key.zone_id for key in keys],
    )


async def lock_rates(tx: Tx) -> None:
    """Who sets rates takes turns; baskets are priced meanwhile."""
    await tx.run("lock table shipping_rates in share row exclusive mode")


async def count_rates(db: Db) -> int:
    total: int = await db.value("select count(*) from shipping_rates")
    return total


async def delete_tariffs(tx: Tx, keys: Sequence[TariffKey]) -> None:
    await tx.run(
        """
        delete from shipping_rates r using unnest($1::text[], $2::bigint[], $3::bigint[]) as n (method, company_id, zone_id)
        where n.method = r.method and n.company_id is not distinct from r.company_id
          and n.zone_id is not distinct from r.zone_id
        """,
        [key.method for key in keys],
        [key.company_id for key in keys],
        [key.zone_id for key in keys],
    )


async def insert_rates(tx: Tx, rows: Sequence[TariffRow]) -> None:
    await tx.run(
        """
        insert into shipping_rates (method, company_id, zone_id, from_weight_g, to_weight_g, from_goods_minor, to_goods_minor,
                                    fee_minor, per_kg_minor, free_from_minor, created_at)
        select n.method, n.company_id, n.zone_id, n.from_weight_g, n.to_weight_g, n.from_goods_minor, n.to_goods_minor,
               n.fee_minor, n.per_kg_minor, n.free_from_minor, $2
        from jsonb_to_recordset($1::jsonb) as n (method text, company_id bigint, zone_id bigint, from_weight_g bigint,
            to_weight_g bigint, from_goods_minor bigint, to_goods_minor bigint, fee_minor bigint, per_kg_minor bigint,
            free_from_minor bigint)
        """,
        list(rows),
        clock.now(),
    )


async def list_companies(db: Db, company_ids: Sequence[int]) -> list[int]:
    """Those of these that there are, held against deletion until the transaction ends."""
    return await db.values(
        "select id from companies where id = any($1::bigint[]) and deleted_at is null order by id for key share",
        list(company_ids),
    )


async def find_terms(db: Db, company_id: int | None, zone_id: int | None) -> CompanyTerms | None:
    """Of a company, or of the shop's own."""
    return await db.maybe(
        CompanyTerms,
        """
        select c.id as company_id, c.name, d.delivery_fee_minor, d.free_delivery_from_minor
        from companies c left join company_zones d on d.company_id = c.id and d.zone_id = $2
        where (c.id = $1::bigint or ($1 is null and c.is_house)) and c.status = 'active' and c.deleted_at is null
        """,
        company_id,
        zone_id,
    )


async def list_cart(db: Db, user_id: int) -> list[CartLine]:
    """What stands in a user's cart."""
    return await db.many(
        CartLine,
        """
        select i.product_id, i.quantity from carts c join cart_items i on i.cart_id = c.id
        where c.user_id = $1 order by i.added_at, i.product_id
        """,
        user_id,
    )


async def find_zone_slug(db: Db, zone_id: int) -> str | None:
    slug: str | None = await db.value("select slug from zones where id = $1", zone_id)
    return slug
