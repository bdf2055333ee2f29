"""The HTTP surface of products' pictures."""

from __future__ import annotations

import msgspec
from litestar import Controller

from entrepot.catalog.events import product_tag
from entrepot.catalog.images import FIELD, ImageNotFound, TooManyImages, add_image, delete_image, images_of
from entrepot.catalog.images_queries import ImageRow
from entrepot.catalog.model import ProductNotFound
from entrepot.catalog.uploads import thumbnail_of
from entrepot.companies import company_tag
from entrepot.kernel.actors import Actor, anyone, seller_or_zone_admin
from entrepot.kernel.db import Db, Tx
from entrepot.kernel.errors import Unavailable
from entrepot.kernel.files import Files
from entrepot.kernel.pictures import NotAPicture
from entrepot.kernel.routes import Cached, delete, get, post
from entrepot.kernel.types import Id
from entrepot.kernel.uploads import Upload
from entrepot.shop import Shop


class ImageView(msgspec.Struct, frozen=True, rename="camel"):
    """A picture of a product. One that lies elsewhere is its own thumbnail."""

    id: int
    url: str
    thumbnail_url: str
    position: int

    @classmethod
    def of(cls, image: ImageRow, files: Files) -> ImageView:
        return cls(image.id, files.url(image.location), files.url(thumbnail_of(image.location)), image.position)


class ImageList(msgspec.Struct, frozen=True, rename="camel"):
    """All pictures of a product, in their order."""

    product_id: int
    company_id: int
    images: list[ImageView]


class ProductImagesController(Controller):
    path = "/products/{product_id:int}/images"
    tags = ["Catalog"]

    @get(
        "/",
        guard=anyone,
        cached=Cached(lambda view: frozenset([product_tag(view.product_id), company_tag(view.company_id)])),
        refuses=(ProductNotFound,),
    )
    async def list_images(self, db: Db, shop: Shop, product_id: Id) -> ImageList:
        """The pictures of a product, with their ids and thumbnails."""
        company_id, images = await images_of(db, product_id)
        return ImageList(product_id, company_id, [ImageView.of(image, shop.files) for image in images])

    @post(
        "/",
        guard=seller_or_zone_admin,
        multipart=FIELD,
        refuses=(ProductNotFound, TooManyImages, NotAPicture, Unavailable),
    )
    async def add_image(self, actor: Actor, shop: Shop, product_id: Id, upload: Upload) -> ImageView:
        """Add a picture behind the others, up to 20: JPEG, PNG or WebP, by default up to 5 MB.

        It is made anew with at most 2,000 pixels on the longer side, and gets a thumbnail of 400. The first one becomes the
        thumbnail of a product that has none. `PUT /products/{id}` changes the order: name the addresses in `images`.
        """
        image = await add_image(shop.database, shop.files, actor, product_id, upload.content)
        return ImageView.of(image, shop.files)

    @delete("/{image_id:int}", guard=seller_or_zone_admin, refuses=(ProductNotFound, ImageNotFound))
    async def delete_image(self, tx: Tx, actor: Actor, product_id: Id, image_id: Id) -> None:
        """Take a picture away. Those behind it move up; if the thumbnail showed it, the first of the others takes its place."""
        await delete_image(tx, actor, product_id, image_id)
