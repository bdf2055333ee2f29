"""What is shown of users: to themselves and administrators, and to everybody else."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import msgspec

from entrepot.identity.model import UserStatus
from entrepot.identity.user_queries import Amount, Device, Profile, ReceivedReview, ReceivedReviews, SeenProfile, Stats
from entrepot.identity.views import UserView
from entrepot.kernel.actors import Role
from entrepot.kernel.files import Files
from entrepot.kernel.ratings import RatingsView
from entrepot.shop import Shop


class ProfileView(UserView, frozen=True, rename="camel", kw_only=True, omit_defaults=True):
    """A user, to itself and to administrators. `pendingEmail`: the address that waits to be verified."""

    status: UserStatus
    language: str
    zone: str | None
    email_verified: bool
    pending_email: str | None = None

    @classmethod
    def shown(cls, profile: Profile, files: Files) -> ProfileView:
        return cls(
            **msgspec.structs.asdict(UserView.of(profile, files)),
            status=profile.status,
            language=profile.language,
            zone=profile.zone,
            email_verified=profile.email_verified_at is not None,
            pending_email=profile.pending_email,
        )


class PublicProfileView(msgspec.Struct, frozen=True, rename="camel", kw_only=True):
    """A user, to others: `lastName` is an initial. Stars are those of what a seller sells, `ratings` those of how its
    company sells and sends it; null where there are none."""

    id: int
    first_name: str
    last_name: str
    image: str
    role: Role
    member_since: datetime
    rating: float | None
    rating_count: int
    ratings: RatingsView | None

    @classmethod
    def of(cls, profile: SeenProfile, files: Files) -> PublicProfileView:
        return cls(
            id=profile.id,
            first_name=profile.first_name,
            last_name=f"{profile.last_name[:1]}." if profile.last_name else "",
            image=files.url(profile.image or ""),
            role=profile.role,
            member_since=profile.created_at,
            rating=average(profile.rating_sum, profile.rating_count),
            rating_count=profile.rating_count,
            ratings=RatingsView.of(profile.ratings),
        )


def seen(profile: SeenProfile, files: Files) -> ProfileView | PublicProfileView:
    """In full, or what is public."""
    return ProfileView.shown(profile, files) if profile.full else PublicProfileView.of(profile, files)


def average(rating_sum: int, rating_count: int) -> float | None:
    """Stars to two digits; None where nobody gave any."""
    return round(rating_sum / rating_count, 2) if rating_count else None


class UserPage(msgspec.Struct, frozen=True, rename="camel", kw_only=True, omit_defaults=True):
    """A page of users, the newest first."""

    users: list[ProfileView]
    total: int
    skip: int
    limit: int
    next_cursor: str | None = None


class AmountView(msgspec.Struct, frozen=True):
    """In major units."""

    currency: str
    amount: int | float


class UserStatsView(msgspec.Struct, frozen=True, rename="camel", kw_only=True):
    """What a user bought, and what its company sold if it sells.

    `orders`, `spent` and `takings` are shown to the user and its administrators, null to others. `sales` counts the parts of
    orders that the company has confirmed. `rating` is of its products,
    `ratings` of how it sells and sends them. `responseTimeMinutes` is null until there are conversations to measure.
    """

    user_id: int
    member_since: datetime
    orders: int | None
    spent: list[AmountView] | None
    sales: int | None
    takings: list[AmountView] | None
    rating: float | None
    rating_count: int
    ratings: RatingsView | None
    response_time_minutes: int | None

    @classmethod
    def of(cls, stats: Stats, shop: Shop) -> UserStatsView:
        return cls(
            user_id=stats.user_id,
            member_since=stats.created_at,
            orders=stats.orders if stats.full else None,
            spent=_amounts(stats.spent, shop) if stats.full else None,
            sales=stats.sales if stats.sells else None,
            takings=_amounts(stats.takings, shop) if stats.full and stats.sells else None,
            rating=average(stats.rating_sum, stats.rating_count),
            rating_count=stats.rating_count,
            ratings=RatingsView.of(stats.ratings),
            response_time_minutes=None,
        )


def _amounts(amounts: Sequence[Amount], shop: Shop) -> list[AmountView]:
    return [
        AmountView(amount.currency, shop.currency_of(amount.currency).major(amount.amount_minor)) for amount in amounts
    ]


class ReceivedReviewPage(msgspec.Struct, frozen=True, rename="camel", kw_only=True, omit_defaults=True):
    """A page of reviews of what a seller sells, the newest first, and the stars of all of them."""

    reviews: list[ReceivedReview]
    total: int
    skip: int
    limit: int
    rating: float | None
    next_cursor: str | None = None

    @classmethod
    def of(
        cls, reviews: list[ReceivedReview], summed: ReceivedReviews, skip: int, next_cursor: str | None
    ) -> ReceivedReviewPage:
        return cls(
            reviews=reviews,
            total=summed.total,
            skip=skip,
            limit=len(reviews),
            rating=average(summed.rating_sum, summed.total),
            next_cursor=next_cursor,
        )


class DevicesView(msgspec.Struct, frozen=True):
    """Devices that named themselves with `x-device-id`, the last seen first."""

    devices: list[Device]
    total: int


class AvatarView(msgspec.Struct, frozen=True):
    """The user's id, and where its picture is."""

    id: int
    image: str


class DeletionView(msgspec.Struct, frozen=True, rename="camel"):
    """Until then, signing in and POST /users/me/restore bring the account back."""

    message: str
    deletion_due_at: datetime
