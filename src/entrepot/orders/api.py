"""The HTTP surface of orders."""

from __future__ import annotations

from litestar import Controller

from entrepot.inventory import InsufficientStock
from entrepot.kernel.actors import Actor, guest_or_user
from entrepot.kernel.db import Db, Tx
from entrepot.kernel.errors import Unauthorized
from entrepot.kernel.routes import get, post
from entrepot.orders.invoice_api import InvoiceController
from entrepot.orders.life_api import OrderLifeController
from entrepot.orders.lists_api import OrderListsController
from entrepot.orders.model import (
    BelowMinimum,
    BrokenPacks,
    EmptyOrder,
    GuestCheckoutOff,
    MixedCurrencies,
    NotYourOrder,
    OrderNotFound,
    OrderTooLarge,
    ProductsUnavailable,
    QuoteChanged,
    ShippingNotOffered,
    ZoneNotServed,
)
from entrepot.orders.place import place
from entrepot.orders.read_order import visible_order
from entrepot.orders.requests import NewOrder
from entrepot.orders.returns_api import OrderReturnController, ReturnController
from entrepot.orders.vendor_api import VendorOrderController
from entrepot.orders.views import OrderView
from entrepot.payments import IntentMismatch
from entrepot.pricing import COUPON_REFUSALS, CouponOver, CurrencyNotDealtIn, PromotionOver
from entrepot.shop import Shop

__all__ = [
    "InvoiceController",
    "OrderController",
    "OrderLifeController",
    "OrderListsController",
    "OrderReturnController",
    "ReturnController",
    "VendorOrderController",
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
        return OrderView.of(placed.order, shop, placed.guest_token)

    @get("/{order_id:str}", guard=guest_or_user, refuses=(Unauthorized, OrderNotFound, NotYourOrder))
    async def get_order(self, db: Db, actor: Actor, shop: Shop, order_id: str) -> OrderView:
        """An order. A seller sees its own part of it; a guest sends the order's `token` as `X-Order-Token`."""
        return OrderView.of(await visible_order(db, actor, order_id), shop)
