"""Which price a buyer pays: the rules alone."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from entrepot.kernel.money import share
from entrepot.pricing.own_prices import own_price, smallest_order, steps
from entrepot.pricing.price_lists_model import Tier


def a_tier(from_quantity: int, price_minor: int, price_list_id: int = 1) -> Tier:
    return Tier(
        product_id=1,
        from_quantity=from_quantity,
        price_minor=price_minor,
        price_list_id=price_list_id,
        name="Wholesale",
    )


@pytest.mark.parametrize(
    ("price_minor", "discount_bp", "quantity", "tiers", "expected"),
    [
        (1000, 0, 1, [], (1000, 0)),
        (1000, 500, 1, [], (1000, 500)),
        (1000, 0, 1, [(1, 800)], (800, 0)),
        (1000, 0, 9, [(10, 700)], (1000, 0)),
        (1000, 0, 10, [(10, 700)], (700, 0)),
        (1000, 0, 10, [(1, 800), (10, 700), (100, 600)], (700, 0)),
        (1000, 0, 10, [(1, 600), (10, 700)], (600, 0)),  # what fewer pieces cost is not lost by buying more
        (1000, 2500, 1, [(1, 800)], (1000, 2500)),  # a sale beats the list
        (1000, 2500, 1, [(1, 750)], (1000, 2500)),  # and where both cost the same, nothing is special
        (1000, 2500, 1, [(1, 749)], (749, 0)),  # the product's discount is not taken off a list's price
        (1000, 0, 1, [(1, 1200)], (1000, 0)),
        (1000, 0, 1, [(1, 0)], (0, 0)),
    ],
)
def test_the_price_of_a_piece(
    price_minor: int, discount_bp: int, quantity: int, tiers: list[tuple[int, int]], expected: tuple[int, int]
) -> None:
    price = own_price(price_minor, discount_bp, quantity, [a_tier(*tier) for tier in tiers])

    assert (price.price_minor, price.discount_bp) == expected


many_tiers = st.lists(st.builds(a_tier, st.integers(1, 50), st.integers(0, 2_000), st.integers(1, 3)), max_size=8)


@given(st.integers(0, 2_000), st.integers(0, 10_000), st.integers(1, 60), many_tiers)
def test_nobody_pays_more_for_having_a_list(
    price_minor: int, discount_bp: int, quantity: int, tiers: list[Tier]
) -> None:
    without, own = price_minor * quantity, own_price(price_minor, discount_bp, quantity, tiers)

    paid = own.price_minor * quantity - share(own.price_minor * quantity, own.discount_bp)

    assert 0 <= paid <= without - share(without, discount_bp)
    assert own == own_price(price_minor, discount_bp, quantity, tiers[::-1])


@given(st.integers(0, 2_000), many_tiers)
def test_each_step_is_what_that_many_cost(price_minor: int, tiers: list[Tier]) -> None:
    shown = steps(price_minor, 0, tiers)

    assert [step.price_minor for step in shown] == sorted({step.price_minor for step in shown}, reverse=True)
    for step in shown:
        assert own_price(price_minor, 0, step.from_quantity, tiers).price_minor == step.price_minor
        if step.from_quantity > 1:
            assert own_price(price_minor, 0, step.from_quantity - 1, tiers).price_minor > step.price_minor


@pytest.mark.parametrize(
    ("minimum", "pack_size", "least"), [(1, 1, 1), (5, 1, 5), (1, 12, 12), (13, 12, 24), (24, 12, 24)]
)
def test_the_least_that_can_be_ordered(minimum: int, pack_size: int, least: int) -> None:
    assert smallest_order(minimum, pack_size) == least
