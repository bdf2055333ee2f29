"""The SQL of what becomes of an order after it was placed."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import msgspec

from entrepot.kernel import clock
from entrepot.kernel.actors import Actor
from entrepot.kernel.db import Db, Tx
from entrepot.orders.life_model import By, LiveLine, LiveOrder, LivePart, Note, Step
from entrepot.orders.model import OrderStatus


class Moved(msgspec.Struct, frozen=True):
    """An order whose status was written."""

    number: str
    user_id: int | None


async def lock_number(tx: Tx, number: str) -> int | None:
    """The id of the order with this number; others that change it wait until this transaction ends.

    A statement of its own, as `queries.lock_order` is, and for the same reason.
    """
    order_id: int | None = await tx.value("select id from orders where number = $1 for update", number)
    return order_id


async def get_live(tx: Tx, actor: Actor, order_id: int) -> LiveOrder:
    """A locked order, with all its parts and lines, and as what the actor may change it."""
    everything, company_id, zone_ids = actor.reach
    return await tx.one(
        LiveOrder,
        """
        select o.id, o.number, o.user_id, o.currency, o.status, o.payment_status, o.payment_method, o.total_minor,
               coalesce(o.user_id = $2::bigint, false) or coalesce(o.guest_token_hash = $3::bytea, false) as own,
               $4::boolean or coalesce(o.zone_id = any($5::bigint[]), false) as managed,
               (select id from order_parts where order_id = o.id and company_id = $6::bigint) as sold_part_id,
               (select jsonb_agg(jsonb_build_object('id', id, 'company_id', company_id, 'status', status) order by id)
                from order_parts where order_id = o.id) as parts,
               (select jsonb_agg(jsonb_build_object(
                    'id', id, 'part_id', part_id, 'product_id', product_id, 'sku', sku, 'quantity', quantity,
                    'cancelled_quantity', cancelled_quantity) order by position)
                from order_lines where order_id = o.id) as lines
        from orders o where o.id = $1
        """,
        order_id,
        actor.user_id,
        actor.order_token_hash,
        everything,
        zone_ids,
        company_id,
    )


async def list_parts(tx: Tx, order_id: int) -> list[LivePart]:
    return await tx.many(
        LivePart, "select id, company_id, status from order_parts where order_id = $1 order by id", order_id
    )


async def list_lines(tx: Tx, order_id: int) -> list[LiveLine]:
    return await tx.many(
        LiveLine,
        """
        select id, part_id, product_id, sku, quantity, cancelled_quantity from order_lines where order_id = $1
        order by position
        """,
        order_id,
    )


async def move_parts(
    tx: Tx,
    order_id: int,
    part_ids: Sequence[int],
    status: OrderStatus,
    order_status: OrderStatus,
    by: By,
    *,
    note: str,
    carrier: str | None,
    tracking_number: str | None,
) -> Moved:
    """Write what these parts of a locked order have become, its own status, and the history of each part."""
    return await tx.one(
        Moved,
        """
        with before as (
            select id, status from order_parts where order_id = $1 and id = any($2::bigint[])
        ), moved as (
            update order_parts p
            set status = $3, carrier = coalesce($8, p.carrier), tracking_number = coalesce($9, p.tracking_number),
                shipped_at = case when $3 = 'shipped' then $10 else p.shipped_at end,
                delivered_at = case when $3 = 'delivered' then $10 else p.delivered_at end,
                updated_at = $10
            from before b where p.id = b.id
        ), history as (
            insert into order_history (order_id, part_id, from_status, to_status, actor_id, party, note, carrier,
                                       tracking_number, occurred_at)
            select $1, id, status, $3, $5, $6, $7, $8, $9, $10 from before order by id
        )
        update orders
        set status = $4, updated_at = $10,
            cancelled_at = case when $4 = 'cancelled' and status <> 'cancelled' then $10 else cancelled_at end,
            cancel_reason = case when $4 = 'cancelled' and status <> 'cancelled' then nullif($7, '') else cancel_reason end,
            expires_at = case when $4 <> 'cancelled' then expires_at end
        where id = $1
        returning number, user_id
        """,
        order_id,
        list(part_ids),
        status,
        order_status,
        by.actor_id,
        by.party,
        note,
        carrier,
        tracking_number,
        clock.now(),
    )


async def add_cancelled(tx: Tx, order_id: int, line_ids: Sequence[int], quantities: Sequence[int]) -> None:
    """Count pieces of these lines as cancelled. The constraint refuses more than were bought."""
    await tx.run(
        """
        with counted as (
            update order_lines l set cancelled_quantity = l.cancelled_quantity + q.quantity
            from unnest($2::bigint[], $3::integer[]) as q (line_id, quantity) where l.id = q.line_id and l.order_id = $1
        )
        update orders set updated_at = $4 where id = $1
        """,
        order_id,
        list(line_ids),
        list(quantities),
        clock.now(),
    )


async def note_pieces(tx: Tx, order_id: int, part_ids: Sequence[int], notes: Sequence[str], by: By) -> None:
    """Entries of the history about parts whose status stays."""
    await tx.run(
        """
        insert into order_history (order_id, part_id, from_status, to_status, actor_id, party, note, occurred_at)
        select $1, p.id, p.status, p.status, $4, $5, n.note, $6
        from unnest($2::bigint[], $3::text[]) as n (part_id, note) join order_parts p on p.id = n.part_id order by p.id
        """,
        order_id,
        list(part_ids),
        list(notes),
        by.actor_id,
        by.party,
        clock.now(),
    )


# Of an order that the reader may see. A seller who has not bought it sees what is of its company's part or of no part.
_SHOWN_TO_SELLER: Final = "($2::bigint is null or {company} is null or {company} = $2)"
_CALLED: Final = "nullif(trim(u.first_name || ' ' || u.last_name), '')"


async def list_steps(db: Db, order_id: int, company_id: int | None, limit: int) -> list[Step]:
    """The history, the oldest first; with a company, what concerns it."""
    return await db.many(
        Step,
        f"""
        select h.id, h.part_id, p.company_id, h.from_status, h.to_status, h.party, h.actor_id, {_CALLED} as actor, h.note,
               h.carrier, h.tracking_number, h.occurred_at
        from order_history h
        left join order_parts p on p.id = h.part_id
        left join users u on u.id = h.actor_id
        where h.order_id = $1 and {_SHOWN_TO_SELLER.format(company="p.company_id")}
        order by h.id limit $3
        """,
        order_id,
        company_id,
        limit,
    )


async def list_notes(db: Db, order_id: int, company_id: int | None, internal: bool) -> list[Note]:
    """The notes, the oldest first; with a company, what a seller of it may read; internal ones only if asked for."""
    return await db.many(
        Note,
        f"""
        select n.id, n.party, n.company_id, n.author_id, {_CALLED} as author, n.is_internal, n.note, n.written_at
        from order_notes n left join users u on u.id = n.author_id
        where n.order_id = $1 and {_SHOWN_TO_SELLER.format(company="n.company_id")}
          and (not n.is_internal or $3 and ($2 is null or n.company_id = $2))
        order by n.id
        """,
        order_id,
        company_id,
        internal,
    )


async def insert_note(
    tx: Tx, order_id: int, company_id: int | None, by: By, note: str, *, is_internal: bool, most: int
) -> int | None:
    """A note on a locked order; None when there are so many already."""
    note_id: int | None = await tx.value(
        """
        insert into order_notes (order_id, company_id, author_id, party, is_internal, note, written_at)
        select $1, $2::bigint, $3::bigint, $4, $5, $6, $7
        where (select count(*) from order_notes where order_id = $1) < $8
        returning id
        """,
        order_id,
        company_id,
        by.actor_id,
        by.party,
        is_internal,
        note,
        clock.now(),
        most,
    )
    return note_id


class NewReview(msgspec.Struct, frozen=True, kw_only=True):
    """What a buyer says of a seller; stars from 1 to 5."""

    overall: int
    communication: int
    timeliness: int
    comment: str = ""


async def claim_review(tx: Tx, order_id: int, part: LivePart, user_id: int | None, review: NewReview) -> int:
    """Keep what is said of the seller of a part; 0 when something was said before, else 1."""
    return await tx.run(
        """
        insert into seller_reviews (part_id, order_id, company_id, user_id, overall, communication, timeliness, comment,
                                    written_at)
        values ($1, $2, $3, $4, $5, $6, $7, $8, $9) on conflict (part_id) do nothing
        """,
        part.id,
        order_id,
        part.company_id,
        user_id,
        review.overall,
        review.communication,
        review.timeliness,
        review.comment,
        clock.now(),
    )


class Travel(msgspec.Struct, frozen=True, kw_only=True):
    """How long an order's way of shipping takes, in days."""

    max_days: int


async def find_travel(db: Db, shipping_method: str) -> Travel | None:
    return await db.maybe(Travel, "select max_days::integer from shipping_methods where code = $1", shipping_method)
