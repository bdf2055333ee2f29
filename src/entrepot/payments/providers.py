"""The providers of payments, and how one is found by its name."""

from __future__ import annotations

from entrepot.payments.provider_model import (
    BadSignature,
    IntentNotice,
    IntentOrder,
    NoSuchProvider,
    Notice,
    Provider,
    ProviderDown,
    ProviderIntent,
    RefundNotice,
    RefundOrder,
    RefundOutcome,
    RefundStatus,
)
from entrepot.payments.sandbox import SandboxProvider
from entrepot.settings import PaymentProvider
from entrepot.shop import Shop

__all__ = [
    "BadSignature",
    "IntentNotice",
    "IntentOrder",
    "NoSuchProvider",
    "Notice",
    "Provider",
    "ProviderDown",
    "ProviderIntent",
    "RefundNotice",
    "RefundOrder",
    "RefundOutcome",
    "RefundStatus",
    "provider_of",
]


def provider_of(shop: Shop, name: str | None = None) -> Provider:
    """The provider of this name; without one, that which new intents are made with.

    Raises:
        NoSuchProvider: there is none, or it is not set up.
    """
    settings = shop.settings
    match name or settings.payment_provider:
        case PaymentProvider.SANDBOX:
            return SandboxProvider(shop.database, settings.sandbox_webhooks)
        case PaymentProvider.STRIPE if settings.stripe_secret_key is not None:
            # The library takes a quarter of a second, which only those shall wait for who use it.
            from entrepot.payments.stripe_provider import StripeProvider

            secret = settings.stripe_webhook_secret
            return StripeProvider(
                settings.stripe_secret_key.get_secret_value(),
                secret.get_secret_value() if secret is not None else "",
                settings.stripe_api_url,
            )
    raise NoSuchProvider
