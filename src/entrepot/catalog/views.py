"""How the catalog shows products: DummyJSON's full shape, and ours."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Self

import msgspec

from entrepot.catalog.groups import Group, Variant
from entrepot.catalog.model import LOW_STOCK, PageRow, ProductRow, ReviewRow
from entrepot.shop import OnShelf, Shop


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


class ProductPromotion(msgspec.Struct, frozen=True):
    """A promotion that counts for anyone who buys the product."""

    id: int
    name: str


class OwnTier(msgspec.Struct, frozen=True, rename="camel"):
    """What a piece costs from so many pieces on, in major units."""

    from_quantity: int
    price: int | float


class ProductView(msgspec.Struct, frozen=True, rename="camel", kw_only=True, omit_defaults=True):
    """A product: prices in major units, weight in kilograms, `stock` what can be bought now over all warehouses.

    `promotions` and `finalPrice` are there where promotions lower the price for anyone: what one piece then costs, after
    its own discount, before tax. `listPrice` and `tiers` are there for those who have prices of their own, from price lists:
    then `price` is theirs for the least that can be ordered, and `tiers` say from how many pieces on one costs them less.
    """

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
    pack_size: int
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
    promotions: list[ProductPromotion] | None = None
    final_price: int | float | None = None
    list_price: int | float | None = None
    tiers: list[OwnTier] | None = None

    @classmethod
    def of(cls, row: ProductRow, shop: Shop) -> Self:
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
            pack_size=row.pack_size,
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
            **_promoted(row, shop),
        )


def _promoted(row: ProductRow, shop: Shop) -> dict[str, Any]:
    promoted = shop.promoted(
        OnShelf(
            product_id=row.id,
            company_id=row.company_id,
            category_id=row.category_id,
            brand_id=row.brand_id,
            group_id=row.group_id,
            price_minor=row.price_minor,
            discount_bp=row.discount_bp,
            currency=row.currency,
        )
    )
    if promoted is None:
        return {}
    return {
        "promotions": [ProductPromotion(promotion_id, name) for promotion_id, name in promoted.promotions],
        "final_price": shop.currency_of(row.currency).major(promoted.final_price_minor),
    }


class VariantView(msgspec.Struct, frozen=True, rename="camel", kw_only=True):
    """Another product of the same group."""

    id: int
    title: str
    sku: str
    options: dict[str, Any]
    price: int | float
    discount_percentage: float
    currency: str
    stock: int
    thumbnail: str

    @classmethod
    def of(cls, variant: Variant, shop: Shop) -> VariantView:
        return cls(
            id=variant.id,
            title=variant.title,
            sku=variant.sku,
            options=variant.options,
            price=shop.currency_of(variant.currency).major(variant.price_minor),
            discount_percentage=variant.discount_bp / 100,
            currency=variant.currency,
            stock=variant.stock,
            thumbnail=shop.files.url(variant.thumbnail),
        )


class GroupView(msgspec.Struct, frozen=True):
    """The group of products that differ by their options; `key` is the company's own name for it."""

    id: int
    key: str
    title: str

    @classmethod
    def of(cls, group: Group) -> GroupView:
        return cls(group.id, group.key, group.title)


class SingleProductView(ProductView, frozen=True, rename="camel", kw_only=True, omit_defaults=True):
    """A product by itself. One of a group names the group and its `variants`, the other members, up to 100."""

    group: GroupView | None = None
    variants: list[VariantView] | None = None

    @classmethod
    def shown(cls, row: PageRow, shop: Shop, **more: Any) -> Self:
        fields = msgspec.structs.asdict(ProductView.of(row, shop))
        if row.group is not None:
            variants = [VariantView.of(variant, shop) for variant in row.group.variants]
            fields |= {"group": GroupView.of(row.group), "variants": variants}
        return cls(**{**fields, **more})


class DeletedProductView(SingleProductView, frozen=True, rename="camel", kw_only=True, omit_defaults=True):
    """A product as it was when it was deleted."""

    deleted_on: datetime

    @classmethod
    def gone(cls, row: PageRow, shop: Shop, deleted_on: datetime) -> Self:
        return cls.shown(row, shop, is_deleted=True, deleted_on=deleted_on)


class ProductPage(msgspec.Struct, frozen=True, rename="camel", kw_only=True, omit_defaults=True):
    """A page of products. `limit` is how many are on it, `total` how many there are."""

    products: list[ProductView]
    total: int
    skip: int
    limit: int
    next_cursor: str | None = None


def availability(stock: int) -> str:
    """DummyJSON's words for how much is left."""
    if stock <= 0:
        return "Out of Stock"
    return "Low Stock" if stock <= LOW_STOCK else "In Stock"


def masked(email: str) -> str:
    """`j***@example.com`: enough to recognise one's own, no use to anybody else."""
    name, at, domain = email.partition("@")
    return f"{name[:1]}***@{domain}" if at else ""
