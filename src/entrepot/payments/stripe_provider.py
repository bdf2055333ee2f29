"""Stripe, through its official library. Imported only by who uses it: the library takes a quarter of a second."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from datetime import datetime
from functools import lru_cache
from typing import Final

import msgspec
from stripe import (
    CardError,
    InvalidRequestError,
    SignatureVerificationError,
    StripeClient,
    StripeError,
    StripeObject,
    WebhookSignature,
)

from entrepot.payments.model import Intent, IntentStatus, Outcome
from entrepot.payments.notices import StripeIntent, StripeRefund, notice_of
from entrepot.payments.provider_model import (
    SIGNATURE_TOLERANCE_S,
    TIMEOUT_S,
    BadSignature,
    IntentOrder,
    Notice,
    ProviderDown,
    ProviderIntent,
    RefundOrder,
    RefundOutcome,
    RefundStatus,
    outcome_of,
)
from entrepot.payments.stripe_http import StripeHttp

log = logging.getLogger("entrepot.payments")

NAME: Final = "stripe"
SIGNATURE_HEADER: Final = "stripe-signature"
RETRIES: Final = 1
MOST_REFUNDS: Final = 100
UNEXPECTED_STATE: Final = "payment_intent_unexpected_state"
NOT_CHARGED: Final = frozenset({IntentStatus.REQUIRES_PAYMENT_METHOD, IntentStatus.REQUIRES_CONFIRMATION})


@lru_cache(maxsize=4)
def client_of(secret_key: str, api_url: str) -> StripeClient:
    """The client of this process, with its connections."""
    return StripeClient(
        secret_key, base_addresses={"api": api_url}, http_client=StripeHttp(), max_network_retries=RETRIES
    )


class StripeProvider:
    """Every request carries an idempotency key made of our id and the attempt, so that asking twice does it once."""

    name = NAME
    charges_elsewhere = True

    def __init__(self, secret_key: str, webhook_secret: str, api_url: str) -> None:
        self._api = client_of(secret_key, api_url.rstrip("/")).v1
        self._webhook_secret = webhook_secret

    async def create(self, order: IntentOrder) -> ProviderIntent:
        """Cards only, with what goes by cards: nothing else can be confirmed from here without sending the buyer away."""
        async with _asking():
            made = await self._api.payment_intents.create_async(
                {
                    "amount": order.amount_minor,
                    "currency": order.currency.lower(),
                    "allowed_payment_method_types": ["card"],
                    "metadata": {"intent_id": order.id},
                },
                {"idempotency_key": order.id},
            )
        return ProviderIntent(made.id, made.client_secret or "")

    async def charge(self, intent: Intent, payment_method: str) -> Outcome:
        key = f"{intent.id}-{intent.attempt}"
        try:
            async with _asking():
                confirmed = await self._api.payment_intents.confirm_async(
                    intent.provider_id,
                    {"payment_method": payment_method, "use_stripe_sdk": True},
                    {"idempotency_key": key},
                )
            return _outcome(confirmed)
        except CardError as refusal:
            return _failed(intent, _decline_of(refusal))
        except InvalidRequestError as refusal:
            return await self._after_refusal(intent, refusal)

    async def _after_refusal(self, intent: Intent, refusal: InvalidRequestError) -> Outcome:
        """Stripe finds the request wrong. That it was charged already is one reason; no such payment method another."""
        if refusal.code != UNEXPECTED_STATE and refusal.http_status == 404:
            return _failed(intent, "unknown_payment_method")
        outcome = await self.look_up(intent)
        if outcome.status in NOT_CHARGED:
            log.warning("Stripe refused to charge %s: %s", intent.id, refusal.code)
            return _failed(intent, refusal.code or "processing_error")
        return outcome

    async def look_up(self, intent: Intent) -> Outcome:
        async with _asking(every_refusal=True):
            return _outcome(await self._api.payment_intents.retrieve_async(intent.provider_id))

    async def refund(self, order: RefundOrder) -> RefundOutcome:
        """Stripe forgets idempotency keys after a while, so it is asked first whether it has this refund."""
        try:
            async with _asking():
                earlier = await self._api.refunds.list_async(
                    {"payment_intent": order.provider_intent_id, "limit": MOST_REFUNDS}
                )
                for refund in earlier.data:
                    if _our_id_of(refund) == order.id:
                        return _refund(refund).outcome
                made = await self._api.refunds.create_async(
                    {
                        "payment_intent": order.provider_intent_id,
                        "amount": order.amount_minor,
                        "metadata": {"refund_id": order.id},
                    },
                    {"idempotency_key": order.id},
                )
        except (CardError, InvalidRequestError) as refusal:
            log.warning("Stripe refused refund %s: %s", order.id, refusal.code)
            return RefundOutcome(status=RefundStatus.FAILED, failure_code=refusal.code or "refused")
        return _refund(made).outcome

    async def look_up_refund(self, order: RefundOrder, provider_refund_id: str) -> RefundOutcome:  # noqa: ARG002
        async with _asking(every_refusal=True):
            return _refund(await self._api.refunds.retrieve_async(provider_refund_id)).outcome

    async def read_webhook(self, headers: Mapping[str, str], body: bytes, now: datetime) -> Notice:  # noqa: ARG002
        """The library looks at the clock by itself."""
        signature = headers.get(SIGNATURE_HEADER, "")
        if not signature.isascii():  # the library compares digests as text, which refuses with a TypeError
            raise BadSignature
        try:
            WebhookSignature.verify_header(body, signature, self._webhook_secret, SIGNATURE_TOLERANCE_S)
        except (SignatureVerificationError, UnicodeDecodeError):
            raise BadSignature from None
        return notice_of(body)

    def understand(self, body: bytes) -> Notice:
        return notice_of(body)


@asynccontextmanager
async def _asking(*, every_refusal: bool = False) -> AsyncIterator[None]:
    """Bound in time. What says nothing of the request itself, or anything at all (`every_refusal`), is ProviderDown."""
    try:
        async with asyncio.timeout(TIMEOUT_S):
            yield
    except TimeoutError:
        raise ProviderDown from None
    except StripeError as error:
        if not every_refusal and isinstance(error, CardError | InvalidRequestError):
            raise
        log.warning("Stripe does not answer: %s, status %s, %s", type(error).__name__, error.http_status, error.code)
        raise ProviderDown from None


def _outcome(found: StripeObject) -> Outcome:
    intent = msgspec.convert(found.to_dict(), StripeIntent)
    return outcome_of(intent.status, intent.failure_code, intent.amount, intent.currency)


def _refund(found: StripeObject) -> StripeRefund:
    return msgspec.convert(found.to_dict(), StripeRefund)


def _our_id_of(refund: StripeObject) -> str | None:
    return (_refund(refund).metadata or {}).get("refund_id")


def _failed(intent: Intent, failure_code: str) -> Outcome:
    return Outcome(IntentStatus.FAILED, failure_code, intent.amount_minor, intent.currency)


def _decline_of(refusal: CardError) -> str:
    decline = getattr(refusal.error, "decline_code", None)
    return str(decline or refusal.code or "card_declined")
