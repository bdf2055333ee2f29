"""The HTTP surface of orders."""

from __future__ import annotations

from typing import Annotated

from litestar import Controller, Response
from litestar.params import QueryParameter

from entrepot.inventory import InsufficientStock
from entrepot.kernel.actors import Actor, guest_or_user, signed_in
from entrepot.kernel.db import Db, Tx
from entrepot.kernel.errors import Unauthorized
from entrepot.kernel.languages import chosen_language
from entrepot.kernel.pages import Page, encode_cursor, id_after
from entrepot.kernel.routes import get, post
from entrepot.orders import queries
from entrepot.orders.invoice import invoice_for
from entrepot.orders.model import (
    BelowMinimum,
    BrokenPacks,
    EmptyOrder,
    GuestCheckoutOff,
    InvoiceNotReady,
    MixedCurrencies,
    NotYourOrder,
    Order,
    OrderNotFound,
    OrderTooLarge,
    ProductsUnavailable,
    QuoteChanged,
    ShippingNotOffered,
    ZoneNotServed,
)
from entrepot.orders.place import place
from entrepot.orders.requests import NewOrder
from entrepot.orders.views import OrderPage, OrderView, summaries
from entrepot.payments import IntentMismatch
from entrepot.pricing import COUPON_REFUSALS, CouponOver, CurrencyNotDealtIn, PromotionOver
from entrepot.shop import Shop

Lang = Annotated[
    str | None, QueryParameter(name="lang", description="Language of the labels; the order's own if not given.")
]


class OrderController(Controller):
    path = "/orders"
    tags = ["Orders"]

    @post(
        "/",
        guard=guest_or_user,
        refuses=(
            InsufficientStock,
            ProductsUnavailable,
            BelowMinimum,
            BrokenPacks,
            ZoneNotServed,
            MixedCurrencies,
            EmptyOrder,
            OrderTooLarge,
            IntentMismatch,
            GuestCheckoutOff,
            ShippingNotOffered,
            CurrencyNotDealtIn,
            *COUPON_REFUSALS,
            CouponOver,
            PromotionOver,
            QuoteChanged,
        ),
    )
    async def place_order(self, tx: Tx, actor: Actor, shop: Shop, data: NewOrder) -> OrderView:
        """Place an order.

        Stock is reserved, prices are frozen, and the order is split into a part per selling company, or nothing happens at
        all. It costs what `POST /checkout/quote` says of the same goods, address and coupon; send that `quote` or the
        `expectedTotal` along, and an order that costs anything else is refused with what changed. Send an
        `Idempotency-Key`, so that the same order is placed once, however often the request is sent. A card order waits to
        be paid: see `POST /payments/intents`.
        """
        placed = await place(tx, actor, data, shop.settings)
        order = await queries.find_order(tx, actor, placed.number)
        if order is None:
            raise OrderNotFound
        return OrderView.of(order, shop, placed.guest_token)

    @get("/", guard=signed_in)
    async def list_orders(self, db: Db, actor: Actor, shop: Shop, page: Page) -> OrderPage:
        """Orders, newest first: one's own; for sellers those with a part of theirs, for administrators their zones'."""
        orders = await queries.list_orders(db, actor, page.skip, page.limit, id_after(page))
        shown = summaries(orders, shop)
        return OrderPage(
            products=shown,
            orders=shown,
            total=await queries.count_orders(db, actor),
            skip=page.skip,
            limit=len(shown),
            next_cursor=encode_cursor(orders[-1].id) if len(orders) == page.limit and orders else None,
        )

    @get("/{order_id:str}", guard=guest_or_user, refuses=(Unauthorized, OrderNotFound, NotYourOrder))
    async def get_order(self, db: Db, actor: Actor, shop: Shop, order_id: str) -> OrderView:
        """An order. A seller sees its own part of it; a guest sends the order's `token` as `X-Order-Token`."""
        return OrderView.of(await _visible_order(db, actor, order_id), shop)

    @get(
        "/{order_id:str}/invoice",
        guard=guest_or_user,
        refuses=(Unauthorized, OrderNotFound, NotYourOrder, InvoiceNotReady),
        binary="application/pdf",
    )
    async def get_invoice(self, db: Db, actor: Actor, shop: Shop, order_id: str, lang: Lang = None) -> Response[bytes]:
        """The invoice as a PDF, in one of ten languages. Made once: the same bytes ever after.

        A card order has one from the moment it is paid; others from the beginning.
        """
        order = await _visible_order(db, actor, order_id)
        invoice = await invoice_for(shop, order, chosen_language(lang, order.language))
        return Response(
            invoice.content,
            media_type="application/pdf",
            headers={"Content-Disposition": f'attachment; filename="invoice-{order.number}.pdf"'},
        )


async def _visible_order(db: Db, actor: Actor, number: str) -> Order:
    if actor.is_guest and actor.order_token is None:
        raise Unauthorized
    order = await queries.find_order(db, actor, number)
    if order is None:
        raise OrderNotFound
    if not order.visible:
        raise NotYourOrder
    return order
