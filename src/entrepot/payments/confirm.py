"""Confirming a payment: claim the intent, charge it outside any transaction, write the outcome once."""

from __future__ import annotations

from entrepot.kernel.actors import Actor
from entrepot.payments import queries
from entrepot.payments.model import (
    CONFIRMABLE,
    IllegalIntentState,
    Intent,
    IntentNotFound,
    IntentStatus,
    NotPayable,
    PaymentDeclined,
)
from entrepot.payments.providers import provider_of
from entrepot.payments.settle import settle
from entrepot.shop import Shop


async def confirm(shop: Shop, actor: Actor, intent_id: str, payment_method: str) -> Intent:
    """Charge the intent; confirming one that has succeeded answers it unchanged.

    If this process dies after the charge, or the provider does not answer, the intent stays `processing` until the provider
    tells, or is asked (`reconcile.py`).

    Raises:
        IntentNotFound: there is none of this actor's.
        IllegalIntentState, NotPayable, AlreadyCharged: it, or its order, cannot be charged now.
        PaymentDeclined: the provider refused; the intent may be confirmed again with another method.
        ProviderDown: the provider did not answer; whether it has charged is not known yet.
    """
    provider = provider_of(shop)
    claimed = await _claim(shop, actor, intent_id, provider.name, payment_method)
    if claimed is None:
        found = await queries.find_intent(shop.database.reader, actor, intent_id)
        if found is None:
            raise IntentNotFound
        if found.status is IntentStatus.SUCCEEDED:
            return found
        if found.provider != provider.name:  # or an intent of the sandbox would pay in a shop that has gone live
            raise IllegalIntentState("This payment intent is of another payment provider: make a new one")
        if found.status not in CONFIRMABLE:
            raise IllegalIntentState.of(found.status)
        # Bound to its order while we looked, perhaps; that happens once.
        claimed = await _claim(shop, actor, intent_id, provider.name, payment_method)
        if claimed is None:
            raise NotPayable
    outcome = await provider.charge(claimed, payment_method)
    async with shop.database.transaction() as tx:
        settled = await settle(tx, claimed, outcome, answered=True)
    if settled is None:  # a webhook was first
        settled = await queries.get_intent(shop.database.reader, intent_id)
    if settled.status is IntentStatus.FAILED:
        raise PaymentDeclined.of(settled.failure_code)
    return settled


async def _claim(shop: Shop, actor: Actor, intent_id: str, provider: str, payment_method: str) -> Intent | None:
    tx = shop.database.one_statement()
    return await queries.claim_for_charging(tx, actor, intent_id, provider, payment_method)
