"""The HTTP surface of the list of payments."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

import msgspec
from litestar import Controller
from litestar.params import QueryParameter

from entrepot.kernel.actors import admin
from entrepot.kernel.db import Db
from entrepot.kernel.fields import Since, Until, aware
from entrepot.kernel.pages import Page, encode_cursor
from entrepot.kernel.routes import get
from entrepot.kernel.types import MAX_ID
from entrepot.payments import payments_list_queries as queries
from entrepot.payments.list_cursor import moment_after
from entrepot.payments.model import IntentStatus
from entrepot.payments.payments_list import Payment, PaymentFilter


class PaymentView(msgspec.Struct, frozen=True, rename="camel", kw_only=True, omit_defaults=True):
    """A payment; amounts in the currency's smallest unit. `amountRefunded` is given back, or on its way."""

    id: str
    order_id: str | None
    user_id: int | None
    provider: str
    amount: int
    amount_captured: int
    amount_refunded: int
    currency: str
    status: IntentStatus
    created_at: datetime
    updated_at: datetime
    failure_code: str | None = None
    succeeded_at: datetime | None = None

    @classmethod
    def of(cls, row: Payment) -> PaymentView:
        return cls(
            id=row.id,
            order_id=row.order_number,
            user_id=row.user_id,
            provider=row.provider,
            amount=row.amount_minor,
            amount_captured=row.captured_minor,
            amount_refunded=row.refunded_minor,
            currency=row.currency.lower(),
            status=row.status,
            created_at=row.created_at,
            updated_at=row.updated_at,
            failure_code=row.failure_code,
            succeeded_at=row.succeeded_at,
        )


class PaymentPage(msgspec.Struct, frozen=True, rename="camel", kw_only=True, omit_defaults=True):
    """A page of payments, the newest first."""

    payments: list[PaymentView]
    total: int
    skip: int
    limit: int
    next_cursor: str | None = None


class PaymentListController(Controller):
    path = "/payments"
    tags = ["Payments"]

    @get("/", guard=admin)
    async def list_payments(
        self,
        db: Db,
        page: Page,
        status: Annotated[IntentStatus | None, QueryParameter(description="Such as succeeded or failed.")] = None,
        provider: Annotated[
            str | None, QueryParameter(max_length=40, description="Such as stripe, sandbox, cash or bank_transfer.")
        ] = None,
        order_id: Annotated[
            str | None, QueryParameter(name="orderId", max_length=40, description="Only of this order.")
        ] = None,
        user_id: Annotated[
            int | None, QueryParameter(name="userId", ge=1, le=MAX_ID, description="Only of this user.")
        ] = None,
        since: Since = None,
        until: Until = None,
    ) -> PaymentPage:
        """All payments, the newest first: what was to be paid, what was taken, and what was given back of it."""
        wanted = PaymentFilter(
            status=status,
            provider=provider,
            order_number=order_id,
            user_id=user_id,
            since=aware("since", since),
            until=aware("until", until),
        )
        rows = await queries.list_payments(db, wanted, moment_after(page), page.skip, page.limit)
        full = rows and len(rows) == page.limit
        return PaymentPage(
            payments=[PaymentView.of(row) for row in rows],
            total=await queries.count_payments(db, wanted),
            skip=page.skip,
            limit=len(rows),
            next_cursor=encode_cursor(rows[-1].created_at, rows[-1].id) if full else None,
        )
