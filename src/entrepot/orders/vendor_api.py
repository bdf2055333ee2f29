"""The HTTP surface of orders for those who sell."""

from __future__ import annotations

from litestar import Controller
from litestar.di import Provide

from entrepot.kernel.actors import Actor, seller
from entrepot.kernel.db import Db, Tx
from entrepot.kernel.pages import Page
from entrepot.kernel.routes import get, patch
from entrepot.orders.handle import handle
from entrepot.orders.life_model import NotForYou, OrderCannotCancel, OrderNotPaid, PaymentUnderWay
from entrepot.orders.life_requests import PartHandling
from entrepot.orders.list_orders import OrderFilter
from entrepot.orders.list_queries import listing
from entrepot.orders.lists_api import order_filter, order_page
from entrepot.orders.model import NotYourOrder, OrderNotFound
from entrepot.orders.read_order import visible_order
from entrepot.orders.transitions import IllegalTransition
from entrepot.orders.views import OrderPage, OrderView
from entrepot.shop import Shop


class VendorOrderController(Controller):
    path = "/vendors/orders"
    tags = ["Orders"]
    dependencies = {"wanted": Provide(order_filter, sync_to_thread=False)}

    @get("/", guard=seller)
    async def list_orders(self, db: Db, actor: Actor, shop: Shop, wanted: OrderFilter, page: Page) -> OrderPage:
        """The orders with a part of one's company, as if that part were all; newest first."""
        seen = listing(actor, bought=False, with_company_id=wanted.company)
        return await order_page(db, shop, wanted, seen, page)

    @patch(
        "/{order_id:str}/status",
        guard=seller,
        refuses=(
            OrderNotFound,
            NotYourOrder,
            NotForYou,
            IllegalTransition,
            OrderCannotCancel,
            OrderNotPaid,
            PaymentUnderWay,
        ),
    )
    async def change_status(self, tx: Tx, actor: Actor, shop: Shop, order_id: str, data: PartHandling) -> OrderView:
        """Take one's company's part of an order to its next status; see `PUT /orders/{id}/status`."""
        await handle(tx, actor, order_id, data.handling)
        return OrderView.of(await visible_order(tx, actor, order_id), shop)
