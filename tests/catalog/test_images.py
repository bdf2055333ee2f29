"""Pictures of products: whose they are to change, their order and number under concurrency, and the thumbnail that follows."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from entrepot.catalog.images import MAX_IMAGES, thumbnail_after
from tests.builders import Client
from tests.catalog.pictures import a_picture, add_image, download, key_of, set_all, upload
from tests.identity.test_avatar import DAMAGED, NOT_PICTURES

SMALL = "public/uploads/" + "0" * 32 + "-small.webp"
LARGE = "public/uploads/" + "0" * 32 + ".webp"
OTHER = "public/uploads/" + "1" * 32 + ".webp"
ELSEWHERE = "https://example.com/a.jpg"


async def images_of(client: Client, product_id: int) -> list[dict[str, Any]]:
    await client.app.tail.poll()
    reply = await client.get(f"/products/{product_id}/images")
    assert reply.status_code == 200, reply.text
    images: list[dict[str, Any]] = reply.json()["images"]
    return images


async def page_of(client: Client, product_id: int) -> dict[str, Any]:
    await client.app.tail.poll()
    page: dict[str, Any] = (await client.get(f"/products/{product_id}")).json()
    return page


async def without_thumbnail(client: Client) -> int:
    product_id: int = (await client.a_product())["id"]
    await client.value("update products set thumbnail = '' where id = $1", product_id)
    return product_id


async def events_of(client: Client, product_id: int) -> int:
    number: int = await client.value(
        "select count(*) from events where name = 'product.changed' and (data ->> 'productId')::bigint = $1", product_id
    )
    return number


async def test_pictures_are_added_one_behind_the_other(client: Client) -> None:
    company_id = await client.a_company()
    product_id = (await client.a_product(company_id=company_id))["id"]
    seller = await client.signed_in("seller", company_id=company_id)

    added = [await add_image(seller, product_id, a_picture(size=(900, 600))) for _ in range(3)]

    assert [reply.status_code for reply in added] == [201] * 3, added[0].text
    assert added[0].json().keys() == {"id", "url", "thumbnailUrl", "position"}
    assert [reply.json()["position"] for reply in added] == [0, 1, 2]
    assert await images_of(client, product_id) == [reply.json() for reply in added]
    page = await page_of(client, product_id)
    assert page["images"] == [reply.json()["url"] for reply in added]
    assert page["thumbnail"] == "https://example.com/picture.jpg", "it had one"
    for address in (added[0].json()["url"], added[0].json()["thumbnailUrl"]):
        assert (await download(client, address)).headers["content-type"] == "image/webp"
    assert await events_of(client, product_id) == 3
    assert await client.value("select count(*) from admin_log where subject_id = $1::text and action like '%image%'",
                              str(product_id)) == 0  # fmt: skip


async def test_the_first_picture_becomes_the_thumbnail_of_a_product_that_has_none(client: Client) -> None:
    admin = await client.signed_in("admin")
    product_id = await without_thumbnail(client)
    first, second = [(await add_image(admin, product_id)).json() for _ in range(2)]
    assert (await page_of(client, product_id))["thumbnail"] == first["thumbnailUrl"]

    assert (await admin.delete(f"/products/{product_id}/images/{first['id']}")).status_code == 204
    assert (await page_of(client, product_id))["thumbnail"] == second["thumbnailUrl"]
    assert (await admin.delete(f"/products/{product_id}/images/{second['id']}")).status_code == 204
    page = await page_of(client, product_id)
    assert (page["thumbnail"], page["images"]) == ("", [])
    actions = await client.value(
        "select array_agg(action order by id) from admin_log where subject_kind = 'product' and subject_id = $1::text",
        str(product_id),
    )
    assert actions[-4:] == ["product.image_added"] * 2 + ["product.image_removed"] * 2


async def test_those_behind_a_picture_that_is_taken_away_move_up(client: Client) -> None:
    admin = await client.signed_in("admin")
    product_id = (await client.a_product())["id"]
    ids = [(await add_image(admin, product_id)).json()["id"] for _ in range(4)]
    await asyncio.gather(*(admin.delete(f"/products/{product_id}/images/{ids[n]}") for n in (0, 2)))
    assert [(image["id"], image["position"]) for image in await images_of(client, product_id)] == [
        (ids[1], 0),
        (ids[3], 1),
    ]


async def test_with_its_last_use_an_upload_is_deleted(client: Client) -> None:
    admin = await client.signed_in("admin")
    one, another = [(await client.a_product())["id"] for _ in range(2)]
    image = (await add_image(admin, one)).json()
    key = key_of(image["url"])
    await set_all(client, another, [image["url"]])

    assert (await admin.delete(f"/products/{one}/images/{image['id']}")).status_code == 204
    assert await client.value("select count(*) from uploads where key = $1", key) == 1
    await set_all(client, another, [])
    assert await client.value("select count(*) from uploads where key = $1", key) == 0
    assert await client.value("select count(*) from discarded_files where location like '%' || $1 || '%'", key) == 2


async def test_who_may_change_the_pictures(client: Client) -> None:
    zone_id, other_zone_id = await client.a_zone(), await client.a_zone()
    company_id = await client.a_company(zones={zone_id: (0, None)})
    product_id = (await client.a_product(company_id=company_id))["id"]
    may = [
        await client.signed_in("seller", company_id=company_id),
        await client.signed_in("location_admin", zone_ids=[zone_id]),
        await client.signed_in("admin"),
    ]
    may_not = [
        await client.signed_in("seller", company_id=await client.a_company()),
        await client.signed_in("seller"),
        await client.signed_in("location_admin", zone_ids=[other_zone_id]),
        await client.signed_in("courier"),
        await client.signed_in(),
    ]
    ids = []
    for user in may:
        reply = await add_image(user, product_id)
        assert reply.status_code == 201, reply.text
        ids.append(reply.json()["id"])
    for user in may_not:
        assert (await add_image(user, product_id)).status_code == 403
        assert (await user.delete(f"/products/{product_id}/images/{ids[0]}")).status_code == 403
    assert (await add_image(client, product_id)).status_code == 401
    for user, image_id in zip(may, ids, strict=True):
        assert (await user.delete(f"/products/{product_id}/images/{image_id}")).status_code == 204
    uploads = "select count(*) from uploads where owner_id = any($1::bigint[])"
    assert await client.value(uploads, [user.user["id"] for user in may_not]) == 0


async def test_what_there_is_not_has_no_pictures(client: Client) -> None:
    admin = await client.signed_in("admin")
    one, another = [(await client.a_product())["id"] for _ in range(2)]
    image_id = (await add_image(admin, another)).json()["id"]
    reply = await admin.delete(f"/products/{one}/images/{image_id}")
    assert (reply.status_code, reply.json()["code"]) == (404, "IMAGE_NOT_FOUND"), "it is another product's"

    await client.value("update products set deleted_at = now() where id = $1", another)
    for product_id in (another, 2**60):
        replies = [
            await client.get(f"/products/{product_id}/images"),
            await add_image(admin, product_id),
            await admin.delete(f"/products/{product_id}/images/{image_id}"),
        ]
        assert [(reply.status_code, reply.json()["code"]) for reply in replies] == [(404, "PRODUCT_NOT_FOUND")] * 3


@pytest.mark.parametrize(
    "content",
    [NOT_PICTURES["SVG"], NOT_PICTURES["nothing"], DAMAGED["truncated JPEG"], DAMAGED["PNG of 20000 x 20000"]],
    ids=["SVG", "nothing", "truncated", "huge"],
)
async def test_hostile_files_are_refused(client: Client, content: bytes) -> None:
    admin = await client.signed_in("admin")
    product_id = (await client.a_product())["id"]
    reply = await add_image(admin, product_id, content)
    assert reply.status_code in (400, 415)
    if reply.status_code == 400:
        assert reply.json()["details"].keys() == {"image"}
    assert await images_of(client, product_id) == []
    assert await client.value("select count(*) from uploads where owner_id = $1", admin.user["id"]) == 0


async def test_twenty_at_once_get_twenty_places(client: Client) -> None:
    admin = await client.signed_in("admin")
    product_id = await without_thumbnail(client)

    replies = await asyncio.gather(*(add_image(admin, product_id) for _ in range(MAX_IMAGES)))

    assert {reply.status_code for reply in replies} == {201}
    assert sorted(reply.json()["position"] for reply in replies) == list(range(MAX_IMAGES))
    images = await images_of(client, product_id)
    assert [image["position"] for image in images] == list(range(MAX_IMAGES))
    assert (await page_of(client, product_id))["thumbnail"] == images[0]["thumbnailUrl"]


async def test_never_more_than_the_limit_and_nothing_is_kept_of_the_rest(client: Client) -> None:
    admin = await client.signed_in("admin")
    product_id = (await client.a_product(images=[f"https://example.com/{n}.jpg" for n in range(MAX_IMAGES - 3)]))["id"]

    replies = await asyncio.gather(*(add_image(admin, product_id) for _ in range(10)))

    assert sorted(reply.status_code for reply in replies) == [201] * 3 + [422] * 7
    assert {reply.json()["code"] for reply in replies if reply.status_code == 422} == {"TOO_MANY_IMAGES"}
    assert [image["position"] for image in await images_of(client, product_id)] == list(range(MAX_IMAGES))
    assert await client.value("select count(*) from uploads where owner_id = $1", admin.user["id"]) == 3


async def test_of_two_that_delete_at_once_one_does(client: Client) -> None:
    admin = await client.signed_in("admin")
    product_id = (await client.a_product())["id"]
    image_id = (await add_image(admin, product_id)).json()["id"]
    replies = await asyncio.gather(*(admin.delete(f"/products/{product_id}/images/{image_id}") for _ in range(5)))
    assert sorted(reply.status_code for reply in replies) == [204, 404, 404, 404, 404]


async def test_adding_deleting_and_ordering_at_once_leave_no_gap(client: Client) -> None:
    admin = await client.signed_in("admin")
    product_id = await without_thumbnail(client)
    first = [(await add_image(admin, product_id)).json() for _ in range(6)]
    stay = [image["url"] for image in first[3:]]

    await asyncio.gather(
        *(admin.delete(f"/products/{product_id}/images/{image['id']}") for image in first[:3]),
        *(add_image(admin, product_id) for _ in range(4)),
        *(set_all(client, product_id, stay[n:] + stay[:n]) for n in range(3)),
    )

    images = await images_of(client, product_id)
    assert [image["position"] for image in images] == list(range(len(images)))
    addresses = [image["url"] for image in images]
    assert set(stay) <= set(addresses)
    page = await page_of(client, product_id)
    assert page["images"] == addresses
    assert page["thumbnail"] in [image["thumbnailUrl"] for image in images]
    for address in (*addresses, page["thumbnail"]):
        assert (await download(client, address)).status_code == 200


async def test_the_order_is_set_and_pictures_that_stay_keep_their_ids(client: Client) -> None:
    admin = await client.signed_in("admin")
    product_id = await without_thumbnail(client)
    one, two, three = [(await add_image(admin, product_id)).json() for _ in range(3)]
    new = (await upload(admin)).json()

    await set_all(client, product_id, [three["url"], new["url"], ELSEWHERE, two["url"], three["url"]])

    await client.value("insert into events (name, occurred_at, data) values ('product.changed', now(), $1::jsonb)",
                       {"productId": product_id, "companyId": 0})  # fmt: skip
    images = await images_of(client, product_id)
    assert [image["url"] for image in images] == [three["url"], new["url"], ELSEWHERE, two["url"]]
    assert [image["position"] for image in images] == [0, 1, 2, 3]
    assert (images[0]["id"], images[3]["id"]) == (three["id"], two["id"])
    assert images[2]["thumbnailUrl"] == ELSEWHERE
    locations = await client.value(
        "select array_agg(location order by position) from product_images where product_id = $1", product_id
    )
    assert locations[1] == f"public/uploads/{new['key']}.webp", "an address of ours is kept as its key"
    assert await client.value("select count(*) from uploads where key = $1", key_of(one["url"])) == 0
    assert (await page_of(client, product_id))["thumbnail"] == three["thumbnailUrl"], "the first one's was taken away"


async def test_what_a_client_reads_it_may_send_back(client: Client) -> None:
    admin = await client.signed_in("admin")
    first, second = [(await upload(admin)).json() for _ in range(2)]
    product_id = (await client.a_product(images=[first["url"], ELSEWHERE], thumbnail=first["thumbnailUrl"]))["id"]
    page = await page_of(client, product_id)
    assert (page["images"], page["thumbnail"]) == ([first["url"], ELSEWHERE], first["thumbnailUrl"])

    changed = await admin.put(f"/products/{product_id}", {"images": [second["url"], *page["images"][::-1]]})

    assert changed.status_code == 200, changed.text
    assert (await page_of(client, product_id))["images"] == [second["url"], ELSEWHERE, first["url"]]
    for body in (first, second):
        assert (await admin.delete(f"/upload/{body['key']}")).json()["code"] == "UPLOAD_IN_USE"
    assert (await admin.put(f"/products/{product_id}", {"images": [], "thumbnail": ELSEWHERE})).status_code == 200
    keys = [first["key"], second["key"]]
    assert await client.value("select count(*) from uploads where key = any($1::text[])", keys) == 0


async def test_all_pictures_may_be_taken_away_and_put_back(client: Client) -> None:
    product_id = (await client.a_product(images=["https://example.com/1.jpg", "https://example.com/1.jpg"]))["id"]
    for addresses in ([], [ELSEWHERE, "public/demo/a.webp"], ["public/demo/a.webp"], ["public/demo/a.webp", ELSEWHERE]):
        await set_all(client, product_id, addresses)
        kept = await client.value(
            "select array_agg(location order by position) from product_images where product_id = $1", product_id
        )
        assert (kept or []) == addresses


@pytest.mark.parametrize(
    ("thumbnail", "locations", "removed", "after"),
    [
        ("", [], [], ""),
        ("", [LARGE], [], SMALL),
        ("", [ELSEWHERE, LARGE], [], ELSEWHERE),
        (ELSEWHERE, [LARGE], [], ELSEWHERE),
        (SMALL, [OTHER], [LARGE], OTHER.replace(".webp", "-small.webp")),
        (LARGE, [ELSEWHERE], [LARGE], ELSEWHERE),
        (SMALL, [LARGE], [OTHER], SMALL),
        (SMALL, [], [LARGE], ""),
        (ELSEWHERE, [LARGE], [ELSEWHERE], SMALL),
        (ELSEWHERE, [], [OTHER], ELSEWHERE),
    ],
)
def test_the_thumbnail_follows(thumbnail: str, locations: list[str], removed: list[str], after: str) -> None:
    assert thumbnail_after(thumbnail, locations, removed) == after
