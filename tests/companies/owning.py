"""What tests of companies share: companies with owners, and slugs of what the builders made."""

from __future__ import annotations

from typing import Any

from entrepot.kernel.secrets import hash_secret, new_secret
from tests.builders import Client, unique


async def slug_of(client: Client, zone_id: int) -> str:
    slug: str = await client.value("select slug from zones where id = $1", zone_id)
    return slug


async def an_owner(client: Client, company_id: int) -> Client:
    """A seller who owns the company."""
    owner = await client.signed_in("seller", company_id=company_id)
    await client.value("update company_members set is_owner = true where user_id = $1", owner.user["id"])
    return owner


async def patch(client: Client, path: str, json: Any) -> Any:
    return await client.request("PATCH", path, json=json)


def a_registration(**fields: Any) -> dict[str, Any]:
    return {
        "email": f"{unique('registered')}@example.com",
        "password": "Secret123",
        "firstName": "Sam",
        "lastName": "Seller",
        "role": "seller",
        **fields,
    }


async def verify(client: Client, user_id: int) -> None:
    """As if the user had followed the link in its mail."""
    token = new_secret()
    await client.value(
        """
        insert into mailed_tokens (token_hash, user_id, purpose, email, created_at, expires_at)
        select $2, id, 'verify_email', email, now(), now() + interval '1 year' from users where id = $1
        """,
        user_id,
        hash_secret(token),
    )
    reply = await client.post("/auth/verify-email", {"token": token})
    assert reply.status_code == 200, reply.text
