"""The SQL of returns."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Final

import msgspec

from entrepot.kernel import clock
from entrepot.kernel.actors import Actor, Role
from entrepot.kernel.db import Db, Tx
from entrepot.kernel.filters import Filters
from entrepot.orders.life_model import By
from entrepot.orders.return_model import BoughtLine, Return, ReturnReason, ReturnStatus


class BoughtOrder(msgspec.Struct, frozen=True):
    """An order that something is to come back of; `own`: the actor bought it."""

    id: int
    number: str
    own: bool


class Awaited(msgspec.Struct, frozen=True):
    """A return that was approved, and whose goods are on their way."""

    id: int
    order_id: int
    order_number: str
    company_id: int


class Arrived(msgspec.Struct, frozen=True):
    """Pieces of a line of a return that came back, and how many of them can be sold again."""

    line_id: int
    received: int
    restocked: int


_OWN: Final = "coalesce(o.user_id = $1::bigint or o.guest_token_hash = $2::bytea, false)"
_SOLD: Final = "coalesce(r.company_id = $3::bigint, false)"
_MANAGED: Final = "($4::boolean or coalesce(r.zone_id = any($5::bigint[]), false))"
_RETURN: Final = f"""
    select r.id, r.order_id, o.number as order_number, r.part_id, p.status as part_status, r.company_id,
           c.name as company, o.currency, r.status, r.reason, r.note, k.total_minor as credited_minor,
           {_OWN} as own, {_SOLD} as sold, {_MANAGED} as managed,
           (select jsonb_agg(to_jsonb(x) - 'position' order by x.position) from (
                select l.position, l.id as line_id, l.product_id, l.sku, l.title, l.thumbnail, b.quantity, b.received,
                       b.restocked
                from return_lines b join order_lines l on l.id = b.line_id where b.return_id = r.id
            ) x) as lines,
           (select jsonb_agg(to_jsonb(h) - 'id' - 'return_id' - 'actor_id' order by h.id)
            from return_history h where h.return_id = r.id) as history,
           r.created_at, r.updated_at
    from returns r
    join orders o on o.id = r.order_id
    join order_parts p on p.id = r.part_id
    join companies c on c.id = r.company_id
    left join credits k on k.return_id = r.id
    """


def _sight(actor: Actor) -> tuple[int | None, bytes | None, int | None, bool, list[int]]:
    """Whose returns the actor may see: its own, the one order's that it has the token of, its company's, its zones', all."""
    everything, company_id, zone_ids = actor.reach
    return actor.user_id, actor.order_token_hash, company_id, everything, zone_ids


def visible_to(actor: Actor) -> Filters:
    """The conditions that every list of returns begins with. Each kind of actor has its own, as simple as it can be."""
    own = "r.order_id in (select id from orders where user_id = $1::bigint or guest_token_hash = $2::bytea)"
    match actor.role:
        case Role.ADMIN:
            filters = Filters("true")
        case Role.SELLER:
            filters = Filters(f"(r.company_id = $3::bigint or {own})")
        case Role.LOCATION_ADMIN:
            filters = Filters(f"(r.zone_id = any($5::bigint[]) or {own})")
        case _:
            filters = Filters(own)
    filters.args.extend(_sight(actor))
    return filters


async def find_return(db: Db, actor: Actor, return_id: int) -> Return | None:
    """One that the actor may see."""
    return await db.maybe(
        Return, f"{_RETURN} where r.id = $6 and ({_OWN} or {_SOLD} or {_MANAGED})", *_sight(actor), return_id
    )


async def list_returns(db: Db, filters: Filters, skip: int, limit: int) -> list[Return]:
    """The newest first."""
    return await db.many(
        Return,
        f"""
        {_RETURN} where {filters.sql} order by r.id desc
        offset ${len(filters.args) + 1} limit ${len(filters.args) + 2}
        """,
        *filters.args,
        skip,
        limit,
    )


async def count_returns(db: Db, filters: Filters) -> int:
    """Every argument is used, whichever conditions there are: PostgreSQL asks for the type of each."""
    total: int = await db.value(
        f"""
        select count(*) from returns r left join orders o on o.id = r.order_id
        where {filters.sql} and ({_OWN} or {_SOLD} or {_MANAGED} or true)
        """,
        *filters.args,
    )
    return total


async def find_bought(db: Db, actor: Actor, number: str) -> BoughtOrder | None:
    return await db.maybe(
        BoughtOrder,
        f"select o.id, o.number, {_OWN} as own from orders o where o.number = $3",
        actor.user_id,
        actor.order_token_hash,
        number,
    )


async def list_bought(tx: Tx, order_id: int) -> list[BoughtLine]:
    """The lines of an order, as far as they were shipped, in its order."""
    return await tx.many(
        BoughtLine,
        """
        select l.id, l.part_id, l.product_id, p.status as part_status, p.delivered_at,
               (select coalesce(sum(s.quantity), 0)::integer from stock_reservations s
                where s.order_line_id = l.id and s.status = 'shipped') as shipped,
               l.return_quantity as returning
        from order_lines l join order_parts p on p.id = l.part_id where l.order_id = $1 order by l.position
        """,
        order_id,
    )


async def insert_return(
    tx: Tx, part_id: int, quantities: Sequence[tuple[int, int]], reason: ReturnReason, note: str, actor_id: int | None
) -> int:
    """A return of pieces by line, counted against what was bought. The constraint refuses more than that."""
    return_id: int = await tx.value(
        """
        with made as (
            insert into returns (order_id, part_id, company_id, zone_id, status, reason, note, created_at, updated_at)
            select o.id, p.id, p.company_id, o.zone_id, 'requested', $4, $5, $7, $7
            from order_parts p join orders o on o.id = p.order_id where p.id = $1
            returning id
        ), lines as (
            insert into return_lines (return_id, line_id, quantity)
            select made.id, q.line_id, q.quantity from made, unnest($2::bigint[], $3::integer[]) as q (line_id, quantity)
        ), counted as (
            update order_lines l set return_quantity = l.return_quantity + q.quantity
            from unnest($2::bigint[], $3::integer[]) as q (line_id, quantity) where l.id = q.line_id
        ), history as (
            insert into return_history (return_id, to_status, party, actor_id, note, occurred_at)
            select id, 'requested', 'buyer', $6, $5, $7 from made
        )
        select id from made
        """,
        part_id,
        [line_id for line_id, _ in quantities],
        [quantity for _, quantity in quantities],
        reason,
        note,
        actor_id,
        clock.now(),
    )
    return return_id


async def claim_status(
    tx: Tx, return_id: int, before: ReturnStatus, after: ReturnStatus, by: By, note: str
) -> int | None:
    """Take a return from one state to another, with its history; returns its id, None when it was no longer in the first."""
    claimed: int | None = await tx.value(
        """
        with changed as (
            update returns set status = $3, updated_at = $7 where id = $1 and status = $2 returning id
        ), history as (
            insert into return_history (return_id, from_status, to_status, party, actor_id, note, occurred_at)
            select id, $2, $3, $4, $5, $6, $7 from changed
        )
        select id from changed
        """,
        return_id,
        before,
        after,
        by.party,
        by.actor_id,
        note,
        clock.now(),
    )
    return claimed


async def list_awaited(db: Db, approved_before: datetime, limit: int) -> list[Awaited]:
    """Those that wait longest first."""
    return await db.many(
        Awaited,
        """
        select r.id, r.order_id, o.number as order_number, r.company_id from returns r join orders o on o.id = r.order_id
        where r.status = 'approved' and r.updated_at <= $1 order by r.updated_at, r.id limit $2
        """,
        approved_before,
        limit,
    )


async def free_lines(tx: Tx, return_id: int) -> None:
    """What was to come back will not: it can be asked for again."""
    await tx.run(
        """
        update order_lines l set return_quantity = l.return_quantity - b.quantity
        from return_lines b where b.return_id = $1 and l.id = b.line_id
        """,
        return_id,
    )


async def set_received(tx: Tx, return_id: int, arrived: Sequence[Arrived]) -> None:
    """What came back. What did not can be asked for again. Every line of the return is given."""
    await tx.run(
        """
        with came as (
            update return_lines b set received = a.received, restocked = a.restocked
            from unnest($2::bigint[], $3::integer[], $4::integer[]) as a (line_id, received, restocked)
            where b.return_id = $1 and b.line_id = a.line_id
            returning b.line_id, b.quantity - b.received as missing
        )
        update order_lines l set return_quantity = l.return_quantity - came.missing
        from came where l.id = came.line_id and came.missing > 0
        """,
        return_id,
        [line.line_id for line in arrived],
        [line.received for line in arrived],
        [line.restocked for line in arrived],
    )


async def is_all_back(db: Db, part_id: int) -> bool:
    """Whether everything of a part that was shipped came back."""
    all_back: bool = await db.value(
        """
        select not exists (
            select from order_lines l
            where l.part_id = $1
              and (select coalesce(sum(s.quantity), 0) from stock_reservations s
                   where s.order_line_id = l.id and s.status = 'shipped')
                > (select coalesce(sum(b.received), 0) from return_lines b where b.line_id = l.id))
        """,
        part_id,
    )
    return all_back


async def is_settled(db: Db, part_id: int) -> bool:
    """Whether nothing that came back of a part waits for its refund."""
    settled: bool = await db.value(
        "select not exists (select from returns where part_id = $1 and status in ('requested', 'approved', 'received'))",
        part_id,
    )
    return settled
