"""Making a payment intent: how much, for which order, and with which provider."""

from __future__ import annotations

import secrets
from datetime import timedelta
from typing import Final

import msgspec

from entrepot.kernel import clock
from entrepot.kernel.actors import Actor
from entrepot.kernel.db import Db
from entrepot.kernel.errors import Invalid, Unauthorized
from entrepot.kernel.secrets import hash_secret
from entrepot.payments import queries
from entrepot.payments.model import Intent, IntentMismatch, NotPayable, TooManyIntents
from entrepot.payments.provider_model import IntentOrder
from entrepot.payments.providers import provider_of
from entrepot.payments.requests import NewIntent
from entrepot.shop import Shop

INTENTS_OF_AN_ORDER: Final = 20
"""Enough for every reload of a page until the order expires. Some more may be made at once: it bounds waste, not money."""
ASK_OF_NEW: Final = timedelta(minutes=10)
"""When a provider is first asked what became of an intent that the buyer may pay past us."""


class CreatedIntent(msgspec.Struct, frozen=True):
    """The intent, and the secret that is shown once."""

    intent: Intent
    client_secret: str


async def create_intent(shop: Shop, actor: Actor, new: NewIntent) -> CreatedIntent:
    """Make an intent with the provider, and write it down. One that names an order must be for exactly what that waits for.

    If this process dies in between, the provider keeps an intent that nobody knows the secret of.

    Raises:
        Unauthorized: a guest named no order.
        Invalid: the order named is not the actor's, or there is none.
        NotPayable, IntentMismatch: it does not wait to be paid, or not this much.
        TooManyIntents: it has enough of them.
        ProviderDown: the provider did not answer; there is no intent.
    """
    if actor.is_guest and new.order_number is None:
        raise Unauthorized("Sign in first, or name your order: metadata.orderId, with its token as X-Order-Token")
    currency = (new.currency or shop.settings.currency).upper()
    order_id = None
    if new.order_number is not None:
        order_id = await _order_to_pay(shop.database.reader, actor, new.order_number, new.amount, currency)
    intent_id = f"pi_{secrets.token_hex(12)}"
    provider = provider_of(shop)
    made = await provider.create(
        IntentOrder(id=intent_id, amount_minor=new.amount, currency=currency, metadata=new.metadata)
    )
    intent = await queries.insert_intent(
        shop.database.one_statement(),
        intent_id=intent_id,
        user_id=actor.user_id,
        order_id=order_id,
        provider=provider.name,
        provider_id=made.provider_id,
        amount_minor=new.amount,
        currency=currency,
        client_secret_hash=hash_secret(made.client_secret),
        metadata=new.metadata,
        ask_at=clock.now() + ASK_OF_NEW if provider.charges_elsewhere else None,
    )
    return CreatedIntent(intent, made.client_secret)


async def _order_to_pay(db: Db, actor: Actor, number: str, amount_minor: int, currency: str) -> int:
    payable = await queries.find_payable(db, number, actor.user_id, actor.order_token_hash)
    if payable is None or not payable.mine:
        raise Invalid({"metadata.orderId": ["you have no such order"]})
    if not payable.open:
        raise NotPayable
    if payable.intents >= INTENTS_OF_AN_ORDER:
        raise TooManyIntents
    if (payable.amount_minor, payable.currency) != (amount_minor, currency):
        raise IntentMismatch(
            details={"amount": [f"must be {payable.amount_minor} {payable.currency.lower()} for order {number}"]}
        )
    return payable.order_id
