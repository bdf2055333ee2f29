"""What comes back of which line: pure rules, for any order and any request."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from entrepot.kernel.errors import Invalid, Refused
from entrepot.orders.life_model import Party
from entrepot.orders.return_change import Came, Change, arrivals, to_credit
from entrepot.orders.return_goods import pieces_by_part
from entrepot.orders.return_model import (
    TRANSITIONS,
    BoughtLine,
    MoreReceived,
    NothingReceived,
    ReturnIllegalTransition,
    ReturnLine,
    ReturnStatus,
    TooManyReturned,
)

NOW = datetime(2026, 5, 1, tzinfo=UTC)
SMALL = st.integers(min_value=0, max_value=6)


def bought(line_id: int, product_id: int, shipped: int, returning: int = 0) -> BoughtLine:
    return BoughtLine(
        id=line_id,
        part_id=product_id % 2,
        product_id=product_id,
        part_status="delivered",
        delivered_at=NOW,
        shipped=shipped,
        returning=min(returning, shipped),
    )


def returned(line_id: int, product_id: int, quantity: int, received: int | None = None) -> ReturnLine:
    return ReturnLine(
        line_id=line_id,
        product_id=product_id,
        sku="",
        title="",
        thumbnail="",
        quantity=quantity,
        received=received,
        restocked=None,
    )


ORDERS = st.lists(st.tuples(st.integers(1, 4), SMALL, SMALL), min_size=1, max_size=6).map(
    lambda lines: [bought(number, *line) for number, line in enumerate(lines, start=1)]
)


@given(ORDERS, st.dictionaries(st.integers(1, 4), st.integers(1, 8), min_size=1))
def test_what_comes_back_is_what_was_asked_for_and_never_more_than_is_left(
    lines: list[BoughtLine], asked: dict[int, int]
) -> None:
    left = Counter[int]()
    for line in lines:
        left[line.product_id] += line.left
    known = {line.product_id for line in lines}
    over = [product_id for product_id, quantity in asked.items() if quantity > left[product_id]]
    if not asked.keys() <= known or over:
        with pytest.raises(TooManyReturned if asked.keys() <= known else Invalid) as refused:
            pieces_by_part(lines, list(asked.items()), NOW - timedelta(days=1))
        assert len(refused.value.details or ()) == len(over if asked.keys() <= known else asked.keys() - known)
        return
    by_part = pieces_by_part(lines, list(asked.items()), NOW - timedelta(days=1))
    by_id = {line.id: line for line in lines}
    pieces = [(line_id, quantity) for part in by_part.values() for line_id, quantity in part]
    assert all(0 < quantity <= by_id[line_id].left for line_id, quantity in pieces)
    assert len({line_id for line_id, _ in pieces}) == len(pieces)
    assert all(by_id[line_id].part_id == part_id for part_id, part in by_part.items() for line_id, _ in part)
    counted = Counter[int]()
    for line_id, quantity in pieces:
        counted[by_id[line_id].product_id] += quantity
    assert counted == Counter(asked)


@given(
    st.lists(st.tuples(st.integers(1, 3), st.integers(1, 6)), min_size=1, max_size=5),
    st.dictionaries(st.integers(1, 3), st.tuples(SMALL, SMALL), min_size=1),
    st.booleans(),
)
def test_what_came_is_received_and_what_is_damaged_stays_off_the_shelf(
    asked: list[tuple[int, int]], came: dict[int, tuple[int, int]], restock: bool
) -> None:
    lines = [returned(number, *line) for number, line in enumerate(asked, start=1)]
    wanted = Counter[int]()
    for product_id, quantity in asked:
        wanted[product_id] += quantity
    change = Change(
        status=ReturnStatus.RECEIVED,
        came=[Came(product_id, *many) for product_id, many in came.items()],
        restock=restock,
    )
    try:
        arrived = arrivals(lines, change)
    except NothingReceived:
        assert not any(many for many, _ in came.values())
        return
    except MoreReceived:
        assert any(many > wanted[product_id] for product_id, (many, _) in came.items())
        return
    except Refused:
        assert not came.keys() <= wanted.keys() or any(damaged > many for many, damaged in came.values())
        return
    assert [line.line_id for line in arrived] == [line.line_id for line in lines]
    assert all(
        0 <= line.restocked <= line.received <= bound.quantity for line, bound in zip(arrived, lines, strict=True)
    )
    assert sum(line.received for line in arrived) == sum(many for many, _ in came.values())
    assert sum(line.restocked for line in arrived) == (sum(many - off for many, off in came.values()) if restock else 0)


@given(st.lists(st.tuples(SMALL, SMALL), min_size=1, max_size=5))
def test_nothing_is_given_back_twice(lines: list[tuple[int, int]]) -> None:
    received = [returned(number, number, 6, came) for number, (came, _) in enumerate(lines, start=1)]
    left = {number: quantity for number, (_, quantity) in enumerate(lines, start=1)}
    credited = {line.line_id: line.quantity for line in to_credit(received, left)}
    assert credited == {n: min(came, many) for n, (came, many) in enumerate(lines, start=1) if min(came, many)}


@pytest.mark.parametrize("before", ReturnStatus)
def test_every_refusal_names_what_is_allowed(before: ReturnStatus) -> None:
    assert TRANSITIONS.keys() == set(ReturnStatus)
    message = ReturnIllegalTransition.of(before).message
    assert all(after in message for after in TRANSITIONS[before])
    assert all(parties and Party.SHOP not in parties for parties in TRANSITIONS[before].values())
    assert ("stays as it is" in message) == (not TRANSITIONS[before])
