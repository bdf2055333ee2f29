"""Lists, their totals and their counts: of what others have, nothing is listed, and nothing is counted."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import msgspec
import pytest

from entrepot.inventory import StockChange, set_stock
from entrepot.kernel.actors import Actor, Guard, Identify, Role
from tests.access.objects import (
    Maker,
    a_cart,
    a_favourite,
    a_needed_item,
    a_price_list,
    a_promotion,
    a_return,
    a_session,
    a_shop_owner,
    a_warehouse,
    an_address,
    an_order_number,
    filled,
)
from tests.access.requests import handlers_of, spoken
from tests.access.world import GUEST, SECRET, Person, Scene, World
from tests.builders import unique

EVERYBODY: Final = tuple(role for role in Role if role is not Role.ADMIN)


class Scoped(msgspec.Struct, frozen=True):
    """A list that shows each role its own: where the rows stand in the reply, how one comes to be, who asks."""

    rows: str | None
    maker: Maker
    roles: tuple[str, ...] = EVERYBODY
    has_total: bool = True


async def a_log_entry(scene: Scene) -> None:
    """Something that is written into an account's log."""
    owner = await scene.owner()
    assert (await scene.world.send(owner, "DELETE", "/api/v1/auth/sessions")).status_code == 204


async def a_device(scene: Scene) -> str:
    """A device that named itself."""
    owner = await scene.owner()
    name = f"device-{owner.id}" if scene.mine else f"{SECRET}-{owner.id}"
    await scene.world.value("update sessions set device_id = $2 where user_id = $1", owner.id, name)
    return name


async def a_vendor_of_ours(scene: Scene) -> int:
    """Somebody who sells for a company beside those who do already."""
    company_id = scene.side.company_id
    return (await scene.world.a_person(Role.SELLER, mark="" if scene.mine else SECRET, company_id=company_id)).id


async def a_movement(scene: Scene) -> None:
    """A piece that came into a warehouse in a location admin's zones, or elsewhere."""
    side = scene.side
    warehouse_id = await scene.world.client.a_warehouse(side.company_id, side.zone_id)
    change = StockChange(product_id=side.product_id, warehouse_id=warehouse_id, available=1)
    async with scene.world.app.shop.database.transaction() as tx:
        await set_stock(tx, Actor(role=Role.ADMIN), change, note="" if scene.mine else SECRET)


async def a_wait(scene: Scene) -> int:
    """Somebody who waits for a product."""
    product = await scene.world.client.a_product(
        company_id=scene.side.company_id,
        category=scene.world.category,
        stock=0,
        title=unique("Product" if scene.mine else SECRET),
    )
    waiter_id: int = await scene.world.value(
        "insert into stock_waiters (product_id, user_id, created_at) values ($1, $2, now()) returning id",
        product["id"],
        (await scene.owner()).id,
    )
    return waiter_id


SCOPED: Final[Mapping[str, Scoped]] = {
    "/api/v1/addresses": Scoped(None, an_address, has_total=False),
    "/api/v1/admins/shop-owners": Scoped("shopOwners", a_shop_owner, (Role.LOCATION_ADMIN,)),
    "/api/v1/auth/activity": Scoped("activity", a_log_entry),
    "/api/v1/auth/sessions": Scoped("sessions", a_session),
    "/api/v1/carts/user/{user_id}": Scoped("carts", a_cart),
    "/api/v1/inventory/history": Scoped("history", a_movement, (Role.LOCATION_ADMIN,)),
    "/api/v1/inventory/low-stock": Scoped("products", a_movement, (Role.LOCATION_ADMIN,)),
    "/api/v1/inventory/stock": Scoped("stock", a_movement, (Role.LOCATION_ADMIN,)),
    "/api/v1/needed-items": Scoped("neededItems", a_needed_item),
    "/api/v1/notify-me/my-subscriptions": Scoped("subscriptions", a_wait),
    "/api/v1/orders": Scoped("orders", an_order_number),
    "/api/v1/orders/all": Scoped("orders", an_order_number, (Role.LOCATION_ADMIN,)),
    "/api/v1/price-lists": Scoped("priceLists", a_price_list, (Role.SELLER,)),
    "/api/v1/promotions": Scoped("promotions", a_promotion, (Role.SELLER, Role.LOCATION_ADMIN)),
    "/api/v1/returns": Scoped("returns", a_return),
    "/api/v1/users/favorites": Scoped("products", a_favourite),
    "/api/v1/users/me/addresses": Scoped(None, an_address, has_total=False),
    "/api/v1/users/me/devices": Scoped("devices", a_device),
    "/api/v1/vendors/orders": Scoped("orders", an_order_number, (Role.SELLER,)),
    "/api/v1/warehouses": Scoped("warehouses", a_warehouse, (Role.LOCATION_ADMIN,)),
    "/api/v1/wishlist": Scoped("products", a_favourite),
}

OTHERWISE: Final = {
    "/api/v1/companies": "all that sell are for everybody; those that do not: see below",
    "/api/v1/companies/{company_id}/vendors": "of a company that one manages: see below",
    "/api/v1/inventory/out-of-stock": "of companies with a warehouse in one's zones: tests/inventory",
    "/api/v1/inventory/restock-suggestions": "of warehouses in one's zones: tests/inventory",
    "/api/v1/notify-me/product/{product_id}/requests": "of companies with a warehouse in one's zones: tests/inventory",
    "/api/v1/notify-me/stats": "of companies with a warehouse in one's zones: tests/inventory",
    "/api/v1/orders/stats": "counts what its readers see: tests/orders",
    "/api/v1/orders/{order_id}/credit-notes": "of an order that one may see: tests/orders",
    "/api/v1/orders/{order_id}/history": "of an order that one may see: tests/orders",
    "/api/v1/price-lists/{price_list_id}/prices": "of a price list that one manages: tests/pricing",
    "/api/v1/products/import/{import_id}": "the errors of an import of one's own: tests/catalog",
    "/api/v1/shipping/rates": "of one's zones, and what is asked in all: tests/pricing",
    "/api/v1/warehouses/{warehouse_id}/stock": "of a warehouse that one may see: tests/inventory",
}


async def test_every_list_is_looked_at(world: World) -> None:
    """A list that is the same for everybody, or for administrators of everything alone, needs no row here."""
    lists = []
    for (path, method), handler in handlers_of(world).items():
        guard: Guard = handler.opt["operation"].guard
        if (
            method == "GET"
            and guard.identify is Identify.BY_TOKEN
            and guard.roles != {Role.ADMIN}
            and _is_list(world, path)
        ):
            lists.append(path)
    missing = sorted(set(lists) - SCOPED.keys() - OTHERWISE.keys())
    assert not missing, f"Say in SCOPED how something comes to be in these lists: {missing}"
    assert not sorted((SCOPED.keys() | OTHERWISE.keys()) - set(lists)), "these are no lists, or are not there"


def _is_list(world: World, path: str) -> bool:
    described = world.description["paths"].get(spoken(path), {}).get("get", {})
    content = described.get("responses", {}).get("200", {}).get("content", {}).get("application/json", {})
    schema = content.get("schema", {})
    if "$ref" in schema:
        schema = world.description["components"]["schemas"][schema["$ref"].rpartition("/")[2]]
    return bool(schema.get("type") == "array" or schema.get("properties", {}).get("total", {}).get("type") == "integer")


CASES: Final = [(path, role) for path, scoped in SCOPED.items() for role in scoped.roles]


@pytest.mark.parametrize(("path", "role"), CASES, ids=lambda case: str(case))
async def test_a_list_holds_and_counts_what_is_one_s_own(world: World, path: str, role: str) -> None:
    scoped, here = SCOPED[path], await world.with_new_sides()
    mine = await Scene.made(here, role, mine=True)
    own = await scoped.maker(mine)
    for _ in range(2):
        await scoped.maker(Scene(here, role, mine=False, actor=mine.actor))
    target = path.replace("{user_id}", str(mine.me.id))
    for query in ("", "limit=0", "limit=100", "page=1&limit=1", "limit=1"):
        reply = await mine.send("GET", f"{target}?{query}")
        assert reply.status_code == 200, reply.text
        assert SECRET not in reply.text
        rows = reply.json()[scoped.rows] if scoped.rows is not None else reply.json()
        assert len(rows) == 1, rows
        if own is not None and not isinstance(rows[0], str):
            assert rows[0]["id"] == own
        if scoped.has_total:
            assert reply.json()["total"] == 1
    if scoped.has_total and "sessions" not in path and "devices" not in path:
        beyond = (await mine.send("GET", f"{target}?skip=1")).json()
        assert (beyond[scoped.rows or ""], beyond["total"]) == ([], 1)


FOREIGN: Final = ("zone={zone}", "zoneId={zone_id}", "companyId={company_id}", "company={company_id}", "userId={user_id}",
                  "user={user_id}", "sellerId={user_id}", "status=active", "q=a", "all=true", "admin=true", "limit=-1",
                  "skip=-1", "scope=all", "cursor=W10", "select=*", "envelope=true", "include=user", "fields=password_hash",
                  "expand=all")  # fmt: skip


@pytest.mark.parametrize(("path", "role"), CASES, ids=lambda case: str(case))
async def test_no_filter_widens_a_list(world: World, path: str, role: str) -> None:
    """A filter that is known finds less; one that is not is left alone, or refused."""
    scoped, here = SCOPED[path], await world.with_new_sides()
    foreign = await Scene.made(here, role, mine=False)
    await scoped.maker(foreign)
    stranger = foreign.other.id if foreign.other is not None else 1
    empty = await here.a_person(role, zone_ids=[here.ours.zone_id] if role == Role.LOCATION_ADMIN else [])
    for query in FOREIGN:
        asked = query.format(
            zone=here.theirs.zone, zone_id=here.theirs.zone_id, company_id=here.theirs.company_id, user_id=stranger
        )
        reply = await here.send(empty, "GET", f"{path.replace('{user_id}', str(empty.id))}?{asked}")
        assert reply.status_code in (200, 400), reply.text
        assert SECRET not in reply.text, query
        if reply.status_code == 200 and scoped.has_total and scoped.rows not in ("sessions",):
            page = reply.json().get("data", reply.json())
            assert (page["total"], page[scoped.rows or ""]) == (0, []), query


async def test_shop_owners_are_counted_in_one_s_zones_alone(world: World) -> None:
    here = await world.with_new_sides()
    admin = await here.someone(Role.LOCATION_ADMIN)
    for side in (here.ours, here.theirs, here.theirs):
        await here.someone(Role.SHOP_OWNER, side)
    counts = (await here.send(admin, "GET", "/api/v1/admins/shop-owners")).json()["counts"]
    assert counts == {"active": 1, "pending": 0, "deactivated": 0}


async def test_an_administrator_of_two_zones_sees_both_and_no_third(world: World) -> None:
    here, there = await world.with_new_sides(), await world.with_new_sides()
    admin = await here.a_person(Role.LOCATION_ADMIN, zone_ids=[here.ours.zone_id, here.theirs.zone_id])
    owners = [await here.someone(Role.SHOP_OWNER, side) for side in (here.ours, here.theirs, there.ours)]
    found = (await here.send(admin, "GET", "/api/v1/admins/shop-owners?limit=0")).json()
    assert (sorted(owner["id"] for owner in found["shopOwners"]), found["total"]) == ([one.id for one in owners[:2]], 2)


WAITING: Final = {
    GUEST: 0,
    Role.USER: 0,
    Role.SHOP_OWNER: 0,
    Role.COURIER: 0,
    Role.SELLER: 1,
    Role.LOCATION_ADMIN: 1,
    Role.ADMIN: 2,
}
"""Of two companies that do not sell, one on each side, how many each role finds."""


@pytest.mark.parametrize("role", WAITING)
@pytest.mark.parametrize("status", ["pending", "inactive"])
async def test_companies_that_do_not_sell_are_shown_to_their_own(world: World, role: str, status: str) -> None:
    here = await world.with_new_sides()
    for side in (here.ours, here.theirs):
        await here.value("update companies set status = $2 where id = $1", side.company_id, status)
    person = await here.someone(role) if role != GUEST else None
    ours = (await here.send(person, "GET", f"/api/v1/companies?status={status}&zone={here.ours.zone}")).json()
    theirs = (await here.send(person, "GET", f"/api/v1/companies?status={status}&zone={here.theirs.zone}")).json()
    assert ours["total"] + theirs["total"] == len(ours["companies"]) + len(theirs["companies"]) == WAITING[role]
    assert theirs["total"] == (1 if role == Role.ADMIN else 0)
    reply = await here.send(person, "GET", f"/api/v1/companies/{here.theirs.company_id}")
    assert reply.status_code == (200 if role == Role.ADMIN else 404)


@pytest.mark.parametrize("role", [Role.SELLER, Role.LOCATION_ADMIN])
async def test_the_sellers_of_a_company_are_its_own(world: World, role: Role) -> None:
    here = await world.with_new_sides()
    actor = await here.someone(role)
    for _ in range(2):
        await a_vendor_of_ours(Scene(here, role, mine=False, actor=actor))
    mine = await a_vendor_of_ours(Scene(here, role, mine=True, actor=actor))
    found = (await here.send(actor, "GET", f"/api/v1/companies/{here.ours.company_id}/vendors")).json()
    assert {one["id"] for one in found["vendors"]} == {mine, *([actor.id] if role is Role.SELLER else [])}
    assert found["total"] == len(found["vendors"])
    theirs = await here.send(actor, "GET", f"/api/v1/companies/{here.theirs.company_id}/vendors")
    assert theirs.status_code == 403


async def test_what_a_company_earns_is_counted_in_one_s_zones_alone(world: World) -> None:
    """A company that delivers in both zones: an administrator of one sees the orders of that one."""
    here = await world.with_new_sides()
    zone_id = here.theirs.zone_id
    await here.value("insert into company_zones values ($1, $2, 300, null)", here.ours.company_id, zone_id)
    for side in (here.ours, here.theirs):
        buyer = await here.a_person(Role.SHOP_OWNER, zone_id=side.zone_id)
        body = {
            "products": [{"id": here.ours.product_id, "quantity": 1}],
            "shippingAddress": {"firstName": "J", "lastName": "D", "address": "1", "city": "X", "country": "USA"},
            "paymentMethod": "cash_on_delivery",
            "zone": side.zone,
        }
        assert (await here.send(buyer, "POST", "/api/v1/orders", json=body)).status_code == 201
    seen: dict[str, Any] = {}
    for name, person in {
        "one zone": await here.someone(Role.LOCATION_ADMIN),
        "seller": await here.someone(Role.SELLER),
        "admin": await here.someone(Role.ADMIN),
    }.items():
        reply = await here.send(person, "GET", f"/api/v1/companies/{here.ours.company_id}/stats")
        assert reply.status_code == 200, reply.text
        seen[name] = reply.json()["orders"]
    assert seen == {"one zone": 1, "seller": 2, "admin": 2}


@pytest.mark.parametrize("now", [role for role in Role if role not in (Role.ADMIN, Role.SELLER)])
async def test_who_sells_no_more_is_a_stranger_to_the_company(world: World, now: Role) -> None:
    """What a seller may know of its company ends with its role."""
    here = await world.with_new_sides()
    await here.value("update companies set tax_id = $2 where id = $1", here.ours.company_id, SECRET)
    person: Person = await here.someone(Role.SELLER)
    boss = await here.someone(Role.ADMIN)
    changed = await here.send(boss, "PUT", f"/api/v1/users/{person.id}", json={"role": str(now)})
    if changed.status_code != 200:
        assert changed.status_code in (400, 409, 422), changed.text
        return
    shown = await here.send(person, "GET", f"/api/v1/companies/{here.ours.company_id}")
    assert SECRET not in shown.text
    assert "commission" not in shown.json()
    for path in ("stats", "vendors"):
        assert (await here.send(person, "GET", f"/api/v1/companies/{here.ours.company_id}/{path}")).status_code == 403
    await here.value("update companies set status = 'inactive' where id = $1", here.ours.company_id)
    assert (await here.send(person, "GET", f"/api/v1/companies/{here.ours.company_id}")).status_code == 404


async def test_a_seller_who_is_no_owner_decides_nothing(world: World) -> None:
    here = await world.with_new_sides()
    owner, seller = await here.someone(Role.SELLER), await here.someone(Role.SELLER)
    await here.value("update company_members set is_owner = false where user_id = $1", seller.id)
    company = f"/api/v1/companies/{here.ours.company_id}"
    for method, path, body in (
        ("GET", f"{company}/stats", None),
        ("GET", f"{company}/vendors", None),
        ("POST", f"{company}/vendors", {"email": "mate@example.com"}),
        ("DELETE", f"{company}/vendors/{owner.id}", None),
        ("PUT", f"/api/v1/vendors/company/{here.ours.company_id}", {"description": "Mine."}),
    ):
        assert (await here.send(seller, method, path, json=body)).status_code == 403, path
    assert (await here.send(seller, "GET", "/api/v1/vendors/company")).json()["id"] == here.ours.company_id


async def test_what_is_another_s_stays_when_one_lets_go_of_it(world: World) -> None:
    """To keep no longer what only another keeps changes nothing of the other's."""
    for path in (
        "/api/v1/users/favorites/{product_id}",
        "/api/v1/wishlist/{product_id}",
        "/api/v1/cart/items/{product_id}",
    ):
        scene = await Scene.made(world, Role.USER, mine=False)
        reply = await scene.send("DELETE", await filled(scene, path))
        assert reply.status_code in (204, 404)
        other = await scene.somebody_else()
        kept = await world.value(
            """
            select (select count(*) from favourites where user_id = $1)
                   + (select count(*) from cart_items i join carts c on c.id = i.cart_id where c.user_id = $1)
            """,
            other.id,
        )
        assert kept == 1, path
