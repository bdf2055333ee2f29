"""The sandbox's test payment methods, named as Stripe names those of its test mode, and what becomes of a charge or refund."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any, Final

import msgspec

from entrepot.kernel.errors import Invalid

SETTLES_AFTER: Final = timedelta(minutes=1)
"""So long are bank debits and refunds under way."""


class Fate(msgspec.Struct, frozen=True):
    """What becomes of a charge with a payment method.

    A charge that is `processing` ends after `settles_after`, and succeeds unless there is a `failure_code`. One that needs
    the buyer's further step succeeds with the second charge. `refund` is what becomes of what is given back.
    """

    status: str = "succeeded"
    failure_code: str | None = None
    settles_after: timedelta | None = None
    refund: str = "succeeded"


def _declined(failure_code: str) -> Fate:
    return Fate("requires_payment_method", failure_code)


METHODS: Final[Mapping[str, Fate]] = {
    "pm_card_visa": Fate(),
    "pm_card_visa_debit": Fate(),
    "pm_card_mastercard": Fate(),
    "pm_card_amex": Fate(),
    "pm_card_chargeDeclined": _declined("card_declined"),
    "pm_card_visa_chargeDeclined": _declined("card_declined"),
    "pm_card_chargeDeclinedInsufficientFunds": _declined("insufficient_funds"),
    "pm_card_visa_chargeDeclinedInsufficientFunds": _declined("insufficient_funds"),
    "pm_card_chargeDeclinedExpiredCard": _declined("expired_card"),
    "pm_card_chargeDeclinedIncorrectCvc": _declined("incorrect_cvc"),
    "pm_card_chargeDeclinedProcessingError": _declined("processing_error"),
    "pm_card_authenticationRequired": Fate("requires_action"),
    "pm_usBankAccount_success": Fate("processing", settles_after=SETTLES_AFTER),
    "pm_usBankAccount_insufficientFunds": Fate(
        "processing", "bank_account_insufficient_funds", settles_after=SETTLES_AFTER
    ),
    "pm_usBankAccount_processing": Fate("processing"),
    "pm_card_pendingRefund": Fate(refund="pending"),
    "pm_card_refundFail": Fate(refund="failed"),
}

UNKNOWN: Final = _declined("unknown_payment_method")
REFUND_FAILURE: Final = "lost_or_stolen_card"

WEBHOOK_MODES: Final = ("normal", "late", "twice", "reversed", "never")
LATE_BY: Final = timedelta(minutes=2)
REVERSED_AFTER: Final = timedelta(seconds=30)
"""Events of an intent are collected for so long, and then sent with the newest first."""


def webhook_mode(metadata: Mapping[str, Any], otherwise: str) -> str:
    """How the events of an intent are delivered: as its `metadata.sandbox.webhooks` says.

    Raises:
        Invalid: it says something else than WEBHOOK_MODES.
    """
    wishes = metadata.get("sandbox", {})
    mode = wishes.get("webhooks", otherwise) if isinstance(wishes, dict) else None
    if mode not in WEBHOOK_MODES:
        raise Invalid({"metadata.sandbox": [f'must be {{"webhooks": "..."}} with one of {", ".join(WEBHOOK_MODES)}']})
    return str(mode)
