"""How the catalog shows products: DummyJSON's full shape, and ours."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Final

import msgspec

from entrepot.catalog.model import LOW_STOCK, ProductRow, ReviewRow
from entrepot.kernel.errors import Invalid
from entrepot.shop import Shop


class Dimensions(msgspec.Struct, frozen=True):
    """In centimetres."""

    width: float
    height: float
    depth: float


class ProductMeta(msgspec.Struct, frozen=True, rename="camel"):
    created_at: datetime
    updated_at: datetime
    barcode: str
    qr_code: str


class ReviewView(msgspec.Struct, frozen=True, rename="camel"):
    """A review. The reviewer's address is shown masked."""

    id: int
    rating: int
    comment: str
    date: datetime
    reviewer_name: str
    reviewer_email: str

    @classmethod
    def of(cls, review: ReviewRow) -> ReviewView:
        return cls(
            review.id, review.rating, review.comment, review.date, review.reviewer_name, masked(review.reviewer_email)
        )


class ProductView(msgspec.Struct, frozen=True, rename="camel", kw_only=True):
    """A product: prices in major units, weight in kilograms, `stock` what can be bought now over all warehouses."""

    id: int
    title: str
    description: str
    category: str
    price: int | float
    discount_percentage: float
    rating: float
    stock: int
    tags: list[str]
    brand: str
    sku: str
    weight: float
    dimensions: Dimensions
    warranty_information: str
    shipping_information: str
    availability_status: str
    reviews: list[ReviewView]
    return_policy: str
    minimum_order_quantity: int
    meta: ProductMeta
    images: list[str]
    thumbnail: str
    company_id: int
    seller_id: int | None
    currency: str
    zones: list[str]
    unit: str
    languages: list[str]
    group_id: int | None
    options: dict[str, Any]
    attributes: dict[str, Any]
    created_at: datetime
    updated_at: datetime
    is_deleted: bool

    @classmethod
    def of(cls, row: ProductRow, shop: Shop) -> ProductView:
        return cls(
            id=row.id,
            title=row.title,
            description=row.description,
            category=row.category,
            price=shop.currency_of(row.currency).major(row.price_minor),
            discount_percentage=row.discount_bp / 100,
            rating=float(row.rating),
            stock=row.stock,
            tags=row.tags,
            brand=row.brand or "",
            sku=row.sku,
            weight=row.weight_g / 1000,
            dimensions=Dimensions(row.width_mm / 10, row.height_mm / 10, row.depth_mm / 10),
            warranty_information=row.warranty_information,
            shipping_information=row.shipping_information,
            availability_status=availability(row.stock),
            reviews=[ReviewView.of(review) for review in row.reviews],
            return_policy=row.return_policy,
            minimum_order_quantity=row.minimum_order_quantity,
            meta=ProductMeta(row.created_at, row.updated_at, row.barcode, row.qr_code),
            images=[shop.files.url(location) for location in row.images],
            thumbnail=shop.files.url(row.thumbnail),
            company_id=row.company_id,
            seller_id=row.seller_id,
            currency=row.currency,
            zones=row.zones,
            unit=row.unit,
            languages=row.languages,
            group_id=row.group_id,
            options=row.options,
            attributes=row.attributes,
            created_at=row.created_at,
            updated_at=row.updated_at,
            is_deleted=False,
        )


class ProductPage(msgspec.Struct, frozen=True, rename="camel", kw_only=True, omit_defaults=True):
    """A page of products. `limit` is how many are on it, `total` how many there are."""

    products: list[ProductView]
    total: int
    skip: int
    limit: int
    next_cursor: str | None = None


class SelectedPage(msgspec.Struct, frozen=True, rename="camel", kw_only=True, omit_defaults=True):
    """A page of products with only the fields that were selected, and always their ids."""

    products: list[dict[str, Any]]
    total: int
    skip: int
    limit: int
    next_cursor: str | None = None


FIELDS: Final = {field.encode_name for field in msgspec.structs.fields(ProductView)}


def fields_of(select: str) -> set[str]:
    """The fields that a comma list names, and the id. Raises Invalid for a field that there is not."""
    wanted = {name.strip() for name in select.split(",") if name.strip()}
    if unknown := sorted(wanted - FIELDS):
        raise Invalid({"select": [f"there is no field {name}" for name in unknown]})
    return wanted | {"id"}


def selected(page: ProductPage, fields: set[str]) -> SelectedPage:
    """The page with only these fields of each product."""
    return SelectedPage(
        products=[
            {name: value for name, value in msgspec.to_builtins(view).items() if name in fields}
            for view in page.products
        ],
        total=page.total,
        skip=page.skip,
        limit=page.limit,
        next_cursor=page.next_cursor,
    )


def availability(stock: int) -> str:
    """DummyJSON's words for how much is left."""
    if stock <= 0:
        return "Out of Stock"
    return "Low Stock" if stock <= LOW_STOCK else "In Stock"


def masked(email: str) -> str:
    """`j***@example.com`: enough to recognise one's own, no use to anybody else."""
    name, at, domain = email.partition("@")
    return f"{name[:1]}***@{domain}" if at else ""
