"""Idempotency: the same request with the same `Idempotency-Key` is carried out once, and answered alike ever after.

The key's row is made in the transaction of the work. A second request with the same key waits for that transaction on the
row's primary key: if it commits, the second gets the kept reply; if it fails, the second is carried out.
"""

from __future__ import annotations

import hashlib
from datetime import timedelta
from typing import Any, Final

import msgspec
from litestar import Request

from entrepot.kernel import clock
from entrepot.kernel.actors import actor_of
from entrepot.kernel.db import Tx
from entrepot.kernel.errors import IdempotencyConflict, Invalid

HEADER: Final = "Idempotency-Key"
KEPT_FOR: Final = timedelta(hours=24)


class Key(msgspec.Struct, frozen=True):
    """A key, whose it is, and the hash of the request that it was sent with."""

    scope: str
    key: str
    request_hash: bytes


class KeptReply(msgspec.Struct, frozen=True):
    status: int
    content_type: str
    body: bytes


class _Row(msgspec.Struct, frozen=True):
    request_hash: bytes
    status: int | None
    content_type: str | None
    body: bytes | None


async def key_of(request: Request[Any, Any, Any]) -> Key | None:
    """The request's key, if it sent one. Raises Invalid for one that is not 1 to 255 printable ASCII characters."""
    sent = request.headers.get(HEADER)
    if sent is None:
        return None
    if not 1 <= len(sent) <= 255 or not sent.isascii() or not sent.isprintable():
        raise Invalid({HEADER: ["must be 1 to 255 printable ASCII characters"]})
    body = await request.body()
    fingerprint = f"{request.method} {request.scope['path']}?".encode() + request.scope["query_string"] + b"\n" + body
    return Key(_scope_of(request), sent, hashlib.sha256(fingerprint).digest())


def _scope_of(request: Request[Any, Any, Any]) -> str:
    actor = actor_of(request)
    if actor.is_guest and actor.cart_token is None:
        return f"address:{request.client.host if request.client else ''}"
    return hashlib.sha256(actor.scope.encode()).hexdigest() if actor.is_guest else actor.scope


async def claim(tx: Tx, key: Key) -> KeptReply | None:
    """None: the key is ours, carry the work out. Otherwise the reply that was kept for it.

    Raises:
        IdempotencyConflict: when the key was used for a different request, or that one is still running.
    """
    won = await tx.run(
        """
        insert into idempotency_keys (scope, key, request_hash, created_at) values ($1, $2, $3, $4)
        on conflict (scope, key) do update set request_hash = excluded.request_hash, status = null, content_type = null,
            body = null, created_at = excluded.created_at
        where idempotency_keys.created_at < $5
        """,
        key.scope,
        key.key,
        key.request_hash,
        clock.now(),
        clock.now() - KEPT_FOR,
    )
    if won:
        return None
    row = await tx.one(
        _Row,
        "select request_hash, status, content_type, body from idempotency_keys where scope = $1 and key = $2",
        key.scope,
        key.key,
    )
    if row.request_hash != key.request_hash:
        raise IdempotencyConflict
    if row.status is None:
        raise IdempotencyConflict("The first request with this Idempotency-Key is still running: try again shortly")
    return KeptReply(row.status, row.content_type or "", row.body or b"")


async def keep(tx: Tx, key: Key, kept: KeptReply) -> None:
    """Remember the reply, in the transaction of the work."""
    await tx.run(
        "update idempotency_keys set status = $3, content_type = $4, body = $5 where scope = $1 and key = $2",
        key.scope,
        key.key,
        kept.status,
        kept.content_type,
        kept.body,
    )


async def release(tx: Tx, key: Key) -> None:
    """Give a key back whose work failed, so that it can be tried again."""
    await tx.run("delete from idempotency_keys where scope = $1 and key = $2 and status is null", key.scope, key.key)


async def forget_old(tx: Tx) -> int:
    """Delete keys past their time; returns how many."""
    return await tx.run("delete from idempotency_keys where created_at < $1", clock.now() - KEPT_FOR)
