"""Reviewing a product that one has bought."""

from __future__ import annotations

from entrepot.catalog import reviews_queries as queries
from entrepot.catalog.events import ProductChanged, ReviewPosted
from entrepot.catalog.model import ProductNotFound
from entrepot.catalog.reviews import ReviewExists, ReviewNotBought
from entrepot.catalog.reviews_queries import WrittenReview
from entrepot.kernel.actors import Actor
from entrepot.kernel.db import Tx
from entrepot.kernel.events import publish_all


async def post_review(tx: Tx, actor: Actor, product_id: int, rating: int, comment: str) -> WrittenReview:
    """Review a delivered purchase of the product; each is reviewed once, even if the review is deleted afterwards.

    Raises:
        ProductNotFound: there is none, or nobody sells it now.
        ReviewNotBought: no order of the actor with it is delivered.
        ReviewExists: each has its review; of several requests at once, the database decides.
    """
    review = await queries.claim_review(tx, actor.id, product_id, rating, comment)
    if review is None:
        await _refuse(tx, actor, product_id)
        raise ReviewExists
    facts = {"product_id": product_id, "company_id": review.company_id}
    await publish_all(
        tx,
        [ReviewPosted(review_id=review.id, rating=review.rating, **facts), ProductChanged(**facts)],
        actor_id=actor.user_id,
    )
    return review


async def _refuse(tx: Tx, actor: Actor, product_id: int) -> None:
    standing = await queries.get_standing(tx, actor.id, product_id)
    if not standing.is_there:
        raise ProductNotFound
    if not standing.has_bought:
        raise ReviewNotBought
