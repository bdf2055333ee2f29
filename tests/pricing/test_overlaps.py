"""Promotions about the same goods at the same time: told of, and refused where neither combines with others."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from entrepot.pricing.model import Scope, Target
from entrepot.pricing.promotions_overlap import Tree, shared_goods
from entrepot.pricing.promotions_queries import Branch
from tests.builders import Client
from tests.pricing.promoting import TEN_PERCENT, a_promotion, about, in_days

EVERYTHING = Target()
TREE = Tree([Branch(1, None), Branch(2, 1), Branch(3, 2), Branch(4, 1)])


def categories(*ids: int) -> Target:
    return Target(Scope.CATEGORIES, frozenset(ids))


def products(*ids: int) -> Target:
    return Target(Scope.PRODUCTS, frozenset(ids))


def brands(*ids: int) -> Target:
    return Target(Scope.BRANDS, frozenset(ids))


@pytest.mark.parametrize(
    ("mine", "theirs", "met", "shared"),
    [
        (EVERYTHING, EVERYTHING, None, EVERYTHING),
        (EVERYTHING, brands(7), None, brands(7)),
        (products(1, 2), EVERYTHING, None, products(1, 2)),
        (products(1, 2), products(2, 3), None, products(2)),
        (products(1), products(2), None, None),
        (categories(1), categories(3), None, categories(3)),
        (categories(3), categories(1), None, categories(3)),
        (categories(2), categories(4), None, None),
        (brands(7), brands(7, 8), None, brands(7)),
        (brands(7), categories(2), frozenset({2}), categories(2)),
        (brands(7), categories(2), frozenset(), None),
        (brands(7), categories(2), None, None),
    ],
)
def test_what_two_targets_share(
    mine: Target, theirs: Target, met: frozenset[int] | None, shared: Target | None
) -> None:
    assert shared_goods(mine, theirs, TREE, met) == shared


async def _ids(client: Client, product: dict[str, Any]) -> dict[str, int]:
    """What a product belongs to, by scope."""
    row = await client.app.shop.database.pool.fetchrow(
        "select category_id, brand_id, company_id from products where id = $1", product["id"]
    )
    return {
        "products": product["id"],
        "categories": row["category_id"],
        "brands": row["brand_id"],
        "companies": row["company_id"],
    }


@pytest.mark.parametrize("mine", ["products", "categories", "brands", "companies"])
@pytest.mark.parametrize("theirs", ["products", "categories", "brands", "companies"])
async def test_goods_of_every_kind_meet_in_a_product(client: Client, mine: str, theirs: str) -> None:
    admin = await client.signed_in("admin")
    product, other = await client.a_product(brand=f"B{mine}{theirs}"), await client.a_product(brand=f"O{mine}{theirs}")
    ids, elsewhere = await _ids(client, product), await _ids(client, other)
    first = await a_promotion(admin, target={"scope": theirs, "ids": [ids[theirs]]})
    apart = await a_promotion(admin, target={"scope": theirs, "ids": [elsewhere[theirs]]})

    second = await a_promotion(admin, target={"scope": mine, "ids": [ids[mine]]})

    found = {overlap["promotionId"]: overlap["goods"] for overlap in second["overlaps"]}
    assert found.get(first["id"]) == {"scope": theirs, "ids": [ids[theirs]]}
    assert apart["id"] not in found


async def test_a_category_stands_for_all_below_it(client: Client) -> None:
    admin = await client.signed_in("admin")
    top = await client.value("select id from categories where slug = $1", await client.a_category())
    below = await client.a_category(top)
    product = await client.a_product(category=below)
    first = await a_promotion(admin, target={"scope": "categories", "ids": [top]})

    second = await a_promotion(admin, target=about(product["id"]))

    assert [overlap["promotionId"] for overlap in second["overlaps"]] == [first["id"]]


async def test_an_overlap_tells_from_when_to_when(client: Client) -> None:
    admin, product = await client.signed_in("admin"), await client.a_product()
    target = about(product["id"])
    first = await a_promotion(admin, target=target, startsAt=in_days(2), endsAt=in_days(6))
    second = await a_promotion(admin, target=target, startsAt=in_days(4), endsAt=in_days(8))
    after = await a_promotion(admin, target=target, startsAt=in_days(9))

    (overlap,) = second["overlaps"]
    assert (overlap["promotionId"], overlap["startsAt"], overlap["endsAt"]) == (
        first["id"],
        second["startsAt"],
        first["endsAt"],
    )
    assert after["overlaps"] == []


@pytest.mark.parametrize("apart", ["zones", "roles", "drafts", "companies"])
async def test_what_cannot_count_together_does_not_overlap(client: Client, apart: str) -> None:
    admin, product = await client.signed_in("admin"), await client.a_product()
    target = about(product["id"])
    slugs = [await client.value("select slug from zones where id = $1", await client.a_zone()) for _ in range(2)]
    differing: dict[str, list[dict[str, Any]]] = {
        "zones": [{"zones": [slug]} for slug in slugs],
        "roles": [{"roles": [role]} for role in ("user", "shop_owner")],
        "drafts": [{"isActive": False}, {}],
        "companies": [{"companyId": product["companyId"]}, {"companyId": await client.a_company()}],
    }
    if apart == "companies":
        target = {"scope": "everything", "ids": []}
    first, second = [await a_promotion(admin, target=target, stackable=False, **fields) for fields in differing[apart]]

    assert first["id"] not in [overlap["promotionId"] for overlap in second["overlaps"]]
    await admin.delete(f"/promotions/{first['id']}")
    await admin.delete(f"/promotions/{second['id']}")


async def test_two_that_do_not_combine_are_refused(client: Client) -> None:
    admin, product = await client.signed_in("admin"), await client.a_product()
    target = about(product["id"])
    first = await a_promotion(admin, target=target, stackable=False)
    wish = {"name": "Second", **TEN_PERCENT, "target": target, "stackable": False}

    reply = await admin.post("/promotions", wish)
    assert (reply.status_code, reply.json()["code"]) == (409, "PROMOTIONS_OVERLAP")
    assert [overlap["promotionId"] for overlap in reply.json()["details"]["overlaps"]] == [first["id"]]

    draft = await a_promotion(admin, **{**wish, "isActive": False})
    assert (await admin.put(f"/promotions/{draft['id']}", {"isActive": True})).status_code == 409
    assert (await admin.put(f"/promotions/{draft['id']}", {"isActive": True, "stackable": True})).status_code == 200
    assert (await admin.put(f"/promotions/{draft['id']}", {"stackable": False})).status_code == 409


async def test_of_many_at_once_that_do_not_combine_one_is_made(client: Client) -> None:
    admin, product = await client.signed_in("admin"), await client.a_product()
    wish = {"name": "At once", **TEN_PERCENT, "target": about(product["id"]), "stackable": False}

    replies = await asyncio.gather(*(admin.post("/promotions", wish) for _ in range(8)))

    assert sorted(reply.status_code for reply in replies) == [201] + [409] * 7


async def test_of_drafts_activated_at_once_one_begins(client: Client) -> None:
    admin, product = await client.signed_in("admin"), await client.a_product()
    drafts = [await a_promotion(admin, target=about(product["id"]), stackable=False, isActive=False) for _ in range(6)]

    replies = await asyncio.gather(*(admin.put(f"/promotions/{one['id']}", {"isActive": True}) for one in drafts))

    assert sorted(reply.status_code for reply in replies) == [200] + [409] * 5
