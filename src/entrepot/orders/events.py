"""Facts that orders publishes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from entrepot.kernel.events import Event


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
