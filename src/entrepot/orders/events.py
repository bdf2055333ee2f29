"""Facts that orders publishes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import ClassVar, Final

from entrepot.kernel.events import Event
from entrepot.orders.model import OrderStatus


class OrderPlaced(Event, frozen=True):
    name: ClassVar[str] = "order.placed"

    order_id: str
    user_id: int | None
    company_ids: list[int]
    currency: str
    total_minor: int

    def companies(self) -> Sequence[int]:
        return self.company_ids


class OrderPaid(Event, frozen=True):
    name: ClassVar[str] = "order.paid"

    order_id: str
    intent_id: str | None
    company_ids: list[int]

    def companies(self) -> Sequence[int]:
        return self.company_ids


class OrderExpired(OrderPaid, frozen=True):
    """Unpaid for too long: cancelled, its stock released."""

    name: ClassVar[str] = "order.expired"


class OrderConfirmed(Event, frozen=True):
    """Some parts of an order, those of `company_ids`; `status` is what the whole order is now. So are the next six."""

    name: ClassVar[str] = "order.confirmed"

    order_id: str
    user_id: int | None
    company_ids: list[int]
    part_ids: list[int]
    status: OrderStatus

    def companies(self) -> Sequence[int]:
        return self.company_ids


class OrderProcessing(OrderConfirmed, frozen=True):
    name: ClassVar[str] = "order.processing"


class OrderShipped(OrderConfirmed, frozen=True):
    name: ClassVar[str] = "order.shipped"

    carrier: str | None
    tracking_number: str | None


class OrderDelivered(OrderConfirmed, frozen=True):
    name: ClassVar[str] = "order.delivered"


class OrderCancelled(OrderConfirmed, frozen=True):
    name: ClassVar[str] = "order.cancelled"


class OrderReturned(OrderConfirmed, frozen=True):
    name: ClassVar[str] = "order.returned"


class OrderRefunded(OrderConfirmed, frozen=True):
    name: ClassVar[str] = "order.refunded"


MOVES: Final[Mapping[OrderStatus, type[OrderConfirmed]]] = {
    OrderStatus.CONFIRMED: OrderConfirmed,
    OrderStatus.PROCESSING: OrderProcessing,
    OrderStatus.SHIPPED: OrderShipped,
    OrderStatus.DELIVERED: OrderDelivered,
    OrderStatus.CANCELLED: OrderCancelled,
    OrderStatus.RETURNED: OrderReturned,
    OrderStatus.REFUNDED: OrderRefunded,
}
"""What is told when parts of an order become this."""


class OrderReduced(Event, frozen=True):
    """Some pieces were cancelled, and the rest is on."""

    name: ClassVar[str] = "order.reduced"

    order_id: str
    user_id: int | None
    company_ids: list[int]
    product_ids: list[int]

    def companies(self) -> Sequence[int]:
        return self.company_ids


class OrderNoteAdded(Event, frozen=True):
    """`company_ids`: whose sellers may read the note."""

    name: ClassVar[str] = "order.note_added"

    order_id: str
    user_id: int | None
    company_ids: list[int]
    note_id: int
    is_internal: bool

    def companies(self) -> Sequence[int]:
        return self.company_ids


class SellerReviewed(Event, frozen=True):
    name: ClassVar[str] = "order.seller_reviewed"

    order_id: str
    company_id: int
    overall: int

    def companies(self) -> Sequence[int]:
        return (self.company_id,)


class ReturnRequested(Event, frozen=True):
    """A buyer wants to give goods back. Also what all that becomes of a return says."""

    name: ClassVar[str] = "return.requested"

    return_id: int
    order_id: str
    company_id: int

    def companies(self) -> Sequence[int]:
        return [self.company_id]


class ReturnApproved(ReturnRequested, frozen=True):
    name: ClassVar[str] = "return.approved"


class ReturnRejected(ReturnRequested, frozen=True):
    name: ClassVar[str] = "return.rejected"


class ReturnCancelled(ReturnRequested, frozen=True):
    """The buyer withdrew it, or nothing came."""

    name: ClassVar[str] = "return.cancelled"


class ReturnReceived(ReturnRequested, frozen=True):
    name: ClassVar[str] = "return.received"


class ReturnRefunded(ReturnRequested, frozen=True):
    name: ClassVar[str] = "return.refunded"
