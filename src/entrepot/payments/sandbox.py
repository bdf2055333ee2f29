"""The sandbox: a provider of payments that charges nobody, with books of its own, like Stripe's test mode.

It is written as if it were somebody else's system: it keeps what it is asked in tables that nobody else reads, answers the
same request with the same answer, and tells the shop by signed webhooks what became of it (`sandbox_webhooks.py`). What
becomes of a charge depends on the payment method (`sandbox_methods.py`).
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from collections.abc import Mapping
from datetime import datetime
from typing import Final

import msgspec

from entrepot.kernel import clock
from entrepot.kernel.db import Database, Tx
from entrepot.kernel.secrets import new_secret
from entrepot.payments import sandbox_queries as queries
from entrepot.payments.model import Intent, Outcome
from entrepot.payments.notices import notice_of
from entrepot.payments.provider_model import (
    SIGNATURE_TOLERANCE_S,
    BadSignature,
    IntentOrder,
    Notice,
    ProviderIntent,
    RefundOrder,
    RefundOutcome,
    RefundStatus,
    outcome_of,
)
from entrepot.payments.sandbox_methods import METHODS, REFUND_FAILURE, SETTLES_AFTER, UNKNOWN, Fate, webhook_mode
from entrepot.payments.sandbox_queries import SandboxIntent, SandboxRefund

NAME: Final = "sandbox"
SIGNATURE_HEADER: Final = "sandbox-signature"
SETTLE_AT_ONCE: Final = 100


class SandboxProvider:
    """`webhooks`: how events are delivered of intents that do not say it themselves."""

    name = NAME
    charges_elsewhere = False

    def __init__(self, database: Database, webhooks: str) -> None:
        self._database = database
        self._webhooks = webhooks

    async def create(self, order: IntentOrder) -> ProviderIntent:
        """Nothing is written: the sandbox keeps an intent from its first charge on, since nobody can ask for it before.

        Raises:
            Invalid: the metadata have a wish that there is not.
        """
        webhook_mode(order.metadata, self._webhooks)
        return ProviderIntent(order.id, f"{order.id}_secret_{new_secret()}")

    async def charge(self, intent: Intent, payment_method: str) -> Outcome:
        fate = METHODS.get(payment_method, UNKNOWN)
        charged = await queries.charge(
            self._database.one_statement(),
            intent_id=intent.provider_id,
            amount_minor=intent.amount_minor,
            currency=intent.currency,
            payment_method=payment_method,
            key=f"{intent.id}-{intent.attempt}",
            status=fate.status,
            failure_code=None if fate.status == "processing" else fate.failure_code,
            settles_at=clock.now() + fate.settles_after if fate.settles_after is not None else None,
            settles_code=fate.failure_code if fate.status == "processing" else None,
            webhooks=webhook_mode(intent.metadata, self._webhooks),
        )
        return await self.look_up(intent) if charged is None else _outcome(charged)

    async def look_up(self, intent: Intent) -> Outcome:
        await settle_due(self._database)
        found = await queries.find_intent(self._database.reader, intent.provider_id)
        if found is None:
            return outcome_of("requires_payment_method", None, intent.amount_minor, intent.currency)
        return _outcome(found)

    async def refund(self, order: RefundOrder) -> RefundOutcome:
        async with self._database.transaction() as tx:
            return _refund_outcome(await _refund(tx, order))

    async def look_up_refund(self, order: RefundOrder, provider_refund_id: str) -> RefundOutcome:  # noqa: ARG002
        await settle_due(self._database)
        found = await queries.find_refund(self._database.reader, provider_refund_id)
        if found is None:
            return RefundOutcome(status=RefundStatus.FAILED, failure_code="resource_missing")
        return _refund_outcome(found)

    async def read_webhook(self, headers: Mapping[str, str], body: bytes, now: datetime) -> Notice:
        secret = await queries.get_webhook_secret(self._database.reader)
        if not is_signed(headers.get(SIGNATURE_HEADER, ""), body, secret, now):
            raise BadSignature
        return notice_of(body)

    def understand(self, body: bytes) -> Notice:
        return notice_of(body)


async def settle_due(database: Database) -> None:
    """End what is processing and whose time has come, as time does at a bank."""
    while True:
        async with database.transaction() as tx:
            charges = await queries.settle_charges(tx, SETTLE_AT_ONCE)
            refunds = await queries.settle_refunds(tx, SETTLE_AT_ONCE)
            for refund in refunds:
                await queries.tell_of_refund(tx, "refund.updated", refund)
        if max(len(charges), len(refunds)) < SETTLE_AT_ONCE:
            return


def signature_of(body: bytes, secret: str, at: datetime) -> str:
    """The header's value, in Stripe's scheme: HMAC-SHA256 of `<seconds>.<body>`."""
    moment = int(at.timestamp())
    return f"t={moment},v1={hmac.digest(secret.encode(), b'%d.%s' % (moment, body), hashlib.sha256).hex()}"


def is_signed(header: str, body: bytes, secret: str, now: datetime) -> bool:
    """Whether one of the header's signatures fits, and was made not long ago."""
    pairs = [part.strip().partition("=") for part in header.split(",")]
    moment = next((value for name, _, value in pairs if name == "t"), "")
    if not (moment.isascii() and moment.isdigit() and len(moment) <= 12):
        return False
    if abs(now.timestamp() - int(moment)) > SIGNATURE_TOLERANCE_S:
        return False
    right = hmac.digest(secret.encode(), b"%d.%s" % (int(moment), body), hashlib.sha256).hex()
    return any(name == "v1" and hmac.compare_digest(right.encode(), value.encode()) for name, _, value in pairs)


async def _refund(tx: Tx, order: RefundOrder) -> SandboxRefund:
    intent = await queries.lock_intent(tx, order.provider_intent_id)
    if (earlier := await queries.find_refund_at(tx, order.id)) is not None:
        return earlier
    fate = (
        METHODS.get(intent.payment_method, UNKNOWN) if intent is not None else Fate()
    )  # of the demo: not charged here
    refund = SandboxRefund(
        id=f"re_{secrets.token_hex(12)}",
        intent_id=order.provider_intent_id,
        reference=order.id,
        amount_minor=order.amount_minor,
        currency=order.currency,
        status=RefundStatus(fate.refund),
        failure_code=REFUND_FAILURE if fate.refund == "failed" else None,
    )
    if intent is not None and (fault := _why_not(intent, order)) is not None:
        refund = msgspec.structs.replace(refund, status=RefundStatus.FAILED, failure_code=fault)
    settles_after = SETTLES_AFTER if refund.status is RefundStatus.PENDING else None
    made = await queries.insert_refund(tx, refund, key=order.id, settles_after=settles_after)
    if made is None:  # of an intent that is not kept here, so that there was no lock
        return await queries.find_refund_at(tx, order.id) or refund
    if made.status is RefundStatus.FAILED:
        await queries.tell_of_refund(tx, "refund.failed", made)
        return made
    await queries.add_refunded(tx, made.intent_id, made.amount_minor)
    await queries.tell_of_refund(tx, "charge.refunded", made)
    await queries.tell_of_refund(tx, "refund.updated", made)
    return made


def _why_not(intent: SandboxIntent, order: RefundOrder) -> str | None:
    if intent.status != "succeeded" or intent.currency != order.currency:
        return "charge_not_refundable"
    if order.amount_minor > intent.amount_minor - intent.refunded_minor:
        return "amount_too_large"
    return None


def _outcome(found: SandboxIntent) -> Outcome:
    return outcome_of(found.status, found.failure_code, found.amount_minor, found.currency)


def _refund_outcome(refund: SandboxRefund) -> RefundOutcome:
    return RefundOutcome(status=refund.status, provider_id=refund.id, failure_code=refund.failure_code)
