"""What a refund is: money on its way back to the buyer."""

from __future__ import annotations

from datetime import datetime
from typing import Final

import msgspec

from entrepot.kernel.errors import Conflict, NotFound, Unprocessable
from entrepot.payments.provider_model import RefundStatus

BY_HAND: Final = frozenset({"cash", "bank_transfer"})
"""What was paid so is given back by people: an administrator says when it was."""


class Refund(msgspec.Struct, frozen=True, kw_only=True):
    """A row of `refunds`, with its order's number."""

    id: str
    payment_intent_id: str
    order_id: int | None
    order_number: str | None
    credit_id: int | None
    provider: str
    provider_refund_id: str | None
    amount_minor: int
    currency: str
    status: RefundStatus
    reason: str
    failure_code: str | None
    replaced_by: str | None
    tries: int
    created_at: datetime
    updated_at: datetime
    succeeded_at: datetime | None

    @property
    def is_by_hand(self) -> bool:
        return self.provider in BY_HAND


class RefundNotFound(NotFound):
    code = "REFUND_NOT_FOUND"
    message = "Refund not found"


class NotRefundable(Unprocessable):
    code = "NOT_REFUNDABLE"
    message = "Nothing was paid that could be given back"


class RefundExceedsCaptured(Unprocessable):
    code = "REFUND_EXCEEDS_CAPTURED"
    message = "More cannot be given back than was paid, and not given back before"

    @classmethod
    def of(cls, left_minor: int, currency: str) -> RefundExceedsCaptured:
        return cls(details={"amount": [f"{left_minor} {currency.lower()} are left"]})


class RefundNotFailed(Conflict):
    code = "REFUND_NOT_FAILED"
    message = "Only a refund that failed can be sent again"


class RefundNotByHand(Conflict):
    code = "REFUND_NOT_BY_HAND"
    message = "Only a pending refund of cash or a bank transfer is given back by hand"
