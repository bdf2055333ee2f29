"""Bodies that are right but for one value, wherever it stands: what gets past the fields must not break deeper down."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from typing import Any

import pytest

from tests.builders import ADDRESS, PASSWORD, Client, an_order, unique
from tests.kernel.hostile import refusal

VALUES: list[Any] = [
    None, True, " ", "\u202e", "\U0001f600" * 30, -1, 0.1, 5e-324, 999_999_999_999.99, 1e300, 2**31, 2**63 - 1, 2**63, 10**30,
    "10", [], {"a": {"b": {"c": {"d": {"e": {"f": 1}}}}}},
]  # fmt: skip


def mutants(body: Any) -> Iterator[Any]:
    """The body, once for every place in it and every value, with that value there."""
    for place in places(body):
        for value in VALUES:
            mutant = copy.deepcopy(body)
            target = mutant
            for step in place[:-1]:
                target = target[step]
            target[place[-1]] = value
            yield mutant


def places(body: Any) -> Iterator[tuple[Any, ...]]:
    steps = body.items() if isinstance(body, dict) else enumerate(body) if isinstance(body, list) else ()
    for step, inner in steps:
        yield (step,)
        for rest in places(inner):
            yield (step, *rest)


async def a_body(client: Client, path: str) -> dict[str, Any]:
    """What an honest client sends there, with every field."""
    product = await client.a_product(stock=1_000_000_000)
    if path == "/orders":
        fields = {"billingAddress": ADDRESS, "email": "a@example.com", "zone": None, "paymentIntentId": None}
        return an_order((product["id"], 1), **fields)
    return {
        "/products": {
            "title": "A product", "description": "Nothing special about it.", "price": 10.5, "category": product["category"],
            "discountPercentage": 5.5, "thumbnail": "https://example.com/a.jpg", "images": ["https://example.com/b.jpg"],
            "brand": "Brand", "stock": 5, "sku": "SKU-1", "companyId": product["companyId"], "tags": ["tag"],
            "weight": 1.5, "dimensions": {"width": 1, "height": 2, "depth": 3.5}, "warrantyInformation": "none",
            "shippingInformation": "soon", "returnPolicy": "never", "minimumOrderQuantity": 1, "unit": "piece",
            "barcode": "123", "attributes": {"voltage": "230 V"}, "zones": [], "translations": {"ar": {"title": "t"}},
            "group": {"key": unique("group"), "title": "t"}, "options": {"size": "M"},
        },
        "/payments/intents": {"amount": 100, "currency": "usd", "orderId": "ORD-1", "metadata": {"orderId": "ORD-1"}},
        "/auth/register": {
            "email": f"{unique('r')}@example.com", "password": PASSWORD, "firstName": "Jane", "lastName": "Smith",
            "name": "Jane Smith", "username": unique("u"), "phone": "+1 234 5678", "role": "seller", "zone": None,
            "companyName": "Smith & Co",
        },
        "/auth/login": {"email": "a@example.com", "username": None, "password": PASSWORD, "expiresInMins": 30},
    }[path]  # fmt: skip


@pytest.mark.parametrize("path", ["/products", "/orders", "/payments/intents", "/auth/register", "/auth/login"])
async def test_one_wrong_value_never_breaks_a_route(client: Client, path: str) -> None:
    caller = await client.signed_in("admin")
    for body in mutants(await a_body(client, path)):
        reply = await caller.post(path, body)

        if reply.status_code >= 400:
            refusal(reply)
