"""What providers of payments are asked and answer, whoever they are."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from enum import StrEnum
from typing import Any, Protocol

import msgspec

from entrepot.kernel.errors import Malformed, NotFound, Unavailable
from entrepot.payments.model import Intent, IntentStatus, Outcome


class RefundStatus(StrEnum):
    PENDING = "pending"
    SUCCEEDED = "succeeded"
    FAILED = "failed"


class ProviderDown(Unavailable):
    message = "The payment provider does not answer: ask for the payment's status before you try again"


class NoSuchProvider(NotFound):
    message = "There is no such payment provider here"


class BadSignature(Malformed):
    code = "BAD_SIGNATURE"
    message = "The signature does not fit the body, or is too old"


class IntentOrder(msgspec.Struct, frozen=True, kw_only=True):
    """An intent that a provider is to make. `id` is ours."""

    id: str
    amount_minor: int
    currency: str
    metadata: Mapping[str, Any] = {}


class ProviderIntent(msgspec.Struct, frozen=True):
    """An intent that a provider has made: its own id, and the secret that the buyer's client pays with."""

    provider_id: str
    client_secret: str


class RefundOrder(msgspec.Struct, frozen=True, kw_only=True):
    """A refund that a provider is to make. `id` is ours: under one id, money is given back once.

    One that failed stays failed; to try again is another refund.
    """

    id: str
    provider_intent_id: str
    amount_minor: int
    currency: str
    reason: str = ""


class RefundOutcome(msgspec.Struct, frozen=True, kw_only=True):
    """What became of a refund. `provider_id` is the provider's own id of it, if it has made one."""

    status: RefundStatus
    provider_id: str | None = None
    failure_code: str | None = None


class IntentNotice(msgspec.Struct, frozen=True, kw_only=True):
    """What a provider tells of an intent."""

    provider_id: str
    outcome: Outcome


class RefundNotice(msgspec.Struct, frozen=True, kw_only=True):
    """What a provider tells of a refund. `refund_id` is ours, if it is one that we asked for."""

    refund_id: str | None
    amount_minor: int
    currency: str
    outcome: RefundOutcome


class Notice(msgspec.Struct, frozen=True, kw_only=True):
    """What a provider tells us by a webhook. One of a kind that is of no interest has neither intent nor refunds.

    `refunds_of`: something of this intent was given back; what, is not said, and is to be asked.
    """

    event_id: str
    kind: str
    intent: IntentNotice | None = None
    refunds: Sequence[RefundNotice] = ()
    refunds_of: str | None = None


class Provider(Protocol):
    """Who moves the money. No method is called inside a transaction; each comes back within `TIMEOUT_S`.

    All but `read_webhook` raise ProviderDown if there is no answer: then nobody knows whether it was done, and the same
    is asked again, under the same key, or looked up.
    """

    name: str
    charges_elsewhere: bool
    """Whether a buyer may pay past us, with the client secret."""

    async def create(self, order: IntentOrder) -> ProviderIntent: ...

    async def charge(self, intent: Intent, payment_method: str) -> Outcome:
        """Charge the intent, once for each of its attempts."""

    async def look_up(self, intent: Intent) -> Outcome:
        """How the intent stands with the provider."""

    async def refund(self, order: RefundOrder) -> RefundOutcome:
        """Give money back, once for each id; asking again gives the same answer."""

    async def look_up_refund(self, order: RefundOrder, provider_refund_id: str) -> RefundOutcome: ...

    async def read_webhook(self, headers: Mapping[str, str], body: bytes, now: datetime) -> Notice:
        """What the provider tells. Header names are lower case.

        Raises:
            BadSignature: it does not come from the provider, or is older than SIGNATURE_TOLERANCE_S.
            Malformed: it is signed, but not of the form that the provider's events have.
        """

    def understand(self, body: bytes) -> Notice:
        """What a body says whose signature was checked before."""


TIMEOUT_S = 20.0
SIGNATURE_TOLERANCE_S = 300


def outcome_of(status: str, failure_code: str | None, amount_minor: int, currency: str) -> Outcome:
    """What Stripe's word for an intent's status means here. After a charge that failed, Stripe waits for another method."""
    if status == "requires_payment_method" and failure_code is not None:
        return Outcome(IntentStatus.FAILED, failure_code, amount_minor, currency.upper())
    if status == "requires_capture":  # of an account that captures by hand: the money is held, and not ours yet
        return Outcome(IntentStatus.PROCESSING, None, amount_minor, currency.upper())
    return Outcome(IntentStatus(status), None, amount_minor, currency.upper())
