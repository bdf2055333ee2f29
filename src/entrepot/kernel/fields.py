"""Types of fields that several modules have, in bodies and in query strings, and what becomes of their values: minor units,
basis points, moments in UTC."""

from __future__ import annotations

from datetime import UTC, datetime, time
from decimal import Decimal
from typing import Annotated, Any

from litestar.params import QueryParameter
from pydantic import AfterValidator, AwareDatetime, BeforeValidator, Field

from entrepot.kernel.errors import Invalid
from entrepot.kernel.languages import TAG
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
    if not 0 <= value <= 100 or value != round(value, 2):
        raise ValueError("must be from 0 to 100, with at most two digits after the point")
    return value


def _tag(value: str) -> str:
    if not TAG.fullmatch(value):
        raise ValueError("must be a language tag such as en, ar or pt-BR")
    return value.lower()


def _lowered(value: Any) -> Any:
    return value.lower() if isinstance(value, str) else value


def not_null(value: Any) -> Any:
    """For a field that may be left out, and has a value if it is not."""
    if value is None:
        raise ValueError("must not be null: leave it out to keep it as it is")
    return value


def _moment(value: Any) -> Any:
    """A date is its midnight in UTC."""
    return f"{value}T{time().isoformat()}Z" if isinstance(value, str) and len(value) == len("2026-03-29") else value


def _in_utc(moment: datetime) -> datetime:
    """One without a zone is in UTC. Raises ValueError for one that is in UTC before the first year, or after the last."""
    try:
        return moment.replace(tzinfo=moment.tzinfo or UTC).astimezone(UTC)
    except OverflowError:
        raise ValueError("is too far away") from None


def aware(field: str, moment: datetime | None) -> datetime | None:
    """The moment that a query parameter names, in UTC, which one without a zone is in; every such parameter comes through here.

    Raises Invalid, naming the parameter, for one that UTC has no date for.
    """
    try:
        return _in_utc(moment) if moment is not None else None
    except ValueError as error:
        raise Invalid({field: [str(error)]}) from None


Amount = Annotated[MajorAmount, AfterValidator(_not_negative)]
"""Major units, zero or more."""

Percent = Annotated[MajorAmount, AfterValidator(_percent)]

LanguageTag = Annotated[str, Field(max_length=35), AfterValidator(_tag)]

IN_ANY_CASE = BeforeValidator(_lowered)
"""For words of a list: the documents' upper-case names are understood."""

Moment = Annotated[AwareDatetime, BeforeValidator(_moment), AfterValidator(_in_utc)]
"""A time with its zone, or a date; in UTC."""

Since = Annotated[datetime | None, QueryParameter(description="From this time on, such as 2026-03-29T00:00:00Z.")]
"""To be read with `aware`, as `Until` is."""

Until = Annotated[datetime | None, QueryParameter(description="Before this time.")]
