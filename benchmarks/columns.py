"""Lists from columns in memory: filters, sorts, depths and facets over many products, and what they take up.

    python -m benchmarks.columns --products 1000000

Needs no database and no server: products are made up, about three tags and four attributes each.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable
from typing import Any

import numpy as np

from entrepot.catalog.columns import Columns
from entrepot.catalog.columns_chunk import Chunk, ProductChunk
from entrepot.catalog.columns_dimensions import BrandName, CategoryNode, SellingCompany, ZoneSlug
from entrepot.catalog.columns_table import Table
from entrepot.catalog.product_filter import ProductFilter
from entrepot.kernel.pages import Page

COMPANIES, BRANDS, GROUPS, WAREHOUSES, CATEGORIES = 200, 3000, 30_000, 20, 300
COLOURS = ["black", "white", "blue", "red", "green", "grey", "brown", "yellow", "pink", "purple"]
VALUES = {
    "colour": COLOURS,
    "size": ["XS", "S", "M", "L", "XL"],
    "material": [f"material {n}" for n in range(40)],
    "model": [f"M-{n}" for n in range(5000)],
}
RUNS = 15
TAGS = [f"tag{n}" for n in range(400)]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--products", type=int, default=1_000_000)
    products = parser.parse_args().products
    table = Table()
    began = time.perf_counter()
    _fill(table, products)
    filled = time.perf_counter()
    table.settle()
    print(f"{products:,} products: filled in {filled - began:.1f} s, sorted in {time.perf_counter() - filled:.1f} s")
    print(f"{table.size_bytes / 1e6:,.0f} MB of arrays, {table.size_bytes / products:.0f} bytes a product:")
    print(", ".join(f"{name} {size / 1e6:.1f}" for name, size in table.sizes.items()) + "\n")
    _measure_lists(lambda: Columns(table))
    _measure_changes(table, products)


def _measure_lists(fresh: Callable[[], Columns]) -> None:
    """Each list with columns that remember nothing."""
    filters: dict[str, dict[str, Any]] = {
        "all": {},
        "category": {"category": "c-7"},
        "sub-tree (a tenth)": {"category": "c-0"},
        "brand": {"brand": "brand-9"},
        "price range": {"min_price_minor": 3_000, "max_price_minor": 90_000},
        "cheapest left out": {"min_price_minor": 95_000},
        "in stock": {"in_stock": True},
        "rating": {"min_rating_hundredths": 430},
        "tag": {"tag": "tag5"},
        "attribute": {"attributes": (("colour", "blue"),)},
        "three attributes": {"attributes": (("colour", "blue"), ("colour", "red"), ("size", "M"), ("material", "material 3"))},
        "zone": {"zone": "z-3"},
        "warehouse": {"warehouse": 7},
        "company": {"company": 5},
        "seller": {"seller": 77},
        "five at once": {
            "category": "c-0", "in_stock": True, "min_price_minor": 2_000, "max_price_minor": 80_000,
            "min_rating_hundredths": 300, "tag": "tag1",
        },
    }  # fmt: skip
    heads = ["total", "id", "price", "title v", "rating v", "stock", "skip", "cursor", "facets"]
    print(f"{'milliseconds of CPU':<22}" + "".join(f"{head:>9}" for head in heads))
    for name, fields in filters.items():
        times = []
        total = fresh().select(ProductFilter(**fields)).total
        for sort_by, order in (
            ("id", "asc"),
            ("price", "asc"),
            ("title", "desc"),
            ("rating", "desc"),
            ("stock", "asc"),
        ):
            wanted = ProductFilter(**fields, sort_by=sort_by, order=order)
            times.append(_ms(lambda: fresh().select(wanted).page(Page(0, 10))))  # noqa: B023
        wanted = ProductFilter(**fields, sort_by="price")
        deep = fresh().select(wanted).page(Page(max(0, total // 2 - 5), 10))
        times.append(_ms(lambda: fresh().select(wanted).page(Page(max(0, total // 2), 10))))  # noqa: B023
        times.append(_ms(lambda: fresh().select(wanted).page(Page(0, 10, deep.following))))  # noqa: B023
        selections = iter([fresh().select(wanted) for _ in range(RUNS + 1)])
        times.append(_ms(lambda: next(selections).facets()))  # noqa: B023
        print(f"{name:<22}{total:>9,}" + "".join(f"{ms:>9.2f}" for ms in times))


def _measure_changes(table: Table, products: int) -> None:
    chance = np.random.default_rng(3)
    print()
    for count in (1, 10, 100):
        ids = np.sort(chance.choice(products, count, replace=False)) + 1
        raws = iter([_chunk(ids, np.random.default_rng(seed)) for seed in range(200)])
        print(f"{count:>4} products changed in everything: {_ms(lambda: table.apply(Chunk(next(raws)))):8.2f} ms")  # noqa: B023


def _ms(run: Callable[[], Any]) -> float:
    """The median of all runs, in milliseconds of this thread on a core: what else the machine does is left out."""
    run()
    times = []
    for _ in range(RUNS):
        began = time.thread_time()
        run()
        times.append(time.thread_time() - began)
    return sorted(times)[len(times) // 2] * 1000


def _fill(table: Table, products: int) -> None:
    table.set_categories(
        [CategoryNode(n + 1, None if n < 10 else n % 10 + 1, f"c-{n}", f"Category {n}") for n in range(CATEGORIES)]
    )
    table.set_zones([ZoneSlug(n + 1, f"z-{n}") for n in range(10)])
    table.set_brands([BrandName(n + 1, f"brand-{n}", f"Brand {n}") for n in range(BRANDS)])
    table.set_companies([SellingCompany(n + 1, n % 50 != 0, [n % 10 + 1, n % 7 + 1]) for n in range(COMPANIES)])
    chance = np.random.default_rng(1)
    for start in range(1, products + 1, 20_000):
        table.apply(Chunk(_chunk(np.arange(start, min(start + 20_000, products + 1)), chance)))


def _chunk(ids: Any, chance: np.random.Generator) -> ProductChunk:
    count = len(ids)

    def number(low: int, high: int) -> bytes:
        return chance.integers(low, high, count).astype(">i8").tobytes()

    def pairs(each: int, most: int, kind: str, first: int = 0) -> bytes:
        places = np.repeat(np.arange(count), each)
        return np.stack([places, chance.integers(first, most + first, len(places))], axis=1).astype(kind).tobytes()

    words = chance.integers(0, 2000, (count, 3)).tolist()
    titles = [
        f"Word{a} Thing{b} Model {c} of {id_}".encode() for (a, b, c), id_ in zip(words, ids.tolist(), strict=True)
    ]
    flat = [(name, value) for name, values in VALUES.items() for value in values]
    first, drawn = 0, []
    for values in VALUES.values():
        codes = chance.integers(first, first + len(values), count)
        drawn.append(np.stack([np.arange(count), codes], axis=1))
        first += len(values)
    groups = np.where(chance.random(count) < 0.1, chance.integers(1, GROUPS, count), 0)
    stocks = np.where(chance.random(count) < 0.1, 0, chance.integers(1, 500, count))
    return ProductChunk(
        ids=ids.astype(">i8").tobytes(),
        prices=number(100, 100_000),
        ratings_hundredths=number(0, 501),
        created_at_us=(ids + 1_700_000_000_000_000).astype(">i8").tobytes(),
        stocks=stocks.astype(">i8").tobytes(),
        category_ids=number(1, CATEGORIES + 1),
        brand_ids=number(1, BRANDS + 1),
        company_ids=number(1, COMPANIES + 1),
        seller_ids=number(1, 1000),
        group_ids=groups.astype(">i8").tobytes(),
        title_lengths=np.array([len(title) for title in titles]).astype(">i8").tobytes(),
        titles=b"".join(titles),
        tags=TAGS,
        tag_pairs=pairs(3, len(TAGS), ">i4"),
        attribute_names=[name for name, _ in flat],
        attribute_values=[value for _, value in flat],
        attribute_pairs=np.concatenate(drawn).astype(">i4").tobytes(),
        warehouse_pairs=pairs(1, WAREHOUSES, ">i8", 1),
        zone_pairs=b"",
    )


if __name__ == "__main__":
    main()
