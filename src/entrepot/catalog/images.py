"""A product's pictures: adding one behind the others, taking one away, and setting them all, in their order.

The thumbnail follows: the first picture becomes that of a product that has none, and when the picture that it shows is taken
away, the first of the others takes its place. An upload that no product shows any more is deleted with its last use.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from entrepot.catalog import images_queries
from entrepot.catalog.events import ProductChanged
from entrepot.catalog.images_queries import ImageRow
from entrepot.catalog.managed_product import lock_managed
from entrepot.catalog.model import ProductNotFound
from entrepot.catalog.product_queries import Managed
from entrepot.catalog.uploads import discard, location_of, mark_stored, thumbnail_of, upload_of, written
from entrepot.kernel.actors import Actor, Role
from entrepot.kernel.admin_log import Subject, record_change
from entrepot.kernel.db import Database, Db, Tx
from entrepot.kernel.errors import NotFound, Unprocessable
from entrepot.kernel.events import publish
from entrepot.kernel.files import Files

FIELD: Final = "image"
MAX_IMAGES: Final = 20


class TooManyImages(Unprocessable):
    code = "TOO_MANY_IMAGES"
    message = f"A product has at most {MAX_IMAGES} pictures: take one away first"


class ImageNotFound(NotFound):
    code = "IMAGE_NOT_FOUND"
    message = "The product has no picture with this id"


async def set_images(tx: Tx, files: Files, product_id: int, addresses: Sequence[str]) -> None:
    """Give a product exactly these pictures, in this order; those that it has already keep their ids.

    `addresses` are what clients send: addresses elsewhere, addresses of ours as replies show them, or keys such as
    `public/uploads/....webp`; at most MAX_IMAGES, which the body checks. What is named twice counts once. The caller has
    locked the product, has set `products.thumbnail` (through `files.location` as well) if that is to change, and publishes
    the change.

    Raises:
        UnknownUpload: one of ours that there is not; decided by the database.
    """
    locations = list(dict.fromkeys(files.location(address) for address in addresses))
    before = await images_queries.list_images(tx, product_id)
    await images_queries.replace_images(tx, product_id, locations)
    removed = [image.location for image in before if image.location not in locations]
    thumbnail = await images_queries.get_thumbnail(tx, product_id)
    if (following := thumbnail_after(thumbnail, locations, removed)) != thumbnail:
        await images_queries.set_thumbnail(tx, product_id, following)
    await _discard(tx, removed)


async def add_image(database: Database, files: Files, actor: Actor, product_id: int, content: bytes) -> ImageRow:
    """Show an uploaded picture behind the others.

    Raises:
        ProductNotFound, Forbidden: there is none, or it is not the actor's to change.
        TooManyImages
        NotAPicture, Invalid, Unavailable: see `webp_with_thumbnail`.
        Unavailable: the file storage cannot be reached.
    """
    async with database.transaction() as tx:
        await _lock_with_room(tx, actor, product_id)  # refused before the picture is looked at, which takes longest
    async with written(database, files, actor, content, field=FIELD) as upload, database.transaction() as tx:
        product = await _lock_with_room(tx, actor, product_id)
        await mark_stored(tx, upload)
        image = await images_queries.insert_image(tx, product_id, location_of(upload.key))
        thumbnail = await images_queries.get_thumbnail(tx, product_id)
        await images_queries.set_thumbnail(tx, product_id, thumbnail or thumbnail_of(image.location))
        await _tell(tx, actor, product, "product.image_added", image)
    return image


async def delete_image(tx: Tx, actor: Actor, product_id: int, image_id: int) -> None:
    """Take a picture away; those behind it move up.

    Raises:
        ProductNotFound, Forbidden: there is none, or it is not the actor's to change.
        ImageNotFound
    """
    product = await lock_managed(tx, actor, product_id)
    image = await images_queries.delete_image(tx, product_id, image_id)
    if image is None:
        raise ImageNotFound
    await images_queries.close_gaps(tx, product_id)
    others = [other.location for other in await images_queries.list_images(tx, product_id)]
    removed = [image.location] if image.location not in others else []
    thumbnail = await images_queries.get_thumbnail(tx, product_id)
    await images_queries.set_thumbnail(tx, product_id, thumbnail_after(thumbnail, others, removed))
    await _discard(tx, removed)
    await _tell(tx, actor, product, "product.image_removed", image)


async def images_of(db: Db, product_id: int) -> tuple[int, list[ImageRow]]:
    """The company that sells the product, and its pictures in their order. Raises ProductNotFound."""
    company_id = await images_queries.find_seller(db, product_id)
    if company_id is None:
        raise ProductNotFound
    return company_id, await images_queries.list_images(db, product_id)


def thumbnail_after(thumbnail: str, locations: Sequence[str], removed: Sequence[str]) -> str:
    """The thumbnail of a product that shows `locations` when `removed` have been taken away; empty where nothing is left."""
    is_gone = any(thumbnail in (location, thumbnail_of(location)) for location in removed)
    if thumbnail and not is_gone:
        return thumbnail
    return thumbnail_of(locations[0]) if locations else ""


async def _lock_with_room(tx: Tx, actor: Actor, product_id: int) -> Managed:
    product = await lock_managed(tx, actor, product_id)
    if len(await images_queries.list_images(tx, product_id)) >= MAX_IMAGES:
        raise TooManyImages
    return product


async def _discard(tx: Tx, locations: Sequence[str]) -> None:
    await discard(tx, [key for location in locations if (key := upload_of(location)) is not None])


async def _tell(tx: Tx, actor: Actor, product: Managed, action: str, image: ImageRow) -> None:
    if actor.role is not Role.SELLER:
        await record_change(tx, actor, action, Subject("product", product.id), after={"image": image.location})
    await publish(tx, ProductChanged(product_id=product.id, company_id=product.company_id), actor_id=actor.user_id)
