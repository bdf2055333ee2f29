"""The SQL of brands."""

from __future__ import annotations

from typing import Final

import msgspec

from entrepot.catalog.queries import SOLD
from entrepot.kernel.db import Db
from entrepot.kernel.filters import Filters, Sort, SortKey


class CountedBrand(msgspec.Struct, frozen=True, kw_only=True):
    """A brand, and how many products of it are sold. `lowered` is its name as the database sorts by it, which for some
    letters is not what Python's lower() gives."""

    id: int
    slug: str
    name: str
    lowered: str
    products: int


BY_COUNT: Final = SortKey("coalesce(counted.products, 0)", "bigint")
SORT_KEYS: Final = {
    "name": SortKey("lower(b.name)", "text"),
    "productCount": BY_COUNT,
    "count": BY_COUNT,
    "id": SortKey("b.id", "bigint"),
}
BY_NAME: Final = Sort(SORT_KEYS["name"], descending=False, id_column="b.id")


async def list_brands(db: Db, filters: Filters, sort: Sort, skip: int, limit: int) -> list[CountedBrand]:
    """A page of brands. Only those on the page are counted, unless the count decides which these are."""
    args = [*filters.args, skip, limit]
    page = f"order by {sort.order_by} offset ${len(args) - 1} limit ${len(args)}"
    statement = _COUNTED_FIRST if sort.key is BY_COUNT else _COUNTED_LAST
    return await db.many(
        CountedBrand, statement.format(sold=SOLD, filters=filters.sql, order=sort.order_by, page=page), *args
    )


_COUNTED_FIRST: Final = """
    with counted as (
        select p.brand_id, count(*) as products from products p
        where p.deleted_at is null and p.brand_id is not null and {sold} group by p.brand_id
    )
    select b.id, b.slug, b.name, lower(b.name) as lowered, coalesce(counted.products, 0) as products
    from brands b left join counted on counted.brand_id = b.id where {filters} {page}
    """
_COUNTED_LAST: Final = """
    with page as materialized (
        select b.id, b.slug, b.name, lower(b.name) as lowered, row_number() over (order by {order}) as place
        from brands b where {filters} {page}
    ), counted as (
        select p.brand_id, count(*) as products from products p
        where p.brand_id = any(array(select id from page)) and p.deleted_at is null and {sold} group by p.brand_id
    )
    select page.id, page.slug, page.name, page.lowered, coalesce(counted.products, 0) as products
    from page left join counted on counted.brand_id = page.id order by page.place
    """


async def count_brands(db: Db, filters: Filters) -> int:
    total: int = await db.value(f"select count(*) from brands b where {filters.sql}", *filters.args)
    return total
