"""Builders: what a test needs, made as a client would make it, with names of its own."""

from __future__ import annotations

import itertools
import os
from typing import Any

import httpx

from entrepot import app as composition
from entrepot.catalog.events import ProductsChanged
from entrepot.identity.passwords import hash_password
from entrepot.kernel import clock
from entrepot.kernel.events import Event, publish

PASSWORD = "Secret123"
_numbers = itertools.count(1)
_hashes: dict[str, str] = {}


def unique(prefix: str) -> str:
    """A name that no other test has."""
    return f"{prefix}-{os.getpid()}-{next(_numbers)}"


class Client:
    """An HTTP client of the shop, and what it needs to build things behind its back."""

    def __init__(self, http: httpx.AsyncClient, app: composition.Application, token: str | None = None) -> None:
        self.http = http
        self.app = app
        self.token = token
        self.user: dict[str, Any] = {}
        self._admin: Client | None = None

    async def request(self, method: str, path: str, **options: Any) -> httpx.Response:
        headers = dict(options.pop("headers", {}))
        if self.token is not None:
            headers.setdefault("Authorization", f"Bearer {self.token}")
        return await self.http.request(method, path, headers=headers, **options)

    async def get(self, path: str, **options: Any) -> httpx.Response:
        return await self.request("GET", path, **options)

    async def post(self, path: str, json: Any = None, **options: Any) -> httpx.Response:
        return await self.request("POST", path, json=json, **options)

    async def put(self, path: str, json: Any = None, **options: Any) -> httpx.Response:
        return await self.request("PUT", path, json=json, **options)

    async def delete(self, path: str, **options: Any) -> httpx.Response:
        return await self.request("DELETE", path, **options)

    async def value(self, sql: str, *args: Any) -> Any:
        """Look into the database, or write what no operation makes yet."""
        return await self.app.shop.database.pool.fetchval(sql, *args)

    async def publish(self, event: Event) -> None:
        """Tell of what was written past the verbs, so that whoever keeps something of it looks again."""
        async with self.app.shop.database.transaction() as tx:
            await publish(tx, event)

    async def products_changed(self, *product_ids: int) -> None:
        """Tell of products that were written past the verbs."""
        await self.publish(ProductsChanged(product_ids=list(product_ids), company_id=0))

    async def signed_in(self, role: str = "user", **columns: Any) -> Client:
        """A new user of this role, signed in. `company_id`, `zone_id` and `zone_ids` give it its scope."""
        email = f"{unique(role.replace('_', '-'))}@example.com"
        user_id = await self._insert_user(email, role, columns.get("zone_id"))
        for zone_id in columns.get("zone_ids", ()):
            await self.value("insert into admin_zones (user_id, zone_id) values ($1, $2)", user_id, zone_id)
        if (company_id := columns.get("company_id")) is not None:
            await self.value(
                "insert into company_members (company_id, user_id, joined_at) values ($1, $2, now())",
                company_id,
                user_id,
            )
        reply = await self.post("/auth/login", {"email": email, "password": PASSWORD})
        assert reply.status_code == 200, reply.text
        client = Client(self.http, self.app, reply.json()["token"])
        client.user = reply.json()["user"]
        return client

    async def _insert_user(self, email: str, role: str, zone_id: int | None) -> int:
        hashed = _hashes.get(PASSWORD) or _hashes.setdefault(PASSWORD, await hash_password(PASSWORD))
        user_id: int = await self.value(
            """
            insert into users (email, password_hash, role, first_name, last_name, zone_id, created_at, updated_at)
            values ($1, $2, $3, 'Test', 'Person', $4, $5, $5) returning id
            """,
            email,
            hashed,
            role,
            zone_id,
            clock.now(),
        )
        return user_id

    async def a_zone(self) -> int:
        slug = unique("zone")
        zone_id: int = await self.value(
            "insert into zones (slug, name, created_at, updated_at) values ($1, $1, now(), now()) returning id", slug
        )
        return zone_id

    async def a_company(self, *, commission_bp: int = 0, zones: dict[int, tuple[int, int | None]] | None = None) -> int:
        """A company with a warehouse. `zones`: delivery fee and free-delivery threshold in minor units, by zone id."""
        slug = unique("company")
        company_id: int = await self.value(
            "insert into companies (slug, name, created_at, updated_at) values ($1, $1, now(), now()) returning id",
            slug,
        )
        await self.value(
            "insert into company_commissions (company_id, valid_from, rate_bp) values ($1, '2000-01-01', $2)",
            company_id,
            commission_bp,
        )
        for zone_id, (fee_minor, free_from_minor) in (zones or {}).items():
            await self.value(
                "insert into company_zones values ($1, $2, $3, $4)", company_id, zone_id, fee_minor, free_from_minor
            )
        await self.a_warehouse(company_id)
        return company_id

    async def a_warehouse(self, company_id: int, zone_id: int | None = None) -> int:
        warehouse_id: int = await self.value(
            """
            insert into warehouses (company_id, zone_id, code, name, created_at, updated_at)
            values ($1, $2, $3, 'Warehouse', now(), now()) returning id
            """,
            company_id,
            zone_id or await self.a_zone(),
            unique("W").upper(),
        )
        return warehouse_id

    async def a_category(self, parent_id: int | None = None) -> str:
        slug = unique("category")
        await self.value(
            "insert into categories (slug, name, parent_id, created_at, updated_at) values ($1, $1, $2, now(), now())",
            slug,
            parent_id,
        )
        return slug

    async def a_product(self, *, company_id: int | None = None, **fields: Any) -> dict[str, Any]:
        """A product, created by an administrator; `fields` as in POST /products."""
        if self._admin is None:
            self._admin = await self.signed_in("admin")
        body = {
            "title": unique("Product"),
            "description": "A product that a test has made.",
            "price": 10,
            "thumbnail": "https://example.com/picture.jpg",
            "category": fields.pop("category", None) or await self.a_category(),
            "brand": "Testbrand",
            "stock": 100,
            "companyId": company_id or await self.a_company(),
            **fields,
        }
        reply = await self._admin.post("/products", body)
        assert reply.status_code == 201, reply.text
        product: dict[str, Any] = reply.json()
        return product


ADDRESS = {
    "firstName": "John",
    "lastName": "Doe",
    "address": "123 Main St",
    "city": "New York",
    "state": "NY",
    "zipCode": "10001",
    "country": "USA",
    "phone": "+1234567890",
}


def an_order(*lines: tuple[int, int], **fields: Any) -> dict[str, Any]:
    """The body of POST /orders: (product id, quantity) pairs."""
    return {
        "products": [{"id": product_id, "quantity": quantity} for product_id, quantity in lines],
        "shippingAddress": ADDRESS,
        "paymentMethod": "card",
        **fields,
    }
