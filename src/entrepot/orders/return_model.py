"""What a return is, which way it may go and by whom, and what it can be refused with."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum
from typing import Final

import msgspec

from entrepot.kernel.errors import NotFound, Unprocessable
from entrepot.orders.life_model import Party
from entrepot.orders.model import OrderStatus


class ReturnStatus(StrEnum):
    REQUESTED = "requested"
    APPROVED = "approved"
    REJECTED = "rejected"
    CANCELLED = "cancelled"
    RECEIVED = "received"
    REFUNDED = "refunded"


class ReturnReason(StrEnum):
    DAMAGED = "damaged"
    DEFECTIVE = "defective"
    WRONG_ITEM = "wrong_item"
    NOT_AS_DESCRIBED = "not_as_described"
    ARRIVED_LATE = "arrived_late"
    NO_LONGER_NEEDED = "no_longer_needed"
    OTHER = "other"


_SHOP: Final = frozenset({Party.SELLER, Party.ADMIN})

TRANSITIONS: Final[Mapping[ReturnStatus, Mapping[ReturnStatus, frozenset[Party]]]] = {
    ReturnStatus.REQUESTED: {
        ReturnStatus.APPROVED: _SHOP,
        ReturnStatus.REJECTED: _SHOP,
        ReturnStatus.CANCELLED: frozenset({Party.BUYER}),
    },
    ReturnStatus.APPROVED: {
        ReturnStatus.RECEIVED: _SHOP,
        ReturnStatus.CANCELLED: _SHOP,  # nothing came
    },
    ReturnStatus.RECEIVED: {ReturnStatus.REFUNDED: _SHOP},
    ReturnStatus.REJECTED: {},
    ReturnStatus.CANCELLED: {},
    ReturnStatus.REFUNDED: {},
}
"""What a return may become, and by whom."""


class ReturnLine(msgspec.Struct, frozen=True, kw_only=True):
    """Pieces of a bought line that are to come back; `received` and `restocked` once they came."""

    line_id: int
    product_id: int
    sku: str
    title: str
    thumbnail: str
    quantity: int
    received: int | None
    restocked: int | None


class ReturnStep(msgspec.Struct, frozen=True, kw_only=True):
    """Something that became of a return."""

    from_status: ReturnStatus | None
    to_status: ReturnStatus
    party: Party
    note: str
    occurred_at: datetime


class Return(msgspec.Struct, frozen=True, kw_only=True):
    """Goods of one company's part of an order that are to come back.

    `own`: the reader bought them; `sold`: sells for the company; `managed`: administers the order's zone. `note` is what the
    buyer says. `credited_minor` is what was taken off the order for it, None before that.
    """

    id: int
    order_id: int
    order_number: str
    part_id: int
    part_status: OrderStatus
    company_id: int
    company: str
    currency: str
    status: ReturnStatus
    reason: ReturnReason
    note: str
    credited_minor: int | None
    own: bool
    sold: bool
    managed: bool
    lines: list[ReturnLine]
    history: list[ReturnStep]
    created_at: datetime
    updated_at: datetime

    @property
    def parties(self) -> frozenset[Party]:
        """As what the reader may deal with it."""
        roles = ((Party.BUYER, self.own), (Party.SELLER, self.sold), (Party.ADMIN, self.managed))
        return frozenset(party for party, held in roles if held)


class BoughtLine(msgspec.Struct, frozen=True, kw_only=True):
    """A line of an order, as far as it can come back: of `shipped` pieces, `returning` are on the way back, or came."""

    id: int
    part_id: int
    product_id: int
    part_status: str
    delivered_at: datetime | None
    shipped: int
    returning: int

    @property
    def left(self) -> int:
        return self.shipped - self.returning


class ReturnNotFound(NotFound):
    code = "RETURN_NOT_FOUND"
    message = "Return not found"


class NotDelivered(Unprocessable):
    code = "NOT_DELIVERED"
    message = "Only what was delivered can be returned"


class ReturnWindowOver(Unprocessable):
    code = "RETURN_WINDOW_OVER"
    message = "The time in which these goods could be returned is over"


class TooManyReturned(Unprocessable):
    code = "RETURN_EXCEEDS_BOUGHT"
    message = "More cannot be returned than was bought, and is not on its way back already"


class ReturnIllegalTransition(Unprocessable):
    code = "RETURN_ILLEGAL_TRANSITION"

    @classmethod
    def of(cls, before: ReturnStatus) -> ReturnIllegalTransition:
        """Names what a return in this state may become."""
        allowed = [str(status) for status in TRANSITIONS[before]]
        may = f"may become: {', '.join(allowed)}" if allowed else "stays as it is"
        return cls(f"The return is {before} and {may}", details={"status": [may]})


class MoreReceived(Unprocessable):
    code = "RETURN_EXCEEDS_REQUEST"
    message = "More cannot be received than was to come back"


class NothingReceived(Unprocessable):
    code = "NOTHING_RECEIVED"
    message = "Nothing came back: cancel the return instead"


CONSTRAINTS: Final = {"order_lines_return_quantity_check": TooManyReturned}
