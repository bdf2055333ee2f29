"""Filters and sorts: values only ever as arguments, keys only from the whitelist."""

from __future__ import annotations

from typing import Any

import pytest

from entrepot.kernel.errors import Invalid
from entrepot.kernel.filters import Filters, Sort, SortKey, choose_sort

KEYS = {"price": SortKey("p.price", "bigint"), "title": SortKey("p.title", "text"), "id": SortKey("p.id", "bigint")}
DEFAULT = Sort(KEYS["id"], descending=False, id_column="p.id")


def test_values_become_arguments() -> None:
    filters = Filters("deleted_at is null")
    filters.add("price between {} and {}", 1, "'; drop table products; --")
    filters.add("name = {}", "x")

    assert filters.sql == "deleted_at is null and price between $1 and $2 and name = $3"
    assert filters.args == [1, "'; drop table products; --", "x"]


def test_no_condition_is_true() -> None:
    assert Filters().sql == "true"


@pytest.mark.parametrize(
    ("sort_by", "order", "expected"),
    [
        (None, None, "p.id"),
        (None, "desc", "p.id desc"),
        ("price", None, "p.price, p.id"),
        ("price", "DESC", "p.price desc, p.id desc"),
        ("id", "asc", "p.id"),
    ],
)
def test_the_order_is_total(sort_by: str | None, order: str | None, expected: str) -> None:
    assert choose_sort(KEYS, sort_by, order, default=DEFAULT, id_column="p.id").order_by == expected


@pytest.mark.parametrize(
    ("sort_by", "order", "field"),
    [
        ("p.price", None, "sortBy"),
        ("price; drop", None, "sortBy"),
        ("", None, "sortBy"),
        ("price", "up", "order"),
        (None, "", "order"),
    ],
)
def test_what_is_not_in_the_whitelist_is_refused(sort_by: str | None, order: str | None, field: str) -> None:
    with pytest.raises(Invalid) as refused:
        choose_sort(KEYS, sort_by, order, default=DEFAULT, id_column="p.id")
    assert list(refused.value.details or {}) == [field]


def test_a_cursor_goes_on_after_its_row() -> None:
    for descending, comparison in ((False, ">"), (True, "<")):
        sort = Sort(KEYS["price"], descending, "p.id")
        filters = Filters()
        sort.after(filters, sort.cursor(500, 7))

        assert filters.sql == f"(p.price, p.id) {comparison} ($1::bigint, $2::bigint)"
        assert filters.args == [500, 7]


@pytest.mark.parametrize("cursor", [(500, 7), (500,), (1, 500, 7), ("x", 500, 7), (None, 500, 7), ()], ids=str)
def test_a_cursor_of_another_order_is_refused(cursor: tuple[Any, ...]) -> None:
    with pytest.raises(Invalid):
        Sort(KEYS["price"], False, "p.id").after(Filters(), cursor)
    with pytest.raises(Invalid):
        Sort(KEYS["price"], True, "p.id").after(Filters(), Sort(KEYS["price"], False, "p.id").cursor(500, 7))


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        ("bigint", "5"), ("bigint", 2**63), ("bigint", True), ("integer", 2**31), ("numeric", 5), ("numeric", "NaN"),
        ("numeric", "x"),
        ("text", 5), ("text", "a\0b"), ("timestamptz", "yesterday"), ("timestamptz", "2026-01-01T00:00:00"), ("timestamptz", 5),
        ("text", None), ("numeric", None), ("timestamptz", None), ("integer", None), ("numeric", "Infinity"),
    ],
)  # fmt: skip
def test_a_value_that_its_column_cannot_have_is_refused(kind: str, value: Any) -> None:
    sort = Sort(SortKey("c", kind), False, "id")
    with pytest.raises(Invalid):
        sort.after(Filters(), sort.cursor(value, 1))
