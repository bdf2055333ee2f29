"""What shoppers do. A scenario is a journey that many take again and again; its steps are what is timed."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from enum import StrEnum
from typing import Any, Final
from urllib.parse import urlencode

import msgspec

from entrepot.bench.shopper import Goods, Shopper

Journey = Callable[[Shopper], Awaitable[None]]


class Kind(StrEnum):
    """Kinds of request, as the response-time targets name them."""

    GET = "simple GET"
    LIST = "list"
    SEARCH = "search"
    WRITE = "create, update"


class Scenario(msgspec.Struct, frozen=True, kw_only=True):
    """A journey, and how it is measured.

    `steps`: the kind of each timed step, by name. `signed_in`: its shoppers are. `shoppers`: how many at once, where that is
    not as many as the run has connections. `same_bytes`: the path, below the API's, whose bytes a bare handler returns as the
    yardstick. `same_statements`: pgbench runs what the database is asked, as the yardstick.
    """

    name: str
    what: str
    journey: Journey
    steps: dict[str, Kind]
    signed_in: bool = False
    shoppers: int | None = None
    same_bytes: Callable[[Goods], str] | None = None
    same_statements: bool = False


SORTS: Final = ("price", "rating", "title", "createdAt", "stock")
ADDRESS: Final = {
    "firstName": "Jo",
    "lastName": "Bench",
    "address": "1 Main St",
    "city": "New York",
    "state": "NY",
    "zipCode": "10001",
    "country": "USA",
}
THINKS_S: Final = (0.2, 1.0)


async def bare(shopper: Shopper) -> None:
    await shopper.get("bare", "/")


async def cached_list(shopper: Shopper) -> None:
    await shopper.get("list", "/products")


async def cached_page(shopper: Shopper) -> None:
    await shopper.get("page", f"/products/{shopper.goods.ids[0]}")


async def fresh_list(shopper: Shopper) -> None:
    """Ten products by any filter and any order, with their total; hardly ever the same twice."""
    await shopper.get("list", f"/products?{urlencode(_list_query(shopper))}")


async def fresh_page(shopper: Shopper) -> None:
    await shopper.get("page", f"/products/{shopper.chance.choice(shopper.goods.ids)}?n={shopper.chance.random()}")


async def search(shopper: Shopper) -> None:
    """One to three words of titles, every third with a slip of the finger."""
    await shopper.get("search", f"/products/search?{urlencode({'q': words(shopper)})}")


async def suggest(shopper: Shopper) -> None:
    word = shopper.chance.choice(shopper.goods.words)
    await shopper.get("suggest", f"/products/suggest?{urlencode({'q': word[: shopper.chance.randint(2, 6)]})}")


async def cart(shopper: Shopper) -> None:
    """A guest fills a cart, thinks better of it, and empties it."""
    product = shopper.chance.choice(shopper.goods.ids)
    filled = await shopper.post("add", "/cart/items", {"productId": product, "quantity": 1})
    token = {"X-Cart-Token": filled.header("X-Cart-Token") or ""}
    shopper.headers.update(token)
    await shopper.put("change", f"/cart/items/{product}", {"quantity": 2})
    await shopper.get("look", "/cart")
    await shopper.delete("empty", "/cart")
    del shopper.headers["X-Cart-Token"]


async def checkout(shopper: Shopper) -> None:
    """An order of three lines, spread over all that can be bought."""
    await shopper.post("order", "/orders", order_of(shopper.chance.sample(shopper.goods.buyable, 3)))


async def hot_checkout(shopper: Shopper) -> None:
    """The same three products as everybody else."""
    await shopper.post("order", "/orders", order_of(shopper.goods.buyable[:3]))


async def guest_checkout(shopper: Shopper) -> None:
    """A whole one: cart, quote for the address, order, payment."""
    product = shopper.chance.choice(shopper.goods.buyable)
    await _buy_as_guest(shopper, [product])


async def shopping(shopper: Shopper) -> None:
    """The usual way through a shop: look around, search, open, put in the cart; one in four buys."""
    await _shop(shopper, think=False)


async def slow_shopping(shopper: Shopper) -> None:
    """The same, by people who think between two clicks."""
    await _shop(shopper, think=True)


async def _shop(shopper: Shopper, *, think: bool) -> None:
    async def pause() -> None:
        if think:
            await asyncio.sleep(shopper.chance.uniform(*THINKS_S))

    await shopper.get("home", "/products")
    await pause()
    await shopper.get("browse", f"/products?{urlencode(_list_query(shopper))}")
    await pause()
    await shopper.get("search", f"/products/search?{urlencode({'q': words(shopper)})}")
    await pause()
    for _ in range(2):
        await shopper.get("open", f"/products/{shopper.chance.choice(shopper.goods.ids)}")
        await pause()
    if shopper.chance.random() < 0.25:
        await _buy_as_guest(shopper, shopper.chance.sample(shopper.goods.buyable, 2), pause)


async def _no_pause() -> None:
    """Nobody thinks."""


async def _buy_as_guest(
    shopper: Shopper, products: list[int], pause: Callable[[], Awaitable[None]] = _no_pause
) -> None:
    before = dict(shopper.headers)
    try:
        for product in products:
            filled = await shopper.post("add", "/cart/items", {"productId": product, "quantity": 1})
            shopper.headers["X-Cart-Token"] = filled.header("X-Cart-Token") or shopper.headers["X-Cart-Token"]
            await pause()
        there = {"country": ADDRESS["country"], "state": ADDRESS["state"]}
        quoted = (await shopper.post("quote", "/checkout/quote", there)).json()
        await pause()
        order = {
            "shippingAddress": ADDRESS,
            "paymentMethod": "card",
            "email": "bench@example.com",
            "quote": quoted["quote"],
        }
        placed = (await shopper.post("order", "/orders", order)).json()
        shopper.headers["X-Order-Token"] = placed["token"]
        paid = {"amount": round(placed["total"] * 100), "metadata": {"orderId": placed["id"]}}
        intent = (await shopper.post("intent", "/payments/intents", paid)).json()
        await pause()
        await shopper.post("pay", f"/payments/intents/{intent['id']}/confirm", {"paymentMethodId": "pm_card_visa"})
    finally:
        shopper.headers = before


def order_of(products: list[int] | Any) -> dict[str, Any]:
    """An order of one piece each, paid on an invoice, so that it is complete once it is placed."""
    return {
        "products": [{"id": product, "quantity": 1} for product in products],
        "shippingAddress": ADDRESS,
        "paymentMethod": "invoice",
    }


def words(shopper: Shopper) -> str:
    """A query."""
    chosen = [shopper.chance.choice(shopper.goods.words) for _ in range(shopper.chance.choice((1, 1, 2, 2, 3)))]
    if shopper.chance.random() < 1 / 3 and len(chosen[0]) > 4:
        at = shopper.chance.randrange(1, len(chosen[0]) - 1)
        chosen[0] = chosen[0][:at] + chosen[0][at + 1 :]
    return " ".join(chosen)


def _list_query(shopper: Shopper) -> dict[str, Any]:
    query = dict(shopper.chance.choice(shopper.goods.filters))
    query["sortBy"], query["order"] = shopper.chance.choice(SORTS), shopper.chance.choice(("asc", "desc"))
    return query


SCENARIOS: Final = (
    Scenario(
        name="list",
        what="list of 10, cached",
        journey=cached_list,
        steps={"list": Kind.LIST},
        same_bytes=lambda _: "/products",
    ),
    Scenario(
        name="page",
        what="product page, cached",
        journey=cached_page,
        steps={"page": Kind.GET},
        same_bytes=lambda goods: f"/products/{goods.ids[0]}",
    ),
    Scenario(name="fresh-list", what="list of 10, filtered, sorted", journey=fresh_list, steps={"list": Kind.LIST}),
    Scenario(name="fresh-page", what="product page, not cached", journey=fresh_page, steps={"page": Kind.GET}),
    Scenario(name="search", what="search", journey=search, steps={"search": Kind.SEARCH}),
    Scenario(name="suggest", what="suggestions while typing", journey=suggest, steps={"suggest": Kind.SEARCH}),
    Scenario(
        name="cart",
        what="a guest's cart",
        journey=cart,
        steps={"add": Kind.WRITE, "change": Kind.WRITE, "look": Kind.GET, "empty": Kind.WRITE},
    ),
    Scenario(
        name="checkout",
        what="order of 3 lines, spread",
        journey=checkout,
        steps={"order": Kind.WRITE},
        signed_in=True,
        same_statements=True,
    ),
    Scenario(
        name="hot-checkout",
        what="the same 3 lines for all",
        journey=hot_checkout,
        steps={"order": Kind.WRITE},
        signed_in=True,
        same_statements=True,
    ),
    Scenario(
        name="guest",
        what="whole guest checkout",
        journey=guest_checkout,
        steps=dict.fromkeys(("add", "quote", "order", "intent", "pay"), Kind.WRITE),
    ),
    Scenario(
        name="shopping",
        what="mixed shoppers",
        journey=shopping,
        steps={
            "home": Kind.LIST,
            "browse": Kind.LIST,
            "search": Kind.SEARCH,
            "open": Kind.GET,
            **dict.fromkeys(("add", "quote", "order", "intent", "pay"), Kind.WRITE),
        },
    ),
    Scenario(
        name="slow-shopping",
        what="100 shoppers who think",
        journey=slow_shopping,
        shoppers=100,
        steps={
            "home": Kind.LIST,
            "browse": Kind.LIST,
            "search": Kind.SEARCH,
            "open": Kind.GET,
            **dict.fromkeys(("add", "quote", "order", "intent", "pay"), Kind.WRITE),
        },
    ),
)

BARE: Final = Scenario(name="bare", what="a bare handler", journey=bare, steps={"bare": Kind.GET})
"""What the yardstick of the cached replies is asked."""


class UnknownScenario(Exception):
    """There is no scenario of this name; the message says which there are."""


def chosen(names: Sequence[str]) -> list[Scenario]:
    """The scenarios of these names, in the order of all; all of them if none is named. Raises UnknownScenario."""
    known = [scenario.name for scenario in SCENARIOS]
    if unknown := sorted(set(names) - set(known)):
        raise UnknownScenario(f"There is no scenario {unknown[0]}: choose from {', '.join(known)}.")
    return [scenario for scenario in SCENARIOS if not names or scenario.name in names]
