"""How an order's history, its notes, its travel and its numbers are shown."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Final

import msgspec

from entrepot.orders.carriers import tracking_url
from entrepot.orders.life_model import Note, Party, Step
from entrepot.orders.model import Order, OrderPart, OrderStatus
from entrepot.orders.stats import Earned, OrderStats
from entrepot.orders.transitions import status_of
from entrepot.shop import Shop


class HistoryEntry(msgspec.Struct, frozen=True, rename="camel", kw_only=True, omit_defaults=True):
    """A step of an order, or of the part of one company. `by` is as what it was taken; who it was, those see who handle it."""

    id: int
    from_status: OrderStatus | None = msgspec.field(name="from")
    to_status: OrderStatus = msgspec.field(name="to")
    by: Party
    note: str
    occurred_at: datetime
    company_id: int | None = None
    part_id: int | None = None
    actor_id: int | None = None
    actor: str | None = None
    carrier: str | None = None
    tracking_number: str | None = None

    @classmethod
    def of(cls, step: Step, *, named: bool) -> HistoryEntry:
        """`named`: the reader may know who it was."""
        return cls(
            id=step.id,
            from_status=step.from_status,
            to_status=step.to_status,
            by=step.party,
            note=step.note,
            occurred_at=step.occurred_at,
            company_id=step.company_id,
            part_id=step.part_id,
            actor_id=step.actor_id if named else None,
            actor=step.actor if named else None,
            carrier=step.carrier,
            tracking_number=step.tracking_number,
        )


class OrderNoteView(msgspec.Struct, frozen=True, rename="camel", kw_only=True, omit_defaults=True):
    """A note on an order; with a company, by its seller or for it alone."""

    id: int
    note: str
    by: Party
    is_internal: bool
    written_at: datetime
    company_id: int | None = None
    author_id: int | None = None
    author: str | None = None

    @classmethod
    def of(cls, note: Note, *, named: bool) -> OrderNoteView:
        return cls(
            id=note.id,
            note=note.note,
            by=note.party,
            is_internal=note.is_internal,
            written_at=note.written_at,
            company_id=note.company_id,
            author_id=note.author_id if named else None,
            author=note.author if named else None,
        )


class HistoryView(msgspec.Struct, frozen=True, rename="camel", kw_only=True):
    """All that has become of an order, and what was written on it; the oldest first."""

    order_id: str
    status: OrderStatus
    history: list[HistoryEntry]
    notes: list[OrderNoteView]
    total: int
    skip: int
    limit: int


class TravelStatus(StrEnum):
    """How far a parcel is, in the words of carriers."""

    PENDING = "pending"
    PROCESSING = "processing"
    IN_TRANSIT = "in_transit"
    DELIVERED = "delivered"
    CANCELLED = "cancelled"
    RETURNED = "returned"


TRAVELS: Final = {
    OrderStatus.PENDING: TravelStatus.PENDING,
    OrderStatus.CONFIRMED: TravelStatus.PENDING,
    OrderStatus.PROCESSING: TravelStatus.PROCESSING,
    OrderStatus.SHIPPED: TravelStatus.IN_TRANSIT,
    OrderStatus.DELIVERED: TravelStatus.DELIVERED,
    OrderStatus.CANCELLED: TravelStatus.CANCELLED,
    OrderStatus.RETURNED: TravelStatus.RETURNED,
    OrderStatus.REFUNDED: TravelStatus.RETURNED,
}

_TOLD: Final = {
    OrderStatus.PENDING: ("ordered", "Order received"),
    OrderStatus.CONFIRMED: ("confirmed", "Order confirmed"),
    OrderStatus.PROCESSING: ("processing", "Being packed"),
    OrderStatus.SHIPPED: ("picked_up", "Handed over to {carrier}"),
    OrderStatus.DELIVERED: ("delivered", "Delivered"),
    OrderStatus.CANCELLED: ("cancelled", "Cancelled"),
    OrderStatus.RETURNED: ("returned", "Returned"),
    OrderStatus.REFUNDED: ("refunded", "Refunded"),
}


class TravelEvent(msgspec.Struct, frozen=True, rename="camel", kw_only=True):
    """Something that happened to a parcel; where, if that is known."""

    status: str
    location: str
    timestamp: datetime
    description: str
    company_id: int | None


class PartTravel(msgspec.Struct, frozen=True, rename="camel", kw_only=True):
    """How what one company sends travels. `estimatedDelivery` counts from when it was shipped, by its way of shipping."""

    company_id: int
    company: str
    status: TravelStatus
    carrier: str | None
    tracking_number: str | None
    tracking_url: str | None
    shipped_at: datetime | None
    delivered_at: datetime | None
    estimated_delivery: date | None


class TrackingView(msgspec.Struct, frozen=True, rename="camel", kw_only=True):
    """How an order travels. Where several companies send parcels, the fields beside `parcels` are those of the slowest."""

    order_id: str
    status: TravelStatus
    carrier: str | None
    tracking_number: str | None
    tracking_url: str | None
    estimated_delivery: date | None
    events: list[TravelEvent]
    parcels: list[PartTravel]

    @classmethod
    def of(cls, order: Order, steps: Sequence[Step], max_days: int) -> TrackingView:
        parcels = [_parcel(part, max_days) for part in order.parts]
        status = TRAVELS[status_of(part.status for part in order.parts)] if order.parts else TravelStatus.CANCELLED
        slowest = next((parcel for parcel in parcels if parcel.status is status), None)
        return cls(
            order_id=order.number,
            status=status,
            carrier=slowest.carrier if slowest else None,
            tracking_number=slowest.tracking_number if slowest else None,
            tracking_url=slowest.tracking_url if slowest else None,
            estimated_delivery=slowest.estimated_delivery if slowest else None,
            events=[_event(step) for step in steps if step.from_status is not step.to_status],
            parcels=parcels,
        )


def _parcel(part: OrderPart, max_days: int) -> PartTravel:
    under_way = part.status is OrderStatus.SHIPPED and part.shipped_at is not None
    return PartTravel(
        company_id=part.company_id,
        company=part.company,
        status=TRAVELS[part.status],
        carrier=part.carrier,
        tracking_number=part.tracking_number,
        tracking_url=tracking_url(part.carrier, part.tracking_number),
        shipped_at=part.shipped_at,
        delivered_at=part.delivered_at,
        estimated_delivery=(part.shipped_at + timedelta(days=max_days)).date()
        if under_way and part.shipped_at
        else None,
    )


def _event(step: Step) -> TravelEvent:
    status, description = _TOLD[step.to_status]
    return TravelEvent(
        status=status,
        location="",
        timestamp=step.occurred_at,
        description=description.format(carrier=step.carrier or "the carrier"),
        company_id=step.company_id,
    )


class EarnedView(msgspec.Struct, frozen=True, rename="camel", kw_only=True):
    """What orders of a currency brought in, in major units, with tax and delivery; without what was cancelled or came back."""

    currency: str
    orders: int
    revenue: int | float
    average_value: int | float


class PeriodView(msgspec.Struct, frozen=True, rename="camel", kw_only=True):
    """What was ordered in the day, week or month that begins at `start`."""

    start: datetime
    orders: int
    revenue: list[EarnedView]


class OrderStatsView(msgspec.Struct, frozen=True, rename="camel", kw_only=True):
    """Orders in numbers, of the time from `since` until before `until`; for a seller, of its company's parts.

    `totalRevenue` and `averageOrderValue` are in the shop's own currency, `revenue` in each.
    """

    since: datetime
    until: datetime
    total: int
    by_status: dict[str, int]
    by_payment_status: dict[str, int]
    total_revenue: int | float
    average_order_value: int | float
    currency: str
    revenue: list[EarnedView]
    periods: list[PeriodView]

    @classmethod
    def of(cls, stats: OrderStats, shop: Shop) -> OrderStatsView:
        own = next(
            (earned for earned in stats.earned if earned.currency == shop.currency.code),
            Earned(currency=shop.currency.code, orders=0, revenue_minor=0),
        )
        return cls(
            since=stats.since,
            until=stats.until,
            total=stats.orders,
            by_status={str(status): count for status, count in stats.by_status.items()},
            by_payment_status={str(status): count for status, count in stats.by_payment_status.items()},
            total_revenue=shop.currency.major(own.revenue_minor),
            average_order_value=shop.currency.major(own.average_minor),
            currency=own.currency,
            revenue=[_earned(earned, shop) for earned in stats.earned],
            periods=[
                PeriodView(
                    start=period.start,
                    orders=period.orders,
                    revenue=[_earned(earned, shop) for earned in period.earned],
                )
                for period in stats.periods
            ],
        )


def _earned(earned: Earned, shop: Shop) -> EarnedView:
    major = shop.currency_of(earned.currency).major
    return EarnedView(
        currency=earned.currency,
        orders=earned.orders,
        revenue=major(earned.revenue_minor),
        average_value=major(earned.average_minor),
    )


class SellerReviewView(msgspec.Struct, frozen=True, rename="camel", kw_only=True):
    """What was said of a seller."""

    order_id: str
    company_id: int
    overall: int
    communication: int
    timeliness: int
    comment: str
