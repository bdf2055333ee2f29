"""The SQL of lists of orders: each kind of reader has sources of its own, so that each has its index."""

from __future__ import annotations

from datetime import datetime
from typing import Final

import msgspec

from entrepot.kernel.actors import Actor, Role
from entrepot.kernel.db import Db
from entrepot.kernel.filters import Filters, Sort, SortKey
from entrepot.orders.model import OrderStatus, OrderSummary, PaymentStatus

SORT_KEYS: Final = {
    "createdAt": SortKey("o.id", "bigint"),  # ids are given in the order in which orders are placed
    "date": SortKey("o.id", "bigint"),
    "id": SortKey("o.id", "bigint"),
    "total": SortKey("o.seen_total_minor", "bigint"),
}
LAST_CHARACTER: Final = chr(0x10FFFF)
NEWEST_FIRST: Final = Sort(SORT_KEYS["id"], descending=True, id_column="o.id")

# What is seen of an order: for a seller its company's part, as if it were all.
_WHOLE: Final = (
    "select r.*, r.total_minor as seen_total_minor, r.status as seen_status, null::bigint as seen_company_id"
)
# An outer join, although there always is such an order: the planner leaves it out of a count that asks for nothing of it,
# and walks the index of parts in the order of the orders.
_PART: Final = """
    select s.order_id as id, r.number, r.user_id, r.guest_email, r.zone_id, r.currency, r.payment_status, r.payment_method,
           r.created_at, r.updated_at, s.total_minor as seen_total_minor, s.status as seen_status,
           s.company_id as seen_company_id
    from order_parts s left join orders r on r.id = s.order_id
    """


class Listing(msgspec.Struct, frozen=True):
    """Where a list's orders come from: sources that share none, each called `o`, and what all must fulfil."""

    sources: tuple[str, ...]
    filters: Filters


def listing(actor: Actor, *, bought: bool = True, managed: bool = True, with_company_id: int | None = None) -> Listing:
    """The orders that the actor `bought`, and those that it administers or sells of; those of one company only, if given."""
    filters = Filters()
    sources: list[str] = []
    everything, company_id, zone_ids = actor.reach
    among = ""
    if with_company_id is not None:
        one = filters.arg(with_company_id)
        among = (
            " and exists (select from order_parts x where x.order_id = {order} and x.company_id = " + f"{one}::bigint)"
        )
    if managed and everything:
        whole = f"{_WHOLE} from orders r"
        if with_company_id is not None:
            whole = f"{_WHOLE} from order_parts x join orders r on r.id = x.order_id where x.company_id = {one}::bigint"
        return Listing((f"({whole}) o",), filters)
    elsewhere = ""
    if managed and actor.role is Role.LOCATION_ADMIN:
        zones = filters.arg(zone_ids)
        sources.append(
            f"({_WHOLE} from orders r where r.zone_id = any({zones}::bigint[]){among.format(order='r.id')}) o"
        )
        elsewhere = f" and (r.zone_id is null or r.zone_id <> all({zones}::bigint[]))"
    if managed and company_id is not None:
        own = filters.arg(company_id)
        sources.append(f"({_PART} where s.company_id = {own}::bigint{among.format(order='s.order_id')}) o")
        elsewhere = (
            f" and not exists (select from order_parts y where y.order_id = r.id and y.company_id = {own}::bigint)"
        )
    if bought:
        me = filters.arg(actor.user_id)
        sources.append(
            f"({_WHOLE} from orders r where r.user_id = {me}::bigint{elsewhere}{among.format(order='r.id')}) o"
        )
    return Listing(tuple(sources), filters)


async def list_orders(db: Db, wanted: Listing, sort: Sort, skip: int, limit: int) -> list[OrderSummary]:
    """Of each source so many as could be on the page, then the page of them."""
    if not wanted.sources:
        return []
    last, first = f"${len(wanted.filters.args) + 1}", f"${len(wanted.filters.args) + 2}"
    branches = " union all ".join(
        f"""
        (select o.id, o.number, o.user_id, o.currency, o.seen_status, o.payment_status, o.payment_method,
                o.seen_total_minor, o.seen_company_id, o.created_at, o.updated_at
         from {source} where {wanted.filters.sql} order by {sort.order_by} limit {last})
        """
        for source in wanted.sources
    )
    return await db.many(
        OrderSummary,
        f"""
        select o.id, o.number, o.user_id, o.currency, o.seen_status as status, o.payment_status, o.payment_method,
               o.seen_total_minor as total_minor,
               (select coalesce(sum(l.quantity), 0)::bigint from order_lines l join order_parts p on p.id = l.part_id
                where l.order_id = o.id and (o.seen_company_id is null or p.company_id = o.seen_company_id)) as quantity,
               o.created_at, o.updated_at
        from ({branches}) o order by {sort.order_by} offset {first} limit {last}::bigint - {first}::bigint
        """,
        *wanted.filters.args,
        skip + limit,
        skip,
    )


async def count_orders(db: Db, wanted: Listing) -> int:
    if not wanted.sources:
        return 0
    counts = " + ".join(f"(select count(*) from {source} where {wanted.filters.sql})" for source in wanted.sources)
    total: int = await db.value(f"select {counts}", *wanted.filters.args)
    return total


class Bucket(msgspec.Struct, frozen=True, kw_only=True):
    """Orders of one status, payment status and currency that were placed in one period."""

    start: datetime
    status: OrderStatus
    payment_status: PaymentStatus
    currency: str
    orders: int
    total_minor: int


async def sum_up(db: Db, wanted: Listing, period: str) -> list[Bucket]:
    """Counts, and sums of what was sold and not taken back, by day, week or month, in UTC; the earliest first."""
    if not wanted.sources:
        return []
    step = f"${len(wanted.filters.args) + 1}"
    branches = " union all ".join(
        f"""
        select date_trunc({step}::text, o.created_at, 'UTC') as start, o.seen_status as status, o.payment_status,
               o.currency, count(*) as orders, sum(o.seen_total_minor) as total_minor
        from {source} where {wanted.filters.sql} group by 1, 2, 3, 4
        union all
        select date_trunc({step}::text, o.created_at, 'UTC'), o.seen_status, o.payment_status, o.currency, 0,
               -sum(k.goods_minor + k.tax_minor + k.shipping_minor)
        from {source}
        join order_parts p on p.order_id = o.id and (o.seen_company_id is null or p.company_id = o.seen_company_id)
        join credit_lines k on k.part_id = p.id
        where {wanted.filters.sql} group by 1, 2, 3, 4
        """
        for source in wanted.sources
    )
    return await db.many(
        Bucket,
        f"""
        select start, status, payment_status, currency, sum(orders)::bigint as orders,
               sum(total_minor)::bigint as total_minor
        from ({branches}) b group by 1, 2, 3, 4 order by 1, 2, 3, 4
        """,
        *wanted.filters.args,
        period,
    )


def narrow_to_text(filters: Filters, q: str) -> None:
    """Orders whose number begins with `q`, with or without its `ORD-`, or of whoever has this e-mail address."""
    if "@" in q:
        filters.add(
            """
            (lower(o.guest_email) = {} or o.user_id = any(array(select id from users where lower(email) = {})))
            """,
            q.lower(),
            q.lower(),
        )
        return
    prefix = q.upper() if q.upper().startswith("ORD-") else f"ORD-{q.upper()}"
    filters.add('o.number collate "C" >= {} and o.number collate "C" < {}', prefix, prefix + LAST_CHARACTER)
