"""Facts that payments publishes."""

from __future__ import annotations

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
