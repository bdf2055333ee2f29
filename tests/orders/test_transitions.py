"""Which way a part may go, and what the order is then: every combination."""

from __future__ import annotations

from itertools import combinations_with_replacement, product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from entrepot.orders.model import OrderStatus
from entrepot.orders.transitions import (
    BY_HAND,
    CANCELLABLE,
    TRANSITIONS,
    IllegalTransition,
    refuse_unless_legal,
    status_of,
)

S = OrderStatus

LEGAL = {
    (S.PENDING, S.CONFIRMED),
    (S.PENDING, S.PROCESSING),
    (S.PENDING, S.CANCELLED),
    (S.CONFIRMED, S.PROCESSING),
    (S.CONFIRMED, S.CANCELLED),
    (S.PROCESSING, S.SHIPPED),
    (S.PROCESSING, S.CANCELLED),
    (S.SHIPPED, S.DELIVERED),
    (S.DELIVERED, S.RETURNED),
    (S.DELIVERED, S.REFUNDED),
    (S.RETURNED, S.REFUNDED),
}

SLOWEST_FIRST = [S.PENDING, S.CONFIRMED, S.PROCESSING, S.SHIPPED, S.DELIVERED, S.RETURNED, S.REFUNDED]

EXAMPLES = [
    ([S.PENDING], S.PENDING),
    ([S.CANCELLED], S.CANCELLED),
    ([S.SHIPPED, S.PENDING], S.PENDING),
    ([S.SHIPPED, S.CANCELLED], S.SHIPPED),
    ([S.DELIVERED, S.SHIPPED], S.SHIPPED),
    ([S.DELIVERED, S.RETURNED], S.DELIVERED),
    ([S.REFUNDED, S.RETURNED], S.RETURNED),
    ([S.REFUNDED, S.CANCELLED], S.REFUNDED),
    ([S.CANCELLED, S.CANCELLED], S.CANCELLED),
    ([S.CONFIRMED, S.PROCESSING, S.CANCELLED], S.CONFIRMED),
]


@pytest.mark.parametrize(("before", "after"), list(product(S, S)), ids=lambda status: str(status))
def test_only_what_the_table_has_is_legal(before: OrderStatus, after: OrderStatus) -> None:
    if (before, after) in LEGAL:
        refuse_unless_legal(before, after)
        return
    with pytest.raises(IllegalTransition) as refused:
        refuse_unless_legal(before, after)
    assert refused.value.code == "ORDER_ILLEGAL_TRANSITION"
    for allowed in TRANSITIONS[before] & BY_HAND:
        assert allowed in refused.value.message
        assert allowed in refused.value.details["status"][0]  # type: ignore[index]


def test_what_can_be_cancelled_was_not_shipped() -> None:
    assert {S.PENDING, S.CONFIRMED, S.PROCESSING} == CANCELLABLE


@pytest.mark.parametrize(("parts", "order"), EXAMPLES, ids=str)
def test_an_order_is_as_far_as_its_slowest_part(parts: list[OrderStatus], order: OrderStatus) -> None:
    assert status_of(parts) is order


@pytest.mark.parametrize("parts", list(combinations_with_replacement(S, 3)), ids=str)
def test_every_combination_of_three_parts(parts: tuple[OrderStatus, ...]) -> None:
    going = [part for part in parts if part is not S.CANCELLED]
    expected = next((status for status in SLOWEST_FIRST if status in going), S.CANCELLED)
    assert status_of(parts) is expected


@given(st.lists(st.sampled_from(list(S)), min_size=1))
def test_neither_order_nor_number_of_parts_matters(parts: list[OrderStatus]) -> None:
    assert status_of(parts) is status_of(reversed(parts)) is status_of(parts * 2)
    assert status_of(parts) in parts


@given(st.lists(st.sampled_from(list(S)), min_size=1), st.data())
def test_a_step_of_a_part_never_takes_the_order_back(parts: list[OrderStatus], data: st.DataObject) -> None:
    """Cancelling a part may take it ahead: what is left counts."""
    at = data.draw(st.integers(0, len(parts) - 1))
    if not TRANSITIONS[parts[at]]:
        return
    moved = data.draw(st.sampled_from(sorted(TRANSITIONS[parts[at]])))
    before, after = status_of(parts), status_of([*parts[:at], moved, *parts[at + 1 :]])
    assert after is S.CANCELLED or SLOWEST_FIRST.index(after) >= SLOWEST_FIRST.index(before)
