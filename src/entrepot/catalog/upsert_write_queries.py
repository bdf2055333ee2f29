"""The SQL of writing many products at once: a constant handful of statements for up to a thousand rows."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from entrepot.catalog.upsert_queries import Keyed
from entrepot.catalog.upsert_rows import Columns
from entrepot.kernel import clock
from entrepot.kernel.db import Tx


class NewRow(msgspec.Struct, frozen=True):
    """A product to insert; `place` is where its row stands among the others."""

    place: int
    columns: Columns


class Placed(msgspec.Struct, frozen=True):
    id: int
    place: int


class ChangedRow(msgspec.Struct, frozen=True):
    id: int
    columns: Columns


class PriceBefore(msgspec.Struct, frozen=True):
    """What a product has cost until now."""

    price_minor: int
    discount_bp: int
    currency: str


class Pictures(msgspec.Struct, frozen=True):
    """The pictures of a product, in their order; none twice."""

    product_id: int
    locations: list[str]


class Tongue(msgspec.Struct, frozen=True):
    """What a product is called in a language."""

    product_id: int
    language: str
    title: str
    description: str


class SoldIn(msgspec.Struct, frozen=True):
    """The zones that a product is sold in."""

    product_id: int
    zone_ids: list[int]


async def insert_products(tx: Tx, rows: Sequence[NewRow], actor_id: int | None) -> list[Placed]:
    """Make products with their first prices, in the order of their rows.

    A SKU that somebody took just now makes none, and is left out.
    """
    made: list[Keyed] = await tx.many(
        Keyed,
        """
        with made as (insert into products (
            company_id, seller_id, category_id, brand_id, group_id, options, attributes, sku, title, description,
            price_minor, currency, discount_bp, tags, weight_g, width_mm, height_mm, depth_mm, warranty_information,
            shipping_information, return_policy, unit, minimum_order_quantity, pack_size, barcode, thumbnail, created_at,
            updated_at)
        select r.company_id, r.seller_id, r.category_id, r.brand_id, r.group_id, r.options, r.attributes, r.sku, r.title,
               r.description, r.price_minor, r.currency, r.discount_bp, r.tags, r.weight_g, r.width_mm, r.height_mm,
               r.depth_mm, r.warranty_information, r.shipping_information, r.return_policy, r.unit,
               r.minimum_order_quantity, r.pack_size, r.barcode, r.thumbnail, $2, $2
        from jsonb_to_recordset($1::jsonb) as r (
            place integer, company_id bigint, seller_id bigint, category_id bigint, brand_id bigint, group_id bigint,
            options jsonb, attributes jsonb, sku text, title text, description text, price_minor bigint, currency text,
            discount_bp integer, tags text[], weight_g integer, width_mm integer, height_mm integer, depth_mm integer,
            warranty_information text, shipping_information text, return_policy text, unit text,
            minimum_order_quantity integer, pack_size integer, barcode text, thumbnail text)
        order by r.place
        on conflict (company_id, sku) where deleted_at is null do nothing
        returning id, company_id, sku, price_minor, discount_bp, currency, created_at
        ), first_prices as (
            insert into price_changes (product_id, price_minor, discount_bp, currency, actor_id, changed_at)
            select id, price_minor, discount_bp, currency, $3, created_at from made
        )
        select id, company_id, sku as key from made
        """,
        [{"place": row.place, **msgspec.structs.asdict(row.columns)} for row in rows],
        clock.now(),
        actor_id,
    )
    places = {(row.columns.company_id, row.columns.sku): row.place for row in rows}
    return [Placed(one.id, places[one.company_id, one.key]) for one in made]


async def set_products(tx: Tx, rows: Sequence[ChangedRow]) -> int:
    """Write locked products; returns how many there were."""
    return await tx.run(
        """
        update products p set
            category_id = r.category_id, brand_id = r.brand_id, group_id = r.group_id, options = r.options,
            attributes = r.attributes, sku = r.sku, title = r.title, description = r.description,
            price_minor = r.price_minor, currency = r.currency, discount_bp = r.discount_bp, tags = r.tags,
            weight_g = r.weight_g, width_mm = r.width_mm, height_mm = r.height_mm, depth_mm = r.depth_mm,
            warranty_information = r.warranty_information, shipping_information = r.shipping_information,
            return_policy = r.return_policy, unit = r.unit, minimum_order_quantity = r.minimum_order_quantity,
            pack_size = r.pack_size, barcode = r.barcode, thumbnail = r.thumbnail, updated_at = $2
        from jsonb_to_recordset($1::jsonb) as r (
            id bigint, category_id bigint, brand_id bigint, group_id bigint, options jsonb, attributes jsonb, sku text,
            title text, description text, price_minor bigint, currency text, discount_bp integer, tags text[],
            weight_g integer, width_mm integer, height_mm integer, depth_mm integer, warranty_information text,
            shipping_information text, return_policy text, unit text, minimum_order_quantity integer, pack_size integer,
            barcode text, thumbnail text)
        where p.id = r.id
        """,
        [{"id": row.id, **msgspec.structs.asdict(row.columns)} for row in rows],
        clock.now(),
    )


async def replace_pictures(tx: Tx, pictures: Sequence[Pictures]) -> None:
    """Exactly these pictures for each of these products, which are locked. Those that were there before keep their ids."""
    await tx.run(
        """
        with wanted as (
            select product_id, location, (place - 1)::integer as position
            from jsonb_to_recordset($1::jsonb) as r (product_id bigint, locations text[]),
                 unnest(r.locations) with ordinality as given (location, place)
        ), kept as (
            select w.product_id, w.location, w.position, min(i.id) as id
            from wanted w join product_images i on i.product_id = w.product_id and i.location = w.location
            group by w.product_id, w.location, w.position
        ), deleted as (
            delete from product_images where product_id = any($2::bigint[]) and id not in (select id from kept)
        ), moved as (
            update product_images i set position = k.position from kept k where i.id = k.id and i.position <> k.position
        )
        insert into product_images (product_id, position, location)
        select w.product_id, w.position, w.location from wanted w
        where not exists (select from kept k where k.product_id = w.product_id and k.location = w.location)
        """,
        list(pictures),
        [one.product_id for one in pictures],
    )


async def replace_translations(tx: Tx, product_ids: Sequence[int], tongues: Sequence[Tongue]) -> None:
    """Exactly these translations for these products, which are locked."""
    await tx.run(
        """
        with wanted as (
            select * from unnest($2::bigint[], $3::text[], $4::text[], $5::text[])
                as t (product_id, language, title, description)
        ), deleted as (
            delete from product_translations o where o.product_id = any($1::bigint[]) and not exists (
                select from wanted w where w.product_id = o.product_id and w.language = o.language)
        )
        insert into product_translations (product_id, language, title, description)
        select product_id, language, title, description from wanted
        on conflict (product_id, language) do update set title = excluded.title, description = excluded.description
        """,
        list(product_ids),
        [tongue.product_id for tongue in tongues],
        [tongue.language for tongue in tongues],
        [tongue.title for tongue in tongues],
        [tongue.description for tongue in tongues],
    )


async def replace_zones(tx: Tx, sold_in: Sequence[SoldIn]) -> None:
    """Exactly these zones for each of these products, which are locked."""
    wanted: list[tuple[int, int]] = [(one.product_id, zone_id) for one in sold_in for zone_id in one.zone_ids]
    await tx.run(
        """
        with wanted as (
            select * from unnest($2::bigint[], $3::bigint[]) as t (product_id, zone_id)
        ), deleted as (
            delete from product_zones o where o.product_id = any($1::bigint[]) and not exists (
                select from wanted w where w.product_id = o.product_id and w.zone_id = o.zone_id)
        )
        insert into product_zones (product_id, zone_id) select product_id, zone_id from wanted on conflict do nothing
        """,
        [one.product_id for one in sold_in],
        [product_id for product_id, _ in wanted],
        [zone_id for _, zone_id in wanted],
    )


async def insert_prices(tx: Tx, product_ids: Sequence[int], rows: Sequence[PriceBefore], actor_id: int | None) -> None:
    """Remember what these products cost from now on; and before, where nothing is remembered yet."""
    await tx.run(
        """
        with before as (
            select * from unnest($2::bigint[], $3::integer[], $4::text[]) with ordinality
                as b (price_minor, discount_bp, currency, place)
        ), changed as (
            select p.id, p.created_at, p.price_minor, p.discount_bp, p.currency, b.price_minor as old_price_minor,
                   b.discount_bp as old_discount_bp, b.currency as old_currency
            from unnest($1::bigint[]) with ordinality as given (id, place)
            join before b on b.place = given.place join products p on p.id = given.id
        )
        insert into price_changes (product_id, price_minor, discount_bp, currency, actor_id, changed_at)
        select id, old_price_minor, old_discount_bp, old_currency, null::bigint, created_at from changed c
        where not exists (select from price_changes o where o.product_id = c.id)
        union all
        select id, price_minor, discount_bp, currency, $5, $6 from changed
        """,
        list(product_ids),
        [row.price_minor for row in rows],
        [row.discount_bp for row in rows],
        [row.currency for row in rows],
        actor_id,
        clock.now(),
    )
