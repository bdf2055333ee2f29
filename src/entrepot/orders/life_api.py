"""The HTTP surface of what becomes of an order after it was placed."""

from __future__ import annotations

from typing import Final

from litestar import Controller

from entrepot.carts import CartFull
from entrepot.kernel.actors import Actor, guest_or_user, seller_or_zone_admin, signed_in
from entrepot.kernel.db import Db, Tx
from entrepot.kernel.errors import Unauthorized
from entrepot.kernel.pages import Page
from entrepot.kernel.routes import delete, get, post, put
from entrepot.orders import life_queries
from entrepot.orders.add_note import add_note
from entrepot.orders.cancel import Cancellation, cancel
from entrepot.orders.handle import handle
from entrepot.orders.life_model import (
    NotDeliveredYet,
    NotForYou,
    OrderCannotCancel,
    OrderNotPaid,
    PaidAlready,
    PaymentUnderWay,
    ReviewedAlready,
    TooManyNotes,
)
from entrepot.orders.life_requests import CancelOrder, OrderHandling, ReviewSeller, WriteNote
from entrepot.orders.life_views import HistoryEntry, HistoryView, OrderNoteView, SellerReviewView, TrackingView
from entrepot.orders.model import NotYourOrder, OrderNotFound
from entrepot.orders.read_order import visible_order
from entrepot.orders.reorder import Reordered, reorder
from entrepot.orders.review_seller import review_seller
from entrepot.orders.transitions import IllegalTransition
from entrepot.orders.views import OrderView
from entrepot.shop import Shop

MAX_STEPS: Final = 10_000
HIDDEN: Final = (Unauthorized, OrderNotFound, NotYourOrder)


class OrderLifeController(Controller):
    path = "/orders"
    tags = ["Orders"]

    @put(
        "/{order_id:str}/status",
        guard=seller_or_zone_admin,
        refuses=(
            OrderNotFound,
            NotYourOrder,
            NotForYou,
            IllegalTransition,
            OrderCannotCancel,
            OrderNotPaid,
            PaidAlready,
            PaymentUnderWay,
        ),
    )
    async def change_status(self, tx: Tx, actor: Actor, shop: Shop, order_id: str, data: OrderHandling) -> OrderView:
        """Take an order to its next status: `confirmed`, `processing`, `shipped`, `delivered` or `cancelled`.

        An administrator moves all parts that are not there yet, or the one of `companyId`; a seller its company's own. The
        order is as far as the slowest of its parts. A card order is shipped once it is paid; cash counts as received when the
        last part is delivered. With `paymentStatus: "paid"` an administrator notes down that money came by bank transfer or in
        cash. Other steps are refused, with what may be done instead.
        """
        await handle(tx, actor, order_id, data.handling)
        return OrderView.of(await visible_order(tx, actor, order_id), shop)

    @put(
        "/{order_id:str}/cancel",
        guard=guest_or_user,
        refuses=(*HIDDEN, NotForYou, OrderCannotCancel),
    )
    async def cancel_order(
        self, tx: Tx, actor: Actor, shop: Shop, order_id: str, data: CancelOrder | None = None
    ) -> OrderView:
        """Cancel an order that was not shipped: all of it, one company's part, or pieces by product.

        For who bought it, and administrators. Stock is released, and what was paid for it is refunded; the coupon may be used
        again when all of the order is cancelled. A guest sends the order's `token` as `X-Order-Token`.
        """
        await cancel(tx, actor, order_id, (data or CancelOrder()).cancellation)
        return OrderView.of(await visible_order(tx, actor, order_id), shop)

    @delete(
        "/{order_id:str}",
        guard=guest_or_user,
        refuses=(*HIDDEN, NotForYou, OrderCannotCancel),
    )
    async def delete_order(self, tx: Tx, actor: Actor, order_id: str) -> None:
        """Cancel all of an order, as `PUT /orders/{id}/cancel` does. It stays to be read."""
        await cancel(tx, actor, order_id, Cancellation())

    @get("/{order_id:str}/history", guard=guest_or_user, refuses=HIDDEN)
    async def get_history(self, db: Db, actor: Actor, order_id: str, page: Page) -> HistoryView:
        """Every step of an order: what it became, when, by whom, why; and the notes on it.

        Buyers see no internal notes, and of who works on the order only as what. Sellers see what concerns their part.
        """
        order = await visible_order(db, actor, order_id)
        handled = order.managed or order.partial
        company_id = actor.company_id if order.partial else None
        steps = await life_queries.list_steps(db, order.id, company_id, MAX_STEPS)
        shown = steps[page.skip : page.skip + page.limit]
        notes = await life_queries.list_notes(db, order.id, company_id, handled)
        return HistoryView(
            order_id=order.number,
            status=order.status,
            history=[HistoryEntry.of(step, named=handled) for step in shown],
            notes=[OrderNoteView.of(note, named=handled) for note in notes],
            total=len(steps),
            skip=page.skip,
            limit=len(shown),
        )

    @get("/{order_id:str}/tracking", guard=guest_or_user, refuses=HIDDEN)
    async def get_tracking(self, db: Db, actor: Actor, order_id: str) -> TrackingView:
        """Where an order is: its parcels with their carriers' pages, when they are expected, and what happened so far."""
        order = await visible_order(db, actor, order_id)
        steps = await life_queries.list_steps(db, order.id, actor.company_id if order.partial else None, MAX_STEPS)
        travel = await life_queries.find_travel(db, order.shipping_method)
        return TrackingView.of(order, steps, travel.max_days if travel is not None else 0)

    @post("/{order_id:str}/notes", guard=guest_or_user, refuses=(*HIDDEN, NotForYou, TooManyNotes))
    async def add_note(self, tx: Tx, actor: Actor, order_id: str, data: WriteNote) -> OrderNoteView:
        """Write a note on an order. Internal ones are for those who handle it: buyers never see them.

        A seller's note is read by the buyer, its own company and administrators. See `GET /orders/{id}/history`.
        """
        note_id = await add_note(tx, actor, order_id, data.new)
        order = await visible_order(tx, actor, order_id)
        notes = await life_queries.list_notes(tx, order.id, None, True)
        return OrderNoteView.of(next(note for note in notes if note.id == note_id), named=True)

    @post("/{order_id:str}/reorder", guard=signed_in, refuses=(OrderNotFound, NotYourOrder, NotForYou, CartFull))
    async def reorder(self, tx: Tx, actor: Actor, shop: Shop, order_id: str) -> Reordered:
        """Put what was bought into the cart again, and say what is not sold any more.

        Of what is in the cart already, the larger quantity counts. The cart's `notices` tell of what is short.
        """
        return await reorder(tx, actor, order_id, shop)

    @post(
        "/{order_id:str}/review",
        guard=signed_in,
        refuses=(OrderNotFound, NotYourOrder, NotForYou, NotDeliveredYet, ReviewedAlready),
    )
    async def review_seller(self, tx: Tx, actor: Actor, order_id: str, data: ReviewSeller) -> SellerReviewView:
        """Say how a seller did, once its part of the order was delivered: stars for all in all, its messages, its speed.

        Once for each part; they count in the company's `ratings`.
        """
        part = await review_seller(tx, actor, order_id, data.company_id, data.review)
        return SellerReviewView(
            order_id=order_id,
            company_id=part.company_id,
            overall=data.overall,
            communication=data.communication,
            timeliness=data.timeliness,
            comment=data.comment,
        )
