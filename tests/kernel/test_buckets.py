"""Files in a bucket: against a real S3 server, and against what a network can do to one."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import httpx
import obstore
import pytest

from entrepot import doctor
from entrepot.app import files_of
from entrepot.kernel import buckets
from entrepot.kernel.buckets import BucketStore, StorageUnavailable
from entrepot.kernel.files import FileMissing, Files, FolderStore
from entrepot.settings import SettingsError, load_settings
from tests.builders import Client
from tests.catalog.pictures import a_picture, add_image, upload
from tests.conftest import running
from tests.kernel.s3 import KEY_ID, S3, SECRET, a_store, answering, s3_server

NO_KEY = "private/../secret.txt"
NO_PORT = "http://127.0.0.1:1"


@pytest.fixture(scope="module")
def s3() -> Iterator[S3]:
    with s3_server() as server:
        yield server


@pytest.fixture
def bucket(s3: S3) -> str:
    return s3.a_bucket()


@pytest.fixture(params=["folder", "bucket"])
def files(request: pytest.FixtureRequest, tmp_path: Path) -> Files:
    """What is asked of both stores, both do."""
    if request.param == "folder":
        return Files(FolderStore(tmp_path / "media"), "https://cdn.example")
    s3: S3 = request.getfixturevalue("s3")
    return Files(a_store(s3.a_bucket(), s3.endpoint), "https://cdn.example")


@pytest.fixture
async def shop(s3: S3, bucket: str, tmp_path: Path, dsn: str) -> AsyncIterator[Client]:
    """A shop that keeps its files in the bucket, as a guest sees it."""
    async with running(s3.settings(bucket, tmp_path), dsn) as app:
        transport = httpx.ASGITransport(app=app)
        async with httpx.AsyncClient(transport=transport, base_url="http://shop.test/api/v1") as http:
            yield Client(http, app)


async def read(files: Files, key: str) -> bytes:
    content = await files.open(key)
    chunks = [chunk async for chunk in content.chunks]
    assert sum(map(len, chunks)) == content.size_bytes
    assert all(len(chunk) <= buckets.PART_BYTES for chunk in chunks)
    return b"".join(chunks)


async def test_what_is_put_can_be_got_until_it_is_deleted(files: Files) -> None:
    key = "public/products/12/Front_1.webp"
    for content in (b"one", b"", b"two"):
        await files.put(key, content)
        assert await files.get(key) == content
        assert await read(files, key) == content
    for _ in range(2):
        await files.delete(key)
    missing = [files.get(key), files.open(key), files.get(NO_KEY), files.open(NO_KEY), files.delete(NO_KEY)]
    for ask in missing:
        with pytest.raises(FileMissing):
            await ask


@pytest.mark.parametrize("size_bytes", [0, 1, 1_000_000, buckets.PART_BYTES, 2 * buckets.PART_BYTES + 17])
async def test_a_large_file_goes_in_and_out_piece_by_piece(files: Files, tmp_path: Path, size_bytes: int) -> None:
    path, key = tmp_path / "export.csv", "private/exports/1.csv"
    path.write_bytes(os.urandom(size_bytes))
    await files.put_path(key, path)
    assert await read(files, key) == path.read_bytes()
    await files.put(key, b"short")
    await files.put_path(key, path)
    assert await files.get(key) == path.read_bytes()


async def test_who_puts_at_once_leaves_one_whole_file(files: Files) -> None:
    contents = [bytes([n]) * 100_000 for n in range(8)]
    await asyncio.gather(*(files.put("public/a/b", content) for content in contents))
    assert await files.get("public/a/b") in contents


async def test_a_file_that_is_replaced_while_it_is_read_is_not_patched_together(files: Files, tmp_path: Path) -> None:
    key = "private/exports/1.csv"
    old, new = [letter * (2 * buckets.PART_BYTES) for letter in (b"a", b"b")]
    await files.put(key, old)
    content = await files.open(key)
    seen = await anext(content.chunks)
    await files.put(key, new)
    try:
        async for chunk in content.chunks:
            seen += chunk
    except StorageUnavailable:
        assert set(seen) == {ord("a")}
    else:
        assert seen == old


async def test_what_a_cdn_needs_goes_with_the_file(s3: S3, bucket: str) -> None:
    store = a_store(bucket, s3.endpoint)
    await store.put("public/a/b.webp", b"x")
    await store.put("private/a/b.pdf", b"x")
    public, private = [
        (await obstore.get_async(store._store, key)).attributes for key in ("public/a/b.webp", "private/a/b.pdf")
    ]
    assert (public["Content-Type"], public["Cache-Control"]) == ("image/webp", "public, max-age=86400")
    assert (private["Content-Type"], private["Cache-Control"]) == ("application/pdf", "private, no-store")


async def everything(store: BucketStore, path: Path) -> list[type[Exception] | None]:
    """What each function raises."""

    async def outcome(call: object) -> type[Exception] | None:
        try:
            await call  # type: ignore[misc]
        except Exception as error:  # noqa: BLE001
            return type(error)
        return None

    key = "public/a/b"
    calls = [store.put(key, b"x"), store.put_path(key, path), store.get(key), store.delete(key)]
    return [await outcome(call) for call in calls]


async def test_whatever_is_wrong_with_the_storage_it_is_unavailable(s3: S3, bucket: str, tmp_path: Path) -> None:
    path = tmp_path / "a"
    path.write_bytes(b"x")
    assert await everything(a_store("no-such-bucket", s3.endpoint), path) == [StorageUnavailable] * 4
    assert await everything(a_store(bucket, NO_PORT), path) == [StorageUnavailable] * 4
    with s3.strict():
        assert await everything(a_store(bucket, s3.endpoint), path) == [StorageUnavailable] * 4
    assert await everything(a_store(bucket, s3.endpoint), path) == [None] * 4


@pytest.mark.parametrize(
    "reply",
    [
        b"HTTP/1.1 500 Internal Server Error\r\ncontent-length: 0\r\n\r\n",
        b"HTTP/1.1 200 OK\r\ncontent-length: 1000\r\n\r\nshort",
        b"hello, I am no web server\r\n\r\n",
        b"HTTP/1.1 301 Moved\r\nlocation: http://127.0.0.1:1/\r\ncontent-length: 0\r\n\r\n",
    ],
    ids=["500", "cut off", "nonsense", "moved"],
)
async def test_attempts_are_bounded(reply: bytes) -> None:
    async with answering(reply) as (endpoint, asked):
        with pytest.raises(StorageUnavailable):
            await asyncio.wait_for(a_store("bucket", endpoint).get("public/a/b"), 15)
        assert len(asked) <= 1 + buckets.RETRIES


async def test_a_storage_that_never_answers_is_not_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(buckets, "TIMEOUT_S", 0.2)
    async with answering(None) as (endpoint, _):
        store = a_store("bucket", endpoint)
        for call in (store.get("public/a/b"), store.put("public/a/b", b"x"), store.delete("public/a/b")):
            with pytest.raises(StorageUnavailable):
                await asyncio.wait_for(call, 15)


async def test_the_secret_is_in_no_message(s3: S3, bucket: str, caplog: pytest.LogCaptureFixture) -> None:
    with s3.strict(), pytest.raises(StorageUnavailable) as refused:
        await a_store(bucket, s3.endpoint).get("public/a/b")
    told = f"{refused.value} {refused.value.__cause__} {caplog.text}"
    assert SECRET not in told
    assert "public/a/b" in caplog.text


async def test_uploads_lie_in_the_bucket_and_are_served_from_there(shop: Client, s3: S3, bucket: str) -> None:
    user = await shop.signed_in()

    body = (await upload(user, a_picture(size=(900, 600)))).json()

    names = [address.partition("/media/")[2] for address in (body["url"], body["thumbnailUrl"])]
    assert s3.objects(bucket) == {f"public/{name}" for name in names}
    served = await user.http.get(f"http://shop.test/media/{names[0]}")
    assert (served.status_code, served.headers["content-type"]) == (200, "image/webp")
    assert len(served.content) == body["sizeBytes"]
    assert not (shop.app.shop.settings.media_folder / "public").exists()
    assert (await user.http.get("http://shop.test/media/uploads/none.webp")).status_code == 404


async def test_what_is_private_is_not_served(shop: Client) -> None:
    await shop.app.shop.files.put("private/invoices/a.pdf", b"secret")
    for path in ("../private/invoices/a.pdf", "%2e%2e/private/invoices/a.pdf", "private/invoices/a.pdf"):
        reply = await shop.http.get(f"http://shop.test/media/{path}")
        assert reply.status_code == 404
        assert b"secret" not in reply.content


async def test_without_the_bucket_uploads_are_refused_and_nothing_is_left(
    s3: S3, bucket: str, tmp_path: Path, dsn: str
) -> None:
    settings = s3.settings(bucket, tmp_path, aws_endpoint_url=NO_PORT)
    async with (
        running(settings, dsn) as app,
        httpx.AsyncClient(transport=httpx.ASGITransport(app=app), base_url="http://shop.test/api/v1") as http,
    ):
        client = Client(http, app)
        admin = await client.signed_in("admin")
        product_id = (await client.a_product())["id"]
        avatar = {"image": ("a.png", a_picture(), "image/png")}
        replies = [
            await upload(admin),
            await add_image(admin, product_id),
            await admin.request("POST", "/users/me/avatar", files=avatar),
            await http.get("http://shop.test/media/uploads/a.webp"),
        ]
        for reply in replies:
            assert (reply.status_code, reply.json()["code"]) == (503, "SERVICE_UNAVAILABLE")
            assert "retry-after" in reply.headers
            assert NO_PORT not in reply.text
        assert await client.value("select count(*) from uploads where owner_id = $1", admin.user["id"]) == 0
        assert (await client.get(f"/products/{product_id}/images")).json()["images"] == []
        assert await client.value("select image from users where id = $1", admin.user["id"]) is None


async def test_the_doctor_says_whether_the_bucket_can_be_used(s3: S3, bucket: str, tmp_path: Path) -> None:
    settings = s3.settings(bucket, tmp_path)
    well = await doctor._files(settings)
    assert (well.well, bucket in well.state) == (True, True)
    assert s3.objects(bucket) == set()
    with s3.strict():
        refused = await doctor._files(settings)
    missing = await doctor._files(s3.settings("no-such-bucket", tmp_path))
    for ill in (refused, missing):
        assert not ill.well
        assert SECRET not in ill.state
    assert "privileges" in refused.state


def test_half_a_key_is_refused_at_start() -> None:
    for half in ({"aws_access_key_id": KEY_ID}, {"aws_secret_access_key": SECRET}):
        with pytest.raises(SettingsError, match="AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY") as refused:
            load_settings(_env_file=None, aws_s3_bucket="bucket", **half)
        assert SECRET not in str(refused.value)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("aws_s3_bucket", "../other"),
        ("aws_s3_bucket", "a/b"),
        ("aws_s3_bucket", "-"),
        ("aws_endpoint_url", "minio:9000"),
        ("aws_endpoint_url", "ftp://minio"),
        ("aws_region", "us east"),
        ("cdn_url", "cdn.example"),
    ],
)
def test_what_cannot_be_is_refused_by_name(name: str, value: str) -> None:
    with pytest.raises(SettingsError, match=name.upper()):
        load_settings(_env_file=None, **{name: value})


def test_addresses_begin_with_the_cdns(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for variable in ("CDN_URL", "AWS_CLOUDFRONT_URL"):
        with monkeypatch.context() as environment:
            environment.setenv(variable, "https://cdn.example/")
            files = files_of(load_settings(_env_file=None, home=tmp_path))
        address = files.url("public/uploads/a.webp")
        assert address == "https://cdn.example/uploads/a.webp"
        assert files.location(address) == "public/uploads/a.webp"


@pytest.mark.parametrize(
    "address",
    [
        "https://elsewhere.example/a.webp",
        "https://cdn.example",
        "https://cdn.example/",
        "https://cdn.example/a?b=c",
        "https://cdn.example/../private/a.pdf",
        "https://cdn.example.evil/a.webp",
        "public/uploads/a.webp",
        "",
    ],
)
def test_what_is_no_address_of_ours_stays_as_it_is(address: str, tmp_path: Path) -> None:
    assert Files(FolderStore(tmp_path), "https://cdn.example").location(address) == address
