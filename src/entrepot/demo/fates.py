"""What becomes of an order: when it is paid, confirmed, shipped, delivered, cancelled, given back.

Times are whole seconds since 1970. Nothing lies in the future: whoever looks at `now` sees how far each order has come.
"""

from __future__ import annotations

from random import Random
from typing import Final

import msgspec

from entrepot.demo.content import Outcomes

MINUTE: Final = 60
HOUR: Final = 3600
DAY: Final = 86400
PAYMENT_WINDOW: Final = 30 * MINUTE

_LOCAL: Final = 3 * HOUR
_OPENS: Final = 8 * HOUR
_CLOSES: Final = 18 * HOUR
_MORNING: Final = 100 * MINUTE

PENDING, CONFIRMED, PROCESSING, SHIPPED, DELIVERED = "pending", "confirmed", "processing", "shipped", "delivered"
CANCELLED, RETURNED, REFUNDED = "cancelled", "returned", "refunded"
_PROGRESS: Final = {
    PENDING: 0, CONFIRMED: 1, PROCESSING: 2, SHIPPED: 3, DELIVERED: 4, RETURNED: 5, REFUNDED: 6,
}  # fmt: skip

CARD, CASH, INVOICE = "card", "cash_on_delivery", "invoice"

Step = tuple[int, str]
"""When a part reached a status."""

_REASONS: Final = (
    "Ordered by mistake",
    "Found it cheaper elsewhere",
    "Delivery takes too long",
    "Changed my mind",
    "Wrong size chosen",
    "Wrong address",
    "Forgot something, ordering again",
)
_LATE_REASON: Final = "Not available in the quality promised"
EXPIRY_REASON: Final = "not paid in time"


class Fate(msgspec.Struct, frozen=True, kw_only=True):
    """How an order has gone until now. `steps` of each part begin after `pending`; `cancelled_by_seller` for want of goods."""

    steps: tuple[tuple[Step, ...], ...]
    paid_at: int | None
    refunded_at: int | None
    cancelled_at: int | None
    cancel_reason: str | None
    cancelled_by_seller: bool
    expires_at: int | None
    payment_failed: bool


def foresee(
    random: Random, outcomes: Outcomes, *, placed_at: int, method: str, near: tuple[bool, ...], now: int
) -> Fate:
    """The fate of an order with a part for each of `near` (whether its warehouse lies in the buyer's zone)."""
    if method == CARD and random.random() * 1000 < outcomes.expired_of_card:
        return _unpaid(random, placed_at, len(near), now)
    paid_at = placed_at + random.randint(40, 260) if method == CARD else None
    expires_at = placed_at + PAYMENT_WINDOW if paid_at is not None and paid_at > now else None
    courses = [_course(random, paid_at or placed_at, is_near) for is_near in near]
    cancelled_at = _cancellation(random, outcomes, placed_at, courses)
    if cancelled_at is not None:
        late = any(_status_at(course, cancelled_at) == PROCESSING for course in courses)
        return _cancelled(random, courses, paid_at, expires_at, cancelled_at, late=late, now=now)
    returned = method != INVOICE and random.random() * 1000 < outcomes.returned
    if returned:
        course = courses[random.randrange(len(courses))]
        given_back = at_work(course[-1][0] + random.randint(2 * DAY, 14 * DAY))
        course += [(given_back, RETURNED), (at_work(given_back + random.randint(DAY, 4 * DAY)), REFUNDED)]
    delivered_at = max(next(moment for moment, status in course if status == DELIVERED) for course in courses)
    if method == CASH:
        paid_at = delivered_at
    elif method == INVOICE:
        paid_at = at_work(delivered_at + random.randint(5 * DAY, 32 * DAY))
    refunded_at = next((moment for course in courses for moment, status in course if status == REFUNDED), None)
    return Fate(
        steps=tuple(tuple(step for step in course if step[0] <= now) for course in courses),
        paid_at=_if_past(paid_at, now),
        refunded_at=_if_past(refunded_at, now),
        cancelled_at=None,
        cancel_reason=None,
        cancelled_by_seller=False,
        expires_at=expires_at,
        payment_failed=False,
    )


def derive(statuses: list[str]) -> str:
    """The status of an order from those of its parts: the least advanced of those that were not cancelled."""
    if len(statuses) == 1:
        return statuses[0]
    alive = [status for status in statuses if status != CANCELLED]
    return min(alive, key=_PROGRESS.__getitem__) if alive else CANCELLED


def at_work(moment: int) -> int:
    """The moment itself during working hours, otherwise some time in the next morning."""
    in_day = (moment + _LOCAL) % DAY
    if in_day < _OPENS:
        return moment - in_day + _OPENS + moment % _MORNING
    if in_day >= _CLOSES:
        return moment - in_day + DAY + _OPENS + moment % _MORNING
    return moment


def _course(random: Random, start: int, near: bool) -> list[Step]:
    confirmed = at_work(start + random.randint(8 * MINUTE, 5 * HOUR))
    processing = at_work(confirmed + random.randint(30 * MINUTE, 16 * HOUR))
    shipped = at_work(processing + random.randint(2 * HOUR, 26 * HOUR))
    travel = (3 * HOUR, 30 * HOUR) if near else (22 * HOUR, 80 * HOUR)
    delivered = at_work(shipped + random.randint(*travel))
    return [(confirmed, CONFIRMED), (processing, PROCESSING), (shipped, SHIPPED), (delivered, DELIVERED)]


def _status_at(course: list[Step], moment: int) -> str:
    reached = [status for at, status in course if at <= moment]
    return reached[-1] if reached else PENDING


def _cancellation(random: Random, outcomes: Outcomes, placed_at: int, courses: list[list[Step]]) -> int | None:
    """When it is cancelled, before anything was shipped; None if it is not."""
    chance = random.random() * 1000
    processing_at = min(course[1][0] for course in courses)
    first_shipped_at = min(course[2][0] for course in courses)
    if chance < outcomes.cancelled_early:
        return random.randint(placed_at + 5 * MINUTE, max(placed_at + 6 * MINUTE, processing_at - 1))
    if chance < outcomes.cancelled_early + outcomes.cancelled_late and processing_at < first_shipped_at - 1:
        return random.randint(processing_at + 1, first_shipped_at - 1)
    return None


def _cancelled(
    random: Random,
    courses: list[list[Step]],
    paid_at: int | None,
    expires_at: int | None,
    cancelled_at: int,
    *,
    late: bool,
    now: int,
) -> Fate:
    is_past = cancelled_at <= now
    steps = []
    for course in courses:
        kept = [step for step in course if step[0] < cancelled_at and step[0] <= now]
        steps.append((*kept, (cancelled_at, CANCELLED)) if is_past else tuple(kept))
    was_paid = paid_at is not None and paid_at <= min(cancelled_at, now)
    return Fate(
        steps=tuple(steps),
        paid_at=paid_at if was_paid else None,
        refunded_at=cancelled_at if was_paid and is_past else None,
        cancelled_at=cancelled_at if is_past else None,
        cancel_reason=(_LATE_REASON if late else random.choice(_REASONS)) if is_past else None,
        cancelled_by_seller=late,
        expires_at=expires_at,
        payment_failed=False,
    )


def _unpaid(random: Random, placed_at: int, parts: int, now: int) -> Fate:
    expires_at = placed_at + PAYMENT_WINDOW
    cancelled_at = expires_at + random.randint(1, 59)
    expired = cancelled_at <= now
    return Fate(
        steps=tuple(((cancelled_at, CANCELLED),) if expired else () for _ in range(parts)),
        paid_at=None,
        refunded_at=None,
        cancelled_at=cancelled_at if expired else None,
        cancel_reason=EXPIRY_REASON if expired else None,
        cancelled_by_seller=False,
        expires_at=None if expired else expires_at,
        payment_failed=random.random() < 0.4,
    )


def _if_past(moment: int | None, now: int) -> int | None:
    return moment if moment is not None and moment <= now else None
