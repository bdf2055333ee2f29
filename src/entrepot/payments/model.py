"""What payments knows of an intent, which way it may go, and what it can refuse with."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum
from typing import Any, Final

import msgspec

from entrepot.kernel.errors import Conflict, NotFound, Unavailable, Unprocessable


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
    """A row of `payment_intents`. `attempt`: how often a charge was begun; each has its own key at the provider."""

    id: str
    user_id: int | None
    order_id: int | None
    provider: str
    provider_id: str
    amount_minor: int
    currency: str
    status: IntentStatus
    attempt: int
    payment_method: str | None
    failure_code: str | None
    metadata: dict[str, Any]
    created_at: datetime
    updated_at: datetime


class Outcome(msgspec.Struct, frozen=True):
    """How an intent stands with its provider: what became of the last charge, and for how much the provider has it."""

    status: IntentStatus
    failure_code: str | None
    amount_minor: int
    currency: str


class Payable(msgspec.Struct, frozen=True):
    """An order as payments sees it. `intents`: how many were made to pay it."""

    order_id: int
    mine: bool
    amount_minor: int
    currency: str
    open: bool
    intents: int


class PendingRefund(msgspec.Struct, frozen=True, kw_only=True):
    """A refund that a provider has, and has not ended."""

    id: str
    provider: str
    provider_refund_id: str
    provider_intent_id: str
    amount_minor: int
    currency: str
    reason: str


class RefundDue(msgspec.Struct, frozen=True):
    """What a refund gives back, and through whom."""

    provider: str
    amount_minor: int
    currency: str


class IntentNotFound(NotFound):
    code = "PAYMENT_INTENT_NOT_FOUND"
    message = "Payment intent not found"


class IntentMismatch(Unprocessable):
    code = "PAYMENT_MISMATCH"
    message = "The amount and currency must be those of the order"


class OutcomeMismatch(Unavailable):
    message = "The payment provider speaks of another amount than was to be paid: the payment is looked into"


class NotPayable(Unprocessable):
    code = "ORDER_NOT_PAYABLE"
    message = "This order cannot be paid so: it is paid already, was cancelled, or waits for another amount by now"


class TooManyIntents(Conflict):
    code = "TOO_MANY_PAYMENT_INTENTS"
    message = "Too many payment intents were made for this order: confirm one that you have"


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
    "bank_account_insufficient_funds": "The bank account has not enough funds: use another one",
}

CONSTRAINTS: Final = {"payment_intents_one_charge_per_order": AlreadyCharged}


def mismatch(intent: Intent, outcome: Outcome) -> str | None:
    """How what the provider speaks of differs from what was to be paid; None: not at all."""
    if (outcome.amount_minor, outcome.currency) == (intent.amount_minor, intent.currency):
        return None
    return (
        f"the provider speaks of {outcome.amount_minor} {outcome.currency} for payment intent {intent.id}, "
        f"which is for {intent.amount_minor} {intent.currency}"
    )
