"""Orders that were delivered, and returns of them, made as clients make them."""

from __future__ import annotations

from typing import Any

import httpx

from tests.builders import Client, an_order


async def deliver(admin: Client, number: str, **body: Any) -> None:
    """Take an order, or a company's part of it, from pending to delivered."""
    for status in ("processing", "shipped", "delivered"):
        reply = await admin.put(f"/orders/{number}/status", {"status": status, **body})
        assert reply.status_code == 200, reply.text


class Bought:
    """An order with one line for each product, two pieces of each if nothing else is said."""

    def __init__(self, admin: Client, buyer: Client, order: dict[str, Any], products: list[dict[str, Any]]) -> None:
        self.admin = admin
        self.buyer = buyer
        self.order = order
        self.number: str = order["id"]
        self.products = products

    @classmethod
    async def delivered(cls, client: Client, products: list[dict[str, Any]], quantity: int = 2, **body: Any) -> Bought:
        """Paid in cash when it came."""
        bought = await cls.placed(client, products, quantity, **body)
        await deliver(bought.admin, bought.number)
        return bought

    @classmethod
    async def placed(cls, client: Client, products: list[dict[str, Any]], quantity: int = 2, **body: Any) -> Bought:
        buyer = await client.signed_in()
        lines = ((product["id"], quantity) for product in products)
        reply = await buyer.post("/orders", an_order(*lines, **{"paymentMethod": "cash_on_delivery", **body}))
        assert reply.status_code == 201, reply.text
        return cls(await client.signed_in("admin"), buyer, reply.json(), products)

    async def ask(self, *quantities: int, **body: Any) -> httpx.Response:
        """For so many of each product to go back."""
        lines = [
            {"productId": product["id"], "quantity": quantity}
            for product, quantity in zip(self.products, quantities, strict=False)
        ]
        return await self.buyer.post(
            f"/orders/{self.number}/return", {"lines": lines, "reason": "no_longer_needed", **body}
        )

    async def asked(self, *quantities: int, **body: Any) -> int:
        """The id of the first return."""
        reply = await self.ask(*quantities, **body)
        assert reply.status_code == 201, reply.text
        return_id: int = reply.json()["returns"][0]["id"]
        return return_id

    async def sent_back(self, *quantities: int, **received: Any) -> int:
        """A return that was received."""
        return_id = await self.asked(*quantities)
        await self.take(return_id, "approved")
        await self.take(return_id, "received", **received)
        return return_id

    async def take(self, return_id: int, status: str, by: Client | None = None, **body: Any) -> dict[str, Any]:
        reply = await change(by or self.admin, return_id, status, **body)
        assert reply.status_code == 200, reply.text
        changed: dict[str, Any] = reply.json()
        return changed

    async def now(self) -> dict[str, Any]:
        order: dict[str, Any] = (await self.buyer.get(f"/orders/{self.number}")).json()
        return order

    async def credited_minor(self) -> int:
        total: int = await self.admin.value(
            """
            select coalesce(sum(k.total_minor), 0)::bigint from credits k join orders o on o.id = k.order_id
            where o.number = $1
            """,
            self.number,
        )
        return total


async def change(client: Client, return_id: int, status: str, **body: Any) -> httpx.Response:
    return await client.put(f"/returns/{return_id}/status", {"status": status, **body})


async def stock_of(client: Client, product: dict[str, Any]) -> int:
    stock: int = await client.value("select available from product_stock where product_id = $1", product["id"])
    return stock
