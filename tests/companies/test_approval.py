"""Where new sellers wait for approval, their companies wait with them; and a new shop's house."""

from __future__ import annotations

from collections.abc import AsyncIterator

import asyncpg
import httpx
import pytest

from entrepot import app as composition
from entrepot import companies
from entrepot.settings import Settings
from tests.builders import PASSWORD, Client
from tests.companies.owning import a_registration, patch, slug_of
from tests.conftest import database, running


@pytest.fixture
async def strict(settings: Settings, dsn: str) -> AsyncIterator[Client]:
    """A shop where new sellers wait."""
    asking = settings.model_copy(update={"approve_new_sellers": True})
    async with (
        running(asking, dsn) as app,
        httpx.AsyncClient(transport=httpx.ASGITransport(app=app), base_url="http://shop.test/api/v1") as http,
    ):
        yield Client(http, app)


async def waiting_seller(strict: Client) -> tuple[str, int]:
    zone = await slug_of(strict, await strict.a_zone())
    body = a_registration(zone=zone)
    reply = await strict.post("/auth/register", body)
    assert (reply.status_code, "token" in reply.json()) == (201, False)
    login = await strict.post("/auth/login", {"email": body["email"], "password": PASSWORD})
    assert login.json()["code"] == "ACCOUNT_PENDING"
    company_id = await strict.value(
        "select company_id from company_members where user_id = $1", reply.json()["user"]["id"]
    )
    assert await strict.value("select status from companies where id = $1", company_id) == "pending"
    assert (await strict.get(f"/companies/{company_id}")).status_code == 404
    return body["email"], company_id


async def test_approving_a_company_approves_its_seller(strict: Client) -> None:
    email, company_id = await waiting_seller(strict)
    admin = await strict.signed_in("admin")
    waiting = (await admin.get("/companies?status=pending&limit=100")).json()
    assert company_id in [company["id"] for company in waiting["companies"]]
    assert (await patch(admin, f"/companies/{company_id}/status", {"status": "active"})).status_code == 200
    assert (await strict.post("/auth/login", {"email": email, "password": PASSWORD})).status_code == 200


async def test_approving_a_seller_approves_its_company(strict: Client) -> None:
    email, company_id = await waiting_seller(strict)
    admin = await strict.signed_in("admin")
    user_id = await strict.value("select id from users where email = $1", email)
    approved = await admin.put(f"/users/{user_id}", {"status": "active"})
    assert approved.status_code == 200, approved.text
    assert (await strict.get(f"/companies/{company_id}")).json()["status"] == "active"


async def test_a_new_shop_gets_a_house_a_zone_and_a_warehouse_once(
    server: str, template: str, worker_name: str, settings: Settings
) -> None:
    async with database(server, template, f"house_{worker_name}") as address:
        shop_database = await composition.open_database(settings, address)
        try:
            for expected in (True, False):
                async with shop_database.transaction() as tx:
                    made = await companies.set_up_house(tx, "The Shop")
                assert (made is not None) is expected
        finally:
            await shop_database.close()
        connection = await asyncpg.connect(address)
        row = await connection.fetchrow(
            """
            select c.name, c.slug, z.slug as zone, w.code from companies c
            join company_zones d on d.company_id = c.id join zones z on z.id = d.zone_id
            join warehouses w on w.company_id = c.id and w.zone_id = z.id where c.is_house
            """
        )
        await connection.close()
    assert tuple(row) == ("The Shop", "the-shop", "main", "MAIN")
