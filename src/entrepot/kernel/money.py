"""Money: integers in minor units with a currency; rounding and splitting stand here and nowhere else."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from typing import Annotated, Any, Final

import msgspec
from pydantic import BeforeValidator, PlainSerializer, WithJsonSchema

# ISO 4217 minor units that are not 2. A shop may differ for its own customs (IQD is used without fils): CURRENCY_DIGITS.
ISO_DIGITS: Final[Mapping[str, int]] = {
    "BHD": 3, "BIF": 0, "CLP": 0, "DJF": 0, "GNF": 0, "IQD": 3, "ISK": 0, "JOD": 3, "JPY": 0, "KMF": 0, "KRW": 0,
    "KWD": 3, "LYD": 3, "OMR": 3, "PYG": 0, "RWF": 0, "TND": 3, "UGX": 0, "UYI": 0, "VND": 0, "VUV": 0, "XAF": 0,
    "XOF": 0, "XPF": 0,
}  # fmt: skip

Major = int | float
"""An amount in major units, or a percentage, as JSON shows it."""


class Currency(msgspec.Struct, frozen=True):
    """A currency: its ISO 4217 code and how many digits its minor unit has."""

    code: str
    digits: int

    def major(self, minor: int) -> int | float:
        """The amount as a JSON number in major units; exact to the currency's digits."""
        return minor if self.digits == 0 else float(Decimal(minor).scaleb(-self.digits))

    def minor(self, major: Decimal) -> int:
        """Major units to minor units.

        Raises:
            ValueError: when the amount has more digits than the currency.
        """
        scaled = major.scaleb(self.digits)
        if scaled != scaled.to_integral_value():
            raise ValueError(f"at most {self.digits} digits after the point for {self.code}")
        return int(scaled)


def currency(code: str, digits: Mapping[str, int] | None = None) -> Currency:
    """The currency with this code; `digits` overrules ISO 4217."""
    return Currency(code, (digits or {}).get(code, ISO_DIGITS.get(code, 2)))


class Money(msgspec.Struct, frozen=True):
    """An amount in the minor units of one currency. Amounts of two currencies never mix."""

    minor: int
    currency: str

    def __add__(self, other: Money) -> Money:
        return Money(self.minor + self._same(other), self.currency)

    def __sub__(self, other: Money) -> Money:
        return Money(self.minor - self._same(other), self.currency)

    def __mul__(self, quantity: int) -> Money:
        return Money(self.minor * quantity, self.currency)

    def _same(self, other: Money) -> int:
        if other.currency != self.currency:
            raise ValueError(f"cannot combine {self.currency} with {other.currency}")
        return other.minor


def share(amount_minor: int, rate_bp: int) -> int:
    """`rate_bp` basis points (1 % = 100) of an amount in minor units, rounded half up (away from zero)."""
    return portion(amount_minor, rate_bp, 10_000)


def percent(rate_bp: int) -> Major:
    """Basis points as a percentage: 825 are 8.25."""
    return float(Decimal(rate_bp).scaleb(-2))


def portion(amount_minor: int, part: int, whole: int) -> int:
    """`part` of `whole` parts of an amount, rounded half up (away from zero); `whole` is positive."""
    twice = 2 * amount_minor * part
    return (twice + whole) // (2 * whole) if twice >= 0 else -((whole - twice) // (2 * whole))


def allocate(amount_minor: int, weights: Sequence[int]) -> list[int]:
    """Split an amount in proportion to weights; the parts sum to it exactly.

    Largest remainder method; ties go to the earlier part. Weights that are all zero share alike.

    Raises:
        ValueError: for no weights, or a negative one.
    """
    if not weights or min(weights) < 0:
        raise ValueError("weights must be given, and none negative")
    if amount_minor < 0:
        return [-part for part in allocate(-amount_minor, weights)]
    total = sum(weights)
    if total == 0:
        return allocate(amount_minor, [1] * len(weights))
    parts = [amount_minor * weight // total for weight in weights]
    left = amount_minor - sum(parts)
    if left:
        remainders = [amount_minor * weight % total for weight in weights]
        for index in sorted(range(len(weights)), key=remainders.__getitem__, reverse=True)[:left]:
            parts[index] += 1
    return parts


def _exact(value: Any) -> Decimal:
    """A JSON number as the decimal that was written, not as the nearest binary fraction."""
    if isinstance(value, bool) or not isinstance(value, int | float | Decimal):
        raise ValueError("must be a number")  # noqa: TRY004  Pydantic collects ValueErrors
    try:
        amount = Decimal(str(value))
    except InvalidOperation:
        raise ValueError("must be a number") from None
    if not amount.is_finite() or abs(amount) >= Decimal(10) ** 12:
        raise ValueError("must be a number below 1,000,000,000,000")
    return amount


MajorAmount = Annotated[
    Decimal,
    BeforeValidator(_exact),
    PlainSerializer(float, return_type=float),
    WithJsonSchema({"type": "number"}),
]
"""A request field with an amount in major units, such as 1199.99."""


def exchange(amount_minor: int, source: Currency, target: Currency, *, bought: Decimal, sold: Decimal) -> int:
    """An amount of one currency in another, in its minor units, rounded half up.

    `sold` is what one unit of some third currency is worth in the source, `bought` what it is worth in the target.
    """
    major = Decimal(amount_minor).scaleb(target.digits - source.digits)
    return round_half_up(major * bought / sold)


def plain_number(value: Decimal) -> Major:
    """A decimal as a JSON number."""
    return int(value) if value == value.to_integral_value() else float(value)


def round_half_up(value: Decimal) -> int:
    """To the nearest integer, halves away from zero."""
    return int(value.quantize(Decimal(1), rounding=ROUND_HALF_UP))
