"""What an event of Stripe's form says. The sandbox speaks the same."""

from __future__ import annotations

from typing import Any, Final

import msgspec

from entrepot.kernel.errors import Malformed
from entrepot.payments.provider_model import IntentNotice, Notice, RefundNotice, RefundOutcome, RefundStatus, outcome_of

INTENT_KINDS: Final = frozenset(
    {
        "payment_intent.succeeded",
        "payment_intent.payment_failed",
        "payment_intent.processing",
        "payment_intent.requires_action",
        "payment_intent.canceled",
    }
)
REFUND_KINDS: Final = frozenset({"refund.created", "refund.updated", "refund.failed", "charge.refund.updated"})
CHARGE_REFUNDED: Final = "charge.refunded"

REFUND_STATUSES: Final = {
    "succeeded": RefundStatus.SUCCEEDED,
    "failed": RefundStatus.FAILED,
    "canceled": RefundStatus.FAILED,
    "pending": RefundStatus.PENDING,
    "requires_action": RefundStatus.PENDING,
}


class _Data(msgspec.Struct):
    object: dict[str, Any]


class _Event(msgspec.Struct):
    id: str
    type: str
    data: _Data


class _Error(msgspec.Struct):
    code: str | None = None
    decline_code: str | None = None


class StripeIntent(msgspec.Struct):
    """The fields of Stripe's payment intent that count here."""

    id: str
    amount: int
    currency: str
    status: str
    last_payment_error: _Error | None = None

    @property
    def failure_code(self) -> str | None:
        """Why the last charge failed; the issuer's word, where it gave one."""
        error = self.last_payment_error
        return None if error is None else error.decline_code or error.code or "card_declined"


class StripeRefund(msgspec.Struct):
    """The fields of Stripe's refund that count here."""

    id: str
    amount: int
    currency: str
    status: str | None = None
    failure_reason: str | None = None
    metadata: dict[str, str] | None = None

    @property
    def outcome(self) -> RefundOutcome:
        return RefundOutcome(
            status=REFUND_STATUSES.get(self.status or "", RefundStatus.PENDING),
            provider_id=self.id,
            failure_code=self.failure_reason if self.failure_reason or self.status != "canceled" else "canceled",
        )


class _Refunds(msgspec.Struct):
    data: list[StripeRefund] = []


class _Charge(msgspec.Struct):
    payment_intent: str | None = None
    refunds: _Refunds | None = None


def notice_of(body: bytes) -> Notice:
    """Read an event. Raises Malformed for one that is not of this form."""
    try:
        event = msgspec.json.decode(body, type=_Event)
        if not (event.id.isprintable() and 1 <= len(event.id) <= 255 and 1 <= len(event.type) <= 255):
            raise Malformed("The event needs an id and a type of 1 to 255 characters")
        thing = event.data.object
        if event.type in INTENT_KINDS:
            return Notice(event_id=event.id, kind=event.type, intent=_intent(thing))
        if event.type in REFUND_KINDS:
            return Notice(event_id=event.id, kind=event.type, refunds=[_refund(msgspec.convert(thing, StripeRefund))])
        if event.type == CHARGE_REFUNDED:
            charge = msgspec.convert(thing, _Charge)
            refunds = [_refund(refund) for refund in charge.refunds.data] if charge.refunds is not None else []
            return Notice(event_id=event.id, kind=event.type, refunds=refunds, refunds_of=charge.payment_intent)
    except (msgspec.DecodeError, UnicodeDecodeError, ValueError) as error:
        raise Malformed(f"The event is not of the form that it should have: {error}") from None
    return Notice(event_id=event.id, kind=event.type)


def _intent(thing: dict[str, Any]) -> IntentNotice:
    intent = msgspec.convert(thing, StripeIntent)
    return IntentNotice(
        provider_id=intent.id,
        outcome=outcome_of(intent.status, intent.failure_code, intent.amount, intent.currency),
    )


def _refund(refund: StripeRefund) -> RefundNotice:
    return RefundNotice(
        refund_id=(refund.metadata or {}).get("refund_id"),
        amount_minor=refund.amount,
        currency=refund.currency.upper(),
        outcome=refund.outcome,
    )
