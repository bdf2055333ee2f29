"""The HTTP surface of refunds."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

import msgspec
from litestar import Controller
from litestar.params import QueryParameter

from entrepot.kernel.actors import Actor, admin
from entrepot.kernel.db import Db, Tx
from entrepot.kernel.pages import Page, encode_cursor
from entrepot.kernel.routes import get, post
from entrepot.payments import refund_queries as queries
from entrepot.payments.list_cursor import moment_after
from entrepot.payments.model import IntentNotFound
from entrepot.payments.provider_model import RefundStatus
from entrepot.payments.refund import give_back_by_hand, refund, send_again
from entrepot.payments.refund_model import (
    NotRefundable,
    Refund,
    RefundExceedsCaptured,
    RefundNotByHand,
    RefundNotFailed,
    RefundNotFound,
)
from entrepot.payments.refund_requests import NewRefund


class RefundView(msgspec.Struct, frozen=True, rename="camel", kw_only=True, omit_defaults=True):
    """A refund; `amount` in the currency's smallest unit.

    `byHand`: it was paid in cash or by bank transfer, and somebody of the shop gives it back. `replacedBy`: it failed, and
    this other one was sent instead.
    """

    id: str
    payment_intent_id: str
    amount: int
    currency: str
    status: RefundStatus
    provider: str
    created_at: datetime
    order_id: str | None = None
    reason: str = ""
    failure_code: str | None = None
    replaced_by: str | None = None
    succeeded_at: datetime | None = None
    by_hand: bool = False

    @classmethod
    def of(cls, row: Refund) -> RefundView:
        return cls(
            id=row.id,
            payment_intent_id=row.payment_intent_id,
            amount=row.amount_minor,
            currency=row.currency.lower(),
            status=row.status,
            provider=row.provider,
            created_at=row.created_at,
            order_id=row.order_number,
            reason=row.reason,
            failure_code=row.failure_code,
            replaced_by=row.replaced_by,
            succeeded_at=row.succeeded_at,
            by_hand=row.is_by_hand,
        )


class RefundPage(msgspec.Struct, frozen=True, rename="camel", kw_only=True, omit_defaults=True):
    """A page of refunds, the newest first."""

    refunds: list[RefundView]
    total: int
    skip: int
    limit: int
    next_cursor: str | None = None


StatusFilter = Annotated[RefundStatus | None, QueryParameter(name="status", description="Only those that stand so.")]
OrderFilter = Annotated[str | None, QueryParameter(name="orderId", max_length=40, description="Only of this order.")]
IntentFilter = Annotated[
    str | None, QueryParameter(name="paymentIntentId", max_length=110, description="Only of this payment.")
]


class RefundController(Controller):
    path = "/payments/refunds"
    tags = ["Payments"]

    @post("/", guard=admin, refuses=(IntentNotFound, NotRefundable, RefundExceedsCaptured))
    async def create_refund(self, tx: Tx, actor: Actor, data: NewRefund) -> RefundView:
        """Give money back: an amount, pieces of lines, delivery, or everything that is left.

        A piece gives back what it cost, its share of every discount and its tax. The company's commission is taken back in
        proportion. The provider is asked at once, and `status` is `pending` until it has answered.

        What was not shipped of a company's part is cancelled when nothing is left of the part's price, and what was delivered
        becomes `refunded`. Money for less leaves the goods as they are.
        """
        return RefundView.of(await refund(tx, actor, data))

    @get("/", guard=admin)
    async def list_refunds(
        self,
        db: Db,
        page: Page,
        status: StatusFilter = None,
        order_id: OrderFilter = None,
        payment_intent_id: IntentFilter = None,
    ) -> RefundPage:
        """Refunds, the newest first: also those that were made because something was cancelled or came back."""
        rows = await queries.list_refunds(
            db,
            status=status,
            order_number=order_id,
            intent_id=payment_intent_id,
            before=moment_after(page),
            skip=page.skip,
            limit=page.limit,
        )
        total = await queries.count_refunds(db, status=status, order_number=order_id, intent_id=payment_intent_id)
        full = len(rows) == page.limit and rows
        return RefundPage(
            refunds=[RefundView.of(row) for row in rows],
            total=total,
            skip=page.skip,
            limit=len(rows),
            next_cursor=encode_cursor(rows[-1].created_at, rows[-1].id) if full else None,
        )

    @post("/{refund_id:str}/retry", guard=admin, refuses=(RefundNotFound, RefundNotFailed))
    async def retry_refund(self, tx: Tx, actor: Actor, refund_id: str) -> RefundView:
        """Send a refund that failed again; the answer is the new one in its place."""
        return RefundView.of(await send_again(tx, actor, refund_id))

    @post("/{refund_id:str}/complete", guard=admin, status=200, refuses=(RefundNotFound, RefundNotByHand))
    async def complete_refund(self, tx: Tx, actor: Actor, refund_id: str) -> RefundView:
        """Note that a refund of cash or a bank transfer was given back."""
        return RefundView.of(await give_back_by_hand(tx, actor, refund_id))
