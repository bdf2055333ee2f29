"""How rows become what the index keeps: products with the path to their category."""

from __future__ import annotations

import zlib
from collections.abc import Iterable, Mapping
from typing import Final

import msgspec

from entrepot.search.model import IndexedCategory, IndexedProduct
from entrepot.search.queries import CategoryNames, ProductTexts

DEEPEST: Final = 50
"""Steps from a category to the root that are followed at most: the tree has no loops, but a half-read one may."""


class CategoryTree:
    """The path from the root to every category, and a number for each that changes when anything on it does."""

    def __init__(self, categories: Iterable[CategoryNames]) -> None:
        self._by_id = {category.id: category for category in categories}
        self._paths = {category_id: self._path_to(category_id) for category_id in self._by_id}

    def path(self, category_id: int) -> list[IndexedCategory]:
        return self._paths.get(category_id, [])

    def marks(self) -> dict[int, int]:
        """By category: equal to that of another tree where products need not be indexed anew."""
        return {category_id: zlib.crc32(msgspec.json.encode(path)) for category_id, path in self._paths.items()}

    def _path_to(self, category_id: int) -> list[IndexedCategory]:
        path: list[IndexedCategory] = []
        step = self._by_id.get(category_id)
        while step is not None and len(path) < DEEPEST:
            path.append(IndexedCategory(step.id, step.slug, step.name, step.names))
            step = self._by_id.get(step.parent_id) if step.parent_id is not None else None
        return path[::-1]


def different(before: Mapping[int, int], after: Mapping[int, int]) -> set[int]:
    """The categories whose path was changed, or that came or went."""
    return {
        category_id for category_id in before.keys() | after.keys() if before.get(category_id) != after.get(category_id)
    }


def indexed(texts: ProductTexts, tree: CategoryTree) -> IndexedProduct:
    return IndexedProduct(
        id=texts.id,
        company_id=texts.company_id,
        seller_id=texts.seller_id,
        group_id=texts.group_id,
        group_title=texts.group_title,
        sku=texts.sku,
        barcode=texts.barcode,
        title=texts.title,
        description=texts.description,
        titles=texts.titles,
        descriptions=texts.descriptions,
        brand_id=texts.brand_id,
        brand=texts.brand,
        brand_slug=texts.brand_slug,
        categories=tree.path(texts.category_id),
        tags=texts.tags,
        attributes=texts.attributes,
        options=texts.options,
        price_minor=texts.price_minor,
    )
