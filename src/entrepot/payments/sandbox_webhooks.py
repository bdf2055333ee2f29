"""The sandbox telling the shop: events, signed, over HTTP, normally or as an intent wishes (`sandbox_methods.py`)."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from datetime import timedelta
from typing import Any, Final

import httpx2
import msgspec

from entrepot.kernel import clock
from entrepot.kernel.db import Database
from entrepot.payments import sandbox_queries as queries
from entrepot.payments.sandbox import SIGNATURE_HEADER, signature_of
from entrepot.payments.sandbox_queries import SandboxEvent

log = logging.getLogger("entrepot.sandbox")

BATCH: Final = 20
AT_MOST: Final = 1_000
"""So many are sent by one run of the job."""
TIMEOUT_S: Final = 10.0
LEASE: Final = timedelta(seconds=30) + BATCH * timedelta(seconds=TIMEOUT_S)
ATTEMPTS: Final = 12
KEPT_FOR: Final = timedelta(days=7)


async def deliver_due(database: Database, url: str) -> int:
    """Send what is due to `url`; returns how many deliveries were tried. Several may do it at once.

    What does not arrive is sent again, with growing pauses, for about a day and a half.
    """
    events = await _claim(database)
    if not events:
        return 0
    secret = await queries.get_webhook_secret(database.reader)
    tried = 0
    # To read the certificates that one is checked against takes longer than to send many events.
    async with httpx2.AsyncClient(timeout=TIMEOUT_S, verify=url.startswith("https:")) as http:
        while events:
            await _deliver(database, http, url, sorted(events, key=lambda event: event.id), secret)
            tried += len(events)
            events = await _claim(database) if tried < AT_MOST else []
    return tried


async def _claim(database: Database) -> list[SandboxEvent]:
    async with database.transaction() as tx:
        return await queries.claim_events(tx, BATCH, LEASE)


async def _deliver(
    database: Database, http: httpx2.AsyncClient, url: str, events: Sequence[SandboxEvent], secret: str
) -> None:
    arrived = {event.id: await _send(http, url, event, secret) for event in events}
    async with database.transaction() as tx:
        await queries.set_delivered(tx, [event.id for event in events if arrived[event.id]])
        for event in events:
            if not arrived[event.id]:
                await queries.set_not_delivered(tx, event.id, pause_after(event.attempts))


async def forget_old(database: Database) -> int:
    """Delete events that arrived long ago; returns how many."""
    async with database.transaction() as tx:
        return await queries.delete_old_events(tx, clock.now() - KEPT_FOR)


def pause_after(attempts: int) -> timedelta | None:
    """1 min, 2 min, 4 min ...; None: given up."""
    return timedelta(minutes=2 ** (attempts - 1)) if attempts < ATTEMPTS else None


def body_of(event: SandboxEvent) -> bytes:
    """The event in Stripe's form."""
    described: dict[str, Any] = {
        "id": f"evt_sandbox_{event.id}",
        "object": "event",
        "type": event.kind,
        "created": int(event.created_at.timestamp()),
        "livemode": False,
        "data": {"object": event.object},
    }
    return msgspec.json.encode(described)


async def _send(http: httpx2.AsyncClient, url: str, event: SandboxEvent, secret: str) -> bool:
    body = body_of(event)
    headers = {"Content-Type": "application/json", SIGNATURE_HEADER: signature_of(body, secret, clock.now())}
    try:
        reply = await http.post(url, content=body, headers=headers)
    except httpx2.HTTPError as error:
        log.warning("event %d did not arrive: %s", event.id, type(error).__name__)
        return False
    if not reply.is_success:
        log.warning("event %d was not taken: status %d", event.id, reply.status_code)
    return reply.is_success
