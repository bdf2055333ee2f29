"""How returns are shown."""

from __future__ import annotations

from datetime import datetime

import msgspec

from entrepot.orders.life_model import Party
from entrepot.orders.return_model import TRANSITIONS, Return, ReturnLine, ReturnReason, ReturnStatus, ReturnStep
from entrepot.shop import Shop


class ReturnLineView(msgspec.Struct, frozen=True, rename="camel", kw_only=True):
    """Pieces of a product that are to come back; `received` and `restocked` are null until they came."""

    product_id: int
    sku: str
    title: str
    thumbnail: str
    quantity: int
    received: int | None
    restocked: int | None


class ReturnStepView(msgspec.Struct, frozen=True, rename="camel", kw_only=True):
    """What became of it, when, and by whom: the buyer, the seller or an admin."""

    status: ReturnStatus
    by: Party
    note: str
    at: datetime


class ReturnView(msgspec.Struct, frozen=True, rename="camel", kw_only=True):
    """Goods of one company that are to come back. `refunded` is what was taken off the order for them, in major units; null
    until then. `next` is what the reader may make of it."""

    id: int
    order_id: str
    company_id: int
    company: str
    status: ReturnStatus
    reason: ReturnReason
    note: str
    lines: list[ReturnLineView]
    refunded: int | float | None
    currency: str
    next: list[ReturnStatus]
    history: list[ReturnStepView]
    created_at: datetime
    updated_at: datetime

    @classmethod
    def of(cls, found: Return, shop: Shop) -> ReturnView:
        credited = found.credited_minor
        return cls(
            id=found.id,
            order_id=found.order_number,
            company_id=found.company_id,
            company=found.company,
            status=found.status,
            reason=found.reason,
            note=found.note,
            lines=[_line(line, shop) for line in found.lines],
            refunded=shop.currency_of(found.currency).major(credited) if credited is not None else None,
            currency=found.currency,
            next=[status for status, parties in TRANSITIONS[found.status].items() if parties & found.parties],
            history=[_step(step) for step in found.history],
            created_at=found.created_at,
            updated_at=found.updated_at,
        )


def _line(line: ReturnLine, shop: Shop) -> ReturnLineView:
    return ReturnLineView(
        product_id=line.product_id,
        sku=line.sku,
        title=line.title,
        thumbnail=shop.files.url(line.thumbnail),
        quantity=line.quantity,
        received=line.received,
        restocked=line.restocked,
    )


def _step(step: ReturnStep) -> ReturnStepView:
    return ReturnStepView(status=step.to_status, by=step.party, note=step.note, at=step.occurred_at)


class ReturnsMade(msgspec.Struct, frozen=True):
    """The returns that a request made, one for each company that sold some of the goods."""

    returns: list[ReturnView]


class ReturnPage(msgspec.Struct, frozen=True, rename="camel", kw_only=True, omit_defaults=True):
    """A page of returns, the newest first."""

    returns: list[ReturnView]
    total: int
    skip: int
    limit: int
    next_cursor: str | None = None
