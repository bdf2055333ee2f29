"""Changing and deleting a review. The product's rating follows in the same statement."""

from __future__ import annotations

from entrepot.catalog import reviews_queries as queries
from entrepot.catalog.events import ProductChanged, ReviewChanged, ReviewDeleted, ReviewPosted
from entrepot.catalog.reviews import ReviewNotFound
from entrepot.catalog.reviews_queries import WrittenReview
from entrepot.kernel.actors import Actor
from entrepot.kernel.admin_log import Subject, record_change
from entrepot.kernel.db import Tx
from entrepot.kernel.errors import Forbidden
from entrepot.kernel.events import publish_all


async def change_review(tx: Tx, actor: Actor, review_id: int, rating: int | None, comment: str | None) -> WrittenReview:
    """Set what is given of one's own review. Raises ReviewNotFound, or Forbidden for somebody else's."""
    review = await queries.set_review(tx, review_id, actor.id, rating, comment)
    if review is None:
        raise await _refusal(tx, review_id)
    await _publish(tx, actor, ReviewChanged, review)
    return review


async def delete_review(tx: Tx, actor: Actor, review_id: int) -> None:
    """Delete one's own review, or, as an administrator, any. Raises ReviewNotFound, or Forbidden for somebody else's."""
    review = await queries.claim_deletion(tx, review_id, None if actor.is_admin else actor.id)
    if review is None:
        raise await _refusal(tx, review_id)
    if review.user_id != actor.user_id:
        before = {name: getattr(review, name) for name in ("product_id", "user_id", "rating", "comment")}
        await record_change(tx, actor, "review.deleted", Subject("review", review.id), before=before)
    await _publish(tx, actor, ReviewDeleted, review)


async def _refusal(tx: Tx, review_id: int) -> Exception:
    return Forbidden() if await queries.is_there(tx, review_id) else ReviewNotFound()


async def _publish(tx: Tx, actor: Actor, kind: type[ReviewPosted], review: WrittenReview) -> None:
    facts = {"product_id": review.product_id, "company_id": review.company_id}
    await publish_all(
        tx,
        [kind(review_id=review.id, rating=review.rating, **facts), ProductChanged(**facts)],
        actor_id=actor.user_id,
    )
