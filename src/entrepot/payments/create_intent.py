"""Making a payment intent: how much, and for which order."""

from __future__ import annotations

import secrets

import msgspec

from entrepot.kernel.actors import Actor
from entrepot.kernel.db import Tx
from entrepot.kernel.errors import Invalid, Unauthorized
from entrepot.kernel.secrets import hash_secret, new_secret
from entrepot.payments import queries, sandbox
from entrepot.payments.model import Intent, IntentMismatch, NotPayable
from entrepot.payments.requests import NewIntent


class CreatedIntent(msgspec.Struct, frozen=True):
    """The intent, and the secret that is shown once."""

    intent: Intent
    client_secret: str


async def create_intent(tx: Tx, actor: Actor, new: NewIntent, shop_currency: str) -> CreatedIntent:
    """Make an intent. One that names an order must be for exactly its total.

    Raises:
        Unauthorized: a guest named no order.
        Invalid: the order named is not the actor's, or there is none.
        NotPayable, IntentMismatch: it does not wait to be paid, or not this much.
    """
    if actor.is_guest and new.order_number is None:
        raise Unauthorized("Sign in first, or name your order: metadata.orderId, with its token as X-Order-Token")
    currency = (new.currency or shop_currency).upper()
    order_id = (
        None if new.order_number is None else await _order_to_pay(tx, actor, new.order_number, new.amount, currency)
    )
    intent_id = f"pi_{secrets.token_hex(12)}"
    client_secret = f"{intent_id}_secret_{new_secret()}"
    intent = await queries.insert_intent(
        tx,
        intent_id=intent_id,
        user_id=actor.user_id,
        order_id=order_id,
        provider=sandbox.NAME,
        amount_minor=new.amount,
        currency=currency,
        client_secret_hash=hash_secret(client_secret),
        metadata=new.metadata,
    )
    return CreatedIntent(intent, client_secret)


async def _order_to_pay(tx: Tx, actor: Actor, number: str, amount_minor: int, currency: str) -> int:
    token_hash = actor.order_token_hash
    payable = await queries.find_payable(tx, number, actor.user_id, token_hash)
    if payable is None or not payable.mine:
        raise Invalid({"metadata.orderId": ["you have no such order"]})
    if not payable.open:
        raise NotPayable
    if (payable.amount_minor, payable.currency) != (amount_minor, currency):
        raise IntentMismatch(
            details={"amount": [f"must be {payable.amount_minor} {payable.currency.lower()} for order {number}"]}
        )
    return payable.order_id
