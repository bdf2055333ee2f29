"""Listing orders: filters, sort keys and pages for buyers, sellers and administrators."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal

import msgspec

from entrepot.kernel.db import Db
from entrepot.kernel.errors import Invalid
from entrepot.kernel.fields import minor_of
from entrepot.kernel.filters import Filters, choose_sort
from entrepot.kernel.money import currency
from entrepot.kernel.pages import Page
from entrepot.orders import list_queries as queries
from entrepot.orders.list_queries import NEWEST_FIRST, SORT_KEYS, Listing
from entrepot.orders.model import OrderStatus, OrderSummary, PaymentMethod, PaymentStatus
from entrepot.settings import Settings


class OrderFilter(msgspec.Struct, frozen=True, kw_only=True):
    """Which orders are wanted, and in which order. `zone` is a slug, `since` is included, `until` is not; totals are in major
    units of `currency`, or of the shop's own."""

    status: OrderStatus | None = None
    payment_status: PaymentStatus | None = None
    payment_method: PaymentMethod | None = None
    company: int | None = None
    zone: str | None = None
    user: int | None = None
    since: datetime | None = None
    until: datetime | None = None
    q: str | None = None
    min_total: Decimal | None = None
    max_total: Decimal | None = None
    currency: str | None = None
    sort_by: str | None = None
    order: str | None = None


class Found(msgspec.Struct, frozen=True):
    """A page of orders, how many there are, and the cursor of the next page if there is one."""

    orders: list[OrderSummary]
    total: int
    following: tuple[object, ...] | None


async def list_orders(db: Db, wanted: OrderFilter, seen: Listing, settings: Settings, page: Page) -> Found:
    """A page of the orders that are `seen`.

    Raises:
        Invalid: an unknown sort key, a cursor of another list, or limits that contradict each other.
    """
    sort = choose_sort(SORT_KEYS, wanted.sort_by, wanted.order, default=NEWEST_FIRST, id_column="o.id")
    narrow(seen.filters, wanted, settings)
    total = await queries.count_orders(db, seen)
    if page.after is not None:
        sort.after(seen.filters, page.after)
    orders = await queries.list_orders(db, seen, sort, page.skip, page.limit)
    if not orders or len(orders) < page.limit:
        return Found(orders, total, None)
    last = orders[-1]
    return Found(orders, total, sort.cursor(last.total_minor if sort.key is SORT_KEYS["total"] else last.id, last.id))


def narrow(filters: Filters, wanted: OrderFilter, settings: Settings) -> None:
    """Add what is asked for to the conditions. A company is no condition, but a source: see `listing`."""
    if wanted.since is not None and wanted.until is not None and wanted.until <= wanted.since:
        raise Invalid({"until": ["must be later than since"]})
    for condition, value in (
        ("o.seen_status = {}", wanted.status),
        ("o.payment_status = {}", wanted.payment_status),
        ("o.payment_method = {}", wanted.payment_method),
        ("o.zone_id = (select id from zones where slug = {})", wanted.zone),
        ("o.user_id = {}", wanted.user),
        ("o.created_at >= {}", wanted.since),
        ("o.created_at < {}", wanted.until),
    ):
        if value is not None:
            filters.add(condition, value)
    if wanted.q:
        queries.narrow_to_text(filters, wanted.q)
    _narrow_to_totals(filters, wanted, settings)


def _narrow_to_totals(filters: Filters, wanted: OrderFilter, settings: Settings) -> None:
    if wanted.currency is not None or wanted.min_total is not None or wanted.max_total is not None:
        code = wanted.currency or settings.currency
        filters.add("o.currency = {}", code)
        counted_in = currency(code, settings.currency_digits)
        if wanted.min_total is not None:
            filters.add("o.seen_total_minor >= {}", minor_of("minTotal", wanted.min_total, counted_in))
        if wanted.max_total is not None:
            filters.add("o.seen_total_minor <= {}", minor_of("maxTotal", wanted.max_total, counted_in))
