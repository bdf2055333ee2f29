"""The SQL of reviews. Whatever changes a review changes the product's sum of stars by as much, in the same statement."""

from __future__ import annotations

from datetime import datetime
from typing import Final

import msgspec

from entrepot.catalog.model import ReviewRow
from entrepot.catalog.queries import SOLD
from entrepot.kernel import clock
from entrepot.kernel.db import Db, Tx
from entrepot.kernel.filters import Filters, Sort

_WRITTEN: Final = "r.id, r.product_id, r.user_id, r.rating, r.comment, r.reviewer_name, r.reviewer_email, r.created_at"

_DELIVERED: Final = """
    select l.id from orders o
    join order_lines l on l.order_id = o.id
    join order_parts part on part.id = l.part_id and part.status = 'delivered'
    where o.user_id = $2 and l.product_id = $1
    """


class WrittenReview(msgspec.Struct, frozen=True, kw_only=True):
    """A review as it stands now, and whose product it is of."""

    id: int
    product_id: int
    company_id: int
    user_id: int | None
    rating: int
    comment: str
    reviewer_name: str
    reviewer_email: str
    created_at: datetime

    @property
    def row(self) -> ReviewRow:
        return ReviewRow(self.id, self.rating, self.comment, self.created_at, self.reviewer_name, self.reviewer_email)


class Standing(msgspec.Struct, frozen=True):
    """How somebody stands to a product: whether it is there, and whether a delivered order of theirs holds it."""

    is_there: bool
    has_bought: bool


class StarCount(msgspec.Struct, frozen=True):
    """How many reviews have so many stars."""

    rating: int
    count: int


async def list_reviews(db: Db, filters: Filters, sort: Sort, skip: int, limit: int) -> list[ReviewRow]:
    args = [*filters.args, skip, limit]
    return await db.many(
        ReviewRow,
        f"""
        select r.id, r.rating, r.comment, r.created_at as date, r.reviewer_name, r.reviewer_email from reviews r
        where {filters.sql} order by {sort.order_by} offset ${len(args) - 1} limit ${len(args)}
        """,
        *args,
    )


async def count_by_rating(db: Db, product_id: int) -> list[StarCount]:
    return await db.many(
        StarCount,
        "select rating, count(*) as count from reviews where product_id = $1 and deleted_at is null group by rating",
        product_id,
    )


async def is_sold(db: Db, product_id: int) -> bool:
    """Whether there is such a product, of a company that sells."""
    sold: bool = await db.value(
        f"select exists (select from products p where p.id = $1 and p.deleted_at is null and {SOLD})", product_id
    )
    return sold


async def claim_review(tx: Tx, user_id: int, product_id: int, rating: int, comment: str) -> WrittenReview | None:
    """A review of the user's oldest delivered purchase of the product that has none yet; None when there is none.

    The user is locked, so that who is being erased does not leave its name here.
    """
    return await tx.maybe(
        WrittenReview,
        f"""
        with product as (
            select p.id from products p where p.id = $1 and p.deleted_at is null and {SOLD}
        ), author as (
            select id, coalesce(nullif(trim(first_name || ' ' || last_name), ''), 'Customer') as name, email from users
            where id = $2 and deleted_at is null for share
        ), line as (
            {_DELIVERED} and not exists (select from reviews earlier where earlier.order_line_id = l.id)
            order by l.id limit 1
        ), r as (
            insert into reviews (product_id, user_id, order_line_id, rating, comment, reviewer_name, reviewer_email,
                                 created_at, updated_at)
            select product.id, author.id, line.id, $3, $4, author.name, author.email, $5, $5
            from product, author, line
            returning *
        ), rated as (
            update products p set rating_sum = p.rating_sum + r.rating, rating_count = p.rating_count + 1
            from r where p.id = r.product_id returning p.company_id
        )
        select {_WRITTEN}, rated.company_id from r, rated
        """,
        product_id,
        user_id,
        rating,
        comment,
        clock.now(),
    )


async def get_standing(db: Db, user_id: int, product_id: int) -> Standing:
    return await db.one(
        Standing,
        f"""
        select exists (select from products p where p.id = $1 and p.deleted_at is null and {SOLD}) as is_there,
               exists ({_DELIVERED}) as has_bought
        """,
        product_id,
        user_id,
    )


async def set_review(
    tx: Tx, review_id: int, author_id: int, rating: int | None, comment: str | None
) -> WrittenReview | None:
    """The author's review with what is given; None when there is none of this author."""
    return await tx.maybe(
        WrittenReview,
        f"""
        with before as (
            select id, rating from reviews where id = $1 and user_id = $2 and deleted_at is null for update
        ), r as (
            update reviews set rating = coalesce($3::smallint, reviews.rating),
                   comment = coalesce($4::text, reviews.comment), updated_at = $5
            from before where reviews.id = before.id
            returning reviews.*, reviews.rating - before.rating as more
        ), rated as (
            update products p set rating_sum = p.rating_sum + r.more from r where p.id = r.product_id and r.more <> 0
        )
        select {_WRITTEN}, p.company_id from r join products p on p.id = r.product_id
        """,
        review_id,
        author_id,
        rating,
        comment,
        clock.now(),
    )


async def claim_deletion(tx: Tx, review_id: int, only_author_id: int | None) -> WrittenReview | None:
    """The review that is deleted now; None when there is none, or not of this author, if one is given."""
    return await tx.maybe(
        WrittenReview,
        f"""
        with r as (
            update reviews set deleted_at = $3, updated_at = $3
            where id = $1 and deleted_at is null and ($2::bigint is null or user_id = $2) returning *
        ), rated as (
            update products p set rating_sum = p.rating_sum - r.rating, rating_count = p.rating_count - 1
            from r where p.id = r.product_id returning p.company_id
        )
        select {_WRITTEN}, rated.company_id from r, rated
        """,
        review_id,
        only_author_id,
        clock.now(),
    )


async def is_there(db: Db, review_id: int) -> bool:
    found: bool = await db.value("select exists (select from reviews where id = $1 and deleted_at is null)", review_id)
    return found
