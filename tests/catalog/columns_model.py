"""A catalog that anybody can check: plain Python objects, and lists made from them the slow way."""

from __future__ import annotations

import struct
from collections.abc import Iterable, Sequence
from typing import Any

import msgspec

from entrepot.catalog.columns_chunk import Chunk, ProductChunk
from entrepot.catalog.columns_dimensions import BrandName, CategoryNode, SellingCompany, ZoneSlug
from entrepot.catalog.columns_table import BANDS, Table
from entrepot.catalog.product_filter import ProductFilter


class Product(msgspec.Struct, frozen=True, kw_only=True):
    id: int
    price: int
    rating: int
    created: int
    stock: int
    category: int
    brand: int
    company: int
    seller: int
    group: int
    title: str
    tags: frozenset[str]
    attributes: dict[str, str]
    warehouses: frozenset[int]
    zones: frozenset[int]


class Shelf:
    """The naive catalog."""

    def __init__(self) -> None:
        self.products: dict[int, Product] = {}
        self.nodes: list[CategoryNode] = []
        self.companies: dict[int, SellingCompany] = {}
        self.zones: list[ZoneSlug] = []
        self.brands: list[BrandName] = []

    def wanted(self, wanted: ProductFilter, *, hidden_too: bool = False) -> list[Product]:
        """All products that the filter wants, in its order, each variant for itself."""
        fitting = [one for one in self.products.values() if self._fits(one, wanted, hidden_too)]
        key = {"date": "created", "createdAt": "created", "name": "title", None: "id"}.get(
            wanted.sort_by, wanted.sort_by
        )
        assert key is not None
        return sorted(fitting, key=lambda one: (getattr(one, key), one.id), reverse=wanted.order == "desc")

    def listed(self, wanted: ProductFilter, *, hidden_too: bool = False) -> list[Product]:
        """The entries of the list: of a group, the first that fits."""
        met: set[int] = set()
        entries = []
        for one in self.wanted(wanted, hidden_too=hidden_too):
            if wanted.variants_apart or not one.group or one.group not in met:
                entries.append(one)
            met.add(one.group)
        return entries

    def facets(self, wanted: ProductFilter) -> dict[str, dict[Any, int]]:
        """By facet and value the number of entries that have it, without the facet's own condition."""
        names = {category.id: category.slug for category in self.nodes}
        brands = {brand.id: brand.slug for brand in self.brands}
        reachable = self._reachable()

        def count(values: Any, **fewer: Any) -> dict[Any, int]:
            entries: dict[Any, set[tuple[str, int]]] = {}
            for one in self.wanted(msgspec.structs.replace(wanted, **fewer)):
                entry = ("group", one.group) if one.group and not wanted.variants_apart else ("product", one.id)
                for value in values(one):
                    entries.setdefault(value, set()).add(entry)
            return {value: len(found) for value, found in entries.items()}

        attributes: dict[Any, int] = {}
        for name in {name for one in self.products.values() for name in one.attributes}:
            others = tuple(pair for pair in wanted.attributes if pair[0] != name)
            pairs = count(lambda one: one.attributes.items(), attributes=others)
            attributes |= {pair: number for pair, number in pairs.items() if pair[0] == name}
        return {
            "categories": count(lambda one: [names[one.category]] if one.category in reachable else [], category=None),
            "brands": count(lambda one: [brands[one.brand]] if one.brand else [], brand=None),
            "prices": count(
                lambda one: [max(edge for edge in BANDS if edge <= one.price)],
                min_price_minor=None,
                max_price_minor=None,
            ),
            "ratings": count(
                lambda one: [str(least) for least in (1, 2, 3, 4) if one.rating >= least * 100],
                min_rating_hundredths=None,
            ),
            "availability": count(lambda one: ["true" if one.stock else "false"], in_stock=None),
            "attributes": attributes,
        }

    def _fits(self, one: Product, wanted: ProductFilter, hidden_too: bool) -> bool:
        company = self.companies[one.company]
        brands = {brand.id for brand in self.brands if wanted.brand in (brand.name, brand.slug)}
        zone = next((zone.id for zone in self.zones if zone.slug == wanted.zone), -1)
        by_name: dict[str, set[str]] = {}
        for name, value in wanted.attributes:
            by_name.setdefault(name, set()).add(value)
        return all(
            (
                hidden_too or company.sells,
                wanted.min_price_minor is None or one.price >= wanted.min_price_minor,
                wanted.max_price_minor is None or one.price <= wanted.max_price_minor,
                wanted.min_rating_hundredths is None or one.rating >= wanted.min_rating_hundredths,
                wanted.in_stock is None or (one.stock > 0) == wanted.in_stock,
                wanted.seller is None or one.seller == wanted.seller,
                wanted.company is None or one.company == wanted.company,
                wanted.brand is None or one.brand in brands,
                wanted.category is None or one.category in self._below(wanted.category),
                wanted.tag is None or wanted.tag in one.tags,
                wanted.warehouse is None or wanted.warehouse in one.warehouses,
                all(one.attributes.get(name) in values for name, values in by_name.items()),
                wanted.zone is None or (zone in company.zone_ids and (not one.zones or zone in one.zones)),
            )
        )

    def _reachable(self) -> set[int]:
        return {id_ for node in self.nodes if node.parent_id is None for id_ in self._below(node.slug)}

    def _below(self, slug: str) -> set[int]:
        """The category and what is below it; nothing, if it cannot be reached from a root."""
        found = {node.id for node in self.nodes if node.slug == slug and self._has_root(node)}
        while more := {node.id for node in self.nodes if node.parent_id in found} - found:
            found |= more
        return found

    def _has_root(self, node: CategoryNode) -> bool:
        by_id = {one.id: one for one in self.nodes}
        seen: CategoryNode | None = node
        while seen is not None and seen.parent_id is not None:
            seen = by_id.get(seen.parent_id)
        return seen is not None


def put(table: Table, products: Iterable[Product]) -> None:
    """Let the table know products as if the database had told it."""
    raw = chunk_of(sorted(products, key=lambda one: one.id))
    table.apply(Chunk(raw))


def chunk_of(products: Sequence[Product]) -> ProductChunk:
    def numbers(values: Iterable[int]) -> bytes:
        return b"".join(struct.pack(">q", value) for value in values)

    tags = sorted({tag for one in products for tag in one.tags})
    pairs = sorted({pair for one in products for pair in one.attributes.items()})
    titles = [one.title.encode() for one in products]
    return ProductChunk(
        ids=numbers(one.id for one in products),
        prices=numbers(one.price for one in products),
        ratings_hundredths=numbers(one.rating for one in products),
        created_at_us=numbers(one.created for one in products),
        stocks=numbers(one.stock for one in products),
        category_ids=numbers(one.category for one in products),
        brand_ids=numbers(one.brand for one in products),
        company_ids=numbers(one.company for one in products),
        seller_ids=numbers(one.seller for one in products),
        group_ids=numbers(one.group for one in products),
        title_lengths=numbers(map(len, titles)),
        titles=b"".join(titles),
        tags=tags,
        tag_pairs=b"".join(
            struct.pack(">ii", place, tags.index(tag)) for place, one in enumerate(products) for tag in sorted(one.tags)
        ),
        attribute_names=[name for name, _ in pairs],
        attribute_values=[value for _, value in pairs],
        attribute_pairs=b"".join(
            struct.pack(">ii", place, pairs.index(pair))
            for place, one in enumerate(products)
            for pair in one.attributes.items()
        ),
        warehouse_pairs=b"".join(
            struct.pack(">qq", place, warehouse) for place, one in enumerate(products) for warehouse in one.warehouses
        ),
        zone_pairs=b"".join(
            struct.pack(">qq", place, zone) for place, one in enumerate(products) for zone in one.zones
        ),
    )
