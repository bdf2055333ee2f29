"""A new order as its buyer sees it, from what was written: so the reply costs no reading of what is known already."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import msgspec

from entrepot.kernel.actors import Actor
from entrepot.orders.model import Order, OrderLine, OrderPart, OrderSaving, OrderStatus
from entrepot.orders.queries import NewOrderRow, Placed


def order_of(
    actor: Actor, placed: Placed, row: NewOrderRow, parts: Sequence[dict[str, Any]], lines: Sequence[dict[str, Any]]
) -> Order:
    """The same as `queries.find_order` reads right after it; `parts` and `lines` are the rows that were written."""
    return Order(
        id=placed.id,
        number=placed.number,
        user_id=row.user_id,
        guest_email=row.guest_email,
        email=row.guest_email or actor.email,
        language=row.language,
        currency=row.currency,
        status=OrderStatus.PENDING,
        payment_status=row.payment_status,
        payment_method=row.payment_method,
        payment_intent_id=None,
        shipping_address=row.shipping_address,
        billing_address=row.billing_address,
        cancel_reason=None,
        cancelled_at=None,
        paid_at=None,
        expires_at=row.expires_at,
        created_at=row.created_at,
        updated_at=row.created_at,
        visible=True,
        partial=False,
        managed=actor.is_admin or row.zone_id in actor.zone_ids,
        parts=[
            msgspec.convert(
                {
                    **part,
                    "id": part_id,
                    "company": company,
                    "status": OrderStatus.PENDING,
                    "carrier": None,
                    "tracking_number": None,
                },
                OrderPart,
            )
            for part_id, company, part in zip(placed.part_ids, placed.companies, parts, strict=True)
        ],
        lines=msgspec.convert(msgspec.to_builtins(lines), list[OrderLine]),
        shipping_method=row.shipping_method,
        coupon_code=row.coupon_code,
        exchange_rate=row.exchange_rate,
        savings=msgspec.convert(row.savings, list[OrderSaving]),
    )
