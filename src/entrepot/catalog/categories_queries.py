"""The SQL of categories."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

import msgspec

from entrepot.catalog.categories import Category, CategoryFields, CategoryUses, Place
from entrepot.catalog.queries import SOLD
from entrepot.kernel import clock
from entrepot.kernel.db import Db, Tx

_CATEGORY: Final = "id, slug, name, parent_id, position, created_at, updated_at"

_NAMED: Final = """
    coalesce((select t.name from category_translations t
              where t.category_id = c.id and t.language = any({languages})
              order by array_position({languages}, t.language) limit 1), c.name) as name
    """


class TreeRow(msgspec.Struct, frozen=True, kw_only=True):
    """A category as it stands in the tree, called as in one language."""

    id: int
    slug: str
    name: str
    parent_id: int | None
    position: int


class Count(msgspec.Struct, frozen=True):
    """How many products that are sold lie directly in a category."""

    category_id: int
    products: int


class Translation(msgspec.Struct, frozen=True):
    language: str
    name: str


class Moved(msgspec.Struct, frozen=True):
    """A product that was moved."""

    id: int
    company_id: int


async def list_tree(db: Db, languages: Sequence[str]) -> list[TreeRow]:
    """All categories, siblings in their order."""
    return await db.many(
        TreeRow,
        f"""
        select c.id, c.slug, {_NAMED.format(languages="$1::text[]")}, c.parent_id, c.position
        from categories c where c.deleted_at is null order by c.position, c.id
        """,
        list(languages),
    )


async def list_branch(db: Db, category_id: int, languages: Sequence[str]) -> list[TreeRow]:
    """A category with all above and all below it, siblings in their order. Nothing when there is no such category."""
    return await db.many(
        TreeRow,
        f"""
        with recursive above as (
            select id, parent_id from categories where id = $1 and deleted_at is null
            union all
            select c.id, c.parent_id from categories c join above on c.id = above.parent_id
        ), below as (
            select id from categories where id = $1 and deleted_at is null
            union all
            select c.id from categories c join below on c.parent_id = below.id where c.deleted_at is null
        )
        select c.id, c.slug, {_NAMED.format(languages="$2::text[]")}, c.parent_id, c.position
        from categories c where c.id in (select id from above union select id from below) order by c.position, c.id
        """,
        category_id,
        list(languages),
    )


async def count_all_products(db: Db) -> list[Count]:
    """What is sold, by category. Reads an index alone."""
    return await db.many(
        Count,
        f"""
        select p.category_id, count(*) as products from products p where p.deleted_at is null and {SOLD}
        group by p.category_id
        """,
    )


async def count_products(db: Db, category_ids: Sequence[int]) -> list[Count]:
    """What is sold in each of these. Reads an index alone."""
    return await db.many(
        Count,
        f"""
        select p.category_id, count(*) as products from products p
        where p.category_id = any($1::bigint[]) and p.deleted_at is null and {SOLD} group by p.category_id
        """,
        list(category_ids),
    )


async def list_translations(db: Db, category_id: int) -> list[Translation]:
    return await db.many(
        Translation,
        "select language, name from category_translations where category_id = $1 order by language",
        category_id,
    )


async def find_category(db: Db, named: int | str) -> Category | None:
    """By id or slug."""
    return await db.maybe(
        Category,
        f"select {_CATEGORY} from categories where {_is_named(named)} and deleted_at is null",
        named,
    )


async def lock_tree(tx: Tx) -> None:
    """Whoever else changes categories waits until this transaction ends; readers, and products that come in, do not."""
    await tx.run("lock table categories in share row exclusive mode")


async def lock_category(tx: Tx, named: int | str) -> Category | None:
    """By id or slug. Products that are on their way into it are waited for, and those that come later wait."""
    return await tx.maybe(
        Category,
        f"select {_CATEGORY} from categories where {_is_named(named)} and deleted_at is null for update",
        named,
    )


def _is_named(named: int | str) -> str:
    return "id = $1::bigint" if isinstance(named, int) else "slug = $1::text"


async def get_place(db: Db, parent_id: int | None, category_id: int | None) -> Place:
    """What it would mean for a category, or a new one, to lie in a parent, or at the top.

    `level` is None when there is no such parent. Depth is bounded here too, so that the statement ends whatever it finds.
    """
    return await db.one(
        Place,
        """
        with recursive above as (
            select id, parent_id, 1 as step from categories where id = $1 and deleted_at is null
            union all
            select c.id, c.parent_id, above.step + 1 from categories c join above on c.id = above.parent_id
            where above.step < 1000
        ), below as (
            select id, 1 as step from categories where id = $2 and deleted_at is null
            union all
            select c.id, below.step + 1 from categories c join below on c.parent_id = below.id
            where c.deleted_at is null and below.step < 1000
        )
        select case when $1::bigint is null then 0 else (select max(step) from above) end as level,
               (select count(*) from categories
                where parent_id is not distinct from $1 and deleted_at is null and id is distinct from $2::bigint) as children,
               coalesce($2 = any(array(select id from above)), false) as inside,
               coalesce((select max(step) from below), 0) as height,
               (select count(*) from categories where deleted_at is null) as categories
        """,
        parent_id,
        category_id,
    )


async def list_children_ids(db: Db, parent_id: int | None) -> list[int]:
    """In their order."""
    return await db.values(
        """
        select id from categories where parent_id is not distinct from $1::bigint and deleted_at is null
        order by position, id
        """,
        parent_id,
    )


async def insert_category(tx: Tx, fields: CategoryFields) -> int:
    category_id: int = await tx.value(
        """
        insert into categories (slug, name, parent_id, created_at, updated_at) values ($1, $2, $3, $4, $4) returning id
        """,
        fields.slug,
        fields.name,
        fields.parent_id,
        clock.now(),
    )
    return category_id


async def set_category(tx: Tx, category_id: int, fields: CategoryFields) -> None:
    """Where it stands among its siblings is for `set_positions`."""
    await tx.run(
        "update categories set slug = $2, name = $3, parent_id = $4, updated_at = $5 where id = $1",
        category_id,
        fields.slug,
        fields.name,
        fields.parent_id,
        clock.now(),
    )


async def set_positions(tx: Tx, category_ids: Sequence[int]) -> None:
    """Siblings stand in this order from now on."""
    await tx.run(
        """
        update categories c set position = given.place - 1, updated_at = $2
        from unnest($1::bigint[]) with ordinality as given (id, place)
        where c.id = given.id and c.position <> given.place - 1
        """,
        list(category_ids),
        clock.now(),
    )


async def set_parent(tx: Tx, category_ids: Sequence[int], parent_id: int) -> None:
    await tx.run(
        "update categories set parent_id = $2, updated_at = $3 where id = any($1::bigint[])",
        list(category_ids),
        parent_id,
        clock.now(),
    )


async def set_translations(tx: Tx, category_id: int, names: Mapping[str, str | None]) -> None:
    """By language; None takes a translation away, and languages that are not named stay as they are."""
    await tx.run(
        """
        with given as (
            select language, name from unnest($2::text[], $3::text[]) as given (language, name)
        ), gone as (
            delete from category_translations t using given
            where t.category_id = $1 and t.language = given.language and given.name is null
        )
        insert into category_translations (category_id, language, name)
        select $1, language, name from given where name is not null
        on conflict (category_id, language) do update set name = excluded.name
        """,
        category_id,
        list(names.keys()),
        list(names.values()),
    )


async def get_uses(db: Db, category_id: int) -> CategoryUses:
    """Counts products of every company, also of those that do not sell now."""
    return await db.one(
        CategoryUses,
        """
        select (select count(*) from products where category_id = $1 and deleted_at is null) as products,
               (select count(*) from categories where parent_id = $1 and deleted_at is null) as children
        """,
        category_id,
    )


async def move_products(tx: Tx, from_id: int, to_id: int, after_id: int, limit: int) -> list[Moved]:
    """Put the next products of one category, by id, into another; returns them, nothing when none is left."""
    return await tx.many(
        Moved,
        """
        with next as (
            select id from products where category_id = $1 and deleted_at is null and id > $3
            order by id limit $4 for no key update
        )
        update products p set category_id = $2, updated_at = $5 from next where p.id = next.id
        returning p.id, p.company_id
        """,
        from_id,
        to_id,
        after_id,
        limit,
        clock.now(),
    )


async def set_deleted(tx: Tx, category_id: int) -> None:
    await tx.run("update categories set deleted_at = $2, updated_at = $2 where id = $1", category_id, clock.now())
