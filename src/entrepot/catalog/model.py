"""What the catalog knows of a product, and what it can refuse with."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Any, Final

import msgspec

from entrepot.catalog.categories import CategoryDeleted, CategoryExists
from entrepot.catalog.groups import Group, VariantExists
from entrepot.catalog.reviews import ReviewExists
from entrepot.catalog.uploads import UnknownThumbnail, UnknownUpload
from entrepot.kernel.errors import Conflict, NotFound

LOW_STOCK: Final = 5
"""At most this many left: shown as "Low Stock"."""

REVIEWS_SHOWN: Final = 3
"""The newest reviews that stand in a product; the others are at /products/{id}/reviews."""


class ReviewRow(msgspec.Struct, frozen=True):
    id: int
    rating: int
    comment: str
    date: datetime
    reviewer_name: str
    reviewer_email: str


class ProductRow(msgspec.Struct, frozen=True, kw_only=True):
    """A product with all that its page shows, in one language."""

    id: int
    company_id: int
    seller_id: int | None
    category_id: int
    brand_id: int | None
    group_id: int | None
    options: dict[str, Any]
    attributes: dict[str, Any]
    sku: str
    title: str
    original_title: str
    description: str
    category: str
    brand: str | None
    price_minor: int
    currency: str
    discount_bp: int
    rating: Decimal
    stock: int
    tags: list[str]
    weight_g: int
    width_mm: int
    height_mm: int
    depth_mm: int
    warranty_information: str
    shipping_information: str
    return_policy: str
    unit: str
    minimum_order_quantity: int
    pack_size: int
    barcode: str
    qr_code: str
    thumbnail: str
    images: list[str]
    zones: list[str]
    languages: list[str]
    reviews: list[ReviewRow]
    created_at: datetime
    updated_at: datetime


class GroupTold(msgspec.Struct, frozen=True, kw_only=True):
    """What a list tells of a group: which variants there are, what they cost, and the values of each option."""

    id: int
    title: str
    members: list[int]
    min_price_minor: int
    max_price_minor: int
    options: dict[str, list[Any]]


class ListedRow(ProductRow, frozen=True, kw_only=True):
    """A product in a list."""

    group: GroupTold | None


class PageRow(ProductRow, frozen=True, kw_only=True):
    """A product by itself, with the others of its group."""

    group: Group | None


class ProductNotFound(NotFound):
    code = "PRODUCT_NOT_FOUND"
    message = "Product not found"


class CategoryNotFound(NotFound):
    code = "CATEGORY_NOT_FOUND"
    message = "Category not found"


class SkuExists(Conflict):
    code = "SKU_EXISTS"
    message = "The company has a product with this SKU already"


CONSTRAINTS: Final = {
    "categories_slug_key": CategoryExists,
    "products_category_not_deleted": CategoryDeleted,
    "product_images_upload_fkey": UnknownUpload,
    "products_sku_key": SkuExists,
    "products_thumbnail_upload_fkey": UnknownThumbnail,
    "products_variant_key": VariantExists,
    "reviews_order_line_id_key": ReviewExists,
}
