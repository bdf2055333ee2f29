"""What payments knows of an intent, which way it may go, and what it can refuse with."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum
from typing import Any, Final

import msgspec

from entrepot.kernel.errors import Conflict, NotFound, Unprocessable


class IntentStatus(StrEnum):
    REQUIRES_PAYMENT_METHOD = "requires_payment_method"
    REQUIRES_CONFIRMATION = "requires_confirmation"
    REQUIRES_ACTION = "requires_action"
    PROCESSING = "processing"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    CANCELED = "canceled"


CONFIRMABLE: Final = frozenset(
    {
        IntentStatus.REQUIRES_PAYMENT_METHOD,
        IntentStatus.REQUIRES_CONFIRMATION,
        IntentStatus.REQUIRES_ACTION,
        IntentStatus.FAILED,
    }
)
"""From these a charge may be tried; it claims the intent by moving it to `processing`."""


class Intent(msgspec.Struct, frozen=True, kw_only=True):
    """A row of `payment_intents`."""

    id: str
    user_id: int | None
    order_id: int | None
    provider: str
    amount_minor: int
    currency: str
    status: IntentStatus
    payment_method: str | None
    failure_code: str | None
    metadata: dict[str, Any]
    created_at: datetime
    updated_at: datetime


class Outcome(msgspec.Struct, frozen=True):
    """What the provider says of a charge."""

    status: IntentStatus
    failure_code: str | None = None


class Payable(msgspec.Struct, frozen=True):
    """An order as payments sees it."""

    order_id: int
    mine: bool
    amount_minor: int
    currency: str
    open: bool


class IntentNotFound(NotFound):
    code = "PAYMENT_INTENT_NOT_FOUND"
    message = "Payment intent not found"


class IntentMismatch(Unprocessable):
    code = "PAYMENT_MISMATCH"
    message = "The amount and currency must be those of the order"


class NotPayable(Unprocessable):
    code = "ORDER_NOT_PAYABLE"
    message = "This order cannot be paid: it is paid already, or was cancelled"


class IllegalIntentState(Conflict):
    code = "PAYMENT_INTENT_STATE"
    message = "This payment intent cannot be confirmed now"

    @classmethod
    def of(cls, status: IntentStatus) -> IllegalIntentState:
        return cls(f"This payment intent is {status.replace('_', ' ')} and cannot be confirmed now")


class PaymentDeclined(Unprocessable):
    code = "PAYMENT_FAILED"
    message = "The payment was declined"

    @classmethod
    def of(cls, failure_code: str | None) -> PaymentDeclined:
        reason = DECLINES.get(failure_code or "", cls.message)
        return cls(reason, details={"paymentMethodId": [failure_code or "declined"]})


class AlreadyCharged(Conflict):
    code = "ORDER_ALREADY_CHARGED"
    message = "Another payment of this order is under way or done"


DECLINES: Final[Mapping[str, str]] = {
    "card_declined": "The card was declined: use another one",
    "insufficient_funds": "The card has not enough funds: use another one",
    "expired_card": "The card has expired: use another one",
    "incorrect_cvc": "The card's security code is wrong: check it",
    "processing_error": "The provider could not process the card: try again",
    "unknown_payment_method": "There is no such payment method",
}

CONSTRAINTS: Final = {"payment_intents_one_charge_per_order": AlreadyCharged}
