"""The time. Everything asks here, so that tests and drills can move it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, date, datetime, timedelta

_offset: ContextVar[timedelta] = ContextVar("clock_offset", default=timedelta())


def now() -> datetime:
    """The current time in UTC."""
    return datetime.now(UTC) + _offset.get()


def today() -> date:
    """The current date in UTC."""
    return now().date()


@contextmanager
def moved(by: timedelta) -> Iterator[None]:
    """Inside the block, and in tasks started from it, the clock is ahead by `by` (behind, if negative)."""
    token = _offset.set(_offset.get() + by)
    try:
        yield
    finally:
        _offset.reset(token)


def iso(moment: datetime) -> str:
    """ISO 8601 in UTC with milliseconds and Z, as replies show times."""
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
