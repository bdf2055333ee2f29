"""The HTTP surface of payments."""

from __future__ import annotations

from datetime import datetime

import msgspec
from litestar import Controller

from entrepot.kernel.actors import Actor, guest_or_user
from entrepot.kernel.db import Db
from entrepot.kernel.routes import get, post
from entrepot.payments import queries
from entrepot.payments.confirm import confirm
from entrepot.payments.create_intent import create_intent
from entrepot.payments.ledger_api import LedgerController
from entrepot.payments.model import (
    AlreadyCharged,
    IllegalIntentState,
    Intent,
    IntentMismatch,
    IntentNotFound,
    IntentStatus,
    NotPayable,
    PaymentDeclined,
    TooManyIntents,
)
from entrepot.payments.payments_list_api import PaymentListController
from entrepot.payments.provider_model import ProviderDown
from entrepot.payments.refund_api import RefundController
from entrepot.payments.requests import Confirmation, NewIntent
from entrepot.payments.webhooks_api import WebhookController
from entrepot.settings import PaymentProvider
from entrepot.shop import Shop

__all__ = [
    "LedgerController",
    "PaymentController",
    "PaymentListController",
    "RefundController",
    "WebhookController",
]


class IntentView(msgspec.Struct, frozen=True, rename="camel", kw_only=True, omit_defaults=True):
    """An intent; `amount` in the currency's smallest unit. `clientSecret` is shown when it is made, and never again.

    With Stripe, clients may pay with it and `publishableKey` through Stripe's own libraries.
    """

    id: str
    amount: int
    currency: str
    status: IntentStatus
    created_at: datetime
    client_secret: str | None = None
    publishable_key: str | None = None

    @classmethod
    def of(cls, intent: Intent, client_secret: str | None = None, publishable_key: str | None = None) -> IntentView:
        return cls(
            id=intent.id,
            amount=intent.amount_minor,
            currency=intent.currency.lower(),
            status=intent.status,
            created_at=intent.created_at,
            client_secret=client_secret,
            publishable_key=publishable_key,
        )


class StatusView(msgspec.Struct, frozen=True):
    status: IntentStatus


def publishable_key_of(shop: Shop, intent: Intent) -> str | None:
    """What clients introduce themselves with to the intent's provider, where it has such a thing."""
    return shop.settings.stripe_publishable_key if intent.provider == PaymentProvider.STRIPE else None


class PaymentController(Controller):
    path = "/payments/intents"
    tags = ["Payments"]

    @post("/", guard=guest_or_user, refuses=(NotPayable, IntentMismatch, TooManyIntents, ProviderDown))
    async def create_intent(self, shop: Shop, actor: Actor, data: NewIntent) -> IntentView:
        """Make a payment intent.

        With `metadata.orderId` it is bound to that order and must be for exactly its total. A guest sends the order's
        `token` as `X-Order-Token`, here and when confirming.
        """
        created = await create_intent(shop, actor, data)
        return IntentView.of(created.intent, created.client_secret, publishable_key_of(shop, created.intent))

    @post(
        "/{intent_id:str}/confirm",
        guard=guest_or_user,
        status=200,
        refuses=(IntentNotFound, IllegalIntentState, AlreadyCharged, NotPayable, PaymentDeclined, ProviderDown),
    )
    async def confirm_intent(self, shop: Shop, actor: Actor, intent_id: str, data: Confirmation) -> IntentView:
        """Pay: charge the intent with a payment method.

        The sandbox takes Stripe's test methods: `pm_card_visa` succeeds, `pm_card_chargeDeclined` is declined,
        `pm_card_authenticationRequired` needs a second confirmation, `pm_usBankAccount_success` is `processing` for a minute.
        """
        return IntentView.of(await confirm(shop, actor, intent_id, data.payment_method_id))

    @get("/{intent_id:str}/status", guard=guest_or_user, refuses=(IntentNotFound,))
    async def intent_status(self, db: Db, actor: Actor, intent_id: str) -> StatusView:
        """How far a payment got."""
        intent = await queries.find_intent(db, actor, intent_id)
        if intent is None:
            raise IntentNotFound
        return StatusView(intent.status)
