"""Categories: their tree, what is sold in them, and changes that never tear it, however many come at once."""

from __future__ import annotations

import asyncio
import random
import re
from collections.abc import Mapping, Sequence
from typing import Any

import httpx
import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from entrepot.catalog import categories, categories_queries, delete_category
from entrepot.catalog.categories import CategoryLoop, CategoryTooDeep, Place, TooManyCategories, inserted_at
from entrepot.catalog.categories_queries import Moved, TreeRow
from entrepot.catalog.categories_views import lines_of, tree_of, way_to
from tests.builders import Client, unique

MISSING = 4611686018427387904


def refused(reply: httpx.Response) -> tuple[int, str]:
    return reply.status_code, reply.json()["code"]


@pytest.fixture
async def admin(client: Client) -> Client:
    return await client.signed_in("admin")


async def a_top(client: Client) -> int:
    """A category at the top, where other tests may have put more than the shop allows."""
    top: int = await client.value("select id from categories where slug = $1", await client.a_category())
    return top


async def a_category(admin: Client, parent: int | None = None, **fields: Any) -> int:
    """In a category, or at the top."""
    if parent is None:
        return await a_top(admin)
    reply = await admin.post("/categories", {"name": unique("Category"), "parentId": parent, **fields})
    assert reply.status_code == 201, reply.text
    category_id: int = reply.json()["id"]
    return category_id


async def shown(client: Client, named: int | str) -> dict[str, Any]:
    """The category as it is now, past the cache."""
    reply = await client.get(f"/categories/{named}?fresh={unique('x')}")
    assert reply.status_code == 200, reply.text
    category: dict[str, Any] = reply.json()
    return category


async def children(client: Client, parent: int) -> list[int]:
    return [child["id"] for child in (await shown(client, parent))["children"]]


async def move(admin: Client, category: int, parent: int | None) -> httpx.Response:
    return await admin.put(f"/categories/{category}", {"parentId": parent})


async def levels(client: Client) -> Mapping[int, int]:
    """How deep each category lies that can be reached from the top."""
    reply = await client.get(f"/categories?view=flat&fresh={unique('x')}")
    return {line["id"]: line["level"] for line in reply.json()["categories"]}


async def test_a_category_is_created_found_changed_and_deleted(client: Client, admin: Client) -> None:
    root = await a_category(admin)
    reply = await admin.post(
        "/categories",
        {"name": "Kreissägen & Co", "parentId": root, "translations": {"ar": "مناشير", "pt-BR": "Serras"}},
    )
    assert reply.status_code == 201, reply.text
    made = reply.json()
    assert made["slug"] == "kreissagen-co"
    assert made["translations"] == {"ar": "مناشير", "pt-br": "Serras"}
    assert [step["id"] for step in made["path"]] == [root, made["id"]]
    assert (made["productCount"], made["totalCount"], made["children"], made["level"]) == (0, 0, [], 2)

    by_slug, by_id = await shown(client, made["slug"]), await shown(client, made["id"])
    assert by_slug == by_id == made
    assert (await client.get(f"/categories/{made['id']}?lang=pt-BR")).json()["name"] == "Serras"
    arabic = await client.get(f"/categories/{made['id']}", headers={"Accept-Language": "ar-IQ"})
    assert (arabic.json()["name"], arabic.json()["path"][1]["name"]) == ("مناشير", "مناشير")
    assert (await client.get(f"/categories/{made['id']}?lang=ru")).json()["name"] == "Kreissägen & Co"

    slug = unique("saws")
    changed = (
        await admin.put(
            f"/categories/{made['slug']}", {"name": "Saws", "slug": slug, "translations": {"ar": None, "ku": "Mişar"}}
        )
    ).json()
    assert (changed["name"], changed["slug"], changed["parentId"]) == ("Saws", slug, root)
    assert changed["translations"] == {"ku": "Mişar", "pt-br": "Serras"}
    same = (await admin.put(f"/categories/{made['id']}", {})).json()
    assert {**same, "updatedAt": None} == {**changed, "updatedAt": None}, "what is not given stays"

    assert (await admin.delete(f"/categories/{slug}")).status_code == 204
    for named in (slug, made["id"]):
        assert refused(await client.get(f"/categories/{named}?fresh=2")) == (404, "CATEGORY_NOT_FOUND")
        assert refused(await admin.put(f"/categories/{named}", {})) == (404, "CATEGORY_NOT_FOUND")
        assert refused(await admin.delete(f"/categories/{named}")) == (404, "CATEGORY_NOT_FOUND")
    assert await a_category(admin, root, slug=slug), "the slug is free again"


async def test_the_tree_and_the_list_hold_the_same(client: Client, admin: Client) -> None:
    root = await a_category(admin)
    first, second = await a_category(admin, root), await a_category(admin, root)
    below = await a_category(admin, first)
    category = (await shown(client, below))["slug"]
    sold = await client.a_product(category=category)
    await client.a_product(category=category)
    await client.a_product(category=(await shown(client, root))["slug"])
    hidden = await client.a_product(category=category)
    await client.value("update companies set status = 'inactive' where id = $1", hidden["companyId"])
    gone = await client.a_product(category=category)
    await client.value("update products set deleted_at = now() where id = $1", gone["id"])

    tree = (await client.get(f"/categories?fresh={unique('x')}")).json()
    flat = (await client.get(f"/categories?view=flat&fresh={unique('x')}")).json()
    (node,) = [node for node in tree["categories"] if node["id"] == root]
    assert (tree["total"], tree["skip"]) == (tree["limit"], 0) == (len(tree["categories"]), 0)
    assert flat["total"] == flat["limit"] == len(flat["categories"])

    def counted(node: Mapping[str, Any]) -> tuple[int, int, int, list[Any]]:
        return node["id"], node["productCount"], node["totalCount"], [counted(child) for child in node["children"]]

    assert counted(node) == (root, 1, 3, [(first, 0, 2, [(below, 2, 2, [])]), (second, 0, 0, [])])
    ids = [line["id"] for line in flat["categories"]]
    assert ids[ids.index(root) :][:4] == [root, first, below, second], "parents first, siblings in their order"
    lines = {line["id"]: line for line in flat["categories"]}
    assert (lines[root]["level"], lines[below]["level"], lines[root]["totalCount"]) == (1, 3, 3)
    assert "children" not in lines[root]
    one = await shown(client, first)
    assert (one["totalCount"], one["children"][0]["totalCount"]) == (2, 2)
    assert [step["id"] for step in (await shown(client, below))["path"]] == [root, first, below]
    assert sold["id"] in [
        p["id"] for p in (await client.get(f"/products?category={lines[root]['slug']}")).json()["products"]
    ]
    assert refused(await client.get("/categories?view=round")) == (400, "VALIDATION_ERROR")
    assert refused(await client.get("/categories?lang=!")) == (400, "VALIDATION_ERROR")


async def test_a_position_is_a_place_among_siblings(client: Client, admin: Client) -> None:
    root = await a_category(admin)
    a, b, c = [await a_category(admin, root) for _ in range(3)]
    assert await children(client, root) == [a, b, c]
    await admin.put(f"/categories/{c}", {"position": 0})
    assert await children(client, root) == [c, a, b]
    d = await a_category(admin, root, position=1)
    assert await children(client, root) == [c, d, a, b]
    await admin.put(f"/categories/{c}", {"position": 999})
    assert await children(client, root) == [d, a, b, c]
    other = await a_category(admin)
    await admin.put(f"/categories/{a}", {"parentId": other})
    assert (await children(client, root), await children(client, other)) == ([d, b, c], [a])
    await admin.put(f"/categories/{a}", {"parentId": root, "position": 0})
    assert await children(client, root) == [a, d, b, c]
    await admin.put(f"/categories/{a}", {"name": "Renamed"})
    assert await children(client, root) == [a, d, b, c], "a new name moves nothing"
    assert [child["position"] for child in (await shown(client, root))["children"]] == [0, 1, 2, 3]


async def test_an_order_is_complete_or_refused(client: Client, admin: Client) -> None:
    root, other = await a_category(admin), await a_category(admin)
    a, b, c = [await a_category(admin, root) for _ in range(3)]

    async def reorder(ids: Sequence[Any], parent: Any = root) -> httpx.Response:
        return await admin.request("PATCH", "/categories/reorder", json={"parentId": parent, "ids": ids})

    reply = await reorder([c, a, b])
    assert (reply.status_code, reply.json()) == (200, {"parentId": root, "ids": [c, a, b]})
    assert await children(client, root) == [c, a, b]
    for ids, details in (
        ([c, a], {"missing": [b]}),
        ([c, a, b, other], {"unknown": [other]}),
        ([c, a, MISSING], {"missing": [b], "unknown": [MISSING]}),
    ):
        reply = await reorder(ids)
        assert refused(reply) == (409, "CATEGORY_ORDER_INCOMPLETE")
        assert reply.json()["details"] == details
    for reply in (await reorder([a, a, b]), await reorder([]), await reorder([0]), await reorder(["a"]),
                  await reorder([a], MISSING), await reorder([a], "x")):  # fmt: skip
        assert refused(reply) == (400, "VALIDATION_ERROR")
    assert refused(await admin.request("PATCH", "/categories/reorder", json={"ids": [a]})) == (400, "VALIDATION_ERROR")
    assert await children(client, root) == [c, a, b]


async def test_what_is_wrong_with_a_category_is_said_by_field(client: Client, admin: Client) -> None:
    taken, other = (await shown(client, await a_category(admin)))["slug"], await a_category(admin)
    assert refused(await admin.post("/categories", {"name": "X", "slug": taken, "parentId": other})) == (
        409,
        "CATEGORY_EXISTS",
    )
    assert refused(await admin.put(f"/categories/{other}", {"slug": taken})) == (409, "CATEGORY_EXISTS")
    for body, field in (
        ({}, "name"),
        ({"name": ""}, "name"),
        ({"name": "x" * 101}, "name"),
        ({"name": "X", "slug": "Ä"}, "slug"),
        ({"name": "X", "slug": "12-3"}, "slug"),
        ({"name": "X", "slug": "reorder"}, "slug"),
        ({"name": "X", "parentId": MISSING}, "parentId"),
        ({"name": "X", "parentId": 0}, "parentId"),
        ({"name": "X", "parentId": 2**63}, "parentId"),
        ({"name": "X", "position": -1}, "position"),
        ({"name": "X", "translations": {"not a language": "Y"}}, "translations.not a language.[key]"),
        ({"name": "X", "translations": {"ar": ""}}, "translations.ar"),
        ({"name": "X", "colour": "red"}, "colour"),
    ):
        reply = await admin.post("/categories", body)
        assert refused(reply) == (400, "VALIDATION_ERROR"), (body, reply.text)
        assert field in reply.json()["details"], reply.text
    changes: tuple[dict[str, Any], ...] = (
        {"name": None}, {"slug": None}, {"position": None}, {"parentId": MISSING}, {"translations": {"": "Y"}},
    )  # fmt: skip
    for change in changes:
        assert refused(await admin.put(f"/categories/{other}", change)) == (400, "VALIDATION_ERROR"), change
    for named in ("nothing", str(MISSING), "0", "007", "9" * 40, "x" * 100, "a%2Fb"):
        assert (await client.get(f"/categories/{named}")).status_code == 404, named
    numbered = await admin.post("/categories", {"name": "2024", "parentId": other})
    assert numbered.json()["slug"] == "category-2024", "no id looks like it"
    assert (await admin.post("/categories", {"name": "Reorder", "parentId": other})).json()[
        "slug"
    ] == "category-reorder"


async def test_only_administrators_change_the_tree(client: Client, admin: Client) -> None:
    category = await a_category(admin)
    requests = (
        ("POST", "/categories", {"name": "X"}),
        ("PUT", f"/categories/{category}", {"name": "X"}),
        ("DELETE", f"/categories/{category}", None),
        ("PATCH", "/categories/reorder", {"parentId": None, "ids": [category]}),
    )
    for role in ("user", "seller", "location_admin", "shop_owner", "courier"):
        somebody = await client.signed_in(role)
        for method, path, body in requests:
            assert refused(await somebody.request(method, path, json=body)) == (403, "FORBIDDEN")
    for method, path, body in requests:
        assert refused(await client.request(method, path, json=body)) == (401, "UNAUTHORIZED")


async def test_changes_are_written_down(client: Client, admin: Client) -> None:
    parent = await a_category(admin)
    category = await a_category(admin, parent)
    await admin.put(f"/categories/{category}", {"name": "Renamed", "translations": {"ar": "اسم"}})
    await admin.delete(f"/categories/{category}")
    rows = await client.app.shop.database.pool.fetch(
        "select action, before, after from admin_log where subject_kind = 'category' and subject_id = $1 order by id",
        str(category),
    )
    assert [row["action"] for row in rows] == ["category.created", "category.changed", "category.deleted"]
    assert rows[1]["after"] == {"name": "Renamed", "translations": {"ar": "اسم"}}


async def test_the_cache_follows_the_tree(client: Client, admin: Client) -> None:
    category = await a_category(admin)
    slug = (await shown(client, category))["slug"]
    product = await client.a_product(category=slug)
    paths = ("/categories", "/categories?view=flat", f"/categories/{category}", f"/products/{product['id']}",
             "/products/categories", "/products/category-list")  # fmt: skip
    await client.app.tail.poll()
    for path in paths:
        assert slug in (await client.get(path)).text
    new = unique("renamed")
    await admin.put(f"/categories/{category}", {"slug": new, "name": new})
    await client.app.tail.poll()
    for path in paths:
        text = (await client.get(path)).text
        assert f'"{new}"' in text, path
        assert f'"{slug}"' not in text, path


async def test_a_category_in_use_is_kept(client: Client, admin: Client) -> None:
    category = await a_category(admin)
    child = await a_category(admin, category)
    slug = (await shown(client, category))["slug"]
    products = [await client.a_product(category=slug) for _ in range(2)]
    await client.value("update companies set status = 'inactive' where id = $1", products[0]["companyId"])

    reply = await admin.delete(f"/categories/{category}")
    assert refused(reply) == (409, "CATEGORY_IN_USE")
    assert reply.json()["details"] == {"products": 2, "children": 1}
    assert (await admin.delete(f"/categories/{child}")).status_code == 204
    for product in products:
        await client.value("update products set deleted_at = now() where id = $1", product["id"])
    assert (await admin.delete(f"/categories/{category}")).status_code == 204, "what is deleted does not count"


async def test_what_lies_in_a_category_goes_where_it_is_told(client: Client, admin: Client) -> None:
    old, new = await a_category(admin), await a_category(admin)
    kept, first, second = await a_category(admin, new), await a_category(admin, old), await a_category(admin, old)
    slug, new_slug = (await shown(client, old))["slug"], (await shown(client, new))["slug"]
    products = [await client.a_product(category=slug) for _ in range(3)]
    gone = await client.a_product(category=slug)
    await client.value("update products set deleted_at = now() where id = $1", gone["id"])
    await client.app.tail.poll()
    for product in products:
        assert (await client.get(f"/products/{product['id']}")).json()["category"] == slug
    marker = await client.value("select max(id) from events")

    for target, expected in (
        (MISSING, (400, "VALIDATION_ERROR")),
        (old, (400, "VALIDATION_ERROR")),
        (0, (400, "VALIDATION_ERROR")),
        (first, (422, "CATEGORY_LOOP")),
    ):
        assert refused(await admin.delete(f"/categories/{old}?moveTo={target}")) == expected, target
    assert (await admin.delete(f"/categories/{old}?moveTo={new}")).status_code == 204
    await client.app.tail.poll()

    assert await children(client, new) == [kept, first, second]
    assert (await shown(client, new))["productCount"] == 3
    for product in products:
        moved = (await client.get(f"/products/{product['id']}")).json()
        assert moved["category"] == new_slug
        assert moved["updatedAt"] > product["updatedAt"]
    events = await client.app.shop.database.pool.fetch(
        "select name, data, company_ids from events where id > $1 and name in ('products.changed', 'categories.changed')",
        marker,
    )
    told = {
        tuple(event["data"]["productIds"]): event["data"]["companyId"]
        for event in events
        if "productIds" in event["data"]
    }
    assert told == {(product["id"],): product["companyId"] for product in products}
    assert "categories.changed" in {event["name"] for event in events}


async def test_more_products_than_one_statement_moves(
    client: Client, admin: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(delete_category, "MOST_AT_ONCE", 2)
    old, new = await a_category(admin), await a_category(admin)
    slug = (await shown(client, old))["slug"]
    company = await client.a_company()
    ids = [(await client.a_product(category=slug, company_id=company))["id"] for _ in range(5)]
    marker = await client.value("select max(id) from events")
    monkeypatch.setattr(delete_category, "MOST_MOVED", 4)
    assert refused(await admin.delete(f"/categories/{old}?moveTo={new}")) == (422, "CATEGORY_TOO_LARGE")
    monkeypatch.setattr(delete_category, "MOST_MOVED", 5)
    assert (await admin.delete(f"/categories/{old}?moveTo={new}")).status_code == 204
    events = await client.app.shop.database.pool.fetch(
        "select data from events where id > $1 and name = 'products.changed' order by id", marker
    )
    told = [event["data"]["productIds"] for event in events if event["data"]["companyId"] == company]
    assert told == [ids[:2], ids[2:4], ids[4:]]
    assert (await shown(client, new))["productCount"] == 5


def test_events_name_products_by_company_and_not_too_many() -> None:
    changes = delete_category.changes_of([Moved(number, number % 2) for number in range(1, 2_502)])
    assert [(change.company_id, len(change.product_ids)) for change in changes] == [
        (1, 1000),
        (1, 251),
        (0, 1000),
        (0, 250),
    ]


async def test_the_tree_is_bounded(client: Client, admin: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    chain = [await a_category(admin)]
    while len(chain) < categories.MAX_DEPTH:
        chain.append(await a_category(admin, chain[-1]))
    assert refused(await admin.post("/categories", {"name": "X", "parentId": chain[-1]})) == (422, "CATEGORY_TOO_DEEP")
    pair = await a_category(admin)
    below = await a_category(admin, pair)
    assert refused(await move(admin, pair, chain[-2])) == (422, "CATEGORY_TOO_DEEP")
    assert (await move(admin, below, chain[-2])).status_code == 200
    deep = await a_category(admin)
    await a_category(admin, await a_category(admin, deep))
    reply = await admin.delete(f"/categories/{deep}?moveTo={chain[-2]}")
    assert refused(reply) == (422, "CATEGORY_TOO_DEEP")
    assert (await admin.delete(f"/categories/{deep}?moveTo={chain[-3]}")).status_code == 204

    full = await a_category(admin)
    monkeypatch.setattr(categories, "MAX_CHILDREN", 2)
    for _ in range(2):
        await a_category(admin, full)
    assert refused(await admin.post("/categories", {"name": "X", "parentId": full})) == (422, "TOO_MANY_CATEGORIES")
    assert refused(await move(admin, pair, full)) == (422, "TOO_MANY_CATEGORIES")
    empty = await a_category(admin, pair)
    assert (await admin.delete(f"/categories/{empty}?moveTo={full}")).status_code == 204, "products alone may go there"
    monkeypatch.setattr(categories, "MAX_CATEGORIES", 1)
    assert refused(await admin.post("/categories", {"name": "X", "parentId": pair})) == (422, "TOO_MANY_CATEGORIES")


async def test_no_category_lies_in_itself(client: Client, admin: Client) -> None:
    a = await a_category(admin)
    b = await a_category(admin, a)
    c = await a_category(admin, b)
    for parent in (a, b, c):
        assert refused(await move(admin, a, parent)) == (422, "CATEGORY_LOOP")
    top = await a_category(admin)
    assert (await move(admin, c, top)).status_code == 200
    assert (await move(admin, a, c)).status_code == 200
    assert [step["id"] for step in (await shown(client, b))["path"]] == [top, c, a, b]


async def test_two_moves_at_once_never_make_a_loop(client: Client, admin: Client) -> None:
    for _ in range(10):
        a, b = await a_category(admin), await a_category(admin)
        replies = await asyncio.gather(move(admin, a, b), move(admin, b, a))
        assert sorted(reply.status_code for reply in replies) == [200, 422]
        assert {a, b} <= (await levels(client)).keys()


@pytest.mark.parametrize("length", [3, 5, 8])
async def test_a_ring_of_moves_at_once_never_closes(client: Client, admin: Client, length: int) -> None:
    for _ in range(3):
        ring = [await a_category(admin) for _ in range(length)]
        replies = await asyncio.gather(
            *(move(admin, category, ring[(place + 1) % length]) for place, category in enumerate(ring))
        )
        assert sorted(reply.status_code for reply in replies) == [200] * (length - 1) + [422]
        assert set(ring) <= (await levels(client)).keys()


MOVES = st.lists(st.tuples(st.integers(1, 7), st.integers(0, 7)), min_size=1, max_size=15)


async def a_tree(client: Client) -> list[int]:
    """Eight categories, all but the first in the first."""
    root = await a_top(client)
    return [
        root,
        *[
            await client.value("select id from categories where slug = $1", await client.a_category(root))
            for _ in range(7)
        ],
    ]


async def parents_of(client: Client, tree: Sequence[int]) -> list[int | None]:
    """Where each lies now, as a place in the list."""
    rows = await client.app.shop.database.pool.fetch(
        "select id, parent_id from categories where id = any($1::bigint[]) order by array_position($1::bigint[], id)",
        tree,
    )
    return [tree.index(row["parent_id"]) if row["parent_id"] in tree else None for row in rows]


def leads_up(parents: Sequence[int | None], start: int) -> list[int]:
    """From a category to the top, itself first. Fails on a loop."""
    way = [start]
    while (parent := parents[way[-1]]) is not None:
        assert parent not in way, f"a loop: {way}"
        way.append(parent)
    return way


@settings(max_examples=15, deadline=None, suppress_health_check=list(HealthCheck))
@given(moves=MOVES)
async def test_any_sequence_of_moves_keeps_a_forest(
    client: Client, admin: Client, moves: list[tuple[int, int]]
) -> None:
    tree = await a_tree(client)
    parents: list[int | None] = [None, *[0] * 7]
    for category, parent in moves:
        status = (await move(admin, tree[category], tree[parent])).status_code
        assert status == (422 if category in leads_up(parents, parent) else 200)
        if status == 200:
            parents[category] = parent
        assert await parents_of(client, tree) == parents


@settings(max_examples=15, deadline=None, suppress_health_check=list(HealthCheck))
@given(moves=MOVES)
async def test_any_moves_at_once_keep_a_forest(client: Client, admin: Client, moves: list[tuple[int, int]]) -> None:
    tree = await a_tree(client)
    replies = await asyncio.gather(*(move(admin, tree[category], tree[parent]) for category, parent in moves))
    assert {reply.status_code for reply in replies} <= {200, 422}
    parents = await parents_of(client, tree)
    assert all(leads_up(parents, category)[-1] == 0 for category in range(8))


async def test_whatever_happens_at_once_the_tree_stays_whole(client: Client, admin: Client) -> None:
    """Moves, orders, new ones and deletions by many at once: every category that is left can be reached from the top."""
    random.seed(4)
    root = await a_category(admin)
    there = [await a_category(admin, root) for _ in range(8)]

    async def something() -> httpx.Response:
        one, other = random.sample(there, 2)
        match random.randrange(8):
            case 0:
                return await admin.post("/categories", {"name": unique("New"), "parentId": one})
            case 1:
                return await admin.delete(f"/categories/{one}?moveTo={other}")
            case 2:
                ids = await client.value(
                    "select array_agg(id) from categories where parent_id = $1 and deleted_at is null", one
                )
                return await admin.request(
                    "PATCH", "/categories/reorder", json={"parentId": one, "ids": ids or [other]}
                )
            case _:
                return await admin.put(f"/categories/{one}", {"parentId": other, "position": random.randrange(4)})

    replies = [reply for _ in range(6) for reply in await asyncio.gather(*(something() for _ in range(12)))]
    assert {reply.status_code for reply in replies} <= {200, 201, 204, 400, 404, 409, 422}
    living = await client.app.shop.database.pool.fetch("select id from categories where deleted_at is null")
    reached = await levels(client)
    assert {row["id"] for row in living} == reached.keys()
    assert max(reached.values()) <= categories.MAX_DEPTH


async def test_no_product_ends_up_in_a_deleted_category(client: Client, admin: Client) -> None:
    """Products come into a category, by creation and by change, while it is deleted."""
    company = await client.a_company()
    body = {"title": "Product", "description": "It comes too late.", "price": 1, "thumbnail": "https://example.com/a.jpg",
            "brand": "Testbrand", "stock": 1, "companyId": company}  # fmt: skip
    refusals = set()
    for _ in range(8):
        category = await a_category(admin)
        slug = (await shown(client, category))["slug"]
        other = await client.a_product(company_id=company)
        change = "update products set category_id = $2 where id = $1"
        results = await asyncio.gather(
            *(admin.post("/products", {**body, "category": slug}) for _ in range(4)),
            admin.delete(f"/categories/{category}"),
            client.value(change, other["id"], category),
            return_exceptions=True,
        )
        refusals |= {
            refused(reply) for reply in results if isinstance(reply, httpx.Response) and reply.status_code >= 400
        }
        lost = await client.value(
            "select count(*) from products p join categories c on c.id = p.category_id where c.id = $1"
            " and c.deleted_at is not null and p.deleted_at is null",
            category,
        )
        assert lost == 0
    assert refusals <= {(409, "CATEGORY_IN_USE"), (409, "CATEGORY_DELETED"), (400, "VALIDATION_ERROR")}


async def test_a_product_that_waits_for_a_deletion_is_refused(client: Client, admin: Client) -> None:
    """Exactly in between: the deletion is done but not committed when the product comes."""
    category = await a_category(admin)
    product = await client.a_product()
    async with client.app.shop.database.transaction() as tx:
        await categories_queries.lock_category(tx, category)
        await categories_queries.set_deleted(tx, category)
        late = asyncio.create_task(
            client.value("update products set category_id = $2 where id = $1", product["id"], category)
        )
        for _ in range(500):
            if await client.value("select exists (select from pg_locks where not granted)"):
                break
            await asyncio.sleep(0.01)
        assert not late.done()
    with pytest.raises(Exception, match="is not there"):
        await late


async def test_slugs_are_given_once_however_many_ask(client: Client, admin: Client) -> None:
    slug, top = unique("once"), await a_category(admin)
    replies = await asyncio.gather(
        *(admin.post("/categories", {"name": "X", "slug": slug, "parentId": top}) for _ in range(10))
    )
    assert sorted(reply.status_code for reply in replies) == [201] + [409] * 9


def rows(parents: Sequence[int | None]) -> list[TreeRow]:
    return [
        TreeRow(id=number, slug=f"s{number}", name=f"N{number}", parent_id=parent, position=0)
        for number, parent in enumerate(parents, 1)
    ]


# Each category lies in one before it, or at the top.
FORESTS = st.lists(st.integers(0, 50), max_size=40).map(
    lambda picks: rows([None if pick % (number + 1) == 0 else pick % (number + 1) for number, pick in enumerate(picks)])
)


@given(FORESTS, st.dictionaries(st.integers(1, 40), st.integers(0, 1000)))
def test_a_tree_holds_every_category_once_and_its_counts_add_up(forest: list[TreeRow], counts: dict[int, int]) -> None:
    tree = tree_of(forest, counts)
    lines = lines_of(tree)
    parents = {row.id: row.parent_id for row in forest}
    assert sorted(line.id for line in lines) == sorted(parents)
    assert sum(node.total_count for node in tree) == sum(counts.get(row.id, 0) for row in forest)
    seen: set[int | None] = {None}
    for line in lines:
        assert line.parent_id in seen, "parents come first"
        seen.add(line.id)
        way = way_to(tree, line.id)
        assert [node.parent_id for node in way] == [None, *(node.id for node in way[:-1])]
        assert (way[-1].id, len(way)) == (line.id, line.level)
    assert way_to(tree, 0) == []


@given(st.lists(st.integers(1, 9), unique=True), st.integers(1, 9), st.none() | st.integers(0, 20))
def test_a_category_stands_where_it_was_put(siblings: list[int], category: int, position: int | None) -> None:
    order = inserted_at(siblings, category, position)
    others = [sibling for sibling in siblings if sibling != category]
    assert [one for one in order if one != category] == others
    assert order.index(category) == (len(others) if position is None else min(position, len(others)))


PLACE = Place(level=1, children=0, inside=False, height=1, categories=5)


@pytest.mark.parametrize(
    ("changes", "levels", "refusal"),
    [
        ({}, 1, None),
        ({"level": 9}, 1, None),
        ({"level": 10}, 1, CategoryTooDeep),
        ({"level": 0}, 10, None),
        ({"level": 0}, 11, CategoryTooDeep),
        ({"inside": True}, 1, CategoryLoop),
        ({"children": 999}, 1, None),
        ({"children": 1000}, 1, TooManyCategories),
    ],
)
def test_which_places_are_fit(changes: dict[str, Any], levels: int, refusal: type[Exception] | None) -> None:
    place = msgspec.structs.replace(PLACE, **changes)
    if refusal is None:
        categories.refuse_unless_fits(place, levels=levels)
    else:
        with pytest.raises(refusal):
            categories.refuse_unless_fits(place, levels=levels)


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("7", 7),
        ("07", "07"),
        ("power-tools", "power-tools"),
        ("٣", "٣"),
        ("9" * 19, "9" * 19),
        (str(2**63 - 1), 2**63 - 1),
    ],
)
def test_how_an_address_names_a_category(text: str, named: int | str) -> None:
    assert categories.reference(text) == named


@given(st.text(min_size=1, max_size=100))
def test_any_name_has_a_slug(name: str) -> None:
    slug = categories.slug_for(name)
    assert re.fullmatch("[a-z0-9]+(-[a-z0-9]+)*", slug)
    assert len(slug) <= 100
    assert categories.is_sound_slug(slug)
