"""Payments as administrators see them: every intent, what was taken, and what was given back of it."""

from __future__ import annotations

from datetime import datetime

import msgspec

from entrepot.payments.model import IntentStatus


class Payment(msgspec.Struct, frozen=True, kw_only=True):
    """An intent with its order's number."""

    id: str
    user_id: int | None
    order_number: str | None
    provider: str
    amount_minor: int
    captured_minor: int
    refunded_minor: int
    currency: str
    status: IntentStatus
    failure_code: str | None
    created_at: datetime
    updated_at: datetime
    succeeded_at: datetime | None


class PaymentFilter(msgspec.Struct, frozen=True, kw_only=True):
    """Which payments; what is None does not matter."""

    status: IntentStatus | None = None
    provider: str | None = None
    order_number: str | None = None
    user_id: int | None = None
    since: datetime | None = None
    until: datetime | None = None
