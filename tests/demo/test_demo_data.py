"""The demo data in a real database: as consistent as if everything had come through the API."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import asyncpg
import bcrypt
import pytest
from PIL import Image

from entrepot import demo
from entrepot.settings import DEMO_PASSWORD

NOW = datetime(2026, 3, 15, 9, 0, tzinfo=UTC)

# What must never be found: each statement shows rows that contradict a promise.
CONTRADICTIONS = {
    "a line that is priced wrongly": """
        select id from order_lines
        where total_minor <> price_minor * quantity
           or discounted_minor <> total_minor - (2 * total_minor * discount_bp + 10000) / 20000
           or tax_bp <> 800
           or tax_minor <> (2 * discounted_minor * tax_bp + 10000) / 20000
        """,
    "a line that is not sold on the product's terms": """
        select l.id from order_lines l join products p on p.id = l.product_id join order_parts t on t.id = l.part_id
        where (l.price_minor, l.discount_bp, l.sku, l.unit, l.thumbnail)
              <> (p.price_minor, p.discount_bp, p.sku, p.unit, p.thumbnail)
           or l.quantity < p.minimum_order_quantity or t.company_id <> p.company_id or t.order_id <> l.order_id
        """,
    "a part that is not the sum of its lines": """
        select t.id from order_parts t join order_lines l on l.part_id = t.id group by t.id
        having t.subtotal_minor <> sum(l.discounted_minor) or t.tax_minor <> sum(l.tax_minor)
            or t.discount_minor <> sum(l.total_minor - l.discounted_minor)
        """,
    "a part without lines": "select id from order_parts t where not exists (select from order_lines where part_id = t.id)",
    "an order that is not the sum of its parts": """
        select o.id from orders o left join order_parts t on t.order_id = o.id group by o.id
        having o.subtotal_minor is distinct from sum(t.subtotal_minor) or o.tax_minor is distinct from sum(t.tax_minor)
            or o.discount_minor is distinct from sum(t.discount_minor)
            or o.shipping_minor is distinct from sum(t.shipping_minor)
            or o.total_minor is distinct from sum(t.total_minor)
        """,
    "a part whose delivery is charged wrongly": """
        select t.id from order_parts t join orders o on o.id = t.order_id
        left join company_zones z on z.company_id = t.company_id and z.zone_id = o.zone_id
        where z.company_id is null or t.shipping_minor <>
              case when t.subtotal_minor >= z.free_delivery_from_minor then 0 else z.delivery_fee_minor end
        """,
    "a part whose commission is wrong": """
        select t.id from order_parts t join company_commissions c on c.company_id = t.company_id
        where t.commission_bp <> c.rate_bp or t.commission_minor <> (2 * t.subtotal_minor * c.rate_bp + 10000) / 20000
        """,
    "a product that was sold where it is not": """
        select l.id from order_lines l join orders o on o.id = l.order_id
        where exists (select from product_zones where product_id = l.product_id)
          and not exists (select from product_zones where product_id = l.product_id and zone_id = o.zone_id)
        """,
    "a product that was sold before it was there": """
        select l.id from order_lines l join orders o on o.id = l.order_id join products p on p.id = l.product_id
        where o.created_at < p.created_at
        """,
    "a level that is not the sum of its movements": """
        select l.product_id, l.warehouse_id from stock_levels l
        left join stock_movements m using (product_id, warehouse_id) group by 1, 2, l.on_hand, l.reserved
        having l.on_hand <> coalesce(sum(m.on_hand_change), 0) or l.reserved <> coalesce(sum(m.reserved_change), 0)
        """,
    "a movement that does not follow from those before": """
        select id from (
            select id, on_hand_after, reserved_after, occurred_at,
                   sum(on_hand_change) over w as on_hand, sum(reserved_change) over w as reserved,
                   lag(occurred_at) over w as before
            from stock_movements window w as (partition by product_id, warehouse_id order by id)
        ) m where on_hand_after <> on_hand or reserved_after <> reserved or before > occurred_at
               or reserved_after < 0 or on_hand_after < reserved_after
        """,
    "a level whose reservations are others": """
        select l.product_id from stock_levels l
        left join stock_reservations r
               on r.product_id = l.product_id and r.warehouse_id = l.warehouse_id and r.status = 'held'
        group by l.product_id, l.warehouse_id, l.reserved having l.reserved <> coalesce(sum(r.quantity), 0)
        """,
    "a line that is not reserved in full": """
        select l.id from order_lines l left join stock_reservations r on r.order_line_id = l.id
        group by l.id having l.quantity is distinct from sum(r.quantity)
        """,
    "a reservation that does not suit its part": """
        select r.order_line_id from stock_reservations r join order_lines l on l.id = r.order_line_id
        join order_parts t on t.id = l.part_id join warehouses w on w.id = r.warehouse_id
        where w.company_id <> t.company_id or r.product_id <> l.product_id or r.order_id <> l.order_id
           or r.status <> case when t.status in ('pending', 'confirmed', 'processing') then 'held'
                               when t.status = 'cancelled' then 'released' else 'shipped' end
        """,
    "an order whose movements are not its reservations": """
        select r.order_id from (
            select order_id, sum(quantity) as sold, sum(quantity) filter (where status = 'shipped') as shipped,
                   sum(quantity) filter (where status = 'released') as released
            from stock_reservations group by 1
        ) r left join (
            select order_id, sum(reserved_change) filter (where reason = 'sale') as sold,
                   sum(-on_hand_change) filter (where reason = 'shipment') as shipped,
                   sum(-reserved_change) filter (where reason = 'release') as released
            from stock_movements group by 1
        ) m using (order_id)
        where (r.sold, r.shipped, r.released) is distinct from (m.sold, m.shipped, m.released)
        """,
    "a return that did not put back what was bought": """
        select t.id from order_parts t
        where t.status in ('returned', 'refunded') and (select sum(quantity) from order_lines where part_id = t.id) <> (
            select coalesce(sum(m.on_hand_change), 0) from stock_movements m
            where m.order_id = t.order_id and m.reason = 'return'
              and m.product_id in (select product_id from order_lines where part_id = t.id))
        """,
    "a total of a product that is not what its warehouses have": """
        select s.product_id from product_stock s left join stock_levels l using (product_id)
        group by s.product_id, s.available having s.available <> coalesce(sum(l.on_hand - l.reserved), 0)
        """,
    "a product without a total": "select id from products where id not in (select product_id from product_stock)",
    "an order whose status does not follow from its parts": """
        select o.id from orders o where o.status <> coalesce((
            select t.status from order_parts t where t.order_id = o.id and t.status <> 'cancelled'
            order by array_position(array['pending', 'confirmed', 'processing', 'shipped', 'delivered', 'returned', 'refunded'],
                                    t.status) limit 1), 'cancelled')
        """,
    "a part whose history ends elsewhere": """
        select t.id from order_parts t where t.status is distinct from (
            select h.to_status from order_history h
            where h.order_id = t.order_id and (h.part_id = t.id or h.part_id is null) order by h.id desc limit 1)
        """,
    "a step that is of the whole order": """
        select id from order_history
        where part_id is null and to_status <> 'pending' and note <> 'not paid in time' or part_id is not null and note = ''
        """,
    "a step of somebody else than it says": """
        select h.id from order_history h join orders o on o.id = h.order_id left join order_parts t on t.id = h.part_id
        left join company_members m on m.user_id = h.actor_id
        where case h.party
                  when 'buyer' then h.actor_id is distinct from o.user_id or h.to_status not in ('pending', 'cancelled')
                  when 'seller' then m.company_id is distinct from t.company_id
                  when 'shop' then h.to_status not in ('delivered', 'cancelled') or m.company_id is not null
                  else true end
        """,
    "a parcel that the history has otherwise": """
        select h.id from order_history h left join order_parts t on t.id = h.part_id
        where (h.carrier, h.tracking_number, h.occurred_at) is distinct from (t.carrier, t.tracking_number, t.shipped_at)
          and h.to_status = 'shipped' or h.to_status <> 'shipped' and h.carrier is not null
        """,
    "a line that was cancelled or given back otherwise than its part": """
        select l.id from order_lines l join order_parts t on t.id = l.part_id
        where l.cancelled_quantity <> case when t.status = 'cancelled' then l.quantity else 0 end
           or l.return_quantity <> case when t.status in ('returned', 'refunded') then l.quantity else 0 end
        """,
    "a return that does not suit its part": """
        select t.id from order_parts t left join returns r on r.part_id = t.id left join orders o on o.id = t.order_id
        where r.status is distinct from case t.status when 'returned' then 'received' when 'refunded' then 'refunded' end
           or r.id is not null and (r.order_id, r.company_id, r.zone_id) is distinct from (t.order_id, t.company_id, o.zone_id)
           or r.created_at < t.delivered_at or r.updated_at > t.updated_at
           or (select array_agg(h.to_status order by h.id) from return_history h where h.return_id = r.id)
              is distinct from case t.status when 'returned' then array['requested', 'approved', 'received']
                                             when 'refunded' then array['requested', 'approved', 'received', 'refunded'] end
           or r.id is not null and (
                  select count(*) from order_lines l join return_lines b on b.line_id = l.id and b.return_id = r.id
                  where l.part_id = t.id and (b.quantity, b.received, b.restocked) = (l.quantity, l.quantity, l.quantity)
              ) <> (select count(*) from order_lines where part_id = t.id)
        """,
    "a credit of a return that does not name it": """
        select k.id from credits k left join returns r on r.id = k.return_id
        where (k.kind = 'return') <> (r.id is not null) or r.order_id <> k.order_id
        """,
    "a history that has a gap, or goes back in time": """
        select id from (
            select id, from_status, occurred_at, lag(to_status) over w as before, lag(occurred_at) over w as earlier
            from order_history window w as (partition by order_id, part_id order by id)
        ) h where earlier > occurred_at
               or before is not null and from_status is distinct from before
               or before is null and coalesce(from_status, 'pending') <> 'pending'
        """,
    "a step that no order may take": """
        select id from order_history where from_status is not null and (from_status, to_status) not in (
            ('pending', 'confirmed'), ('confirmed', 'processing'), ('processing', 'shipped'), ('shipped', 'delivered'),
            ('delivered', 'returned'), ('returned', 'refunded'),
            ('pending', 'cancelled'), ('confirmed', 'cancelled'), ('processing', 'cancelled'))
        """,
    "an order number that another order could get": """
        select id from orders where number <> 'ORD-' || to_char(created_at at time zone 'UTC', 'YYYYMMDD')
                                              || case when id < 10 then '0' else '' end || id
        """,
    "a card order without its intent": """
        select o.id from orders o left join payment_intents i on i.id = o.payment_intent_id
        where (o.payment_method = 'card') <> (i.id is not null)
           or i.order_id <> o.id or i.amount_minor <> o.total_minor
           or i.id is not null and i.user_id is distinct from o.user_id
        """,
    "a payment that does not suit its intent": """
        select o.id from orders o join payment_intents i on i.id = o.payment_intent_id
        where (o.paid_at is not null) <> (i.status = 'succeeded') or o.paid_at is distinct from i.succeeded_at
        """,
    "a payment status that does not suit": """
        select id from orders
        where (payment_status in ('paid', 'refunded', 'partially_refunded')) <> (paid_at is not null)
           or payment_status = 'paid' and status in ('cancelled', 'refunded')
           or payment_status = 'refunded' and status not in ('cancelled', 'refunded')
           or (status = 'cancelled') <> (cancelled_at is not null) or (status = 'cancelled') <> (cancel_reason is not null)
           or payment_method = 'cash_on_delivery' and status = 'delivered' and paid_at is null
           or expires_at is not null and (payment_status not in ('unpaid', 'failed') or status <> 'pending')
        """,
    "a part that was not shipped when it says": """
        select id from order_parts
        where (shipped_at is not null) <> (status in ('shipped', 'delivered', 'returned', 'refunded'))
           or (shipped_at is null) <> (carrier is null) or (carrier is null) <> (tracking_number is null)
           or (delivered_at is not null) <> (status in ('delivered', 'returned', 'refunded'))
           or delivered_at < shipped_at
        """,
    "a rating that is not that of its reviews": """
        select p.id from products p left join reviews r on r.product_id = p.id
        group by p.id having p.rating_count <> count(r.id) or p.rating_sum <> coalesce(sum(r.rating), 0)
        """,
    "a review of what the reviewer did not buy": """
        select r.id from reviews r join order_lines l on l.id = r.order_line_id join orders o on o.id = l.order_id
        join order_parts t on t.id = l.part_id
        where r.product_id <> l.product_id or r.user_id <> o.user_id or t.delivered_at is null
           or r.created_at < t.delivered_at
        """,
    "an order of somebody who was not there yet": """
        select o.id from orders o join users u on u.id = o.user_id where o.created_at < u.created_at
        """,
    "an order to another zone than its buyer's": """
        select o.id from orders o join users u on u.id = o.user_id where o.zone_id is distinct from u.zone_id
        """,
    "a seller who sells for nobody": """
        select id from users u where role = 'seller' and not exists (select from company_members where user_id = u.id)
        """,
    "a product whose seller sells for somebody else": """
        select p.id from products p left join company_members m on m.user_id = p.seller_id and m.company_id = p.company_id
        where m.user_id is null
        """,
    "a group of several companies": """
        select g.id from product_groups g join products p on p.group_id = g.id where p.company_id <> g.company_id
        """,
    "a group without products": "select id from product_groups g where not exists (select from products where group_id = g.id)",
}

_SCHEMA = """
    select conrelid::regclass::text || ' ' || conname || ' ' || pg_get_constraintdef(oid) from pg_constraint
    where connamespace = 'public'::regnamespace
    union select indexdef from pg_indexes where schemaname = 'public' order by 1
    """


async def test_the_shop_is_consistent(fresh_db: asyncpg.Connection, tmp_path: Path) -> None:
    schema = await _column(fresh_db, _SCHEMA)

    summary = await demo.load(fresh_db, tmp_path, products=700, orders=2500, now=NOW)

    found = {name: len(rows) for name, sql in CONTRADICTIONS.items() if (rows := await fresh_db.fetch(sql))}
    assert found == {}
    assert await _column(fresh_db, _SCHEMA) == schema, "an index or a key was lost"
    assert (summary.products, summary.orders) == (700, 2500)
    assert str(summary).startswith("Demo shop: 700 products of 8 companies, ")
    await _assert_counts(fresh_db, summary)
    await _assert_accounts(fresh_db)
    await _assert_prices(fresh_db)
    await _assert_pictures(fresh_db, tmp_path)
    await _assert_room_for_more(fresh_db)


async def _assert_counts(connection: asyncpg.Connection, summary: demo.DemoSummary) -> None:
    for name in ("companies", "users", "products", "orders", "order_lines", "stock_movements", "reviews"):
        assert await connection.fetchval(f"select count(*) from {name}") == getattr(summary, name), name
    assert await connection.fetchval("select count(*) from product_translations") >= 4 * 40
    assert await connection.fetchval("select count(distinct status) from orders") >= 6
    assert await connection.fetchval("select count(distinct payment_method) from orders") == 3
    assert await connection.fetchval("select count(*) from product_stock where available between 0 and 5") > 0


async def _assert_prices(connection: asyncpg.Connection) -> None:
    """A new user sees every kind of promotion, coupons, prices for shops, ways to ship and other currencies."""
    kinds = await _column(
        connection, "select distinct effect ->> 'kind' from promotions where not needs_code order by 1"
    )
    assert kinds == ["bundle", "buy_x_get_y", "fixed", "percentage"]
    assert await _column(connection, "select code from coupons order by 1") == ["SAVE20", "WELCOME10"]
    assert await connection.fetchval("select count(distinct product_id) from price_list_tiers") > 5
    assert await _column(connection, "select distinct method from shipping_rates order by 1") == ["express", "pickup"]
    assert await connection.fetchval("select count(*) from currency_rates") == 4
    targets = """
        select count(*) from promotion_targets t where not exists (
            select from categories where id = t.target_id and t.scope = 'categories'
            union all select from products where id = t.target_id and t.scope = 'products')
        """
    assert await connection.fetchval(targets) == 0


async def _assert_accounts(connection: asyncpg.Connection) -> None:
    hashes = await _column(connection, "select distinct password_hash from users")
    assert len(hashes) == 1
    assert hashes[0].startswith("$2b$12$")
    assert bcrypt.checkpw(DEMO_PASSWORD.encode(), hashes[0].encode())
    accounts = await connection.fetch("select email, username, role from users order by id limit 6")
    assert [record["email"] for record in accounts] == list(demo.ACCOUNTS)
    assert [record["role"] for record in accounts] == [
        "admin", "location_admin", "seller", "courier", "shop_owner", "user"
    ]  # fmt: skip
    zones = await _column(
        connection,
        """
        select z.slug from zones z where z.id in (
            select a.zone_id from admin_zones a join users u on u.id = a.user_id where u.username = 'north'
            union select zone_id from users where username = 'shop')
        """,
    )
    assert zones == ["north"]


async def _assert_pictures(connection: asyncpg.Connection, media: Path) -> None:
    keys = await _column(
        connection, "select distinct location from product_images union select distinct thumbnail from products"
    )
    assert len(keys) > 500
    for key in keys:
        with Image.open(media / key) as picture:
            assert picture.format == "WEBP"
            assert picture.size == ((150, 150) if key.endswith("-150.webp") else (600, 600)), key


async def _assert_room_for_more(connection: asyncpg.Connection) -> None:
    """New rows get ids and order numbers of their own."""
    for table in ("users", "products", "orders", "order_lines", "stock_movements", "order_history", "reviews"):
        last, following = await connection.fetchrow(
            f"select max(id), nextval(pg_get_serial_sequence('{table}', 'id')) from {table}"
        )
        assert following == last + 1, table
    assert await connection.fetchval("select nextval('order_numbers')") > await connection.fetchval(
        "select max(id) from orders"
    )


async def test_it_goes_into_an_empty_database_only(fresh_db: asyncpg.Connection, tmp_path: Path) -> None:
    await demo.load(fresh_db, tmp_path, products=12, orders=0, now=NOW)
    with pytest.raises(demo.DemoError, match="has users already"):
        await demo.load(fresh_db, tmp_path, products=12, orders=0, now=NOW)
    assert await fresh_db.fetchval("select count(*) from products") == 12


async def test_a_year_of_orders_needs_a_few_products(fresh_db: asyncpg.Connection, tmp_path: Path) -> None:
    with pytest.raises(demo.DemoError, match="at least 40 products"):
        await demo.load(fresh_db, tmp_path, products=39, orders=10, now=NOW)
    await demo.load(fresh_db, tmp_path, products=40, orders=600, now=NOW)
    assert await fresh_db.fetchval("select count(*) from orders") == 600
    found = {name: len(rows) for name, sql in CONTRADICTIONS.items() if (rows := await fresh_db.fetch(sql))}
    assert found == {}


async def test_it_says_how_far_it_is(fresh_db: asyncpg.Connection, tmp_path: Path) -> None:
    class Said:
        def __init__(self) -> None:
            self.totals: dict[str, float] = {}
            self.done: dict[str, float] = {}

        def add_task(self, description: str, *, total: float) -> str:
            self.totals[description] = total
            self.done[description] = 0
            return description

        def advance(self, task_id: Any, advance: float) -> None:
            self.done[task_id] += advance

    said = Said()
    await demo.load(fresh_db, tmp_path, products=50, orders=40, now=NOW, progress=said)
    assert said.done == said.totals
    tasks = ["pictures", "people", "first stock", "orders", "groups", "products", "prices", "indexes", "ledger"]
    assert list(said.totals) == tasks


async def _column(connection: asyncpg.Connection, sql: str) -> list[Any]:
    return [record[0] for record in await connection.fetch(sql)]
