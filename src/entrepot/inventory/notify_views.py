"""How waiting for products is shown."""

from __future__ import annotations

from datetime import datetime

import msgspec

from entrepot.inventory.waiting_queries import Awaited, Wait, WaiterCounts, WaiterStatus


class SubscriptionView(msgspec.Struct, frozen=True, rename="camel", kw_only=True):
    """Somebody waits for a product, or did. `position` 1 is told next; offered pieces are held until `heldUntil`."""

    id: int
    product_id: int
    sku: str
    title: str
    status: WaiterStatus
    position: int | None
    quantity: int
    held_until: datetime | None
    notified_at: datetime | None
    created_at: datetime

    @classmethod
    def of(cls, wait: Wait) -> SubscriptionView:
        return cls(
            id=wait.id,
            product_id=wait.product_id,
            sku=wait.sku,
            title=wait.title,
            status=wait.status,
            position=wait.ahead + 1 if wait.status is WaiterStatus.WAITING else None,
            quantity=wait.quantity,
            held_until=wait.held_until,
            notified_at=wait.offered_at,
            created_at=wait.created_at,
        )


class SubscriptionPage(msgspec.Struct, frozen=True, rename="camel", kw_only=True, omit_defaults=True):
    """A page of what one waits for."""

    subscriptions: list[SubscriptionView]
    total: int
    skip: int
    limit: int
    next_cursor: str | None = None


class SubscriptionCheck(msgspec.Struct, frozen=True, rename="camel"):
    """Whether one waits for a product, or is offered it now."""

    product_id: int
    subscribed: bool
    subscription: SubscriptionView | None


class NotifyRequestView(msgspec.Struct, frozen=True, rename="camel", kw_only=True):
    """Who waits for a product."""

    id: int
    user_id: int | None
    email: str
    status: WaiterStatus
    position: int | None
    held_until: datetime | None
    notified_at: datetime | None
    created_at: datetime

    @classmethod
    def of(cls, wait: Wait) -> NotifyRequestView:
        return cls(
            id=wait.id,
            user_id=wait.user_id,
            email=wait.email,
            status=wait.status,
            position=wait.ahead + 1 if wait.status is WaiterStatus.WAITING else None,
            held_until=wait.held_until,
            notified_at=wait.offered_at,
            created_at=wait.created_at,
        )


class NotifyRequestPage(msgspec.Struct, frozen=True, rename="camel", kw_only=True, omit_defaults=True):
    """A page of who waits, or waited, for a product."""

    requests: list[NotifyRequestView]
    total: int
    skip: int
    limit: int
    next_cursor: str | None = None


class AwaitedView(msgspec.Struct, frozen=True, rename="camel", kw_only=True):
    """A product, how many wait for it, and to how many it is offered now."""

    product_id: int
    sku: str
    title: str
    available: int
    waiting: int
    offered: int

    @classmethod
    def of(cls, product: Awaited) -> AwaitedView:
        return cls(**msgspec.structs.asdict(product))


class WaiterCountsView(msgspec.Struct, frozen=True):
    """How many wait, and how it ended for the others."""

    waiting: int
    offered: int
    bought: int
    lapsed: int
    cancelled: int

    @classmethod
    def of(cls, counts: WaiterCounts) -> WaiterCountsView:
        return cls(**msgspec.structs.asdict(counts))


class NotifyStats(msgspec.Struct, frozen=True, kw_only=True):
    """All counts, and a page of the products that people wait for, the most wanted first."""

    counts: WaiterCountsView
    products: list[AwaitedView]
    total: int
    skip: int
    limit: int


class NotifyResult(msgspec.Struct, frozen=True, rename="camel"):
    """To how many a product was offered just now, and how many wait further on."""

    product_id: int
    notified: int
    waiting: int


class Unsubscribed(msgspec.Struct, frozen=True):
    """For how many products one waited until now."""

    products: int


class Cleared(msgspec.Struct, frozen=True):
    """How many entries were forgotten."""

    cleared: int
