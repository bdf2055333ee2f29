"""What is sold on a ground, and to whom: made through the shop's own API, by its own administrator."""

from __future__ import annotations

import itertools
import secrets
from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import Any, Final

import bcrypt
import httpx2
import msgspec

from entrepot import companies, identity
from entrepot.kernel import clock
from entrepot.kernel.db import Database
from entrepot.verify import queries

Send = Callable[..., Awaitable[httpx2.Response]]

PASSWORD: Final = "Verify-" + secrets.token_hex(8).upper() + "a1"
ADMIN: Final = "admin@verify.example"
ADDRESS: Final = {
    "firstName": "Ada",
    "lastName": "Byron",
    "address": "12 Analytical Row",
    "city": "London",
    "country": "United Kingdom",
}


class Refusal(Exception):
    """The shop refused what a drill needs before it can begin; the message has its reply."""


class Stall:
    """A shop's stall: one category, an administrator's token, and what is made on demand."""

    def __init__(self, send: Send, database: Database, token: str) -> None:
        self._send = send
        self._database = database
        self._token = token
        self._numbers = itertools.count(1)
        self._mark = secrets.token_hex(3)

    @property
    def admin(self) -> dict[str, str]:
        """The administrator's headers."""
        return bearer(self._token)

    def name(self, of: str) -> str:
        """A name that nothing else on the ground has."""
        return f"{of}-{self._mark}-{next(self._numbers)}"

    async def a_product(self, stock: int, price: float = 10) -> int:
        """A product with so many pieces in the first warehouse."""
        body = {
            "title": self.name("product"),
            "description": "Sold in a drill.",
            "price": price,
            "thumbnail": "https://example.com/picture.jpg",
            "category": "drills",
            "brand": "Verify",
            "stock": stock,
        }
        return int((await self.made("/products", body))["id"])

    async def a_coupon(self, *, total_limit: int | None, **terms: Any) -> str:
        """A code for ten percent off everything."""
        code = self.name("C").upper()
        body = {"code": code, "type": "percentage", "value": 10, **terms}
        await self.made("/coupons", body if total_limit is None else {**body, "totalLimit": total_limit})
        return code

    async def people(self, count: int) -> list[dict[str, str]]:
        """New users, signed in: the headers of each."""
        return [bearer(await sign_in(self._send, email)) for email in await self.sign_ups(count)]

    async def sign_ups(self, count: int) -> list[str]:
        """The addresses of new users, who all have the same password."""
        emails = [f"{self.name('user')}@verify.example" for _ in range(count)]
        hashed = bcrypt.hashpw(PASSWORD.encode(), bcrypt.gensalt(4)).decode()  # cheap: there are hundreds
        async with self._database.transaction() as tx:
            await queries.insert_people(tx, emails, hashed, clock.now())
        return emails

    async def somebody(self, role: str, *, zone_id: int, company_id: int) -> dict[str, str]:
        """A new user of this role, signed in, whose zone or company this is if the role has one: the headers."""
        email = f"{self.name(role.replace('_', '-'))}@verify.example"
        hashed = bcrypt.hashpw(PASSWORD.encode(), bcrypt.gensalt(4)).decode()
        async with self._database.transaction() as tx:
            await queries.insert_person(
                tx,
                email=email,
                password_hash=hashed,
                role=role,
                zone_id=zone_id,
                company_id=company_id,
                at=clock.now(),
            )
        return bearer(await sign_in(self._send, email))

    async def an_order_to_pay(self, product_id: int) -> ToPay:
        """A card order of a guest. Raises Refusal."""
        body = order_of((product_id, 1), email=f"{self.name('payer')}@verify.example")
        order = await self.made("/orders", body, {})
        return ToPay(order["id"], {"X-Order-Token": order["token"]}, round(order["total"] * 100))

    async def an_intent(self, order: ToPay) -> str:
        """An intent for exactly the order's total; the sandbox tells of it so late that a drill can do it first."""
        metadata = {"orderId": order.number, "sandbox": {"webhooks": "late"}}
        body = {"amount": order.total_minor, "metadata": metadata}
        return str((await self.made("/payments/intents", body, order.token))["id"])

    async def made(self, path: str, body: dict[str, Any], headers: dict[str, str] | None = None) -> dict[str, Any]:
        """What the administrator posts, or whoever sends these headers. Raises Refusal."""
        reply = await self._send("POST", path, json=body, headers=self.admin if headers is None else headers)
        if reply.status_code not in (200, 201):
            raise Refusal(f"POST {path} was answered {reply.status_code}: {reply.text[:500]}")
        made: dict[str, Any] = reply.json()
        return made


class ToPay(msgspec.Struct, frozen=True):
    """A guest's order that waits to be paid."""

    number: str
    token: dict[str, str]
    total_minor: int


async def open_stall(send: Send, database: Database) -> Stall:
    """An administrator, the house company with its warehouse, and a category."""
    await identity.create_admin(database, ADMIN, PASSWORD, "Ada", "Byron")
    async with database.transaction() as tx:
        await companies.set_up_house(tx, "Verify")
    stall = Stall(send, database, await sign_in(send, ADMIN))
    await stall.made("/categories", {"slug": "drills", "name": "Drills"})
    return stall


async def sign_in(send: Send, email: str, password: str = PASSWORD) -> str:
    """An access token. Raises Refusal."""
    reply = await send("POST", "/auth/login", json={"email": email, "password": password})
    if reply.status_code != 200:
        raise Refusal(f"Signing in was answered {reply.status_code}: {reply.text[:300]}")
    return str(reply.json()["token"])


def bearer(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}


def order_of(*lines: tuple[int, int], **fields: Any) -> dict[str, Any]:
    """The body of an order: pairs of product and quantity."""
    return {
        "products": [{"id": product_id, "quantity": quantity} for product_id, quantity in lines],
        "shippingAddress": ADDRESS,
        "paymentMethod": "card",
        **fields,
    }


def moment(at: datetime) -> str:
    return clock.iso(at)
