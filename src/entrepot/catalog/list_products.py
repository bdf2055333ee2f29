"""Listing products: every filter and sort of the list, freely combined."""

from __future__ import annotations

import msgspec

from entrepot.catalog import queries
from entrepot.catalog.model import CategoryNotFound, ProductRow
from entrepot.catalog.queries import BY_ID, SOLD, SORT_KEYS, Listed
from entrepot.kernel import languages
from entrepot.kernel.db import Db
from entrepot.kernel.errors import Invalid
from entrepot.kernel.filters import Filters, Sort, choose_sort
from entrepot.kernel.pages import Page


class ProductFilter(msgspec.Struct, frozen=True, kw_only=True):
    """Which products are wanted, and in which order. Prices are in minor units."""

    min_price_minor: int | None = None
    max_price_minor: int | None = None
    brand: str | None = None
    category: str | None = None
    seller: int | None = None
    company: int | None = None
    zone: str | None = None
    warehouse: int | None = None
    tag: str | None = None
    in_stock: bool | None = None
    sort_by: str | None = None
    order: str | None = None

    @property
    def depends_on_stock(self) -> bool:
        """Whether a sale may change which products the list shows."""
        return self.in_stock is not None or self.sort_by == "stock"


async def list_products(
    db: Db, wanted: ProductFilter, page: Page, language: str
) -> tuple[Listed, tuple[object, ...] | None]:
    """A page of products with the total, and the cursor of the next page if there is one.

    Raises:
        Invalid: an unknown sort key, or a cursor of another list.
    """
    filters = _conditions(wanted)
    sort = choose_sort(SORT_KEYS, wanted.sort_by, wanted.order, default=BY_ID, id_column="p.id")
    total = await queries.count_products(db, filters)
    if page.after is not None:
        sort.after(filters, page.after)
    rows = await queries.list_products(db, filters, sort, page.skip, page.limit, languages.candidates(language))
    return Listed(rows, total), _cursor_after(rows, sort, page)


async def list_category(
    db: Db, slug: str, wanted: ProductFilter, page: Page, language: str
) -> tuple[Listed, tuple[object, ...] | None]:
    """As `list_products`, in one category and everything below it. Raises CategoryNotFound."""
    if await queries.find_category(db, slug) is None:
        raise CategoryNotFound
    return await list_products(db, msgspec.structs.replace(wanted, category=slug), page, language)


def _conditions(wanted: ProductFilter) -> Filters:
    if (
        wanted.min_price_minor is not None
        and wanted.max_price_minor is not None
        and wanted.min_price_minor > wanted.max_price_minor
    ):
        raise Invalid({"minPrice": ["must not be above maxPrice"]})
    filters = Filters("p.deleted_at is null", SOLD)
    if wanted.min_price_minor is not None:
        filters.add("p.price_minor >= {}", wanted.min_price_minor)
    if wanted.max_price_minor is not None:
        filters.add("p.price_minor <= {}", wanted.max_price_minor)
    if wanted.brand is not None:
        filters.add("p.brand_id = any(array(select id from brands where name = {} or slug = {}))", *[wanted.brand] * 2)
    if wanted.category is not None:
        filters.add(_IN_SUBTREE, wanted.category)
    if wanted.seller is not None:
        filters.add("p.seller_id = {}", wanted.seller)
    if wanted.company is not None:
        filters.add("p.company_id = {}", wanted.company)
    if wanted.tag is not None:
        filters.add("p.tags @> array[{}::text]", wanted.tag)
    if wanted.zone is not None:
        filters.add(_SOLD_IN_ZONE, *[wanted.zone] * 2)
    if wanted.warehouse is not None:
        filters.add(_IN_WAREHOUSE, wanted.warehouse)
    if wanted.in_stock is not None:
        filters.add(f"coalesce(s.available, 0) {'>' if wanted.in_stock else '='} 0")
    return filters


_IN_SUBTREE = """
    p.category_id = any(array(
        with recursive tree as (
            select id from categories where slug = {} and deleted_at is null
            union all
            select c.id from categories c join tree on c.parent_id = tree.id where c.deleted_at is null
        )
        select id from tree))
    """
_SOLD_IN_ZONE = """
    exists (select from company_zones cz join zones z on z.id = cz.zone_id
            where cz.company_id = p.company_id and z.slug = {} and z.deleted_at is null)
    and (not exists (select from product_zones pz where pz.product_id = p.id)
         or exists (select from product_zones pz join zones z on z.id = pz.zone_id
                    where pz.product_id = p.id and z.slug = {}))
    """
_IN_WAREHOUSE = """
    exists (select from stock_levels l where l.product_id = p.id and l.warehouse_id = {} and l.on_hand > l.reserved)
    """


def _cursor_after(rows: list[ProductRow], sort: Sort, page: Page) -> tuple[object, ...] | None:
    if len(rows) < page.limit or not rows:
        return None
    last = rows[-1]
    values = {
        "p.price_minor": last.price_minor,
        "p.rating": str(last.rating),
        "p.title": last.original_title,
        "p.created_at": last.created_at.isoformat(),
        "coalesce(s.available, 0)": last.stock,
        "p.id": last.id,
    }
    return sort.cursor(values[sort.key.column], last.id)
