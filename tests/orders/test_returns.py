"""Returns: asked for within the window, approved, received, restocked, refunded; each step once, whoever asks at once."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Any

import asyncpg
import pytest

from entrepot.kernel import clock
from tests.builders import ADDRESS, PASSWORD, Client, an_order
from tests.orders.returning import Bought, change, deliver, stock_of

ALL = {"requested", "approved", "rejected", "cancelled", "received", "refunded"}


async def test_everything_goes_back_and_everything_is_paid_back(client: Client) -> None:
    zone_id = await client.a_zone()
    zone = await client.value("select slug from zones where id = $1", zone_id)
    product = await client.a_product(
        price=100, stock=10, company_id=await client.a_company(commission_bp=1000, zones={zone_id: (500, None)})
    )
    bought = await Bought.delivered(client, [product], zone=zone)
    assert (bought.order["shipping"], await stock_of(client, product)) == (5, 8)

    asked = (await bought.ask(2, note="Too large")).json()["returns"]
    return_id = asked[0]["id"]
    assert [one["status"] for one in asked] == ["requested"]
    assert asked[0]["next"] == ["cancelled"]
    assert (await bought.take(return_id, "approved", note="Send it to our warehouse"))["next"] == [
        "received",
        "cancelled",
    ]
    received = await bought.take(return_id, "received")
    assert [(line["received"], line["restocked"]) for line in received["lines"]] == [(2, 2)]
    assert received["refunded"] is None
    assert (await bought.now())["parts"][0]["status"] == "returned"
    refunded = await bought.take(return_id, "refunded")

    assert refunded["refunded"] == bought.order["total"]
    assert refunded["next"] == []
    order = await bought.now()
    assert (order["status"], order["parts"][0]["status"], order["paymentStatus"]) == (
        "refunded",
        "refunded",
        "refunded",
    )
    assert await stock_of(client, product) == 10
    assert [(step["status"], step["by"]) for step in refunded["history"]] == [
        ("requested", "buyer"),
        ("approved", "admin"),
        ("received", "admin"),
        ("refunded", "admin"),
    ]
    assert [step["note"] for step in refunded["history"][:2]] == ["Too large", "Send it to our warehouse"]
    names = await client.app.shop.database.pool.fetch(
        "select name from events where name like 'return.%' and data ->> 'orderId' = $1 order by id", bought.number
    )
    assert [row[0] for row in names] == ["return.requested", "return.approved", "return.received", "return.refunded"]


async def test_one_of_two_pieces_gives_back_its_share_and_no_delivery(client: Client) -> None:
    zone_id = await client.a_zone()
    zone = await client.value("select slug from zones where id = $1", zone_id)
    product = await client.a_product(price=99.99, company_id=await client.a_company(zones={zone_id: (500, None)}))
    bought = await Bought.delivered(client, [product], zone=zone)

    refunded = await bought.take(await bought.sent_back(1), "refunded")

    assert refunded["refunded"] == pytest.approx((bought.order["subtotal"] + bought.order["tax"]) / 2, abs=0.01)
    order = await bought.now()
    assert (order["status"], order["paymentStatus"]) == ("delivered", "partially_refunded")
    last = await bought.take(await bought.sent_back(1), "refunded")
    assert refunded["refunded"] + last["refunded"] == pytest.approx(bought.order["total"], abs=0.001)
    assert (await bought.now())["status"] == "refunded"


async def test_an_administrator_says_otherwise_about_delivery_and_a_seller_does_not(client: Client) -> None:
    zone_id = await client.a_zone()
    zone = await client.value("select slug from zones where id = $1", zone_id)
    company_id = await client.a_company(zones={zone_id: (500, None)})
    bought = await Bought.delivered(client, [await client.a_product(price=10, company_id=company_id)], zone=zone)
    seller = await client.signed_in("seller", company_id=company_id)
    return_id = await bought.sent_back(1)

    assert (await change(seller, return_id, "refunded", refundShipping=True)).status_code == 403
    refunded = await bought.take(return_id, "refunded", refundShipping=True)

    assert refunded["refunded"] == 10.8 + 5


async def test_what_did_not_come_can_be_asked_for_again_and_what_is_damaged_is_not_sold_again(client: Client) -> None:
    product = await client.a_product(price=10, stock=10)
    bought = await Bought.delivered(client, [product], 5)
    return_id = await bought.asked(4)
    await bought.take(return_id, "approved")

    received = await bought.take(
        return_id, "received", lines=[{"productId": product["id"], "quantity": 3, "damaged": 1}]
    )

    assert [(line["quantity"], line["received"], line["restocked"]) for line in received["lines"]] == [(4, 3, 2)]
    assert await stock_of(client, product) == 7
    assert (await bought.take(return_id, "refunded"))["refunded"] == 32.4
    assert (await bought.ask(3)).json()["details"] == {"lines.0.quantity": ["at most 2 can still be returned"]}
    await bought.sent_back(2, restock=False)
    assert await stock_of(client, product) == 7
    assert (await bought.now())["status"] == "returned"


@pytest.mark.parametrize("ending", ["rejected", "cancelled"])
async def test_what_is_not_taken_back_can_be_asked_for_again(client: Client, ending: str) -> None:
    bought = await Bought.delivered(client, [await client.a_product()])
    return_id = await bought.asked(2)
    assert (await bought.ask(1)).json()["code"] == "RETURN_EXCEEDS_BOUGHT"

    ended = await bought.take(return_id, ending, by=bought.buyer if ending == "cancelled" else None)

    assert (ended["status"], ended["next"]) == (ending, [])
    assert (await bought.ask(2)).status_code == 201


async def test_each_company_has_a_return_of_its_own(client: Client) -> None:
    products = [await client.a_product(), await client.a_product()]
    sellers = [await client.signed_in("seller", company_id=product["companyId"]) for product in products]
    bought = await Bought.delivered(client, products)

    made = (await bought.ask(1, 2)).json()["returns"]

    assert [one["companyId"] for one in made] == [product["companyId"] for product in products]
    for seller, own, other in ((sellers[0], made[0], made[1]), (sellers[1], made[1], made[0])):
        assert [one["id"] for one in (await seller.get("/returns")).json()["returns"]] == [own["id"]]
        assert (await seller.get(f"/returns/{other['id']}")).status_code == 404
        assert (await change(seller, other["id"], "approved")).status_code == 404
        assert (await change(seller, own["id"], "approved")).json()["history"][-1]["by"] == "seller"
    listed = (await bought.buyer.get(f"/returns?status=approved&order={bought.number}")).json()
    assert ([one["id"] for one in listed["returns"]], listed["total"]) == ([made[1]["id"], made[0]["id"]], 2)
    assert (await bought.buyer.get(f"/returns?companyId={made[0]['companyId']}")).json()["total"] == 1


async def test_only_what_was_delivered_within_the_window_goes_back(client: Client) -> None:
    bought = await Bought.placed(client, [await client.a_product()])
    refused = await bought.ask(1)
    assert (refused.status_code, refused.json()["code"]) == (422, "NOT_DELIVERED")
    await deliver(bought.admin, bought.number)

    with clock.moved(timedelta(days=30, minutes=1)):
        late = await Bought(bought.admin, await again(bought.buyer), bought.order, bought.products).ask(1)
    with clock.moved(timedelta(days=29, hours=23)):
        in_time = await Bought(bought.admin, await again(bought.buyer), bought.order, bought.products).ask(1)

    assert (late.status_code, late.json()["code"]) == (422, "RETURN_WINDOW_OVER")
    assert in_time.status_code == 201


async def again(user: Client) -> Client:
    """Signed in anew: the clock was moved."""
    reply = await user.post("/auth/login", {"email": user.user["email"], "password": PASSWORD})
    return Client(user.http, user.app, reply.json()["token"])


async def test_a_part_comes_back_while_another_is_on_its_way(client: Client) -> None:
    products = [await client.a_product(), await client.a_product()]
    bought = await Bought.placed(client, products)
    await deliver(bought.admin, bought.number, companyId=products[0]["companyId"])

    assert (await bought.ask(1, 1)).json()["details"] == {"lines.1.productId": ["is pending"]}
    await bought.take(await bought.sent_back(2), "refunded")

    parts = {part["companyId"]: part["status"] for part in (await bought.now())["parts"]}
    assert parts == {products[0]["companyId"]: "refunded", products[1]["companyId"]: "pending"}


async def test_the_last_piece_is_promised_once_however_many_ask(client: Client) -> None:
    bought = await Bought.delivered(client, [await client.a_product()], 3)

    replies = await asyncio.gather(*(bought.ask(1) for _ in range(30)))

    assert sorted(reply.status_code for reply in replies) == [201] * 3 + [422] * 27
    assert {reply.json()["code"] for reply in replies if reply.status_code == 422} == {"RETURN_EXCEEDS_BOUGHT"}


@pytest.mark.parametrize("step", ["approved", "received", "refunded"])
async def test_a_step_is_taken_once_however_many_take_it(client: Client, step: str) -> None:
    product = await client.a_product(price=10, stock=10)
    bought = await Bought.delivered(client, [product])
    return_id = await bought.asked(2)
    for before in ("approved", "received"):
        if before == step:
            break
        await bought.take(return_id, before)

    replies = await asyncio.gather(*(change(bought.admin, return_id, step) for _ in range(20)))

    assert sorted(reply.status_code for reply in replies) == [200] + [422] * 19
    refused = next(reply.json() for reply in replies if reply.status_code == 422)
    assert refused["code"] == "RETURN_ILLEGAL_TRANSITION"
    assert await stock_of(client, product) == (8 if step == "approved" else 10)
    assert await bought.credited_minor() == (2160 if step == "refunded" else 0)


async def test_withdrawing_and_approving_at_once_leaves_one_of_them(client: Client) -> None:
    bought = await Bought.delivered(client, [await client.a_product()])
    return_id = await bought.asked(2)

    replies = await asyncio.gather(
        *(change(bought.buyer, return_id, "cancelled") for _ in range(5)),
        *(change(bought.admin, return_id, "approved") for _ in range(5)),
    )

    answers = [reply.status_code for reply in replies]
    assert (answers.count(200), frozenset(answers)) in {(1, frozenset({200, 422})), (1, frozenset({200, 403, 422}))}
    left = 2 - await client.value(
        "select sum(l.return_quantity) from order_lines l join orders o on o.id = l.order_id where o.number = $1",
        bought.number,
    )
    status = (await bought.buyer.get(f"/returns/{return_id}")).json()["status"]
    assert (status, left) in {("approved", 0), ("cancelled", 2)}


async def test_a_return_goes_its_way_and_no_other(client: Client) -> None:
    bought = await Bought.delivered(client, [await client.a_product()], 3)
    ways = {
        "requested": {"approved", "rejected"},
        "approved": {"received", "cancelled"},
        "received": {"refunded"},
        "refunded": set[str](),
    }
    return_id = await bought.asked(1)
    for status, allowed in ways.items():
        if status != "requested":
            await bought.take(return_id, status)
        for other in sorted(ALL - allowed - {"requested"}):
            refused = await change(bought.admin, return_id, other)
            assert refused.status_code == (403 if (status, other) == ("requested", "cancelled") else 422), other
            if refused.status_code == 422:
                assert refused.json()["code"] == "RETURN_ILLEGAL_TRANSITION"
                assert all(way in refused.json()["message"] for way in allowed)


async def test_a_buyer_asks_and_withdraws_and_nothing_else(client: Client) -> None:
    bought = await Bought.delivered(client, [await client.a_product()])
    stranger = await client.signed_in()
    return_id = await bought.asked(2)

    for status in ("approved", "rejected"):
        assert (await change(bought.buyer, return_id, status)).status_code == 403
    assert (await change(stranger, return_id, "cancelled")).status_code == 404
    assert (await stranger.get(f"/returns/{return_id}")).status_code == 404
    assert (await stranger.post(f"/orders/{bought.number}/return", a_request(bought))).status_code == 403
    assert (await bought.admin.post(f"/orders/{bought.number}/return", a_request(bought))).status_code == 403
    assert (await client.post(f"/orders/{bought.number}/return", a_request(bought))).status_code == 401
    assert (await client.get("/returns")).status_code == 401
    assert (await stranger.get("/returns")).json()["returns"] == []


def a_request(bought: Bought) -> dict[str, Any]:
    return {"lines": [{"productId": bought.products[0]["id"], "quantity": 1}], "reason": "damaged"}


async def test_who_administers_a_zone_deals_with_its_returns(client: Client) -> None:
    zone_id = await client.a_zone()
    zone = await client.value("select slug from zones where id = $1", zone_id)
    product = await client.a_product(company_id=await client.a_company(zones={zone_id: (0, None)}))
    bought = await Bought.delivered(client, [product], zone=zone)
    return_id = await bought.asked(1)
    ours = await client.signed_in("location_admin", zone_ids=[zone_id])
    theirs = await client.signed_in("location_admin", zone_ids=[await client.a_zone()])

    assert [one["id"] for one in (await ours.get("/returns")).json()["returns"]] == [return_id]
    assert (await theirs.get("/returns")).json()["total"] == 0
    assert (await change(theirs, return_id, "approved")).status_code == 404
    assert (await change(ours, return_id, "approved")).json()["history"][-1]["by"] == "admin"


async def test_a_guest_returns_with_the_orders_token(client: Client) -> None:
    product = await client.a_product()
    body = an_order((product["id"], 1), email="guest@example.com", paymentMethod="cash_on_delivery")
    order = (await client.post("/orders", body)).json()
    await deliver(await client.signed_in("admin"), order["id"])
    token = {"X-Order-Token": order["token"]}
    request = {"lines": [{"productId": product["id"], "quantity": 1}], "reason": "wrong_item"}

    made = await client.post(f"/orders/{order['id']}/return", request, headers=token)

    assert made.status_code == 201, made.text
    return_id = made.json()["returns"][0]["id"]
    assert (await client.get("/returns", headers=token)).json()["total"] == 1
    assert (await client.get(f"/returns/{return_id}")).status_code == 401
    assert (await client.get(f"/returns/{return_id}", headers={"X-Order-Token": "x" * 43})).status_code == 404
    withdrawn = await client.put(f"/returns/{return_id}/status", {"status": "cancelled"}, headers=token)
    assert withdrawn.json()["status"] == "cancelled"


async def test_pieces_that_were_paid_back_before_are_not_paid_back_again(client: Client) -> None:
    product = await client.a_product(price=10)
    bought = await Bought.delivered(client, [product], 3)
    reply = await bought.admin.post(
        "/payments/refunds",
        {"orderId": bought.number, "lines": [{"productId": product["id"], "quantity": 2}], "reason": "broken"},
    )
    assert reply.status_code == 201, reply.text

    refunded = await bought.take(await bought.sent_back(3), "refunded")

    assert refunded["refunded"] == 10.8
    assert await bought.credited_minor() == 3240
    assert (await bought.now())["status"] == "refunded"


async def test_a_refund_by_hand_and_that_of_a_return_at_once_give_back_each_piece_once(client: Client) -> None:
    product = await client.a_product(price=10)
    bought = await Bought.delivered(client, [product], 3)
    return_id = await bought.sent_back(3)
    by_hand = {"orderId": bought.number, "lines": [{"productId": product["id"], "quantity": 2}], "reason": "broken"}

    replies = await asyncio.gather(
        *(bought.admin.post("/payments/refunds", by_hand) for _ in range(5)),
        *(change(bought.admin, return_id, "refunded") for _ in range(5)),
    )

    assert [reply.status_code for reply in replies[5:]].count(200) == 1
    assert [reply.status_code for reply in replies[:5]].count(201) <= 1
    assert await bought.credited_minor() == 3240


async def test_the_database_refuses_more_than_was_bought(client: Client) -> None:
    bought = await Bought.delivered(client, [await client.a_product()])
    await bought.asked(2)

    with pytest.raises(asyncpg.CheckViolationError, match="order_lines_return_quantity_check"):
        await client.value(
            """
            update order_lines set return_quantity = return_quantity + 1
            where order_id = (select id from orders where number = $1)
            """,
            bought.number,
        )


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "lines"),
        ({"lines": [], "reason": "other"}, "lines"),
        ({"lines": [{"productId": 1, "quantity": 0}], "reason": "other"}, "lines.0.quantity"),
        ({"lines": [{"productId": 2**63, "quantity": 1}], "reason": "other"}, "lines.0.productId"),
        ({"lines": [{"productId": 2**62, "quantity": 1}], "reason": "other"}, "lines.0.productId"),
        ({"lines": [{"productId": "x", "quantity": 1}], "reason": "other"}, "lines.0.productId"),
        ({"lines": [{"productId": 1, "quantity": 1}] * 201, "reason": "other"}, "lines"),
        ({"lines": [{"productId": 1, "quantity": 1}], "reason": "bored"}, "reason"),
        ({"lines": [{"productId": 1, "quantity": 1}], "reason": "other", "note": "x" * 2001}, "note"),
        ({"lines": [{"productId": 1, "quantity": 1}], "reason": "other", "userId": 1}, "userId"),
    ],
)
async def test_a_strange_request_is_refused_by_field(client: Client, body: dict[str, Any], field: str) -> None:
    bought = await Bought.delivered(client, [await client.a_product()])

    reply = await bought.buyer.post(f"/orders/{bought.number}/return", body)

    assert reply.status_code == 400, reply.text
    assert field in reply.json()["details"]


async def test_strange_changes_are_refused_by_field(client: Client) -> None:
    product = await client.a_product()
    bought = await Bought.delivered(client, [product])
    return_id = await bought.asked(1)
    line = {"productId": product["id"], "quantity": 1}
    for body, field in (
        ({"status": "requested"}, "status"),
        ({"status": "lost"}, "status"),
        ({"status": "approved", "restock": False}, "body"),
        ({"status": "approved", "refundShipping": True}, "body"),
        ({"status": "received", "lines": []}, "lines"),
    ):
        reply = await change(bought.admin, return_id, **body)
        assert (reply.status_code, list(reply.json()["details"])) == (400, [field]), reply.text
    await bought.take(return_id, "approved")
    for lines, status, field in (
        ([{**line, "productId": 2**40}], 400, "lines.0.productId"),
        ([line, line], 400, "lines.1.productId"),
        ([{**line, "damaged": 2}], 400, "lines.0.damaged"),
        ([{**line, "quantity": 2}], 422, "lines.0.quantity"),
    ):
        reply = await change(bought.admin, return_id, "received", lines=lines)
        assert (reply.status_code, list(reply.json()["details"])) == (status, [field]), reply.text
    reply = await change(bought.admin, return_id, "received", lines=[{**line, "quantity": 0}])
    assert (reply.status_code, reply.json()["code"]) == (422, "NOTHING_RECEIVED")
    assert (await bought.buyer.get(f"/returns/{return_id}")).json()["status"] == "approved"


async def test_pages_of_returns(client: Client) -> None:
    bought = await Bought.delivered(client, [await client.a_product()], 5)
    ids = [await bought.asked(1) for _ in range(5)]

    first = (await bought.buyer.get("/returns?limit=2")).json()
    second = (await bought.buyer.get(f"/returns?limit=2&cursor={first['nextCursor']}")).json()

    assert [one["id"] for one in [*first["returns"], *second["returns"]]] == ids[:0:-1]
    assert (first["total"], second["total"], first["limit"]) == (5, 5, 2)
    assert ADDRESS["address"] not in str(first)
