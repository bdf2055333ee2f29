"""Reading categories: their tree and one of them, in the reader's language, with what is sold in each."""

from __future__ import annotations

from entrepot.catalog import categories_queries as queries
from entrepot.catalog.categories_views import CategoryNode, CategoryView, tree_of, view_of, way_to
from entrepot.catalog.model import CategoryNotFound
from entrepot.kernel.db import Db
from entrepot.kernel.languages import candidates


async def category_tree(db: Db, language: str) -> list[CategoryNode]:
    """All categories, with the number of products in each."""
    counts = await queries.count_all_products(db)
    return tree_of(
        await queries.list_tree(db, candidates(language)), {count.category_id: count.products for count in counts}
    )


async def get_category(db: Db, named: int | str, language: str) -> CategoryView:
    """A category by id or slug, and where it lies. Raises CategoryNotFound."""
    category = await queries.find_category(db, named)
    if category is None:
        raise CategoryNotFound
    branch = await queries.list_branch(db, category.id, candidates(language))
    counts = await queries.count_products(db, [row.id for row in branch])
    way = way_to(tree_of(branch, {count.category_id: count.products for count in counts}), category.id)
    if not way:
        raise CategoryNotFound  # deleted between two statements
    translations = await queries.list_translations(db, category.id)
    return view_of(category, way, {one.language: one.name for one in translations})
