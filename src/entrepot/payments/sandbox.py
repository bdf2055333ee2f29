"""The sandbox provider: behaves like Stripe's test mode, with its test payment methods, inside the process.

What becomes of a charge depends on the payment method alone, so asking twice gives the same answer.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from entrepot.payments.model import IntentStatus, Outcome

NAME: Final = "sandbox"

_SUCCEEDED: Final = Outcome(IntentStatus.SUCCEEDED)

PAYMENT_METHODS: Final[Mapping[str, Outcome]] = {
    "pm_card_visa": _SUCCEEDED,
    "pm_card_visa_debit": _SUCCEEDED,
    "pm_card_mastercard": _SUCCEEDED,
    "pm_card_amex": _SUCCEEDED,
    "pm_card_chargeDeclined": Outcome(IntentStatus.FAILED, "card_declined"),
    "pm_card_visa_chargeDeclined": Outcome(IntentStatus.FAILED, "card_declined"),
    "pm_card_chargeDeclinedInsufficientFunds": Outcome(IntentStatus.FAILED, "insufficient_funds"),
    "pm_card_visa_chargeDeclinedInsufficientFunds": Outcome(IntentStatus.FAILED, "insufficient_funds"),
    "pm_card_chargeDeclinedExpiredCard": Outcome(IntentStatus.FAILED, "expired_card"),
    "pm_card_chargeDeclinedIncorrectCvc": Outcome(IntentStatus.FAILED, "incorrect_cvc"),
    "pm_card_chargeDeclinedProcessingError": Outcome(IntentStatus.FAILED, "processing_error"),
}

AUTHENTICATION_REQUIRED: Final = "pm_card_authenticationRequired"
"""Needs a further step by the buyer; a second confirmation stands for having taken it."""


async def charge(payment_method: str, *, authenticated: bool) -> Outcome:
    """What becomes of a charge. `authenticated`: the buyer has taken the further step that was asked for."""
    if payment_method == AUTHENTICATION_REQUIRED:
        return _SUCCEEDED if authenticated else Outcome(IntentStatus.REQUIRES_ACTION)
    return PAYMENT_METHODS.get(payment_method, Outcome(IntentStatus.FAILED, "unknown_payment_method"))
