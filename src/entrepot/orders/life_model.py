"""An order as those see it who change it: what is left of it, and as what they may."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Final

import msgspec

from entrepot.kernel.errors import Conflict, Forbidden, Unprocessable
from entrepot.orders.model import OrderStatus, PaymentMethod, PaymentStatus
from entrepot.payments import AlreadyCharged


class Party(StrEnum):
    """As what somebody does something to an order; the shop itself acts by jobs, and together with payments."""

    BUYER = "buyer"
    SELLER = "seller"
    ADMIN = "admin"
    SHOP = "shop"


class By(msgspec.Struct, frozen=True):
    """Who takes a step, and as what; a guest has no id."""

    actor_id: int | None
    party: Party


class LivePart(msgspec.Struct, frozen=True):
    """A company's part, as it stands."""

    id: int
    company_id: int
    status: OrderStatus


class LiveLine(msgspec.Struct, frozen=True):
    """A line, and how many of its pieces were cancelled."""

    id: int
    part_id: int
    product_id: int
    sku: str
    quantity: int
    cancelled_quantity: int

    @property
    def left(self) -> int:
        return self.quantity - self.cancelled_quantity


class LiveOrder(msgspec.Struct, frozen=True, kw_only=True):
    """An order that is locked, whole.

    `own`: the actor bought it; `managed`: administers the order's zone, or all; `sold_part_id`: the part of the company that
    it sells for.
    """

    id: int
    number: str
    user_id: int | None
    currency: str
    status: OrderStatus
    payment_status: PaymentStatus
    payment_method: PaymentMethod
    total_minor: int
    own: bool
    managed: bool
    sold_part_id: int | None
    parts: list[LivePart]
    lines: list[LiveLine]

    @property
    def going(self) -> list[LivePart]:
        """The parts that were not cancelled."""
        return [part for part in self.parts if part.status is not OrderStatus.CANCELLED]


class Step(msgspec.Struct, frozen=True, kw_only=True):
    """An entry of the history: of a part, or of the whole order. `actor` is what the person is called."""

    id: int
    part_id: int | None
    company_id: int | None
    from_status: OrderStatus | None
    to_status: OrderStatus
    party: Party
    actor_id: int | None
    actor: str | None
    note: str
    carrier: str | None
    tracking_number: str | None
    occurred_at: datetime


class Note(msgspec.Struct, frozen=True, kw_only=True):
    """A note on an order; with a company, by its seller or for it."""

    id: int
    party: Party
    company_id: int | None
    author_id: int | None
    author: str | None
    is_internal: bool
    note: str
    written_at: datetime


class NotForYou(Forbidden):
    message = "You may look at this order, and not change it in this way"


class OrderCannotCancel(Unprocessable):
    code = "ORDER_CANNOT_CANCEL"
    message = "Cannot cancel order that has been shipped"

    @classmethod
    def of(cls, status: OrderStatus) -> OrderCannotCancel:
        if status is OrderStatus.CANCELLED:
            return cls("Cannot cancel order that has been cancelled already")
        return cls(f"Cannot cancel order that has been {status}")


class OrderNotPaid(Unprocessable):
    code = "ORDER_NOT_PAID"
    message = "This order is to be paid by card before it is shipped"


class PaymentUnderWay(AlreadyCharged):
    message = (
        "A payment of this order is under way: wait for what becomes of it before money is received in another way"
    )


class PaidAlready(Unprocessable):
    code = "ORDER_NOT_PAYABLE"
    message = "This order cannot be marked as paid: it is paid already, is paid by card, or was cancelled"


class TooManyNotes(Unprocessable):
    code = "TOO_MANY_NOTES"
    message = "There are 200 notes on this order already"


class NotDeliveredYet(Unprocessable):
    code = "ORDER_NOT_DELIVERED"
    message = "A seller is reviewed when its part of the order has been delivered"


class ReviewedAlready(Conflict):
    code = "SELLER_REVIEW_EXISTS"
    message = "You have reviewed this seller for this order already"


CONSTRAINTS: Final = {"order_lines_cancelled_check": OrderCannotCancel}
