"""What tests of written products share."""

from __future__ import annotations

from typing import Any

from tests.builders import Client


async def selling(client: Client, **fields: Any) -> tuple[dict[str, Any], Client]:
    """A product, and a seller of its company; `fields` as in POST /products."""
    company = await client.a_company()
    product = await client.a_product(company_id=company, **fields)
    return product, await client.signed_in("seller", company_id=company)
