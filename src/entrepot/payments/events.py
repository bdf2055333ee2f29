"""Facts that payments publishes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from entrepot.kernel.events import Event


class PaymentSucceeded(Event, frozen=True):
    name: ClassVar[str] = "payment.succeeded"

    intent_id: str
    order_id: int | None
    amount_minor: int
    currency: str


class PaymentFailed(PaymentSucceeded, frozen=True):
    name: ClassVar[str] = "payment.failed"

    failure_code: str | None


class OrderCredited(Event, frozen=True):
    """Something of an order was taken back: cancelled, returned, given in."""

    name: ClassVar[str] = "order.credited"

    order_id: str
    credit_id: int
    kind: str
    total_minor: int
    currency: str
    company_ids: list[int]

    def companies(self) -> Sequence[int]:
        return self.company_ids


class RefundCreated(Event, frozen=True):
    """Money is on its way back to the buyer."""

    name: ClassVar[str] = "refund.created"

    refund_id: str
    intent_id: str
    order_id: int | None
    amount_minor: int
    currency: str


class RefundSucceeded(RefundCreated, frozen=True):
    name: ClassVar[str] = "refund.succeeded"


class RefundFailed(RefundCreated, frozen=True):
    """It is still owed: an administrator may send it again."""

    name: ClassVar[str] = "refund.failed"

    failure_code: str | None
