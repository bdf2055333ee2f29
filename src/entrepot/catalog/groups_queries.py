"""The SQL of groups."""

from __future__ import annotations

from collections.abc import Sequence

from entrepot.catalog.groups import VARIANTS_SHOWN, Group
from entrepot.kernel import clock
from entrepot.kernel.db import Db, Tx


async def claim_group(tx: Tx, company_id: int, key: str, title: str | None, first_title: str) -> int:
    """The id of the company's group of this key, renamed if a title is given; made when there is none.

    `first_title` is what a new one is called that was given no title.
    """
    group_id: int = await tx.value(
        """
        insert into product_groups as g (company_id, key, title, created_at) values ($1, $2, coalesce($3, $4), $5)
        on conflict (company_id, key) do update set title = coalesce($3, g.title)
        returning id
        """,
        company_id,
        key,
        title,
        first_title,
        clock.now(),
    )
    return group_id


async def get_group(db: Db, group_id: int, product_id: int, languages: Sequence[str]) -> Group:
    """The group with the members that are not this product."""
    return await db.one(
        Group,
        f"""
        select g.id, g.key, g.title, coalesce((
            select jsonb_agg(to_jsonb(v)) from (
                select p.id, coalesce(t.title, p.title) as title, p.sku, p.options, p.price_minor, p.discount_bp, p.currency,
                       coalesce(s.available, 0) as stock, p.thumbnail
                from products p
                left join product_stock s on s.product_id = p.id
                left join lateral (
                    select title from product_translations where product_id = p.id and language = any($3::text[])
                    order by array_position($3::text[], language) limit 1
                ) t on true
                where p.group_id = g.id and p.id <> $2 and p.deleted_at is null
                order by p.id limit {VARIANTS_SHOWN}
            ) v), '[]') as variants
        from product_groups g where g.id = $1
        """,
        group_id,
        product_id,
        list(languages),
    )
