"""The HTTP surface of reviews."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import ROUND_HALF_UP, Decimal
from typing import Annotated, Final, Self

import msgspec
from litestar import Controller
from litestar.params import QueryParameter
from pydantic import Field

from entrepot.catalog.change_review import change_review, delete_review
from entrepot.catalog.events import product_tag
from entrepot.catalog.list_reviews import ReviewOrder, list_reviews
from entrepot.catalog.model import ProductNotFound
from entrepot.catalog.post_review import post_review
from entrepot.catalog.reviews import ReviewExists, ReviewNotBought, ReviewNotFound
from entrepot.catalog.views import ReviewView
from entrepot.companies import COMPANIES_TAG
from entrepot.kernel.actors import Actor, anyone, signed_in
from entrepot.kernel.bodies import Body
from entrepot.kernel.db import Db, Tx
from entrepot.kernel.pages import Page, encode_cursor
from entrepot.kernel.routes import Cached, delete, get, post, put
from entrepot.kernel.types import Id

MAX_COMMENT: Final = 5_000
_HUNDREDTH: Final = Decimal("0.01")

Stars = Annotated[int, Field(ge=1, le=5, examples=[5])]
Comment = Annotated[str, Field(max_length=MAX_COMMENT, examples=["Holds what it promises."])]


class NewReview(Body):
    """What a buyer says of a product."""

    rating: Stars
    comment: Comment = ""


class ReviewChanges(Body):
    """What is to change; what is not given stays."""

    rating: Stars | None = Field(None, examples=[4])
    comment: Comment | None = None


class ReviewSummary(msgspec.Struct, frozen=True, rename="camel", kw_only=True):
    """All reviews of a product: their average, rounded to two digits as the product's rating is, how many there are, and how
    many with 1 to 5 stars."""

    average: float
    count: int
    by_rating: dict[str, int]

    @classmethod
    def of(cls, counts: Mapping[int, int]) -> Self:
        count = sum(counts.values())
        stars = sum(rating * so_many for rating, so_many in counts.items())
        return cls(
            average=float((Decimal(stars) / count).quantize(_HUNDREDTH, ROUND_HALF_UP)) if count else 0.0,
            count=count,
            by_rating={str(rating): counts.get(rating, 0) for rating in range(1, 6)},
        )


class ReviewPage(msgspec.Struct, frozen=True, rename="camel", kw_only=True, omit_defaults=True):
    """A page of reviews. `limit` is how many are on it, `total` how many there are; `summary` is of all, whatever the
    filter."""

    product_id: int
    reviews: list[ReviewView]
    summary: ReviewSummary
    total: int
    skip: int
    limit: int
    next_cursor: str | None = None


class ProductReviewController(Controller):
    path = "/products/{product_id:int}/reviews"
    tags = ["Reviews"]

    @get(
        "/",
        guard=anyone,
        cached=Cached(lambda page: frozenset([product_tag(page.product_id), COMPANIES_TAG]), max_age_s=60.0),
        refuses=(ProductNotFound,),
    )
    async def list_reviews(
        self,
        db: Db,
        page: Page,
        product_id: Id,
        sort: Annotated[
            ReviewOrder, QueryParameter(description="newest, oldest, highest or lowest.")
        ] = ReviewOrder.NEWEST,
        rating: Annotated[int | None, QueryParameter(ge=1, le=5, description="Only those with so many stars.")] = None,
    ) -> ReviewPage:
        """The reviews of a product, with their average. Reviewers' addresses are masked."""
        found = await list_reviews(db, product_id, sort, rating, page)
        return ReviewPage(
            product_id=product_id,
            reviews=[ReviewView.of(review) for review in found.reviews],
            summary=ReviewSummary.of(found.by_rating),
            total=found.total,
            skip=page.skip,
            limit=len(found.reviews),
            next_cursor=encode_cursor(*found.following) if found.following else None,
        )

    @post("/", guard=signed_in, refuses=(ProductNotFound, ReviewNotBought, ReviewExists))
    async def post_review(self, tx: Tx, actor: Actor, product_id: Id, data: NewReview) -> ReviewView:
        """Review a product that one has bought and got: once for each purchase."""
        return ReviewView.of((await post_review(tx, actor, product_id, data.rating, data.comment)).row)


class ReviewController(Controller):
    path = "/reviews"
    tags = ["Reviews"]

    @put("/{review_id:int}", guard=signed_in, refuses=(ReviewNotFound,))
    async def change_review(self, tx: Tx, actor: Actor, review_id: Id, data: ReviewChanges) -> ReviewView:
        """Change a review that one has written."""
        return ReviewView.of((await change_review(tx, actor, review_id, data.rating, data.comment)).row)

    @delete("/{review_id:int}", guard=signed_in, refuses=(ReviewNotFound,))
    async def delete_review(self, tx: Tx, actor: Actor, review_id: Id) -> None:
        """Delete a review that one has written; administrators delete any. The purchase is not reviewed anew."""
        await delete_review(tx, actor, review_id)
