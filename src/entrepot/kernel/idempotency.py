"""Idempotency: the same request with the same `Idempotency-Key` is carried out once, and answered alike ever after.

The key's row is made in the transaction of the work. A second request with the same key waits for that transaction on the
row's primary key: if it commits, the second gets the kept reply; if it fails, the second is carried out.

Replies hold tokens, and requests passwords. Rows are of no use to whoever reads them without the client's key: of the key
there is only a hash, and with the key the request is hashed and the reply encrypted.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from datetime import timedelta
from typing import Any, Final

import msgspec
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from litestar import Request

from entrepot.kernel import clock
from entrepot.kernel.actors import actor_of
from entrepot.kernel.db import Tx
from entrepot.kernel.errors import IdempotencyConflict, Invalid

HEADER: Final = "Idempotency-Key"
KEPT_FOR: Final = timedelta(hours=24)
GIVEN_UP_AFTER: Final = timedelta(minutes=15)
"""Longer than any request runs: a key that is still without a reply then was left by a process that died."""
NONCE_BYTES: Final = 12
BODY_DIGEST: Final = "entrepot.body_digest"
"""Where a hash of the body is left, in the ASGI scope, by whoever has read a body that is too large to be kept."""


class Key(msgspec.Struct, frozen=True):
    """A key, whose it is, and the hash of the request that it was sent with."""

    scope: str
    key: str
    request_hash: bytes

    @property
    def key_hash(self) -> bytes:
        """What is stored of the key."""
        return hashlib.sha256(self.key.encode()).digest()


class KeptReply(msgspec.Struct, frozen=True):
    status: int
    content_type: str
    body: bytes
    headers: dict[str, str] = {}


class _Row(msgspec.Struct, frozen=True):
    request_hash: bytes
    status: int | None
    reply: bytes | None


async def key_of(request: Request[Any, Any, Any]) -> Key | None:
    """The request's key, if it sent one. Raises Invalid for one that is not 1 to 255 printable ASCII characters."""
    sent = request.headers.get(HEADER)
    if sent is None:
        return None
    if not 1 <= len(sent) <= 255 or not sent.isascii() or not sent.isprintable():
        raise Invalid({HEADER: ["must be 1 to 255 printable ASCII characters"]})
    digest = request.scope.get(BODY_DIGEST)
    body = digest if isinstance(digest, bytes) else await request.body()
    fingerprint = f"{request.method} {request.scope['path']}?".encode() + request.scope["query_string"] + b"\n" + body
    return Key(_scope_of(request), sent, hmac.digest(sent.encode(), fingerprint, "sha256"))


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
        insert into idempotency_keys (scope, key_hash, request_hash, created_at) values ($1, $2, $3, $4)
        on conflict (scope, key_hash) do update set request_hash = excluded.request_hash, status = null, reply = null,
            created_at = excluded.created_at
        where idempotency_keys.created_at < $5
           or (idempotency_keys.status is null and idempotency_keys.created_at < $6)
        """,
        key.scope,
        key.key_hash,
        key.request_hash,
        clock.now(),
        clock.now() - KEPT_FOR,
        clock.now() - GIVEN_UP_AFTER,
    )
    if won:
        return None
    row = await tx.maybe(
        _Row,
        "select request_hash, status, reply from idempotency_keys where scope = $1 and key_hash = $2",
        key.scope,
        key.key_hash,
    )
    if row is not None and row.request_hash != key.request_hash:
        raise IdempotencyConflict
    if row is None or row.reply is None:  # no row: the first one failed just now and gave its key back
        raise IdempotencyConflict("The first request with this Idempotency-Key is still running: try again shortly")
    return _opened(row.reply, key)


async def keep(tx: Tx, key: Key, kept: KeptReply) -> None:
    """Remember the reply, in the transaction of the work."""
    await tx.run(
        "update idempotency_keys set status = $3, reply = $4 where scope = $1 and key_hash = $2",
        key.scope,
        key.key_hash,
        kept.status,
        _sealed(kept, key),
    )


async def release(tx: Tx, key: Key) -> None:
    """Give a key back whose work failed, so that it can be tried again."""
    await tx.run(
        "delete from idempotency_keys where scope = $1 and key_hash = $2 and status is null", key.scope, key.key_hash
    )


async def forget_old(tx: Tx) -> int:
    """Delete keys past their time; returns how many."""
    return await tx.run("delete from idempotency_keys where created_at < $1", clock.now() - KEPT_FOR)


def _sealed(kept: KeptReply, key: Key) -> bytes:
    """Encrypted for whoever has the key, and bound to its owner."""
    nonce = secrets.token_bytes(NONCE_BYTES)
    return nonce + _cipher(key).encrypt(nonce, msgspec.msgpack.encode(kept), key.scope.encode())


def _opened(reply: bytes, key: Key) -> KeptReply:
    plain = _cipher(key).decrypt(reply[:NONCE_BYTES], reply[NONCE_BYTES:], key.scope.encode())
    return msgspec.msgpack.decode(plain, type=KeptReply)


def _cipher(key: Key) -> AESGCM:
    return AESGCM(HKDF(hashes.SHA256(), 32, salt=None, info=b"kept reply").derive(key.key.encode()))
