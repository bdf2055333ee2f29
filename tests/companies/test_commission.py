"""Commission: rates begin at a time, the past is never changed, and orders keep the rate they were placed at."""

from __future__ import annotations

import asyncio
from datetime import datetime, timedelta

from entrepot.kernel import clock
from tests.builders import Client, an_order
from tests.companies.owning import an_owner, patch


def at(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%dT%H:%M:%S.%fZ")


async def commission_of(client: Client, company_id: int) -> dict[str, object]:
    shown = (await client.get(f"/companies/{company_id}")).json()["commission"]
    return {"rate": shown["rate"], "upcoming": [rate["rate"] for rate in shown["upcoming"]]}


async def test_rates_begin_when_they_are_to_and_those_to_come_are_listed(client: Client) -> None:
    admin, company_id = await client.signed_in("admin"), await client.a_company(commission_bp=500)
    path = f"/companies/{company_id}/commission"
    next_month, later = clock.now() + timedelta(days=30), clock.now() + timedelta(days=60)
    assert (await patch(admin, path, {"rate": 7.25, "validFrom": at(next_month)})).status_code == 200
    reply = await patch(admin, path, {"rate": 9, "validFrom": at(later)})
    assert (reply.json()["rate"], [rate["rate"] for rate in reply.json()["upcoming"]]) == (5.0, [7.25, 9.0])

    now = await patch(admin, path, {"rate": 6})
    assert (now.json()["rate"], len(now.json()["upcoming"])) == (6.0, 2)
    with clock.moved(timedelta(days=31)):
        assert await commission_of(await client.signed_in("admin"), company_id) == {"rate": 7.25, "upcoming": [9.0]}


async def test_the_past_is_never_changed(client: Client) -> None:
    admin, company_id = await client.signed_in("admin"), await client.a_company(commission_bp=500)
    path = f"/companies/{company_id}/commission"
    for moment in (at(clock.now() - timedelta(seconds=5)), "2020-01-01"):
        refused = await patch(admin, path, {"rate": 1, "validFrom": moment})
        assert (refused.status_code, list(refused.json()["details"])) == (400, ["validFrom"])
    await patch(admin, path, {"rate": 6})
    await patch(admin, path, {"rate": 8})
    rates = await client.value(
        "select array_agg(rate_bp order by valid_from) from company_commissions where company_id = $1", company_id
    )
    assert rates == [500, 600, 800]
    for wrong in (
        {"rate": -1},
        {"rate": 100.5},
        {"rate": "5"},
        {},
        {"rate": 5, "validFrom": "soon"},
        {"rate": 5, "companyId": 1},
    ):
        assert (await patch(admin, path, wrong)).status_code == 400


async def test_a_rate_that_has_not_begun_may_be_replaced(client: Client) -> None:
    admin, company_id = await client.signed_in("admin"), await client.a_company()
    path = f"/companies/{company_id}/commission"
    day = (clock.now() + timedelta(days=10)).date().isoformat()
    await patch(admin, path, {"rate": 3, "validFrom": day})
    replaced = await patch(admin, path, {"rate": 4, "validFrom": day})
    assert [(rate["rate"], rate["validFrom"]) for rate in replaced.json()["upcoming"]] == [(4.0, f"{day}T00:00:00Z")]


async def test_rates_for_one_time_that_are_set_at_once_leave_one(client: Client) -> None:
    admin, company_id = await client.signed_in("admin"), await client.a_company()
    moment = at(clock.now() + timedelta(days=1))
    replies = await asyncio.gather(
        *(
            patch(admin, f"/companies/{company_id}/commission", {"rate": rate, "validFrom": moment})
            for rate in range(1, 9)
        )
    )
    assert [reply.status_code for reply in replies] == [200] * 8
    count = await client.value(
        "select count(*) from company_commissions where company_id = $1 and valid_from > now()", company_id
    )
    assert count == 1


async def test_an_order_keeps_the_rate_it_was_placed_at(client: Client) -> None:
    admin, company_id = await client.signed_in("admin"), await client.a_company(commission_bp=1000)
    product, buyer = await client.a_product(company_id=company_id, price=100), await client.signed_in()
    await buyer.post("/orders", an_order((product["id"], 1)))
    await patch(admin, f"/companies/{company_id}/commission", {"rate": 20})
    await buyer.post("/orders", an_order((product["id"], 1)))
    rates = await client.value(
        "select array_agg(commission_bp order by id) from order_parts where company_id = $1", company_id
    )
    assert rates == [1000, 2000]


async def test_sellers_know_their_rate_and_buyers_do_not(client: Client) -> None:
    company_id = await client.a_company(commission_bp=750)
    owner = await an_owner(client, company_id)
    assert (await commission_of(owner, company_id))["rate"] == 7.5
    for other in (client, await client.signed_in(), await client.signed_in("seller")):
        assert "commission" not in (await other.get(f"/companies/{company_id}")).json()
