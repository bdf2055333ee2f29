"""What is kept of replies is of no use without the key that the client has."""

from __future__ import annotations

import msgspec
import pytest
from cryptography.exceptions import InvalidTag

from entrepot.kernel import idempotency
from entrepot.kernel.idempotency import KeptReply, Key
from tests.builders import PASSWORD, Client, unique

KEPT = KeptReply(200, "application/json", b'{"token": "secret"}', {"set-cookie": "cart_token=secret"})


async def test_neither_the_key_nor_the_tokens_of_a_sign_in_stand_in_the_table(client: Client) -> None:
    email = (await client.signed_in()).user["email"]
    key = unique("sign-in-key")
    body = {"email": email, "password": PASSWORD}
    reply = await client.post("/auth/login", body, headers={"Idempotency-Key": key})
    again = await client.post("/auth/login", body, headers={"Idempotency-Key": key})
    assert (again.json(), again.headers["idempotency-replayed"]) == (reply.json(), "true")

    rows = await client.value(
        "select string_agg(x::text || coalesce(encode(x.reply, 'escape'), ''), ' ') from idempotency_keys x"
    )
    for secret in (key, reply.json()["token"], reply.json()["refreshToken"], email):
        assert secret not in rows
        assert secret.encode().hex() not in rows


@pytest.mark.parametrize(
    "other", [Key("user:1", "another key", b""), Key("user:2", "the key", b"")], ids=["key", "owner"]
)
def test_a_reply_opens_for_its_key_and_owner_only(other: Key) -> None:
    sealed = idempotency._sealed(KEPT, Key("user:1", "the key", b""))
    assert idempotency._opened(sealed, Key("user:1", "the key", b"")) == KEPT
    with pytest.raises(InvalidTag):
        idempotency._opened(sealed, other)


def test_the_same_reply_is_never_sealed_alike() -> None:
    key = Key("user:1", "the key", b"")
    assert idempotency._sealed(KEPT, key) != idempotency._sealed(KEPT, key)
    assert msgspec.msgpack.encode(KEPT) not in idempotency._sealed(KEPT, key)
