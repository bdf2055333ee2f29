"""The HTTP surface of lists of orders, and of orders in numbers."""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated

from litestar import Controller
from litestar.di import Provide
from litestar.params import QueryParameter

from entrepot.kernel.actors import Actor, seller_or_zone_admin, signed_in, zone_admin
from entrepot.kernel.db import Db
from entrepot.kernel.fields import Since, Until, aware
from entrepot.kernel.pages import Page, encode_cursor
from entrepot.kernel.routes import get
from entrepot.kernel.types import MAX_ID
from entrepot.orders.life_views import OrderStatsView
from entrepot.orders.list_orders import OrderFilter, list_orders
from entrepot.orders.list_queries import Listing, listing
from entrepot.orders.model import OrderStatus, PaymentMethod, PaymentStatus
from entrepot.orders.stats import Period, order_stats
from entrepot.orders.views import OrderPage, summaries
from entrepot.shop import Shop

CompanyId = Annotated[
    int | None, QueryParameter(ge=1, le=MAX_ID, description="Id of a company: only orders with a part of it.")
]


def order_filter(
    status: Annotated[OrderStatus | None, QueryParameter(description="For a seller, of its company's part.")] = None,
    payment_status: Annotated[
        PaymentStatus | None, QueryParameter(name="paymentStatus", description="Such as unpaid or paid.")
    ] = None,
    payment_method: Annotated[
        PaymentMethod | None,
        QueryParameter(name="paymentMethod", description="card, cash_on_delivery or invoice."),
    ] = None,
    company: CompanyId = None,
    zone: Annotated[str | None, QueryParameter(max_length=100, description="Slug of the zone of delivery.")] = None,
    user: Annotated[int | None, QueryParameter(ge=1, le=MAX_ID, description="Id of the buyer.")] = None,
    since: Since = None,
    until: Until = None,
    q: Annotated[
        str | None,
        QueryParameter(max_length=320, description="The beginning of an order's number, or a buyer's e-mail address."),
    ] = None,
    min_total: Annotated[
        float | None,
        QueryParameter(name="minTotal", ge=0, le=1e12, description="In major units of `currency`, or the shop's own."),
    ] = None,
    max_total: Annotated[
        float | None, QueryParameter(name="maxTotal", ge=0, le=1e12, description="As minTotal.")
    ] = None,
    currency: Annotated[str | None, QueryParameter(pattern="^[A-Z]{3}$", description="Such as USD.")] = None,
    sort_by: Annotated[
        str | None,
        QueryParameter(name="sortBy", description="createdAt, date, id or total; the newest first if not given."),
    ] = None,
    order: Annotated[str | None, QueryParameter(description="asc or desc.")] = None,
) -> OrderFilter:
    """The filters and the sort key of a list of orders."""
    return OrderFilter(
        status=status,
        payment_status=payment_status,
        payment_method=payment_method,
        company=company,
        zone=zone,
        user=user,
        since=aware("since", since),
        until=aware("until", until),
        q=q.strip() if q else None,
        min_total=_exact(min_total),
        max_total=_exact(max_total),
        currency=currency,
        sort_by=sort_by,
        order=order,
    )


class OrderListsController(Controller):
    path = "/orders"
    tags = ["Orders"]
    dependencies = {"wanted": Provide(order_filter, sync_to_thread=False)}

    @get("/", guard=signed_in)
    async def list_orders(self, db: Db, actor: Actor, shop: Shop, wanted: OrderFilter, page: Page) -> OrderPage:
        """Orders, newest first: one's own; for sellers also those with a part of theirs, for administrators their zones'.

        To a seller who has not bought it itself, an order is what its company sells of it: its status, its total.
        """
        return await order_page(db, shop, wanted, listing(actor, with_company_id=wanted.company), page)

    @get("/all", guard=zone_admin)
    async def list_all_orders(self, db: Db, actor: Actor, shop: Shop, wanted: OrderFilter, page: Page) -> OrderPage:
        """All orders, for an administrator; those to its zones, for a location admin."""
        seen = listing(actor, bought=False, with_company_id=wanted.company)
        return await order_page(db, shop, wanted, seen, page)

    @get("/stats", guard=seller_or_zone_admin)
    async def order_stats(
        self,
        db: Db,
        actor: Actor,
        shop: Shop,
        since: Since = None,
        until: Until = None,
        period: Annotated[Period, QueryParameter(description="day, week or month.")] = Period.DAY,
        company: CompanyId = None,
    ) -> OrderStatsView:
        """Orders in numbers: by status, what they brought in, on average, and by day, week or month.

        Of the last 30 days, or of up to 366 that are named. A seller's are its company's parts, a location admin's its zones'
        orders. Revenue counts, with tax and delivery, what was neither cancelled as a whole nor came back.
        """
        seen = listing(actor, bought=False, with_company_id=company)
        return OrderStatsView.of(
            await order_stats(db, seen, period, aware("since", since), aware("until", until)), shop
        )


async def order_page(db: Db, shop: Shop, wanted: OrderFilter, seen: Listing, page: Page) -> OrderPage:
    """A page of the orders that are `seen`."""
    found = await list_orders(db, wanted, seen, shop.settings, page)
    shown = summaries(found.orders, shop)
    return OrderPage(
        products=shown,
        orders=shown,
        total=found.total,
        skip=page.skip,
        limit=len(shown),
        next_cursor=encode_cursor(*found.following) if found.following else None,
    )


def _exact(amount: float | None) -> Decimal | None:
    return Decimal(repr(amount)) if amount is not None else None
