"""Where providers tell us what became of payments."""

from __future__ import annotations

import msgspec
from litestar import Controller, Response
from litestar.background_tasks import BackgroundTask

from entrepot.kernel.actors import anyone
from entrepot.kernel.routes import post
from entrepot.kernel.sent import Sent
from entrepot.payments.provider_model import BadSignature, NoSuchProvider
from entrepot.payments.webhooks import receive
from entrepot.payments.webhooks_apply import apply_soon
from entrepot.shop import Shop


class Received(msgspec.Struct, frozen=True):
    """It is kept, and will be applied; or it was before."""

    received: bool = True


class WebhookController(Controller):
    path = "/payments/webhooks"
    tags = ["Payments"]

    @post("/{provider:str}", guard=anyone, status=200, refuses=(BadSignature, NoSuchProvider))
    async def receive_webhook(self, shop: Shop, provider: str, sent: Sent) -> Response[Received]:
        """What a payment provider tells: `stripe`, or the built-in `sandbox`.

        Signed in Stripe's way, in the header `Stripe-Signature` or `Sandbox-Signature`: `t=<seconds>,v1=<HMAC-SHA256 of
        "<seconds>.<body>">`, at most five minutes ago. An event is kept as it was sent and answered at once; it is applied
        once, however often and in whatever order events come. Kinds that are of no interest are kept, and left alone.
        """
        receipt_id = await receive(shop, provider, sent.headers, sent.body)
        soon = BackgroundTask(apply_soon, shop, receipt_id) if receipt_id is not None else None
        return Response(Received(), background=soon)
