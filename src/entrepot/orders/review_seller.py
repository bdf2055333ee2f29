"""What a buyer says of a seller, once its part of the order was delivered."""

from __future__ import annotations

from typing import Final

from entrepot import companies
from entrepot.kernel.actors import Actor
from entrepot.kernel.db import Tx
from entrepot.kernel.errors import Invalid
from entrepot.kernel.events import publish
from entrepot.orders import life_queries as queries
from entrepot.orders.events import SellerReviewed
from entrepot.orders.life_model import LiveOrder, LivePart, NotDeliveredYet, NotForYou, ReviewedAlready
from entrepot.orders.life_queries import NewReview
from entrepot.orders.look_up import lock_for, part_of
from entrepot.orders.model import OrderStatus

REVIEWABLE: Final = frozenset({OrderStatus.DELIVERED, OrderStatus.RETURNED, OrderStatus.REFUNDED})


async def review_seller(tx: Tx, actor: Actor, number: str, company_id: int | None, review: NewReview) -> LivePart:
    """Keep it, and count it in the company's rating; returns the part. Without a company, the order's only seller is meant.

    Raises:
        OrderNotFound, NotYourOrder, NotForYou: the actor has not bought it.
        Invalid: there are several sellers, and none was named.
        NotDeliveredYet, ReviewedAlready.
    """
    order = await lock_for(tx, actor, number)
    if not order.own:
        raise NotForYou
    part = _meant(order, company_id)
    if part.status not in REVIEWABLE:
        raise NotDeliveredYet
    if not await queries.claim_review(tx, order.id, part, actor.user_id, review):
        raise ReviewedAlready
    await companies.add_rating(
        tx,
        part.company_id,
        overall=review.overall,
        communication=review.communication,
        timeliness=review.timeliness,
    )
    await publish(
        tx,
        SellerReviewed(order_id=order.number, company_id=part.company_id, overall=review.overall),
        actor_id=actor.user_id,
    )
    return part


def _meant(order: LiveOrder, company_id: int | None) -> LivePart:
    if company_id is not None:
        return part_of(order, company_id)
    if len(order.parts) > 1:
        raise Invalid({"companyId": ["is required: several companies sold this order"]})
    return order.parts[0]
