"""The HTTP surface of writing products: for sellers and administrators, and for a seller's own company."""

from __future__ import annotations

from litestar import Controller

from entrepot.catalog.create_product import create_product
from entrepot.catalog.delete_product import delete_product
from entrepot.catalog.groups import VariantExists
from entrepot.catalog.model import ProductNotFound, SkuExists
from entrepot.catalog.requests import NewProduct, ProductChange
from entrepot.catalog.show_product import show_product
from entrepot.catalog.update_product import update_product
from entrepot.catalog.views import DeletedProductView, SingleProductView
from entrepot.inventory import NoWarehouse, StockReserved, TooMuchStock
from entrepot.kernel.actors import Actor, admin, seller, seller_or_zone_admin
from entrepot.kernel.db import Tx
from entrepot.kernel.routes import delete, patch, post, put
from entrepot.kernel.types import Id
from entrepot.shop import Shop

_CREATING = (SkuExists, VariantExists, NoWarehouse)
_CHANGING = (ProductNotFound, StockReserved, TooMuchStock, *_CREATING)


class ProductWritingController(Controller):
    path = "/products"
    tags = ["Catalog"]

    @post("/", guard=seller_or_zone_admin, refuses=_CREATING)
    async def create_product(self, tx: Tx, shop: Shop, actor: Actor, data: NewProduct) -> SingleProductView:
        """Create a product and receive its first stock.

        A seller creates it for its own company, an administrator for `companyId` or else the house company. Products that
        name the same `group` are shown as one in lists, and differ by their `options`.
        """
        return await _created(tx, shop, actor, data)

    @post("/add", guard=admin, refuses=_CREATING)
    async def add_product(self, tx: Tx, shop: Shop, actor: Actor, data: NewProduct) -> SingleProductView:
        """Create a product; the same as `POST /products`, for administrators."""
        return await _created(tx, shop, actor, data)

    @put("/{product_id:int}", guard=seller_or_zone_admin, refuses=_CHANGING)
    async def change_product(
        self, tx: Tx, shop: Shop, actor: Actor, product_id: Id, data: ProductChange
    ) -> SingleProductView:
        """Change what is given of a product; what is not given stays.

        Sellers change products of their company, location admins those of companies that deliver in their zones. `images`,
        `tags`, `zones`, `attributes` and `options` are replaced as a whole; of `translations`, the languages that are named.
        """
        return await _changed(tx, shop, actor, product_id, data)

    @patch("/{product_id:int}", guard=seller_or_zone_admin, refuses=_CHANGING)
    async def patch_product(
        self, tx: Tx, shop: Shop, actor: Actor, product_id: Id, data: ProductChange
    ) -> SingleProductView:
        """The same as `PUT /products/{productId}`."""
        return await _changed(tx, shop, actor, product_id, data)

    @delete("/{product_id:int}", guard=seller_or_zone_admin, status=200, refuses=(ProductNotFound,))
    async def delete_product(self, tx: Tx, shop: Shop, actor: Actor, product_id: Id) -> DeletedProductView:
        """Delete a product: it is not shown or sold any more, and its SKU is free again. Orders that name it stay."""
        return await _deleted(tx, shop, actor, product_id)


class VendorProductController(Controller):
    path = "/vendors/products"
    tags = ["Catalog"]

    @post("/", guard=seller, refuses=_CREATING)
    async def create_own_product(self, tx: Tx, shop: Shop, actor: Actor, data: NewProduct) -> SingleProductView:
        """Create a product of one's own company; the same as `POST /products`."""
        return await _created(tx, shop, actor, data)

    @put("/{product_id:int}", guard=seller, refuses=_CHANGING)
    async def change_own_product(
        self, tx: Tx, shop: Shop, actor: Actor, product_id: Id, data: ProductChange
    ) -> SingleProductView:
        """Change a product of one's own company; the same as `PUT /products/{productId}`."""
        return await _changed(tx, shop, actor, product_id, data)

    @delete("/{product_id:int}", guard=seller, status=200, refuses=(ProductNotFound,))
    async def delete_own_product(self, tx: Tx, shop: Shop, actor: Actor, product_id: Id) -> DeletedProductView:
        """Delete a product of one's own company; the same as `DELETE /products/{productId}`."""
        return await _deleted(tx, shop, actor, product_id)


async def _created(tx: Tx, shop: Shop, actor: Actor, new: NewProduct) -> SingleProductView:
    product_id = await create_product(tx, shop, actor, new)
    return SingleProductView.shown(await show_product(tx, product_id, hidden_too=True), shop)


async def _changed(tx: Tx, shop: Shop, actor: Actor, product_id: int, change: ProductChange) -> SingleProductView:
    await update_product(tx, shop, actor, product_id, change)
    return SingleProductView.shown(await show_product(tx, product_id, hidden_too=True), shop)


async def _deleted(tx: Tx, shop: Shop, actor: Actor, product_id: int) -> DeletedProductView:
    deleted = await delete_product(tx, actor, product_id)
    return DeletedProductView.gone(deleted.shown, shop, deleted.at)
