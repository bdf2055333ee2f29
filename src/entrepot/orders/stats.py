"""Orders in numbers: how many of each status, what they brought in, and when."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Final

import msgspec

from entrepot.kernel import clock
from entrepot.kernel.db import Db
from entrepot.kernel.errors import Invalid
from entrepot.orders import list_queries as queries
from entrepot.orders.list_queries import Bucket, Listing
from entrepot.orders.model import OrderStatus, PaymentStatus

USUAL: Final = timedelta(days=30)
EARLIEST: Final = datetime(1970, 1, 1, tzinfo=UTC)
LONGEST: Final = timedelta(days=366)

_EARNS_NOTHING: Final = frozenset({OrderStatus.CANCELLED, OrderStatus.RETURNED, OrderStatus.REFUNDED})


class Period(StrEnum):
    DAY = "day"
    WEEK = "week"
    MONTH = "month"


class Earned(msgspec.Struct, frozen=True, kw_only=True):
    """What orders of one currency are worth that were neither cancelled nor came back, with tax and delivery, without what
    was taken back of them."""

    currency: str
    orders: int
    revenue_minor: int

    @property
    def average_minor(self) -> int:
        """Rounded half up."""
        return (2 * self.revenue_minor + self.orders) // (2 * self.orders) if self.orders else 0


class PeriodStats(msgspec.Struct, frozen=True, kw_only=True):
    """What was placed in the period that begins at `start`."""

    start: datetime
    orders: int
    earned: list[Earned]


class OrderStats(msgspec.Struct, frozen=True, kw_only=True):
    """Orders that were placed from `since` until before `until`."""

    since: datetime
    until: datetime
    orders: int
    by_status: dict[OrderStatus, int]
    by_payment_status: dict[PaymentStatus, int]
    earned: list[Earned]
    periods: list[PeriodStats]


async def order_stats(
    db: Db, seen: Listing, period: Period, since: datetime | None, until: datetime | None
) -> OrderStats:
    """The orders that are `seen`, of the last 30 days if nothing else is said.

    Raises:
        Invalid: the times are in the wrong order, or more than 366 days apart.
    """
    end = until or clock.now() + timedelta(seconds=1)  # who has just placed an order sees it
    begin = since or max(end, EARLIEST) - USUAL
    if not timedelta() < end - begin <= LONGEST:
        raise Invalid({"since": [f"must be before until, by at most {LONGEST.days} days"]})
    seen.filters.add("o.created_at >= {}", begin)
    seen.filters.add("o.created_at < {}", end)
    buckets = await queries.sum_up(db, seen, period)
    starts = sorted({bucket.start for bucket in buckets})
    return OrderStats(
        since=begin,
        until=end,
        orders=sum(bucket.orders for bucket in buckets),
        by_status={
            status: sum(bucket.orders for bucket in buckets if bucket.status is status) for status in OrderStatus
        },
        by_payment_status={
            status: sum(bucket.orders for bucket in buckets if bucket.payment_status is status)
            for status in PaymentStatus
        },
        earned=earned_of(buckets),
        periods=[_period(start, [bucket for bucket in buckets if bucket.start == start]) for start in starts],
    )


def _period(start: datetime, buckets: Sequence[Bucket]) -> PeriodStats:
    return PeriodStats(start=start, orders=sum(bucket.orders for bucket in buckets), earned=earned_of(buckets))


def earned_of(buckets: Sequence[Bucket]) -> list[Earned]:
    """By currency. Orders that were cancelled or came back count for nothing."""
    earning = [bucket for bucket in buckets if bucket.status not in _EARNS_NOTHING]
    return [
        Earned(
            currency=currency,
            orders=sum(bucket.orders for bucket in earning if bucket.currency == currency),
            revenue_minor=sum(bucket.total_minor for bucket in earning if bucket.currency == currency),
        )
        for currency in sorted({bucket.currency for bucket in earning})
    ]
