"""Confirming a payment: claim the intent, charge it outside any transaction, write the outcome once."""

from __future__ import annotations

from datetime import timedelta
from typing import Any, Final

from entrepot.kernel import clock
from entrepot.kernel.actors import Actor
from entrepot.kernel.db import Database
from entrepot.kernel.events import publish
from entrepot.payments import queries, sandbox
from entrepot.payments.events import PaymentFailed, PaymentSucceeded
from entrepot.payments.model import (
    CONFIRMABLE,
    IllegalIntentState,
    Intent,
    IntentNotFound,
    IntentStatus,
    NotPayable,
    Outcome,
    PaymentDeclined,
)

HANGING_AFTER: Final = timedelta(minutes=1)
HANGING_BATCH: Final = 100


async def confirm(database: Database, actor: Actor, intent_id: str, payment_method: str) -> Intent:
    """Charge the intent; confirming one that has succeeded answers it unchanged.

    Raises:
        IntentNotFound: there is none of this actor's.
        IllegalIntentState, NotPayable, AlreadyCharged: it, or its order, cannot be charged now.
        PaymentDeclined: the provider refused; the intent may be confirmed again with another method.
    """
    found = await queries.find_intent(database.reader, actor, intent_id)
    if found is None:
        raise IntentNotFound
    if found.status is IntentStatus.SUCCEEDED:
        return found
    async with database.transaction() as tx:
        claimed = await queries.claim_for_charging(tx, intent_id, payment_method)
    if claimed is None:
        now = await queries.get_intent(database.reader, intent_id)
        if now.status is IntentStatus.SUCCEEDED:
            return now
        if now.order_id != found.order_id:  # bound to its order while we looked; that happens once
            return await confirm(database, actor, intent_id, payment_method)
        raise NotPayable if now.status in CONFIRMABLE else IllegalIntentState.of(now.status)
    authenticated = found.status is IntentStatus.REQUIRES_ACTION and found.payment_method == payment_method
    outcome = await sandbox.charge(payment_method, authenticated=authenticated)
    settled = await _settle(database, claimed, outcome)
    if settled.status is IntentStatus.FAILED:
        raise PaymentDeclined.of(settled.failure_code)
    return settled


async def ask_again(database: Database) -> int:
    """Settle charges that were begun and never answered, because a process died in between; returns how many."""
    hanging = await queries.list_hanging(database.reader, clock.now() - HANGING_AFTER, HANGING_BATCH)
    for intent in hanging:
        outcome = await sandbox.charge(intent.payment_method or "", authenticated=False)
        await _settle(database, intent, outcome)
    return len(hanging)


async def _settle(database: Database, intent: Intent, outcome: Outcome) -> Intent:
    """Write the outcome and publish it, unless somebody else was first; returns the intent as it stands."""
    async with database.transaction() as tx:
        settled = await queries.claim_outcome(tx, intent.id, outcome)
        if settled is None:
            return await queries.get_intent(tx, intent.id)
        fact: dict[str, Any] = {
            "intent_id": settled.id,
            "order_id": settled.order_id,
            "amount_minor": settled.amount_minor,
            "currency": settled.currency,
        }
        if settled.status is IntentStatus.SUCCEEDED:
            await publish(tx, PaymentSucceeded(**fact), actor_id=settled.user_id)
        elif settled.status is IntentStatus.FAILED:
            await publish(tx, PaymentFailed(**fact, failure_code=settled.failure_code), actor_id=settled.user_id)
        return settled
