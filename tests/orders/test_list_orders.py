"""Lists of orders, page by page."""

from __future__ import annotations

from tests.builders import Client, an_order


async def test_pages_and_cursors_give_each_order_once_newest_first(client: Client) -> None:
    product = await client.a_product(stock=1000)
    buyer = await client.signed_in()
    numbers = [(await buyer.post("/orders", an_order((product["id"], 1)))).json()["id"] for _ in range(7)][::-1]

    async def ids(**params: int | str) -> list[str]:
        return [order["id"] for order in (await buyer.get("/orders", params=params)).json()["orders"]]

    assert await ids() == numbers
    assert await ids(limit=3, skip=2) == numbers[2:5]
    assert await ids(limit=3, page=3) == numbers[6:]
    assert await ids(limit=3, page=4) == []

    walked: list[str] = []
    cursor: dict[str, str] = {}
    while True:
        page = (await buyer.get("/orders", params={"limit": 3, **cursor})).json()
        walked += [order["id"] for order in page["orders"]]
        if "nextCursor" not in page:
            break
        cursor = {"cursor": page["nextCursor"]}
        await buyer.post("/orders", an_order((product["id"], 1)))  # what comes meanwhile moves nothing
    assert walked == numbers


async def test_a_list_has_the_contracts_shape(client: Client) -> None:
    product = await client.a_product()
    buyer = await client.signed_in()
    order = (await buyer.post("/orders", an_order((product["id"], 3)))).json()

    page = (await buyer.get("/orders")).json()

    assert (page["total"], page["skip"], page["limit"]) == (1, 0, 1)
    assert page["products"] == page["orders"]
    assert page["orders"][0] == {
        "id": order["id"], "userId": buyer.user["id"], "status": "pending", "paymentStatus": "unpaid", "paymentMethod": "card",
        "total": order["total"], "currency": "USD", "totalQuantity": 3, "createdAt": order["createdAt"],
        "updatedAt": order["updatedAt"],
    }  # fmt: skip


async def test_a_cursor_of_the_products_is_no_cursor_of_orders(client: Client) -> None:
    for _ in range(2):
        await client.a_product()
    buyer = await client.signed_in()
    token = (await client.get("/products", params={"limit": 1})).json()["nextCursor"]

    assert (await buyer.get("/orders", params={"cursor": token})).status_code == 400
