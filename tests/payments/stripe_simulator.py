"""Stripe, simulated by localstripe, as a process of its own: `python -m tests.payments.stripe_simulator PORT`.

localstripe speaks an older API. What the shop asks of the present one is taught to it here: two parameters, confirming with
another method, the code of a charge in the wrong state, and answering an idempotency key alike.
"""

from __future__ import annotations

import sys
from collections.abc import Awaitable, Callable
from typing import Any

from aiohttp import web
from localstripe import errors, resources, server, webhooks  # type: ignore[import-untyped]

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]

counts: dict[str, int] = {}
"""How often each thing was asked for, without what was answered from memory."""
answers: dict[str, tuple[str, int, bytes]] = {}
broken: dict[str, str] = {}
"""`on`: what happens to the next request, whose path has this in it; `how`: "before" or "after" it was carried out."""


@web.middleware
async def like_stripe(request: web.Request, handler: Handler) -> web.StreamResponse:
    """The outermost: keys are answered alike, and connections break on demand."""
    key = request.headers.get("Idempotency-Key")
    body = (await request.read()).decode()
    if key is not None and key in answers:
        asked, status, text = answers[key]
        if asked != f"{request.path}?{body}":
            return _error(400, "idempotency_error", "idempotency_key_in_use")
        return web.Response(status=status, body=text, content_type="application/json")
    if _breaks(request, "before"):
        raise ConnectionResetError
    counts[f"{request.method} {request.path}"] = counts.get(f"{request.method} {request.path}", 0) + 1
    reply = await handler(request)
    if key is not None and isinstance(reply, web.Response) and isinstance(reply.body, bytes):
        answers[key] = (f"{request.path}?{body}", reply.status, reply.body)
    if _breaks(request, "after") and request.transport is not None:
        request.transport.close()
    return reply


def _breaks(request: web.Request, how: str) -> bool:
    if broken.get("how") == how and broken["on"] in request.path:
        broken.clear()
        return True
    return False


def _error(status: int, kind: str, code: str) -> web.Response:
    return web.json_response({"error": {"type": kind, "code": code, "message": code}}, status=status)


def create(original: Callable[..., Any]) -> Callable[..., Any]:
    def of(cls: Any, **data: Any) -> Any:
        assert data.pop("allowed_payment_method_types", ["card"]) == ["card"]
        return original(**data)

    return of


def confirm(cls: Any, id: str, payment_method: str | None = None, use_stripe_sdk: Any = None) -> Any:  # noqa: A002
    intent = cls._api_retrieve(id)
    if intent.status not in ("requires_payment_method", "requires_confirmation", "requires_action"):
        raise errors.UserError(400, "unexpected state", {"code": "payment_intent_unexpected_state"})
    try:
        resources.PaymentMethod._api_retrieve(payment_method)
    except errors.UserError:
        raise errors.UserError(404, "no such method", {"code": "resource_missing", "param": "payment_method"}) from None
    intent.payment_method, intent.next_action, intent.latest_charge = payment_method, None, None
    intent._confirm(on_failure_now=intent._report_failure)
    return intent


def refund(original: Callable[..., Any]) -> Callable[..., Any]:
    def of(cls: Any, **data: Any) -> Any:
        charge = resources.PaymentIntent._api_retrieve(data["payment_intent"]).latest_charge
        if int(data["amount"]) > charge.amount - charge.amount_refunded:
            raise errors.UserError(400, "more than is left", {"code": "charge_already_refunded"})
        made = original(**data)
        webhooks.schedule_webhook(resources.Event("charge.refunded", charge))
        webhooks.schedule_webhook(resources.Event("refund.updated", made))
        return made

    return of


async def count(_: web.Request) -> web.Response:
    return web.json_response(counts)


async def break_one(request: web.Request) -> web.Response:
    broken.update(await request.json())
    return web.Response()


def run(port: int) -> None:
    resources.Store.dump_to_disk = lambda _: None
    intents, refunds = resources.PaymentIntent, resources.Refund
    intents._api_create = classmethod(create(intents._api_create))
    refunds._api_create = classmethod(refund(refunds._api_create))
    server.app._middlewares.insert(0, like_stripe)
    server.app.router.add_get("/_config/counts", count)
    server.app.router.add_post("/_config/break", break_one)
    for resource in server.app.router.resources():
        if resource.canonical == "/v1/payment_intents/{id}/confirm":
            for route in resource:
                route._handler = server.api_extra(lambda **data: confirm(intents, **data), resource.canonical)
    web.run_app(server.app, host="127.0.0.1", port=port, print=None)


if __name__ == "__main__":
    run(int(sys.argv[1]))
