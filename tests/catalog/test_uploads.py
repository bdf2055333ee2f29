"""Uploads: known by their content, made anew, one's own, bounded, and tidied up when nothing shows them."""

from __future__ import annotations

import asyncio
import io
import secrets
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Any

import pytest
from PIL import Image

from entrepot.catalog import uploads, uploads_clean_up, uploads_queries
from entrepot.catalog.images import set_images
from entrepot.catalog.uploads import files_of, forget_person, mark_stored, written
from entrepot.catalog.uploads_queries import UploadRow
from entrepot.kernel import clock, pictures
from entrepot.kernel.actors import Actor, Role
from entrepot.kernel.errors import Unavailable
from tests.builders import Client, unique
from tests.catalog.pictures import a_picture, download, key_of, paths_of, set_all, upload, uploaded_files
from tests.identity.test_avatar import DAMAGED, NOT_PICTURES, photo_with_a_place


async def kept(user: Client) -> int:
    """How many uploads a person has."""
    number: int = await user.value("select count(*) from uploads where owner_id = $1", user.user["id"])
    return number


async def tidy(client: Client, later: timedelta = timedelta(), then: timedelta = timedelta(minutes=2)) -> None:
    """What the jobs do some time later, and then again."""
    shop = client.app.shop
    with clock.moved(later):
        await uploads_clean_up.discard_unfinished(shop.database)
        await uploads_clean_up.discard_idle(shop.database)
    with clock.moved(later + then):
        await uploads_clean_up.delete_discarded_files(shop.database, shop.files)


async def opened(user: Client, address: str) -> Image.Image:
    reply = await download(user, address)
    assert reply.status_code == 200
    assert reply.headers["content-type"] == "image/webp"
    assert reply.headers["x-content-type-options"] == "nosniff"
    return Image.open(io.BytesIO(reply.content))


async def test_a_picture_is_kept_with_a_thumbnail(client: Client) -> None:
    user = await client.signed_in()

    reply = await upload(user, a_picture("JPEG", (3000, 1500)))

    assert reply.status_code == 201, reply.text
    body = reply.json()
    assert body.keys() == {"key", "url", "thumbnailUrl", "width", "height", "sizeBytes", "contentType"}
    assert (body["width"], body["height"], body["contentType"]) == (2000, 1000, "image/webp")
    with await opened(user, body["url"]) as picture, await opened(user, body["thumbnailUrl"]) as thumbnail:
        assert (picture.format, picture.size) == ("WEBP", (2000, 1000))
        assert (thumbnail.format, thumbnail.size) == ("WEBP", (400, 200))
    large, small = paths_of(client, body["key"])
    assert large.stat().st_size == body["sizeBytes"]
    assert small.exists()


@pytest.mark.parametrize(
    ("content", "size"),
    [
        (a_picture("JPEG", (900, 2500), progressive=True), (720, 2000)),
        (a_picture("JPEG", (70, 70), "CMYK"), (70, 70)),
        (a_picture("PNG", (120, 80), "RGBA"), (120, 80)),
        (a_picture("PNG", (60, 60), "P"), (60, 60)),
        (a_picture("PNG", (60, 60), "1"), (60, 60)),
        (a_picture("PNG", (60, 60), "LA"), (60, 60)),
        (a_picture("WEBP", (80, 120)), (80, 120)),
        (a_picture("PNG", (1, 1)), (1, 1)),
        (a_picture("PNG", (1, 60_000)), (1, 2000)),
        (a_picture("PNG", (60_000, 1)), (2000, 1)),
    ],
    ids=["tall", "CMYK", "transparent", "palette", "1 bit", "grey with alpha", "WebP", "1x1", "1x60000", "60000x1"],
)
async def test_whatever_a_picture_is_made_of_it_becomes_webp(
    client: Client, content: bytes, size: tuple[int, int]
) -> None:
    user = await client.signed_in()
    body = (await upload(user, content)).json()
    assert (body["width"], body["height"]) == size
    with await opened(user, body["url"]) as picture, await opened(user, body["thumbnailUrl"]) as thumbnail:
        assert picture.size == size
        assert max(thumbnail.size) <= 400
        assert min(thumbnail.size) >= 1


async def test_sixteen_bits_are_not_cut_off(client: Client) -> None:
    user = await client.signed_in()
    grey = Image.new("I;16", (64, 64))
    grey.putdata([place * 16 for place in range(64 * 64)])
    out = io.BytesIO()
    grey.save(out, "PNG")
    body = (await upload(user, out.getvalue())).json()
    with await opened(user, body["url"]) as picture:
        tones = [picture.convert("L").getpixel((32, y)) for y in (8, 32, 56)]
    assert tones == pytest.approx([32, 130, 226], abs=6)


async def test_of_a_moving_picture_the_first_frame_is_taken(client: Client) -> None:
    frames = [Image.new("RGB", (64, 64), colour) for colour in ("red", "blue")]
    for kind in ("WEBP", "PNG"):
        out = io.BytesIO()
        frames[0].save(out, kind, save_all=True, append_images=frames[1:], duration=100, loop=0)
        user = await client.signed_in()
        with await opened(user, (await upload(user, out.getvalue())).json()["url"]) as picture:
            assert getattr(picture, "n_frames", 1) == 1
            assert picture.convert("RGB").getpixel((32, 32)) == pytest.approx((254, 0, 0), abs=4)


async def test_nothing_but_the_picture_is_published(client: Client) -> None:
    user = await client.signed_in()
    polyglot = photo_with_a_place() + b"<script>alert(1)</script><?php system(1); ?>PK\x03\x04"

    body = (await upload(user, polyglot)).json()

    for address in (body["url"], body["thumbnailUrl"]):
        raw = (await download(user, address)).content
        for trace in (
            b"EXIF",
            b"Exif",
            b"SpyCam",
            b"taken at home",
            b"icc-profile",
            b"XMP ",
            b"script",
            b"php",
            b"PK\3\4",
        ):
            assert trace not in raw, trace
    assert (body["width"], body["height"]) == (200, 300), "the picture stands upright"


@pytest.mark.parametrize("content", NOT_PICTURES.values(), ids=NOT_PICTURES.keys())
async def test_what_is_no_picture_is_refused_whatever_it_is_called(client: Client, content: bytes) -> None:
    user = await client.signed_in()
    before = uploaded_files(client)
    reply = await upload(user, content)
    assert (reply.status_code, reply.json()["code"]) == (415, "UNSUPPORTED_MEDIA_TYPE")
    assert uploaded_files(client) == before
    assert await kept(user) == 0


@pytest.mark.parametrize("content", DAMAGED.values(), ids=DAMAGED.keys())
async def test_damaged_and_exploding_pictures_are_refused(client: Client, content: bytes) -> None:
    user = await client.signed_in()
    before = uploaded_files(client)
    reply = await upload(user, content)
    assert reply.status_code in (400, 415), reply.text
    if reply.status_code == 400:
        assert reply.json()["details"].keys() == {"file"}
    assert uploaded_files(client) == before
    assert await kept(user) == 0


async def test_only_one_file_of_a_bounded_size_in_the_right_field_is_taken(client: Client) -> None:
    user = await client.signed_in()
    one = ("a.png", a_picture(), "image/png")
    forms: list[Any] = [
        [("image", one)],
        [("file", one), ("file", one)],
        [("file", one), ("owner", (None, b"1"))],
    ]
    for form in forms:
        reply = await user.request("POST", "/upload", files=form)
        assert (reply.status_code, reply.json()["code"]) == (400, "VALIDATION_ERROR")
    large = a_picture() + bytes(client.app.shop.settings.upload_max_size)
    assert (await upload(user, large)).status_code == 413
    assert (await user.post("/upload", {"file": "a"})).status_code == 415
    assert (await upload(client)).status_code == 401
    assert await kept(user) == 0


async def test_the_same_key_gives_the_same_upload(client: Client) -> None:
    user = await client.signed_in()
    content, headers = a_picture(), {"Idempotency-Key": unique("key")}
    request = user.http.build_request("POST", "/upload", files={"file": ("a.png", content)})  # one boundary for both
    headers["content-type"] = request.headers["content-type"]
    body = await request.aread()

    first, second = [await user.request("POST", "/upload", content=body, headers=headers) for _ in range(2)]

    assert (first.status_code, second.content) == (201, first.content)
    assert await kept(user) == 1


async def test_an_upload_is_deleted_by_its_owner_or_an_administrator(client: Client) -> None:
    owner, admin = await client.signed_in(), await client.signed_in("admin")
    mine, another = [(await upload(owner)).json()["key"] for _ in range(2)]

    for role in ("user", "seller", "location_admin"):
        stranger = await client.signed_in(role)
        reply = await stranger.delete(f"/upload/{mine}")
        assert (reply.status_code, reply.json()["code"]) == (404, "UPLOAD_NOT_FOUND")
    assert (await client.delete(f"/upload/{mine}")).status_code == 401

    assert (await owner.delete(f"/upload/{mine}")).status_code == 204
    assert (await owner.delete(f"/upload/{mine}")).status_code == 404
    assert (await admin.delete(f"/upload/{another}")).status_code == 204
    log = "select before from admin_log where action = 'upload.deleted' and subject_id = $1"
    assert await client.value(log, another) == {"owner": owner.user["id"]}
    assert await client.value(log, mine) is None

    await tidy(client, then=timedelta())
    assert all(path.exists() for path in paths_of(client, mine)), "somebody might still be writing them"
    await tidy(client)
    assert not any(path.exists() for key in (mine, another) for path in paths_of(client, key))


@pytest.mark.parametrize("key", ["a", "0" * 31, "0" * 33, "A" * 32, "%00", "..%2f..%2fetc", "x" * 5000, "0" * 32])
async def test_what_is_no_key_is_no_upload(client: Client, key: str) -> None:
    user = await client.signed_in()
    assert (await user.delete(f"/upload/{key}")).status_code == 404


async def test_of_two_that_delete_at_once_one_does(client: Client) -> None:
    user = await client.signed_in()
    for _ in range(5):
        key = (await upload(user)).json()["key"]
        replies = await asyncio.gather(*(user.delete(f"/upload/{key}") for _ in range(4)))
        assert sorted(reply.status_code for reply in replies) == [204, 404, 404, 404]


async def test_what_a_product_shows_is_not_deleted(client: Client) -> None:
    admin = await client.signed_in("admin")
    shown, thumb = [(await upload(admin)).json() for _ in range(2)]
    product = await client.a_product(
        images=[f"public/uploads/{shown['key']}.webp"], thumbnail=f"public/uploads/{thumb['key']}-small.webp"
    )
    for key in (shown["key"], thumb["key"]):
        reply = await admin.delete(f"/upload/{key}")
        assert (reply.status_code, reply.json()["code"]) == (409, "UPLOAD_IN_USE")
    await tidy(client, timedelta(days=30))
    page = (await client.get(f"/products/{product['id']}")).json()
    assert (page["images"], page["thumbnail"]) == ([shown["url"]], thumb["thumbnailUrl"])
    for address in (*page["images"], page["thumbnail"]):
        assert (await download(client, address)).status_code == 200


@pytest.mark.parametrize("field", ["images", "thumbnail"])
async def test_a_product_shows_no_upload_that_there_is_not(client: Client, field: str) -> None:
    admin = await client.signed_in("admin")
    location = f"public/uploads/{'0' * 32}.webp"
    body = {
        "title": unique("Product"),
        "description": "A product that a test has made.",
        "price": 10,
        "category": await client.a_category(),
        "brand": "Testbrand",
        "stock": 0,
        "companyId": await client.a_company(),
        "thumbnail": "https://example.com/a.jpg",
        field: [location] if field == "images" else location,
    }
    reply = await admin.post("/products", body)
    assert reply.status_code == 400, reply.text
    assert reply.json()["details"].keys() == {field}


async def test_a_picture_is_either_shown_or_deleted_never_both(client: Client) -> None:
    """Deleting an upload and showing it, at the same moment: the database decides which of the two was first."""
    admin = await client.signed_in("admin")
    one, another = [(await client.a_product())["id"] for _ in range(2)]

    key = (await upload(admin)).json()["key"]
    async with showing(client, one, key) as wait:
        deleting = asyncio.create_task(admin.delete(f"/upload/{key}"))
        await wait()
    assert (await deleting).json()["code"] == "UPLOAD_IN_USE"

    async with showing(client, another, key) as wait:
        taking_away = asyncio.create_task(set_all(client, one, []))
        await wait()
    await taking_away
    assert await kept(admin) == 1, "the other product shows it"

    async with client.app.shop.database.transaction() as tx:
        await set_images(tx, client.app.shop.files, another, [])
        starting = asyncio.create_task(admin.put(f"/products/{one}", {"images": [f"public/uploads/{key}.webp"]}))
        await until_somebody_waits(client)
    reply = await starting
    assert (reply.status_code, reply.json()["details"].keys()) == (400, {"images"})


@asynccontextmanager
async def showing(client: Client, product_id: int, key: str) -> AsyncIterator[Callable[[], Awaitable[None]]]:
    """Inside the block, a product is about to show the upload, and `wait` comes back when somebody waits for that."""
    async with client.app.shop.database.pool.acquire() as connection, connection.transaction():
        await connection.execute(
            "insert into product_images (product_id, position, location) values ($1, 0, $2)",
            product_id,
            f"public/uploads/{key}.webp",
        )
        yield lambda: until_somebody_waits(client)


async def until_somebody_waits(client: Client) -> None:
    waiting = "select count(*) from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'"
    async with asyncio.timeout(10):
        while not await client.value(waiting):  # noqa: ASYNC110  the database does not tell
            await asyncio.sleep(0.005)


async def test_so_many_may_somebody_keep_that_nothing_shows(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(uploads, "MAX_IDLE", 5)
    user = await client.signed_in()

    replies = await asyncio.gather(*(upload(user) for _ in range(12)))

    assert sorted(reply.status_code for reply in replies) == [201] * 5 + [422] * 7
    assert {reply.json()["code"] for reply in replies if reply.status_code == 422} == {"TOO_MANY_UPLOADS"}
    assert await kept(user) == 5
    assert (await upload(await client.signed_in())).status_code == 201, "another one has room of its own"

    used, freed = [reply.json()["key"] for reply in replies if reply.status_code == 201][:2]
    await client.a_product(images=[f"public/uploads/{used}.webp"])
    assert (await user.delete(f"/upload/{freed}")).status_code == 204
    assert [(await upload(user)).status_code for _ in range(3)] == [201, 201, 422]


async def test_what_somebody_keeps_is_counted_one_after_the_other(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(uploads, "MAX_IDLE", 5)
    user, database = await client.signed_in(), client.app.shop.database
    begun = asyncio.Event()

    async def claim() -> bool:
        row = UploadRow(
            key=secrets.token_hex(16), owner_id=user.user["id"], width=1, height=1, size_bytes=1, created_at=clock.now()
        )
        try:
            async with database.transaction() as tx:
                await begun.wait()
                await uploads._claim(tx, row)
        except uploads.TooManyUploads:
            return False
        return True

    claims = [asyncio.create_task(claim()) for _ in range(15)]
    begun.set()
    assert sum(await asyncio.gather(*claims)) == 5


async def test_what_somebody_keeps_is_bounded_in_bytes(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    user = await client.signed_in()
    size_bytes = (await upload(user)).json()["sizeBytes"]
    monkeypatch.setattr(uploads, "MAX_IDLE_BYTES", 2 * size_bytes)
    assert [(await upload(user)).status_code for _ in range(2)] == [201, 422]


async def test_a_flood_of_pictures_is_turned_away(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pictures, "MAX_WAITING", 3)
    user = await client.signed_in()
    content = a_picture("PNG", (2000, 2000))
    replies = await asyncio.gather(*(upload(user, content) for _ in range(10)))
    assert {reply.status_code for reply in replies} == {201, 503}
    assert (await upload(user)).status_code == 201, "the others made room"


async def test_what_nothing_shows_is_deleted_after_a_week(client: Client) -> None:
    user = await client.signed_in()
    key = (await upload(user)).json()["key"]

    await tidy(client, timedelta(days=6))
    assert all(path.exists() for path in paths_of(client, key))

    await tidy(client, timedelta(days=8))
    assert not any(path.exists() for path in paths_of(client, key))
    assert await kept(user) == 0
    assert await client.value("select count(*) from discarded_files") == 0


async def test_the_clean_up_goes_through_all_of_them(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(uploads_clean_up, "BATCH", 2)
    user = await client.signed_in()
    keys = [(await upload(user)).json()["key"] for _ in range(7)]
    await client.a_product(images=[f"public/uploads/{key}.webp" for key in keys[1:4]])
    await tidy(client, timedelta(days=8))
    assert [all(path.exists() for path in paths_of(client, key)) for key in keys] == [False, *[True] * 3, *[False] * 3]


async def test_what_a_dead_process_left_behind_is_cleaned_up(client: Client) -> None:
    user, shop = await client.signed_in(), client.app.shop
    actor = Actor(user_id=user.user["id"], role=Role.USER)

    never_left = written(shop.database, shop.files, actor, a_picture(), field="file")
    key = (await never_left.__aenter__()).key
    assert await client.value("select stored_at is null from uploads where key = $1", key)
    assert (await user.delete(f"/upload/{key}")).status_code == 404, "it is not there yet"
    await tidy(client)
    assert all(path.exists() for path in paths_of(client, key)), "it may still be written"
    await tidy(client, timedelta(hours=2))
    assert not any(path.exists() for path in paths_of(client, key))
    assert await kept(user) == 0
    await never_left.__aexit__(None, None, None)


async def test_what_was_given_up_is_not_stored(client: Client) -> None:
    user, shop = await client.signed_in(), client.app.shop
    actor = Actor(user_id=user.user["id"], role=Role.USER)

    async def store_too_late() -> None:
        async with written(shop.database, shop.files, actor, a_picture(), field="file") as upload:
            with clock.moved(timedelta(hours=2)):
                await uploads_clean_up.discard_unfinished(shop.database)
            async with shop.database.transaction() as tx:
                await mark_stored(tx, upload)

    with pytest.raises(Unavailable):
        await store_too_late()
    assert await kept(user) == 0


async def test_what_is_stored_while_the_clean_up_looks_stays(client: Client) -> None:
    user, shop = await client.signed_in(), client.app.shop
    actor = Actor(user_id=user.user["id"], role=Role.USER)
    block = written(shop.database, shop.files, actor, a_picture(), field="file")
    async with block as upload, shop.database.transaction() as tx:
        await mark_stored(tx, upload)
        with clock.moved(timedelta(hours=2)):
            await asyncio.wait_for(uploads_clean_up.discard_unfinished(shop.database), 5)
    assert await kept(user) == 1


async def test_a_refusal_inside_gives_the_files_up(client: Client) -> None:
    user, shop = await client.signed_in(), client.app.shop
    actor = Actor(user_id=user.user["id"], role=Role.USER)
    with pytest.raises(ZeroDivisionError):
        async with written(shop.database, shop.files, actor, a_picture(), field="file") as upload:
            raise ZeroDivisionError
    assert await kept(user) == 0
    await tidy(client)
    assert not any(path.exists() for path in paths_of(client, upload.key))


async def test_of_a_person_who_is_erased_only_what_products_show_stays(client: Client) -> None:
    user, database = await client.signed_in(), client.app.shop.database
    shown, idle = [(await upload(user)).json()["key"] for _ in range(2)]
    await client.a_product(images=[f"public/uploads/{shown}.webp"])
    async with database.transaction() as tx:
        await forget_person(tx, user.user["id"])
    assert await client.value("select array_agg(key) from uploads where key = any($1::text[])", [shown, idle]) == [
        shown
    ]
    assert await kept(user) == 0


async def test_a_file_that_is_being_deleted_twice_is_no_trouble(client: Client) -> None:
    user, shop = await client.signed_in(), client.app.shop
    key = (await upload(user)).json()["key"]
    assert (await user.delete(f"/upload/{key}")).status_code == 204
    paths_of(client, key)[0].unlink()
    await asyncio.gather(*(tidy(client) for _ in range(3)))
    listed = await uploads_queries.list_discarded(shop.database.reader, clock.now(), "", 1000)
    assert not {file.location for file in files_of(key)} & set(listed)
    assert key_of(files_of(key)[0].location) == key
