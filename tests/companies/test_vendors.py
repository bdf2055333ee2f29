"""Who sells for a company: invitations, consent, decisions of administrators, and leaving."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Any

import pytest

from entrepot.companies.model import MAX_INVITATIONS
from entrepot.identity import UserErased
from entrepot.kernel import clock
from entrepot.kernel.events import publish
from tests.builders import Client, unique
from tests.companies.owning import a_registration, an_owner, slug_of, verify


async def registered(client: Client, **fields: Any) -> Client:
    reply = await client.post("/auth/register", a_registration(**fields))
    assert reply.status_code == 201, reply.text
    person = Client(client.http, client.app, reply.json()["token"])
    person.user = reply.json()["user"]
    return person


def address() -> str:
    return f"{unique('invited')}@example.com"


async def test_who_is_invited_registers_verifies_and_sells(client: Client) -> None:
    company_id, email = await client.a_company(), address()
    owner = await an_owner(client, company_id)
    asked = await owner.post(f"/companies/{company_id}/vendors", {"email": email.upper()})
    assert (asked.status_code, asked.json()["status"]) == (201, "invited")

    person = await registered(client, email=email)
    assert (await person.get("/vendors/company")).status_code == 404, "nobody sells before the address is verified"
    await verify(client, person.user["id"])
    assert (await person.get("/vendors/company")).json()["id"] == company_id
    vendors = (await owner.get(f"/companies/{company_id}/vendors")).json()
    assert [(vendor["id"], vendor["isOwner"]) for vendor in vendors["vendors"]] == [
        (owner.user["id"], True),
        (person.user["id"], False),
    ]
    assert (vendors["invitations"], vendors["total"]) == ([], 2)


async def test_who_registers_for_something_else_has_not_agreed(client: Client) -> None:
    company_id = await client.a_company()
    owner = await an_owner(client, company_id)
    for fields in ({"role": "user"}, {"role": "shop_owner"}, {"companyName": "My Own Company"}):
        email = address()
        await owner.post(f"/companies/{company_id}/vendors", {"email": email})
        person = await registered(client, **{"email": email, **fields})
        await verify(client, person.user["id"])
        own = await person.get("/vendors/company")
        assert own.status_code == 403 or own.json()["name"] == "My Own Company"
    assert (await owner.get(f"/companies/{company_id}/vendors")).json()["total"] == 1


async def test_an_old_invitation_counts_no_more(client: Client) -> None:
    company_id, email = await client.a_company(), address()
    owner = await an_owner(client, company_id)
    await owner.post(f"/companies/{company_id}/vendors", {"email": email})
    with clock.moved(timedelta(days=14, seconds=1)):
        person = await registered(client, email=email)
        await verify(client, person.user["id"])
        assert (await person.get("/vendors/company")).json()["id"] != company_id


async def test_an_owner_is_not_told_who_has_an_account(client: Client) -> None:
    company_id = await client.a_company()
    owner, known = await an_owner(client, company_id), await client.signed_in("user")
    replies = [
        (await owner.post(f"/companies/{company_id}/vendors", {"email": email})).json()
        for email in (known.user["email"], address())
    ]
    assert [(reply["status"], reply["invitation"].keys(), reply.keys()) for reply in replies] == [
        ("invited", replies[0]["invitation"].keys(), replies[0].keys())
    ] * 2
    assert (await known.get("/auth/me")).json()["role"] == "user"


async def test_an_administrator_adds_who_has_an_account(client: Client) -> None:
    admin, company_id = await client.signed_in("admin"), await client.a_company()
    path = f"/companies/{company_id}/vendors"
    for role in ("user", "seller"):
        person = await client.signed_in(role)
        added = await admin.post(path, {"email": person.user["email"], "isOwner": role == "user"})
        assert (added.status_code, added.json()["status"]) == (201, "joined"), added.text
        assert added.json()["vendor"]["isOwner"] is (role == "user")
        assert (await person.get("/vendors/company")).json()["id"] == company_id
        again = await admin.post(path, {"email": person.user["email"]})
        assert (again.status_code, again.json()["code"]) == (409, "SELLS_ALREADY")
    for role in ("shop_owner", "courier", "location_admin", "admin"):
        refused = await admin.post(path, {"email": (await client.signed_in(role)).user["email"]})
        assert (refused.status_code, refused.json()["code"]) == (422, "CANNOT_SELL")
    elsewhere = await client.signed_in("seller", company_id=await client.a_company())
    assert (await admin.post(path, {"email": elsewhere.user["email"]})).status_code == 409


async def test_two_companies_that_take_somebody_at_once_get_it_once(client: Client) -> None:
    admin, person = await client.signed_in("admin"), await client.signed_in("user")
    companies = [await client.a_company() for _ in range(4)]
    replies = await asyncio.gather(
        *(admin.post(f"/companies/{company}/vendors", {"email": person.user["email"]}) for company in companies)
    )
    assert sorted(reply.status_code for reply in replies) == [201, 409, 409, 409]


async def test_others_invite_nobody_see_nobody_and_remove_nobody(client: Client) -> None:
    zone_id = await client.a_zone()
    company_id = await client.a_company(zones={zone_id: (0, None)})
    owner, employee = await an_owner(client, company_id), await client.signed_in("seller", company_id=company_id)
    stranger = await an_owner(client, await client.a_company())
    near = await client.signed_in("location_admin", zone_ids=[zone_id])
    far = await client.signed_in("location_admin", zone_ids=[await client.a_zone()])
    path = f"/companies/{company_id}/vendors"
    for other in (employee, stranger, near, far, await client.signed_in("user")):
        assert (await other.post(path, {"email": address()})).status_code == 403
        assert (await other.delete(f"{path}/{owner.user['id']}")).status_code == 403
    for other in (employee, stranger, far):
        assert (await other.get(path)).status_code == 403
    for other in (near, owner, await client.signed_in("admin")):
        assert (await other.get(path)).json()["total"] == 2


async def test_who_leaves_is_a_buyer_and_the_only_owner_stays(client: Client) -> None:
    company_id = await client.a_company()
    owner, employee = await an_owner(client, company_id), await client.signed_in("seller", company_id=company_id)
    path = f"/companies/{company_id}/vendors"
    assert (await owner.delete(f"{path}/{employee.user['id']}")).status_code == 204
    assert (await employee.get("/vendors/company")).status_code == 403
    assert (await employee.get("/auth/me")).json()["role"] == "user"
    assert (await owner.delete(f"{path}/{employee.user['id']}")).status_code == 404
    for who in (owner, await client.signed_in("admin")):
        refused = await who.delete(f"{path}/{owner.user['id']}")
        assert (refused.status_code, refused.json()["code"]) == (409, "LAST_OWNER")


async def test_owners_who_remove_each_other_at_once_leave_one(client: Client) -> None:
    for _ in range(4):
        company_id = await client.a_company()
        one, other = await an_owner(client, company_id), await an_owner(client, company_id)
        path = f"/companies/{company_id}/vendors"
        replies = await asyncio.gather(
            one.delete(f"{path}/{other.user['id']}"), other.delete(f"{path}/{one.user['id']}")
        )
        assert sorted(reply.status_code for reply in replies)[0] == 204
        assert await client.value("select count(*) from company_members where company_id = $1", company_id) == 1


async def test_invitations_are_bounded(client: Client) -> None:
    company_id = await client.a_company()
    owner = await an_owner(client, company_id)
    await client.value(
        """
        insert into company_invitations (company_id, email, created_at, expires_at)
        select $1, 'n' || n || '@example.com', now(), now() + interval '1 day' from generate_series(1, $2::integer) n
        """,
        company_id,
        MAX_INVITATIONS,
    )
    path = f"/companies/{company_id}/vendors"
    refused = await owner.post(path, {"email": address()})
    assert (refused.status_code, refused.json()["code"]) == (422, "TOO_MANY_INVITATIONS")
    assert (await owner.post(path, {"email": "N1@example.com"})).status_code == 201


@pytest.mark.parametrize("named", [True, False])
async def test_a_new_seller_has_a_company_of_one_and_can_sell(client: Client, named: bool) -> None:
    zone = await slug_of(client, await client.a_zone())
    name = unique("Sole Trader")
    person = await registered(client, zone=zone, **({"companyName": name} if named else {}))
    own = (await person.get("/vendors/company")).json()
    assert (own["name"], own["status"]) == (name if named else "Sam Seller", "active")
    assert [terms["zone"] for terms in own["zones"]] == [zone]
    vendors = (await person.get(f"/companies/{own['id']}/vendors")).json()["vendors"]
    assert [(vendor["id"], vendor["isOwner"]) for vendor in vendors] == [(person.user["id"], True)]

    category = await client.a_category()
    body = {
        "title": "Handmade bowl",
        "description": "Made by hand, one of a kind.",
        "price": 20,
        "thumbnail": "https://example.com/bowl.jpg",
        "category": category,
        "brand": "Own",
        "stock": 3,
    }
    product = await person.post("/products", body)
    assert (product.status_code, product.json()["companyId"], product.json()["stock"]) == (201, own["id"], 3)


async def test_buyers_have_no_company(client: Client) -> None:
    person = await registered(client, role="shop_owner", companyName=unique("Corner Shop"))
    count = await client.value("select count(*) from company_members where user_id = $1", person.user["id"])
    assert count == 0


async def test_who_is_erased_leaves_and_a_company_of_one_goes_along(client: Client) -> None:
    alone = await registered(client, companyName=unique("Sole Trader"))
    own_id = (await alone.get("/vendors/company")).json()["id"]
    shared_id = await client.a_company()
    leaving, staying = await an_owner(client, shared_id), await client.signed_in("seller", company_id=shared_id)
    for person in (alone, leaving):
        async with client.app.shop.database.transaction() as tx:
            await publish(tx, UserErased(user_id=person.user["id"]))

    admin = await client.signed_in("admin")
    gone = (await admin.get(f"/companies/{own_id}")).json()
    assert (gone["name"], gone["status"], gone["email"]) == ("Deleted company", "inactive", None)
    assert (await staying.get("/vendors/company")).json()["status"] == "active"
    assert (await admin.get(f"/companies/{shared_id}/vendors")).json()["total"] == 1


async def test_who_is_no_seller_any_more_sells_for_no_company(client: Client) -> None:
    company_id = await client.a_company()
    seller, admin = await client.signed_in("seller", company_id=company_id), await client.signed_in("admin")
    assert "commission" in (await seller.get(f"/companies/{company_id}")).json()
    assert (await admin.put(f"/users/{seller.user['id']}", {"role": "user"})).status_code == 200
    assert "commission" not in (await seller.get(f"/companies/{company_id}")).json()
    assert (await admin.get(f"/companies/{company_id}/vendors")).json()["total"] == 0
