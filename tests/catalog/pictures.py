"""Pictures to upload, and what becomes of them."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import httpx
from PIL import Image

from entrepot.catalog.images import set_images
from entrepot.catalog.uploads import files_of
from tests.builders import Client


def a_picture(kind: str = "PNG", size: tuple[int, int] = (30, 20), mode: str = "RGB", **options: Any) -> bytes:
    out = io.BytesIO()
    Image.linear_gradient("L").resize(size).convert(mode).save(out, kind, **options)
    return out.getvalue()


async def upload(user: Client, content: bytes | None = None, **options: Any) -> httpx.Response:
    sent = ("a.png", a_picture() if content is None else content, "image/png")
    return await user.request("POST", "/upload", files={"file": sent}, **options)


async def add_image(user: Client, product_id: int, content: bytes | None = None, **options: Any) -> httpx.Response:
    sent = ("a.png", a_picture() if content is None else content, "image/png")
    return await user.request("POST", f"/products/{product_id}/images", files={"image": sent}, **options)


async def set_all(client: Client, product_id: int, addresses: list[str]) -> None:
    """As a change of the product does."""
    async with client.app.shop.database.transaction() as tx:
        await tx.run("select from products where id = $1 for no key update", product_id)
        await set_images(tx, client.app.shop.files, product_id, addresses)


async def download(user: Client, address: str) -> httpx.Response:
    return await user.http.get(f"http://shop.test/media/{address.partition('/media/')[2]}")


def key_of(address: str) -> str:
    """The key of the upload behind an address."""
    return address.rpartition("/")[2].partition(".")[0].partition("-")[0]


def paths_of(client: Client, key: str) -> list[Path]:
    """Where the files of an upload lie while they do."""
    return [client.app.shop.settings.media_folder / file.location for file in files_of(key)]


def uploaded_files(client: Client) -> set[Path]:
    return set((client.app.shop.settings.media_folder / "public" / "uploads").glob("*"))
