"""What buyers say of who sold and sent them something, as rows add it up and as replies show it."""

from __future__ import annotations

import msgspec


class Ratings(msgspec.Struct, frozen=True, kw_only=True):
    """How many buyers have said how it was, and their stars in sum."""

    reviews: int
    overall_sum: int
    communication_sum: int
    timeliness_sum: int


class RatingsView(msgspec.Struct, frozen=True):
    """What buyers say of a seller after delivery, `reviews` of them: stars from 1 to 5, on average, to two digits."""

    reviews: int
    overall: float
    communication: float
    timeliness: float

    @classmethod
    def of(cls, ratings: Ratings | None) -> RatingsView | None:
        """None where nobody has said anything."""
        if ratings is None or not ratings.reviews:
            return None
        return cls(
            reviews=ratings.reviews,
            overall=round(ratings.overall_sum / ratings.reviews, 2),
            communication=round(ratings.communication_sum / ratings.reviews, 2),
            timeliness=round(ratings.timeliness_sum / ratings.reviews, 2),
        )
