"""Avatars: pictures by content only, made anew, and hostile files refused in the contract's shape."""

from __future__ import annotations

import asyncio
import io
import struct
import zlib
from pathlib import Path
from typing import Any

import httpx
import pytest
from PIL import Image

from tests.builders import Client

Size = tuple[int, int]


def picture(kind: str, size: Size = (640, 400), mode: str = "RGB", **options: Any) -> bytes:
    out = io.BytesIO()
    drawn = Image.linear_gradient("L").resize(size).convert(mode)
    drawn.save(out, kind, **options)
    return out.getvalue()


def png_that_says(width: int, height: int) -> bytes:
    """A small file that claims a huge picture."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    header = struct.pack(">IIBBBBB", width, height, 1, 0, 0, 0, 0)
    lines = zlib.compress(bytes((width // 8 + 1) * height), 9)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", lines) + chunk(b"IEND", b"")


def photo_with_a_place() -> bytes:
    """A JPEG lying on its side, that tells where it was taken, with which camera, and a comment."""
    exif = Image.Exif()
    exif[0x0110] = "SpyCam 3000"
    exif[0x0112] = 6  # turn by 90 degrees
    exif.get_ifd(0x8825).update({1: "N", 2: (36.0, 11.0, 28.0), 3: "E", 4: (44.0, 0.0, 33.0)})
    return picture("JPEG", (300, 200), exif=exif, comment=b"taken at home", icc_profile=b"icc-profile-of-somebody")


async def upload(user: Client, content: bytes, name: str = "me.png", kind: str = "image/png") -> httpx.Response:
    return await user.request("POST", "/users/me/avatar", files={"image": (name, content, kind)})


async def stored(user: Client, reply: httpx.Response) -> Image.Image:
    """The picture as anybody gets it from its public address."""
    assert reply.status_code == 200, reply.text
    body = reply.json()
    assert body.keys() == {"id", "image"}
    assert body["id"] == user.user["id"]
    content = await download(user, body["image"])
    assert content.status_code == 200
    assert content.headers["content-type"] == "image/webp"
    return Image.open(io.BytesIO(content.content))


async def download(user: Client, address: str) -> httpx.Response:
    return await user.http.get(f"http://shop.test/media/{address.partition('/media/')[2]}")


def refused(reply: httpx.Response) -> tuple[int, str]:
    body = reply.json()
    assert body["status"] == reply.status_code
    assert body["requestId"] == reply.headers["x-request-id"]
    return reply.status_code, body["code"]


def files_of(client: Client) -> set[Path]:
    return set((client.app.shop.settings.media_folder / "public" / "avatars").glob("*"))


@pytest.mark.parametrize(
    ("content", "size"),
    [
        (picture("JPEG", (2000, 900)), (512, 512)),
        (picture("JPEG", (900, 2000), progressive=True), (512, 512)),
        (picture("JPEG", (700, 700), "CMYK"), (512, 512)),
        (picture("PNG", (1200, 800), "RGBA"), (512, 512)),
        (picture("PNG", (600, 600), "P"), (512, 512)),
        (picture("PNG", (300, 200)), (200, 200)),
        (picture("WEBP", (800, 1200)), (512, 512)),
        (picture("PNG", (1, 1)), (1, 1)),
        (picture("PNG", (1, 4000)), (1, 1)),
    ],
    ids=[
        "wide JPEG",
        "tall progressive JPEG",
        "CMYK",
        "transparent PNG",
        "palette",
        "small PNG",
        "WebP",
        "1x1",
        "1x4000",
    ],
)
async def test_a_picture_becomes_a_square_webp(client: Client, content: bytes, size: Size) -> None:
    user = await client.signed_in()
    with await stored(user, await upload(user, content)) as made:
        assert (made.format, made.size) == ("WEBP", size)
    assert (await user.get("/users/me")).json()["image"].endswith(".webp")


async def test_of_a_moving_picture_the_first_frame_is_taken(client: Client) -> None:
    frames = [Image.new("RGB", (64, 64), colour) for colour in ("red", "blue", "green")]
    for kind in ("WEBP", "PNG"):
        out = io.BytesIO()
        frames[0].save(out, kind, save_all=True, append_images=frames[1:], duration=100, loop=0)
        user = await client.signed_in()
        with await stored(user, await upload(user, out.getvalue())) as made:
            assert getattr(made, "n_frames", 1) == 1
            red, green, blue = made.convert("RGB").getpixel((32, 32))  # type: ignore[misc]
            assert red > 200
            assert max(green, blue) < 50


async def test_nothing_but_the_picture_is_published(client: Client) -> None:
    user = await client.signed_in()
    photo = photo_with_a_place()
    assert b"SpyCam" in photo
    assert Image.open(io.BytesIO(photo)).getexif().get_ifd(0x8825)
    reply = await upload(user, photo, "me.jpg", "image/jpeg")
    raw = (await download(user, reply.json()["image"])).content
    for trace in (b"EXIF", b"Exif", b"SpyCam", b"taken at home", b"icc-profile", b"XMP ", b"ICCP"):
        assert trace not in raw, trace
    with await stored(user, reply) as made:
        assert not made.getexif()
        top, bottom = (made.convert("L").getpixel((100, y)) for y in (10, 190))
        left, right = (made.convert("L").getpixel((x, 100)) for x in (10, 190))
    assert abs(int(left) - int(right)) > abs(int(top) - int(bottom)), "the picture stands upright"  # type: ignore[arg-type]


async def test_the_address_cannot_be_guessed_and_the_picture_before_is_gone(client: Client) -> None:
    user = await client.signed_in()
    before = files_of(client)
    first = (await upload(user, picture("PNG"))).json()["image"]
    second = (await upload(user, picture("JPEG"))).json()["image"]
    assert first != second
    assert str(user.user["id"]) not in second.rpartition("/")[2].partition(".")[0][:4]
    assert len(second.rpartition("/")[2]) == 32 + len(".webp")
    assert (await download(user, first)).status_code == 404
    assert (await download(user, second)).status_code == 200
    assert len(files_of(client) - before) == 1


async def test_a_picture_that_is_elsewhere_is_left_there(client: Client) -> None:
    user = await client.signed_in()
    await client.value("update users set image = 'https://example.com/me.jpg' where id = $1", user.user["id"])
    assert (await upload(user, picture("PNG"))).status_code == 200


async def test_of_uploads_at_once_one_picture_remains(client: Client) -> None:
    user = await client.signed_in()
    before = files_of(client)
    replies = await asyncio.gather(*(upload(user, picture("PNG", (80 + n, 80))) for n in range(12)))
    assert {reply.status_code for reply in replies} == {200}
    remaining = files_of(client) - before
    assert len(remaining) == 1
    assert remaining.pop().name == (await user.get("/users/me")).json()["image"].rpartition("/")[2]


NOT_PICTURES = {
    "PHP": b"<?php system($_GET['c']); ?>",
    "PHP behind a PNG's first bytes": b"\x89PNG<?php system($_GET['c']); ?>",
    "SVG": b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>',
    "HTML": b"<!doctype html><script>alert(1)</script>",
    "GIF": b"GIF89a\x01\x00\x01\x00\x80\x00\x00\xff\xff\xff\x00\x00\x00!\xf9\x04\x01\x00\x00\x00\x00,\x00\x00",
    "BMP": picture("BMP", (10, 10)),
    "TIFF": picture("TIFF", (10, 10)),
    "PDF": b"%PDF-1.7\n",
    "PostScript": b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 10 10\n",
    "ZIP": b"PK\x03\x04" + bytes(100),
    "nothing": b"",
    "zeros": bytes(1000),
}


@pytest.mark.parametrize("content", NOT_PICTURES.values(), ids=NOT_PICTURES.keys())
async def test_what_is_no_picture_is_refused_whatever_it_is_called(client: Client, content: bytes) -> None:
    user = await client.signed_in()
    before = files_of(client)
    assert refused(await upload(user, content, "me.png", "image/png")) == (415, "UNSUPPORTED_MEDIA_TYPE")
    assert files_of(client) == before
    assert (await user.get("/users/me")).json()["image"] == ""


DAMAGED = {
    "truncated JPEG": picture("JPEG", (800, 600))[:2000],
    "truncated PNG": picture("PNG", (800, 600))[:600],
    "truncated WebP": picture("WEBP", (800, 600), lossless=True)[:-200],
    "PNG with a broken chunk": picture("PNG")[:60] + b"\xff" * 20 + picture("PNG")[80:],
    "PNG of 20000 x 20000": png_that_says(20_000, 20_000),
    "PNG of 60000 x 60000": png_that_says(60_000, 6)[:16]
    + struct.pack(">II", 60_000, 60_000)
    + png_that_says(8, 8)[24:],
    "PNG of 8000 x 8000": png_that_says(8_000, 8_000),
}


@pytest.mark.parametrize("content", DAMAGED.values(), ids=DAMAGED.keys())
async def test_damaged_and_exploding_pictures_are_refused(client: Client, content: bytes) -> None:
    user = await client.signed_in()
    reply = await upload(user, content)
    assert reply.status_code in (400, 415), reply.text
    if reply.status_code == 400:
        assert refused(reply) == (400, "VALIDATION_ERROR")
        assert reply.json()["details"].keys() == {"image"}


async def test_a_file_that_is_too_large_is_refused_however_it_is_sent(client: Client) -> None:
    user = await client.signed_in()
    limit = client.app.shop.settings.upload_max_size
    just = picture("PNG")
    assert (await upload(user, just + bytes(limit - len(just)))).status_code == 200
    assert refused(await upload(user, just + bytes(limit - len(just) + 1))) == (413, "PAYLOAD_TOO_LARGE")
    assert refused(await upload(user, bytes(2 * limit))) == (413, "PAYLOAD_TOO_LARGE")

    async def endless() -> Any:
        yield part(b'name="image"; filename="a.png"', b"", end=b"")
        for _ in range(1000):
            yield bytes(100_000)

    chunked = await user.request("POST", "/users/me/avatar", content=endless(), headers={"content-type": FORM})
    assert refused(chunked) == (413, "PAYLOAD_TOO_LARGE")


async def test_another_body_than_a_form_is_refused(client: Client) -> None:
    user = await client.signed_in()
    for headers in ({}, {"content-type": "application/json"}, {"content-type": "image/png"}):
        reply = await user.request("POST", "/users/me/avatar", content=b"{}", headers=headers)
        assert refused(reply) == (415, "UNSUPPORTED_MEDIA_TYPE")
        assert "multipart/form-data" in reply.json()["message"]


FORM = "multipart/form-data; boundary=x"


def part(headers: bytes, content: bytes, end: bytes = b"\r\n--x--\r\n") -> bytes:
    """A form of one part."""
    return b"--x\r\nContent-Disposition: form-data; " + headers + b"\r\n\r\n" + content + end


FORMS = {
    "no boundary": ("multipart/form-data", b"--x--"),
    "cut off": (FORM, part(b'name="image"; filename="a"', b"abc", end=b"")),
    "not a form": (FORM, b"hello"),
    "empty": (FORM, b""),
    "no parts": (FORM, b"--x--\r\n"),
    "a text instead": (FORM, part(b'name="image"', b"abc")),
    "text in no encoding": (FORM, part(b'name="image"\r\nContent-Type: text/plain; charset=nonsense', b"abc")),
    "broken text": (FORM, part(b'name="note"', b"\xff\xfe")),
}


@pytest.mark.parametrize(("kind", "content"), FORMS.values(), ids=FORMS.keys())
async def test_a_form_that_cannot_be_read_is_refused(client: Client, kind: str, content: bytes) -> None:
    user = await client.signed_in()
    reply = await user.request("POST", "/users/me/avatar", content=content, headers={"content-type": kind})
    assert refused(reply) == (400, "VALIDATION_ERROR")


async def test_only_one_file_in_the_right_field_is_taken(client: Client) -> None:
    user = await client.signed_in()
    one = ("a.png", picture("PNG", (10, 10)), "image/png")
    for files, field in (
        ([("file", one)], "file"),
        ([("image", one), ("image", one)], "image"),
        ([("image", one), ("role", (None, b"admin"))], "role"),
    ):
        reply = await user.request("POST", "/users/me/avatar", files=files)
        assert refused(reply) == (400, "VALIDATION_ERROR")
        assert field in reply.json()["details"]
    assert (await user.get("/users/me")).json()["image"] == ""


async def test_a_guest_is_refused_before_anything_is_read(client: Client) -> None:
    assert refused(await upload(client, picture("PNG"))) == (401, "UNAUTHORIZED")


async def test_the_same_key_uploads_once(client: Client) -> None:
    user = await client.signed_in()
    content, headers = (
        picture("PNG"),
        {"Idempotency-Key": "avatar-1", "content-type": "multipart/form-data; boundary=x"},
    )
    body = b'--x\r\nContent-Disposition: form-data; name="image"; filename="a.png"\r\n\r\n' + content + b"\r\n--x--\r\n"
    replies = [await user.request("POST", "/users/me/avatar", content=body, headers=headers) for _ in range(2)]
    assert [reply.status_code for reply in replies] == [200, 200]
    assert replies[0].json() == replies[1].json()
    assert replies[1].headers["idempotency-replayed"] == "true"
