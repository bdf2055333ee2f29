"""How categories are shown: as a tree, as a list in the tree's order, and one by one with the way that leads to it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

import msgspec

from entrepot.catalog.categories import Category
from entrepot.catalog.categories_queries import TreeRow


class CategoryRef(msgspec.Struct, frozen=True):
    """A category as other things name it."""

    id: int
    slug: str
    name: str


class CategoryLine(msgspec.Struct, frozen=True, rename="camel", kw_only=True):
    """A category: `productCount` is what is sold directly in it, each variant by itself; `totalCount`, with everything
    below it. `level` is 1 at the top."""

    id: int
    slug: str
    name: str
    parent_id: int | None
    position: int
    level: int
    product_count: int
    total_count: int


class CategoryNode(CategoryLine, frozen=True, rename="camel", kw_only=True):
    """A category with those in it, in their order."""

    children: list[CategoryNode]

    @property
    def line(self) -> CategoryLine:
        return CategoryLine(**{name: getattr(self, name) for name in CategoryLine.__struct_fields__})


class CategoryTree(msgspec.Struct, frozen=True):
    """The categories at the top with all below them; `total` counts those at the top."""

    categories: list[CategoryNode]
    total: int
    skip: int
    limit: int


class CategoryList(msgspec.Struct, frozen=True):
    """All categories, each before those in it."""

    categories: list[CategoryLine]
    total: int
    skip: int
    limit: int


class CategoryView(CategoryLine, frozen=True, rename="camel", kw_only=True):
    """A category, the way to it from the top (itself last), and those directly in it."""

    path: list[CategoryRef]
    children: list[CategoryLine]
    translations: dict[str, str]
    created_at: datetime
    updated_at: datetime


class CategoryOrder(msgspec.Struct, frozen=True, rename="camel"):
    """The categories in one, or at the top where `parentId` is null, in their order."""

    parent_id: int | None
    ids: list[int]


def tree_of(rows: Sequence[TreeRow], counts: Mapping[int, int]) -> list[CategoryNode]:
    """The rows hung together, siblings in the order in which they come; `counts` are products by category id."""
    children: dict[int | None, list[TreeRow]] = {}
    for row in rows:
        children.setdefault(row.parent_id, []).append(row)
    return [_node(row, children, counts, 1) for row in children.get(None, ())]


def _node(
    row: TreeRow, children: Mapping[int | None, list[TreeRow]], counts: Mapping[int, int], level: int
) -> CategoryNode:
    below = [_node(child, children, counts, level + 1) for child in children.get(row.id, ())]
    own = counts.get(row.id, 0)
    return CategoryNode(
        id=row.id,
        slug=row.slug,
        name=row.name,
        parent_id=row.parent_id,
        position=row.position,
        level=level,
        product_count=own,
        total_count=own + sum(child.total_count for child in below),
        children=below,
    )


def lines_of(nodes: Sequence[CategoryNode]) -> list[CategoryLine]:
    """A tree as a list, each category before those in it."""
    return [line for node in nodes for line in (node.line, *lines_of(node.children))]


def way_to(nodes: Sequence[CategoryNode], category_id: int) -> list[CategoryNode]:
    """From the top to a category that is in the tree; empty when it is not."""
    for node in nodes:
        if node.id == category_id:
            return [node]
        if below := way_to(node.children, category_id):
            return [node, *below]
    return []


def view_of(category: Category, way: Sequence[CategoryNode], translations: Mapping[str, str]) -> CategoryView:
    """A category at the end of its way."""
    shown = way[-1]
    return CategoryView(
        **msgspec.structs.asdict(shown.line),
        path=[CategoryRef(node.id, node.slug, node.name) for node in way],
        children=[child.line for child in shown.children],
        translations=dict(translations),
        created_at=category.created_at,
        updated_at=category.updated_at,
    )
