"""The columns in memory give the same lists as plain Python does, whatever was changed before."""

from __future__ import annotations

from typing import Any

import msgspec
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from entrepot.catalog import (
    columns_facets,
    columns_order,
    columns_postings,
    columns_runs,
    columns_selection,
    columns_table,
    columns_terms,
    columns_titles,
)
from entrepot.catalog.columns import Columns
from entrepot.catalog.columns_dimensions import BrandName, CategoryNode, SellingCompany, ZoneSlug
from entrepot.catalog.columns_selection import SORT_KEYS
from entrepot.catalog.columns_table import Table
from entrepot.catalog.facets import Counted
from entrepot.catalog.product_filter import ProductFilter
from entrepot.kernel.pages import Page
from tests.catalog.columns_model import Product, Shelf, put

TAGS = ["red", "blue", "big"]
WORDS = st.sampled_from(["", "A", "a", "Product ", "Product of note", "é", "產", "Z\u0001", "\U0001f600"])

products = st.builds(
    Product,
    id=st.integers(1, 60),
    price=st.sampled_from([0, 99, 100, 101, 250, 2**31 - 1, 2**31, 5 * 10**12]),
    rating=st.sampled_from([0, 100, 333, 400, 500]),
    created=st.sampled_from([0, 5, 1_700_000_000_123_456]),
    stock=st.sampled_from([0, 0, 1, 7, 2**31 - 1]),
    category=st.integers(1, 6),
    brand=st.integers(0, 3),
    company=st.integers(1, 3),
    seller=st.sampled_from([0, 1, 2**40]),
    group=st.sampled_from([0, 0, 0, 1, 2, 900]),
    title=st.builds(lambda a, b: "T" + a + b, WORDS, WORDS),
    tags=st.frozensets(st.sampled_from(TAGS)),
    attributes=st.dictionaries(st.sampled_from(["colour", "size"]), st.sampled_from(["blue", "M", "1"])),
    warehouses=st.frozensets(st.integers(1, 2)),
    zones=st.frozensets(st.integers(1, 2), max_size=1),
)

filters = st.builds(
    ProductFilter,
    min_price_minor=st.none() | st.sampled_from([0, 100, 2**31]),
    max_price_minor=st.none() | st.sampled_from([99, 250, 2**31, 10**14]),
    min_rating_hundredths=st.none() | st.sampled_from([100, 334]),
    brand=st.none() | st.sampled_from(["brand-1", "Brand 2", "same", "nobody"]),
    category=st.none() | st.sampled_from(["c-1", "c-2", "c-4", "c-6", "nothing"]),
    seller=st.none() | st.sampled_from([1, 2**40, 5]),
    company=st.none() | st.integers(1, 4),
    zone=st.none() | st.sampled_from(["z-1", "z-2", "nowhere"]),
    warehouse=st.none() | st.integers(1, 3),
    tag=st.none() | st.sampled_from([*TAGS, "none"]),
    attributes=st.lists(
        st.tuples(st.sampled_from(["colour", "size"]), st.sampled_from(["blue", "M", "x"])), max_size=2, unique=True
    ).map(tuple),
    in_stock=st.none() | st.booleans(),
    variants_apart=st.booleans(),
    sort_by=st.sampled_from([None, *SORT_KEYS]),
    order=st.sampled_from([None, "asc", "desc"]),
)
few_conditions = st.builds(
    lambda wanted, kept: ProductFilter(
        **{name: getattr(wanted, name) for name in [*kept, "variants_apart", "sort_by", "order"]}
    ),
    filters,
    st.sets(st.sampled_from(ProductFilter.__struct_fields__), max_size=2),
)

TREES = [
    [CategoryNode(n, None if n in (1, 5) else n // 2, f"c-{n}", f"Category {n}") for n in range(1, 6)],
    [CategoryNode(n, None if n == 6 else 6, f"c-{n}", f"Category {n}") for n in (6, 5, 4, 2)],
    [CategoryNode(n, 77 if n == 3 else None, f"c-{n}", f"Category {n}") for n in (3, 2, 1)],
]
BRANDS = [BrandName(1, "brand-1", "Brand 1"), BrandName(2, "brand-2", "Brand 2"), BrandName(3, "same", "brand-1")]

changes = st.one_of(
    st.lists(products, max_size=12, unique_by=lambda one: one.id).map(lambda some: ("put", some)),
    st.lists(st.integers(1, 60), max_size=6).map(lambda ids: ("remove", ids)),
    st.sampled_from(TREES).map(lambda tree: ("tree", tree)),
    st.builds(SellingCompany, st.integers(1, 3), st.booleans(), st.lists(st.integers(1, 2), unique=True)).map(
        lambda company: ("company", company)
    ),
    st.just(("tidy", None)),
)


@pytest.fixture(autouse=True, scope="module")
def small_blocks() -> Any:
    """So that a few dozen products go through what takes thousands otherwise."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(columns_order, "BLOCK", 3)
        patch.setattr(columns_selection, "SPARSE", 4)
        patch.setattr(columns_selection, "SPARSE_TITLES", 3)
        patch.setattr(columns_selection, "_LOOKED_UP", 2)
        patch.setattr(columns_selection, "NEAR", 3)
        patch.setattr(columns_titles, "_ONE_BY_ONE", 2)
        patch.setattr(columns_terms, "FORWARD", 4)
        patch.setattr(columns_postings, "FREQUENT", 3)
        patch.setattr(columns_postings, "MADE_BITS", 2)
        patch.setattr(columns_postings, "SEGMENT", 16)
        patch.setattr(columns_runs, "PIECE", 5)
        patch.setattr(columns_titles, "PIECE", 3)
        patch.setattr(columns_table, "REUSED_FROM", 2)
        yield


@given(
    st.lists(products, max_size=50, unique_by=lambda one: one.id),
    st.lists(changes, max_size=6),
    st.lists(filters | few_conditions, min_size=1, max_size=4),
    st.integers(1, 7),
    st.integers(0, 9),
)
@settings(max_examples=400, deadline=None)
def test_lists_are_those_of_plain_python(
    first: list[Product], then: list[Any], asked: list[ProductFilter], limit: int, skip: int
) -> None:
    shelf, table = a_shelf(first)
    for change in then:
        carry_out(shelf, table, *change)
    columns = Columns(table)
    for wanted in asked:
        entries = [one.id for one in shelf.listed(wanted)]
        selection = columns.select(wanted)

        assert selection.total == len(entries)
        assert selection.page(Page(skip, limit)).ids == entries[skip : skip + limit]
        assert walked(columns, wanted, limit) == entries
        assert facets(columns, wanted) == shelf.facets(wanted)

        every = [one.id for one in shelf.wanted(wanted)]
        assert selection.once_a_group(every) == entries
        ids = np.arange(0, 70)
        assert ids[selection.keep(ids)].tolist() == sorted(every) == sorted(selection.ids.tolist())
        hidden = columns.select(wanted, hidden_too=True)
        assert hidden.page(Page(0, 100)).ids == [one.id for one in shelf.listed(wanted, hidden_too=True)]
    known = np.array([*shelf.products, 1000])
    assert columns.prices(known).tolist() == [*(one.price for one in shelf.products.values()), 0]
    assert columns.stocks(known).tolist() == [*(one.stock for one in shelf.products.values()), 0]
    assert columns.ratings(known).tolist() == [*(one.rating for one in shelf.products.values()), 0]
    assert columns.created_at_us(known).tolist() == [*(one.created for one in shelf.products.values()), 0]


@given(st.lists(products, max_size=40, unique_by=lambda one: one.id), filters | few_conditions)
@settings(max_examples=50, deadline=None)
def test_in_long_lists_facets_count_each_variant(first: list[Product], wanted: ProductFilter) -> None:
    shelf, table = a_shelf(first)
    apart = msgspec.structs.replace(wanted, variants_apart=True)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(columns_facets, "MOST_GROUPED", -1)
        counted = Columns(table).select(wanted).facets()

    assert plain(counted) == shelf.facets(apart)
    assert (counted.counted is Counted.PRODUCTS) == (any(one.group for one in first) and not wanted.variants_apart)


@given(
    st.lists(products, min_size=3, max_size=50, unique_by=lambda one: one.id),
    filters | few_conditions,
    st.sets(st.integers(1, 70)),
)
@settings(max_examples=100, deadline=None)
def test_what_a_search_has_found_counts_within_the_filter(
    first: list[Product], wanted: ProductFilter, found: set[int]
) -> None:
    shelf, table = a_shelf(first)
    whole = Shelf()
    whole.__dict__ |= {**shelf.__dict__, "products": {id_: one for id_, one in shelf.products.items() if id_ in found}}

    selection = Columns(table).select(wanted).among(np.array(sorted(found), dtype=np.int64))

    assert selection.total == len(whole.listed(wanted))
    assert selection.page(Page(0, 100)).ids == [one.id for one in whole.listed(wanted)]
    assert plain(selection.facets()) == whole.facets(wanted)


@given(st.lists(products, max_size=30, unique_by=lambda one: one.id), few_conditions, st.data())
@settings(max_examples=100, deadline=None)
def test_a_cursor_goes_on_where_it_was_after_changes(first: list[Product], wanted: ProductFilter, data: Any) -> None:
    """What comes after the cursor's place is shown, wherever the product that made it went."""
    shelf, table = a_shelf(first)
    columns = Columns(table)
    cut = columns.select(wanted).page(Page(0, 3))
    if cut.following is None:
        return
    last = shelf.products[cut.ids[-1]]
    for change in data.draw(st.lists(changes, max_size=3)):
        carry_out(shelf, table, *change)

    ids = columns.select(wanted).page(Page(0, 100, cut.following)).ids

    key = {"date": "created", "createdAt": "created", "name": "title", None: "id"}.get(wanted.sort_by, wanted.sort_by)
    assert key is not None
    place = (getattr(last, key), last.id)
    later = [
        one
        for one in shelf.listed(wanted)
        if (((getattr(one, key), one.id) < place) if wanted.order == "desc" else ((getattr(one, key), one.id) > place))
    ]
    assert ids == [one.id for one in later]


@given(st.lists(products, min_size=8, max_size=8, unique_by=lambda one: one.id), filters | few_conditions)
@settings(max_examples=50, deadline=None)
def test_rows_of_deleted_products_are_used_again(first: list[Product], wanted: ProductFilter) -> None:
    shelf, table = a_shelf(first)
    for turn in range(1, 30):
        gone = list(shelf.products)
        later = [msgspec.structs.replace(one, id=one.id + 100 * turn) for one in first]
        carry_out(shelf, table, "remove", gone)
        carry_out(shelf, table, "put", later)

    assert table.size == len(first)
    assert table.rows_of(np.array([first[0].id])).tolist() == [-1]
    columns = Columns(table)
    assert walked(columns, wanted, 3) == [one.id for one in shelf.listed(wanted)]
    assert facets(columns, wanted) == shelf.facets(wanted)


def test_a_column_whose_numbers_outgrow_it_is_made_wider(a_product: Product) -> None:
    shelf, table = a_shelf([a_product])
    many = [
        msgspec.structs.replace(a_product, id=2**33 + n, price=2**40 + n, stock=70_000 + n, brand=1 + n % 3, group=n)
        for n in range(300)
    ]

    carry_out(shelf, table, "put", many)

    for sort_by in ("id", "price", "stock"):
        wanted = ProductFilter(sort_by=sort_by, order="desc")
        assert walked(Columns(table), wanted, 50) == [one.id for one in shelf.listed(wanted)]
    ids = np.array([one.id for one in many])
    assert Columns(table).prices(ids).tolist() == [one.price for one in many]
    assert Columns(table).stocks(ids).tolist() == [one.stock for one in many]


@pytest.fixture
def a_product() -> Product:
    return Product(
        id=5, price=5, rating=100, created=5, stock=1, category=1, brand=1, company=1, seller=1, group=0, title="T",
        tags=frozenset(), attributes={}, warehouses=frozenset(), zones=frozenset(),
    )  # fmt: skip


def a_shelf(first: list[Product]) -> tuple[Shelf, Table]:
    shelf, table = Shelf(), Table()
    shelf.nodes = TREES[0]
    shelf.companies = {n: SellingCompany(n, n != 3, [1, 2][: n - 1]) for n in (1, 2, 3)}
    shelf.zones = [ZoneSlug(1, "z-1"), ZoneSlug(2, "z-2")]
    shelf.brands = BRANDS
    table.set_categories(shelf.nodes)
    table.set_companies(shelf.companies.values())
    table.set_zones(shelf.zones)
    table.set_brands(BRANDS)
    shelf.products = {one.id: one for one in first}
    put(table, first)
    table.settle()
    return shelf, table


def carry_out(shelf: Shelf, table: Table, what: str, value: Any) -> None:
    match what:
        case "put":
            shelf.products |= {one.id: one for one in value}
            put(table, value)
        case "remove":
            for id_ in value:
                shelf.products.pop(id_, None)
            table.remove(np.array(value, dtype=np.int64))
        case "tree":
            shelf.nodes = value
            table.set_categories(value)
        case "company":
            shelf.companies[value.id] = value
            table.set_companies([value])
        case "tidy":
            table.titles.tidy()()
            for terms in (table.tags, table.attributes, table.warehouses, table.zones_of_sale):
                terms.tidy(table.size)()


def walked(columns: Columns, wanted: ProductFilter, limit: int) -> list[int]:
    """The whole list, page by page by cursor."""
    ids: list[int] = []
    page = Page(0, limit)
    for _ in range(100):
        cut = columns.select(wanted).page(page)
        assert len(cut.ids) == limit or cut.following is None
        ids += cut.ids
        if cut.following is None:
            return ids
        page = Page(0, limit, cut.following)
    raise AssertionError("the walk does not end")


def facets(columns: Columns, wanted: ProductFilter) -> dict[str, dict[Any, int]]:
    return plain(columns.select(wanted).facets())


def plain(counted: Any) -> dict[str, dict[Any, int]]:
    return {
        **{
            name: {one.value: one.count for one in getattr(counted, name)}
            for name in ("categories", "brands", "ratings", "availability")
        },
        "prices": {band.from_minor: band.count for band in counted.prices},
        "attributes": {(name, one.value): one.count for name, values in counted.attributes.items() for one in values},
    }
