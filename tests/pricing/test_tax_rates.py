"""Tax rates over HTTP: set by place and category, and what a basket pays by them.

Countries are called as nobody else's are: all tests of a worker share one table.
"""

from __future__ import annotations

import asyncio
from typing import Any

from entrepot.kernel.places import country_code
from tests.builders import ADDRESS, Client, an_order, unique
from tests.kernel.hostile import refusal
from tests.kernel.test_hostile_fields import mutants


async def rates_of(admin: Client, country: str) -> list[dict[str, Any]]:
    reply = await admin.get("/tax/rates", params={"country": country, "limit": "0"})
    assert reply.status_code == 200, reply.text
    rates: list[dict[str, Any]] = reply.json()["rates"]
    return rates


async def set_rates(admin: Client, *rates: dict[str, Any]) -> Any:
    return await admin.put("/tax/rates", {"rates": list(rates)})


async def tax_of(client: Client, product: dict[str, Any], **address: str) -> Any:
    buyer = await client.signed_in("user")
    body = an_order((product["id"], 1), shippingAddress={**ADDRESS, **address})
    reply = await buyer.post("/orders", body)
    assert reply.status_code == 201, reply.text
    return reply.json()


async def test_rates_are_set_changed_and_taken_away(client: Client) -> None:
    admin, country = await client.signed_in("admin"), unique("Country")
    first = await set_rates(
        admin,
        {"country": country, "rate": 15, "inclusive": True, "name": "VAT"},
        {"country": country, "state": "North", "rate": 7.25},
    )
    assert first.status_code == 200, first.text
    assert [(rate["state"], rate["rate"], rate["inclusive"]) for rate in await rates_of(admin, country)] == [
        (None, 15, True),
        ("NORTH", 7.25, False),
    ]

    await set_rates(admin, {"country": country.lower(), "state": "north", "rate": None})
    await set_rates(admin, {"country": country, "rate": 16, "inclusive": True, "name": "VAT"})
    [left] = await rates_of(admin, country)
    assert (left["country"], left["rate"], left["name"]) == (country_code(country), 16, "VAT")


async def test_the_flat_rate_is_told(client: Client) -> None:
    admin = await client.signed_in("admin")
    assert (await admin.get("/tax/rates")).json()["default"] == {"rate": 8, "inclusive": False}


async def test_what_is_wrong_is_named(client: Client) -> None:
    admin, country = await client.signed_in("admin"), unique("Country")
    for wrong, field in (
        ({"country": country}, "rates.0.rate"),
        ({"country": country, "rate": 100.5}, "rates.0.rate"),
        ({"country": country, "rate": -1}, "rates.0.rate"),
        ({"country": country, "rate": 8.875}, "rates.0.rate"),
        ({"country": country, "rate": "8"}, "rates.0.rate"),
        ({"state": "NY", "rate": 8}, "rates.0"),
        ({"country": country, "category": "no-such-category", "rate": 8}, "rates.0.category"),
    ):
        reply = await set_rates(admin, wrong)
        assert (reply.status_code, list(reply.json()["details"])) == (400, [field]), reply.text
    twice = await set_rates(admin, {"country": "USA", "rate": 8}, {"country": "united states", "rate": 9})
    assert list(twice.json()["details"]) == ["rates.1"]
    assert await rates_of(admin, country) == []


async def test_one_wrong_value_breaks_nothing(client: Client) -> None:
    admin = await client.signed_in("admin")
    rate = {"country": "NZ", "state": "", "category": None, "rate": 15, "inclusive": True, "name": "GST"}
    try:
        for body in mutants({"rates": [rate]}):
            reply = await admin.put("/tax/rates", body)
            if reply.status_code >= 400:
                refusal(reply)
    finally:
        await client.value("delete from tax_rates where country in ('', 'NZ', '10') or length(country) > 50")


async def test_many_set_the_same_rate_at_once_and_one_is_left(client: Client) -> None:
    admin, country = await client.signed_in("admin"), unique("Country")
    replies = await asyncio.gather(
        *(
            set_rates(
                admin,
                *[{"country": country, "state": state, "rate": rate} for state in ("A", "B")][:: -1 if rate % 2 else 1],
            )
            for rate in range(1, 9)
        )
    )
    assert {reply.status_code for reply in replies} == {200}
    left = await rates_of(admin, country)
    assert sorted(rate["state"] for rate in left) == ["A", "B"]
    assert len({rate["rate"] for rate in left}) == 1


async def test_changes_are_written_down(client: Client) -> None:
    admin, country = await client.signed_in("admin"), unique("Country")
    await set_rates(admin, {"country": country, "rate": 5})
    await set_rates(admin, {"country": country, "rate": 6})
    after = await client.value(
        "select after from admin_log where actor_id = $1 and action = 'tax.rates_changed' order by id desc limit 1",
        admin.user["id"],
    )
    assert after == {"rates": {country_code(country): {"rateBp": 600, "inclusive": False, "name": ""}}}


async def test_an_order_pays_by_where_it_goes_and_what_it_is(client: Client) -> None:
    admin, country = await client.signed_in("admin"), unique("Country")
    parent = await client.a_category()
    parent_id = await client.value("select id from categories where slug = $1", parent)
    books = await client.a_category(parent_id)
    book = await client.a_product(price=100, category=books)
    lamp = await client.a_product(price=100)
    await set_rates(
        admin,
        {"country": country, "rate": 20},
        {"country": country, "state": "North", "rate": 10},
        {"country": country, "category": parent, "rate": 5},
    )

    assert (await tax_of(client, lamp, country=country, state=""))["tax"] == 20
    assert (await tax_of(client, lamp, country=country.upper(), state="north"))["tax"] == 10
    assert (await tax_of(client, book, country=country, state="North"))["tax"] == 5
    assert (await tax_of(client, lamp, country=unique("Elsewhere")))["tax"] == 8


async def test_prices_may_contain_the_tax(client: Client) -> None:
    admin, country = await client.signed_in("admin"), unique("Country")
    product = await client.a_product(price=120)
    await set_rates(admin, {"country": country, "rate": 20, "inclusive": True})

    order = await tax_of(client, product, country=country)

    assert order["total"] == 120
