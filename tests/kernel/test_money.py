"""Money: exact, whatever is asked of it."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError

from entrepot.kernel.money import Currency, MajorAmount, Money, allocate, currency, round_half_up, share

AMOUNTS = st.integers(-(10**15), 10**15)
WEIGHTS = st.lists(st.integers(0, 10**9), min_size=1, max_size=30)


@given(AMOUNTS, WEIGHTS)
def test_parts_sum_to_the_whole_and_lie_next_to_their_share(amount: int, weights: list[int]) -> None:
    parts = allocate(amount, weights)

    assert sum(parts) == amount
    assert len(parts) == len(weights)
    total = sum(weights)
    if total:
        assert all(
            abs(Decimal(part) - Decimal(amount) * weight / total) < 1
            for part, weight in zip(parts, weights, strict=True)
        )
        assert all(part == 0 for part, weight in zip(parts, weights, strict=True) if weight == 0)


@given(st.integers(0, 10**12), WEIGHTS)
def test_a_larger_weight_never_gets_less(amount: int, weights: list[int]) -> None:
    parts = allocate(amount, weights)

    ordered = sorted(zip(weights, parts, strict=True))
    for (lighter, less), (heavier, more) in pairwise(ordered):
        assert lighter == heavier or less <= more


@pytest.mark.parametrize(
    ("amount", "weights", "parts"),
    [
        (10, [1, 1, 1], [4, 3, 3]),
        (1, [1, 1], [1, 0]),
        (-10, [1, 1, 1], [-4, -3, -3]),
        (5, [0, 0], [3, 2]),
        (100, [0, 1, 0], [0, 100, 0]),
        (7, [3, 3, 1], [3, 3, 1]),
        (0, [1, 2], [0, 0]),
        (2, [1, 1, 1, 1], [1, 1, 0, 0]),
    ],
)
def test_ties_go_to_the_earlier_part(amount: int, weights: list[int], parts: list[int]) -> None:
    assert allocate(amount, weights) == parts


@pytest.mark.parametrize("weights", [[], [-1], [5, -1]])
def test_weights_that_make_no_sense(weights: list[int]) -> None:
    with pytest.raises(ValueError, match="weights"):
        allocate(10, weights)


@given(AMOUNTS, st.integers(0, 20_000))
def test_a_share_is_rounded_half_up(amount: int, rate_bp: int) -> None:
    exact = (Decimal(amount) * rate_bp / 10_000).quantize(Decimal(1), rounding=ROUND_HALF_UP)

    assert share(amount, rate_bp) == exact


@given(st.sampled_from([0, 2, 3]), st.integers(-(10**14), 10**14))
def test_minor_units_come_back_from_json(digits: int, minor: int) -> None:
    """A JSON number is a double: up to 15 digits come back exactly."""
    coin = Currency("XXX", digits)

    assert coin.minor(Decimal(str(coin.major(minor)))) == minor


@pytest.mark.parametrize(
    ("code", "major", "minor"),
    [
        ("USD", "19.99", 1999),
        ("USD", "5", 500),
        ("JPY", "500", 500),
        ("KWD", "1.234", 1234),
        ("IQD", "0.001", 1),
        ("EUR", "-1.5", -150),
    ],
)
def test_major_units_in_the_digits_of_the_currency(code: str, major: str, minor: int) -> None:
    assert currency(code).minor(Decimal(major)) == minor
    assert currency(code).major(minor) == float(major)


@pytest.mark.parametrize(("code", "major"), [("USD", "0.001"), ("JPY", "0.5"), ("KWD", "0.0001"), ("USD", "NaN")])
def test_too_many_digits_are_refused(code: str, major: str) -> None:
    with pytest.raises(ValueError, match="digits after the point"):
        currency(code).minor(Decimal(major))


def test_a_shop_may_have_other_digits() -> None:
    assert currency("IQD", {"IQD": 0}).digits == 0
    assert currency("USD", {"IQD": 0}).digits == 2
    assert isinstance(currency("JPY").major(5), int)


amount: TypeAdapter[Decimal] = TypeAdapter(MajorAmount)


@pytest.mark.parametrize(
    ("sent", "meant"), [(1199.99, "1199.99"), (0.1, "0.1"), (5, "5"), (1e-7, "1E-7"), (0, "0"), (-3.5, "-3.5")]
)
def test_a_json_number_is_the_decimal_that_was_written(sent: Any, meant: str) -> None:
    assert amount.validate_python(sent) == Decimal(meant)


@pytest.mark.parametrize(
    "sent", [True, False, "10", "", None, [], {}, float("inf"), float("nan"), 1e12, -1e12, 10**12, 10**30, 1e300, b"1"]
)  # fmt: skip
def test_what_is_no_amount(sent: Any) -> None:
    with pytest.raises(ValidationError) as refused:
        amount.validate_python(sent)
    assert refused.value.errors()[0]["msg"].startswith("Value error, must be a number")


def test_two_currencies_never_mix() -> None:
    assert Money(5, "USD") + Money(3, "USD") - Money(1, "USD") == Money(7, "USD")
    assert Money(5, "USD") * 3 == Money(15, "USD")
    for combine in (Money.__add__, Money.__sub__):
        with pytest.raises(ValueError, match="cannot combine USD with EUR"):
            combine(Money(5, "USD"), Money(3, "EUR"))


@pytest.mark.parametrize(
    ("value", "rounded"), [("0.5", 1), ("1.5", 2), ("2.5", 3), ("-0.5", -1), ("2.4999", 2), ("-2.5", -3)]
)
def test_halves_go_away_from_zero(value: str, rounded: int) -> None:
    assert round_half_up(Decimal(value)) == rounded
