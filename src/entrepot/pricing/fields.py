"""Types of fields in pricing's bodies, and how their values become minor units and basis points."""

from __future__ import annotations

from datetime import time
from decimal import Decimal
from typing import Annotated, Any

from pydantic import AfterValidator, AwareDatetime, BeforeValidator

from entrepot.kernel.errors import Invalid
from entrepot.kernel.money import Currency, MajorAmount


def basis_points(percent: Decimal) -> int:
    return int(percent * 100)


def minor_of(field: str, amount: Decimal, currency: Currency) -> int:
    """Raises Invalid, naming the field, for an amount with more digits than the currency."""
    try:
        return currency.minor(amount)
    except ValueError as error:
        raise Invalid({field: [str(error)]}) from None


def _not_negative(value: Decimal) -> Decimal:
    if value < 0:
        raise ValueError("must not be negative")
    return value


def _percent(value: Decimal) -> Decimal:
    if not 0 <= value <= 100 or value * 100 % 1:
        raise ValueError("must be from 0 to 100, with at most two digits after the point")
    return value


def _moment(value: Any) -> Any:
    """A date is its midnight in UTC."""
    return f"{value}T{time().isoformat()}Z" if isinstance(value, str) and len(value) == len("2026-03-29") else value


Amount = Annotated[MajorAmount, AfterValidator(_not_negative)]
"""Major units, zero or more."""

Percent = Annotated[MajorAmount, AfterValidator(_percent)]

Moment = Annotated[AwareDatetime, BeforeValidator(_moment)]
"""A time with its zone, or a date."""
