"""Which warehouse serves a line, and the reason it gives."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from entrepot.inventory.model import InsufficientStock, Shelf, Wanted
from entrepot.inventory.which_warehouse import take_from

A, B, C = 1, 2, 3


def chosen(shelves: list[Shelf], *wanted: Wanted) -> list[tuple[int, int, int, str]]:
    return [(take.line_id, take.warehouse_id, take.quantity, take.why) for take in take_from(shelves, wanted)]


def test_the_buyers_zone_comes_first() -> None:
    shelves = [Shelf(7, A, 50, False, 1.0), Shelf(7, B, 5, True)]

    assert chosen(shelves, Wanted(1, 7, 5)) == [(1, B, 5, "in the buyer's zone")]


def test_then_the_nearest_and_unknown_places_last() -> None:
    shelves = [Shelf(7, A, 50, False), Shelf(7, B, 9, False, 310.4), Shelf(7, C, 9, False, 120.2)]

    assert chosen(shelves, Wanted(1, 7, 5)) == [(1, C, 5, "the nearest that has any left: 120 km")]


def test_the_zone_goes_before_one_that_has_all_of_it() -> None:
    shelves = [Shelf(7, A, 4, True), Shelf(7, B, 5, False, 400.0)]

    assert chosen(shelves, Wanted(1, 7, 5)) == [
        (1, A, 4, "in the buyer's zone, a part: it has no more"),
        (1, B, 1, "the only one that has any left"),
    ]


def test_in_the_zone_the_fewest_parcels() -> None:
    shelves = [Shelf(7, A, 9, True), Shelf(7, B, 3, True), Shelf(7, C, 10, True)]

    assert chosen(shelves, Wanted(1, 7, 10)) == [(1, C, 10, "in the buyer's zone")]
    assert [line[1:3] for line in chosen(shelves, Wanted(1, 7, 15))] == [(C, 10), (A, 5)]


def test_the_nearest_goes_before_fewer_parcels() -> None:
    shelves = [Shelf(7, A, 9, False, 340.0), Shelf(7, B, 2, False, 10.0)]

    assert chosen(shelves, Wanted(1, 7, 5)) == [
        (1, B, 2, "the nearest that has any left: 10 km, a part: it has no more"),
        (1, A, 3, "the only one that has any left"),
    ]


def test_fewer_parcels_among_those_as_near_as_each_other() -> None:
    shelves = [Shelf(7, A, 2, False, 110.0), Shelf(7, B, 5, False, 140.0)]

    assert chosen(shelves, Wanted(1, 7, 5)) == [(1, B, 5, "the nearest that has any left: 140 km")]


def test_a_parcel_is_saved_where_the_way_is_hardly_longer() -> None:
    shelves = [Shelf(7, A, 9, False, 110.0), Shelf(7, B, 9, False, 140.0), Shelf(8, B, 9, False, 140.0)]

    assert chosen(shelves, Wanted(1, 7, 1), Wanted(2, 8, 1)) == [
        (1, B, 1, "sends another parcel of the order anyway"),
        (2, B, 1, "the only one that has any left"),
    ]


def test_a_parcel_is_not_saved_at_any_price() -> None:
    shelves = [Shelf(7, A, 9, False, 110.0), Shelf(7, B, 9, False, 340.0), Shelf(8, B, 9, False, 340.0)]

    assert [line[1] for line in chosen(shelves, Wanted(1, 7, 1), Wanted(2, 8, 1))] == [A, B]


def test_what_the_zone_lacks_comes_from_the_nearest() -> None:
    shelves = [Shelf(7, A, 2, False, 5.0), Shelf(7, B, 3, True), Shelf(7, C, 4, False, 900.0)]

    assert [line[1:3] for line in chosen(shelves, Wanted(1, 7, 8))] == [(B, 3), (A, 2), (C, 3)]


SHELVES = st.lists(
    st.tuples(st.integers(1, 3), st.integers(1, 4), st.integers(0, 9), st.booleans(), st.none() | st.floats(0, 2000)),
    unique_by=lambda shelf: (shelf[0], shelf[1]),
    max_size=12,
)
LINES = st.lists(st.tuples(st.integers(1, 3), st.integers(1, 9)), min_size=1, max_size=5)


@given(SHELVES, LINES)
def test_everybody_gets_all_or_is_refused(
    standing: list[tuple[int, int, int, bool, float | None]], wanted: list[tuple[int, int]]
) -> None:
    shelves = [Shelf(*shelf) for shelf in standing]
    lines = [Wanted(place, product, quantity) for place, (product, quantity) in enumerate(wanted)]
    there = {product: sum(shelf.available for shelf in shelves if shelf.product_id == product) for product in range(4)}
    asked = {product: sum(line.quantity for line in lines if line.product_id == product) for product in range(4)}

    if any(asked[product] > there[product] for product in asked):
        with pytest.raises(InsufficientStock):
            take_from(shelves, lines)
        return

    taken = take_from(shelves, lines)
    for line in lines:
        assert sum(take.quantity for take in taken if take.line_id == line.line_id) == line.quantity
    for shelf in shelves:
        place = (shelf.product_id, shelf.warehouse_id)
        assert sum(take.quantity for take in taken if (take.product_id, take.warehouse_id) == place) <= shelf.available
    assert all(take.quantity > 0 and take.why for take in taken)
    for line in lines:
        served_by = {take.warehouse_id for take in taken if take.line_id == line.line_id}
        near = {shelf.warehouse_id for shelf in shelves if shelf.product_id == line.product_id and shelf.near}
        if served_by - near:  # then nothing is left in the zone
            assert all(
                shelf.available
                == sum(
                    t.quantity
                    for t in taken
                    if (t.product_id, t.warehouse_id) == (shelf.product_id, shelf.warehouse_id)
                )
                for shelf in shelves
                if shelf.product_id == line.product_id and shelf.near
            )
    assert [take.line_id for take in taken] == sorted(take.line_id for take in taken)
