"""The SQL of price lists and their prices."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final

import msgspec

from entrepot.kernel import clock
from entrepot.kernel.db import Db, Tx
from entrepot.pricing.price_lists_model import MAX_LISTS, PriceList, PriceListFields, Tier

_LIST: Final = """
    select l.id, l.company_id, l.name, l.currency, l.for_role, l.for_company_id,
           (select slug from zones where id = l.for_zone_id) as for_zone,
           case when l.for_named then array(
               select user_id from price_list_buyers where price_list_id = l.id order by user_id) end as for_buyers,
           l.starts_at, l.ends_at,
           (select count(distinct product_id) from price_list_tiers where price_list_id = l.id) as products,
           l.created_at, l.updated_at
    from price_lists l
    """
# $1: the company whose lists they are; null for an administrator, who sees all.
_MANAGED: Final = "($1::bigint is null or l.company_id = $1)"

# Whether a list is for this buyer at this time, wherever it is. Nobody is a guest's role, company or name.
_FOR_BUYER: Final = """
      (l.for_role is null or l.for_role = {role}::text)
      and (l.for_company_id is null or exists (
          select from company_members where company_id = l.for_company_id and user_id = {buyer}::bigint))
      and (not l.for_named or exists (
          select from price_list_buyers where price_list_id = l.id and user_id = {buyer}::bigint))
      and coalesce(l.starts_at <= {now}::timestamptz, true) and coalesce(l.ends_at > {now}::timestamptz, true)
    """

# $1 products, $2 buyer, $3 role, $4 zone, $5 now.
APPLYING_TIERS: Final = f"""
    select t.product_id, t.from_quantity, t.price_minor, l.id as price_list_id, l.name
    from price_list_tiers t
    join price_lists l on l.id = t.price_list_id
    join products p on p.id = t.product_id and p.currency = l.currency
    where t.product_id = any({{products}}::bigint[])
      and (l.company_id is null or l.company_id = p.company_id)
      and (l.for_zone_id is null or l.for_zone_id = {{zone}}::bigint)
      and {_FOR_BUYER}
    """


class NewTier(msgspec.Struct, frozen=True):
    """A tier as it is set."""

    product_id: int
    from_quantity: int
    price_minor: int


class Priceable(msgspec.Struct, frozen=True):
    """A product that is sold: who sells it, and in which currency."""

    id: int
    company_id: int
    currency: str


class PricedProduct(msgspec.Struct, frozen=True):
    """A product of a list and its tiers, by quantity."""

    product_id: int
    title: str
    tiers: list[NewTier]


class OwnTerms(msgspec.Struct, frozen=True):
    """What decides what a product costs a buyer for whom there are tiers of it."""

    id: int
    company_id: int
    category_id: int
    brand_id: int | None
    group_id: int | None
    price_minor: int
    discount_bp: int
    currency: str
    minimum_order_quantity: int
    pack_size: int
    tiers: list[Tier]


async def list_price_lists(
    db: Db, company_id: int | None, skip: int, limit: int, before_id: int | None
) -> list[PriceList]:
    """A company's, or all; the newest first."""
    return await db.many(
        PriceList,
        f"{_LIST} where {_MANAGED} and ($4::bigint is null or l.id < $4) order by l.id desc offset $2 limit $3",
        company_id,
        skip,
        limit,
        before_id,
    )


async def count_price_lists(db: Db, company_id: int | None) -> int:
    total: int = await db.value(f"select count(*) from price_lists l where {_MANAGED}", company_id)
    return total


async def find_price_list(db: Db, company_id: int | None, price_list_id: int) -> PriceList | None:
    return await db.maybe(PriceList, f"{_LIST} where {_MANAGED} and l.id = $2", company_id, price_list_id)


async def lock_price_list(tx: Tx, company_id: int | None, price_list_id: int) -> PriceList | None:
    """The list as it is once nobody else changes it."""
    await tx.run(
        f"select from price_lists l where {_MANAGED} and l.id = $2 for update",
        company_id,
        price_list_id,
    )
    return await find_price_list(tx, company_id, price_list_id)


async def lock_seller(tx: Tx, company_id: int | None) -> None:
    """Who makes lists for the same seller, or for anybody's goods, takes turns."""
    await tx.run("select pg_advisory_xact_lock(hashtextextended('price_lists', coalesce($1::bigint, 0)))", company_id)


async def claim_price_list(tx: Tx, company_id: int | None, currency: str, fields: PriceListFields) -> int | None:
    """Make a list; None when its seller, who is locked, has too many."""
    price_list_id: int | None = await tx.value(
        f"""
        insert into price_lists (company_id, currency, name, for_role, for_company_id, for_zone_id, for_named, starts_at,
                                 ends_at, created_at, updated_at)
        select $1::bigint, $2, $3, $4, $5, $6, $7, $8, $9, $10, $10
        where (select count(*) from price_lists where company_id is not distinct from $1::bigint) < {MAX_LISTS}
        returning id
        """,
        company_id,
        currency,
        fields.name,
        fields.for_role,
        fields.for_company_id,
        fields.for_zone_id,
        fields.for_named,
        fields.starts_at,
        fields.ends_at,
        clock.now(),
    )
    return price_list_id


async def set_price_list(tx: Tx, price_list_id: int, changes: dict[str, Any]) -> None:
    """Change the columns that are named in `changes`, to null where it says so; the others stay as they are."""
    await tx.run(
        """
        update price_lists l set (name, for_role, for_company_id, for_zone_id, for_named, starts_at, ends_at, updated_at) = (
            select n.name, n.for_role, n.for_company_id, n.for_zone_id, n.for_named, n.starts_at, n.ends_at, $3::timestamptz
            from jsonb_populate_record(l, $2::jsonb) n)
        where l.id = $1
        """,
        price_list_id,
        changes,
        clock.now(),
    )


async def set_buyers(tx: Tx, price_list_id: int, user_ids: Sequence[int]) -> None:
    """The list is for these users from now on, and for no others."""
    await tx.run(
        """
        with gone as (
            delete from price_list_buyers where price_list_id = $1 and user_id <> all($2::bigint[])
        )
        insert into price_list_buyers (price_list_id, user_id) select $1, unnest($2::bigint[]) on conflict do nothing
        """,
        price_list_id,
        list(user_ids),
    )


async def list_customers(db: Db, company_id: int | None, user_ids: Sequence[int]) -> list[int]:
    """Those of these users who ever bought from the company; without one, all that there are."""
    return await db.values(
        """
        select id from users
        where id = any($2::bigint[]) and deleted_at is null and ($1::bigint is null or exists (
            select from orders o join order_parts p on p.order_id = o.id where o.user_id = users.id and p.company_id = $1))
        """,
        company_id,
        list(user_ids),
    )


async def company_exists(db: Db, company_id: int) -> bool:
    found: bool = await db.value(
        "select exists (select from companies where id = $1 and deleted_at is null)", company_id
    )
    return found


async def delete_price_list(tx: Tx, price_list_id: int) -> None:
    await tx.run("delete from price_lists where id = $1", price_list_id)


async def list_priceable(db: Db, product_ids: Sequence[int]) -> list[Priceable]:
    return await db.many(
        Priceable,
        "select id, company_id, currency from products where id = any($1::bigint[]) and deleted_at is null",
        list(product_ids),
    )


async def replace_tiers(tx: Tx, price_list_id: int, product_ids: Sequence[int], tiers: Sequence[NewTier]) -> None:
    """These products have these tiers in a locked list from now on; one without tiers is not in it any more."""
    await tx.run(
        """
        with given as (
            select * from unnest($3::bigint[], $4::integer[], $5::bigint[]) as g (product_id, from_quantity, price_minor)
        ), gone as (
            delete from price_list_tiers t
            where t.price_list_id = $1 and t.product_id = any($2::bigint[]) and not exists (
                select from given where product_id = t.product_id and from_quantity = t.from_quantity)
        ), touched as (
            update price_lists set updated_at = $6 where id = $1
        )
        insert into price_list_tiers (price_list_id, product_id, from_quantity, price_minor)
        select $1, product_id, from_quantity, price_minor from given
        on conflict (price_list_id, product_id, from_quantity) do update set price_minor = excluded.price_minor
        """,
        price_list_id,
        list(product_ids),
        [tier.product_id for tier in tiers],
        [tier.from_quantity for tier in tiers],
        [tier.price_minor for tier in tiers],
        clock.now(),
    )


async def list_priced(db: Db, price_list_id: int, skip: int, limit: int, after_id: int | None) -> list[PricedProduct]:
    """The products of a list, by id."""
    return await db.many(
        PricedProduct,
        """
        select t.product_id, p.title, jsonb_agg(jsonb_build_object(
                   'product_id', t.product_id, 'from_quantity', t.from_quantity, 'price_minor', t.price_minor)
                   order by t.from_quantity) as tiers
        from price_list_tiers t join products p on p.id = t.product_id
        where t.price_list_id = $1 and ($4::bigint is null or t.product_id > $4)
        group by t.product_id, p.title order by t.product_id offset $2 limit $3
        """,
        price_list_id,
        skip,
        limit,
        after_id,
    )


async def list_applying_tiers(
    db: Db, product_ids: Sequence[int], user_id: int | None, role: str | None, zone_id: int | None, at: datetime
) -> list[Tier]:
    """The tiers of these products that are for this buyer in this zone, at this time."""
    tiers = APPLYING_TIERS.format(products="$1", buyer="$2", role="$3", zone="$4", now="$5")
    return await db.many(
        Tier,
        f"{tiers} order by t.product_id, t.from_quantity, l.id",
        list(product_ids),
        user_id,
        role,
        zone_id,
        at,
    )


async def has_lists(db: Db, user_id: int | None, role: str | None, at: datetime) -> bool:
    """Whether any list is for this buyer at this time, in whichever zone."""
    found: bool = await db.value(
        f"select exists (select from price_lists l where {_FOR_BUYER.format(buyer='$1', role='$2', now='$3')})",
        user_id,
        role,
        at,
    )
    return found


async def list_own_terms(
    db: Db, product_ids: Sequence[int], user_id: int | None, role: str | None, zone_id: int | None, at: datetime
) -> list[OwnTerms]:
    """Those of these products of which there are tiers for this buyer in this zone, at this time."""
    tiers = APPLYING_TIERS.format(products="$1", buyer="$2", role="$3", zone="$4", now="$5")
    return await db.many(
        OwnTerms,
        f"""
        select p.id, p.company_id, p.category_id, p.brand_id, p.group_id, p.price_minor, p.discount_bp, p.currency,
               p.minimum_order_quantity, p.pack_size, t.tiers
        from (select product_id, jsonb_agg(to_jsonb(a) order by from_quantity, price_list_id) as tiers
              from ({tiers}) a group by product_id) t
        join products p on p.id = t.product_id
        """,
        list(product_ids),
        user_id,
        role,
        zone_id,
        at,
    )
