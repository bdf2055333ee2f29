"""How companies are shown."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import msgspec

from entrepot.companies.model import Company, CompanyStats, CompanyStatus, Invitation, Member
from entrepot.companies.vendors import Asked
from entrepot.kernel import clock
from entrepot.kernel.ratings import RatingsView
from entrepot.shop import Shop


class DeliveryView(msgspec.Struct, frozen=True, rename="camel"):
    """Terms of delivery to a zone, in major units."""

    zone: str
    name: str
    delivery_fee: int | float
    free_delivery_from: int | float | None


class RateView(msgspec.Struct, frozen=True, rename="camel"):
    """A commission in percent, from a time on."""

    rate: float
    valid_from: datetime


class CommissionView(msgspec.Struct, frozen=True, rename="camel"):
    """The commission that counts now, in percent, and those that are to come."""

    rate: float
    valid_from: datetime | None
    upcoming: list[RateView]

    @classmethod
    def of(cls, company: Company) -> CommissionView:
        now = clock.now()
        current = next((rate for rate in reversed(company.rates) if rate.valid_from <= now), None)
        return cls(
            rate=current.rate_bp / 100 if current else 0.0,
            valid_from=current.valid_from if current else None,
            upcoming=[RateView(rate.rate_bp / 100, rate.valid_from) for rate in company.rates if rate.valid_from > now],
        )


class CompanyView(msgspec.Struct, frozen=True, rename="camel", kw_only=True, omit_defaults=True):
    """A company; `taxId` and `commission` are shown to its sellers and its administrators, `ratings` once there are some."""

    id: int
    slug: str
    name: str
    description: str
    is_house: bool
    status: CompanyStatus
    is_active: bool
    email: str | None
    phone: str | None
    address: dict[str, Any]
    currency: str
    zones: list[DeliveryView]
    created_at: datetime
    updated_at: datetime
    tax_id: str | None = None
    commission: CommissionView | None = None
    ratings: RatingsView | None = None

    @classmethod
    def of(cls, company: Company, shop: Shop) -> CompanyView:
        return cls(
            id=company.id,
            slug=company.slug,
            name=company.name,
            description=company.description,
            is_house=company.is_house,
            status=company.status,
            is_active=company.status is CompanyStatus.ACTIVE,
            email=company.email,
            phone=company.phone,
            address=company.address,
            currency=shop.currency.code,
            zones=_deliveries(company, shop),
            created_at=company.created_at,
            updated_at=company.updated_at,
            tax_id=company.tax_id if company.concerned else None,
            commission=CommissionView.of(company) if company.concerned else None,
            ratings=RatingsView.of(company.ratings),
        )


def _deliveries(company: Company, shop: Shop) -> list[DeliveryView]:
    major = shop.currency.major
    return [
        DeliveryView(
            zone=delivery.zone,
            name=delivery.name,
            delivery_fee=major(delivery.delivery_fee_minor),
            free_delivery_from=(
                major(delivery.free_delivery_from_minor) if delivery.free_delivery_from_minor is not None else None
            ),
        )
        for delivery in company.zones
    ]


class CompanyPage(msgspec.Struct, frozen=True, rename="camel", kw_only=True, omit_defaults=True):
    """A page of companies."""

    companies: list[CompanyView]
    total: int
    skip: int
    limit: int
    next_cursor: str | None = None


class SalesView(msgspec.Struct, frozen=True):
    """What was sold in a currency, without what was cancelled; in major units."""

    currency: str
    orders: int
    total: int | float
    commission: int | float
    net: int | float


class CompanyStatsView(msgspec.Struct, frozen=True, rename="camel", kw_only=True):
    """A company in numbers; for a location admin, orders and sales are those of its zones.

    `rating` is of its products, `ratings` of how it sells and sends them.
    """

    id: int
    products: int
    products_in_stock: int
    sellers: int
    orders: int
    open_orders: int
    sales: list[SalesView]
    rating: float | None
    rating_count: int
    ratings: RatingsView | None
    commission: CommissionView

    @classmethod
    def of(cls, company: Company, stats: CompanyStats, shop: Shop) -> CompanyStatsView:
        return cls(
            id=company.id,
            products=stats.products,
            products_in_stock=stats.products_in_stock,
            sellers=stats.sellers,
            orders=stats.orders,
            open_orders=stats.open_orders,
            sales=[
                SalesView(
                    currency=sales.currency,
                    orders=sales.orders,
                    total=shop.currency_of(sales.currency).major(sales.total_minor),
                    commission=shop.currency_of(sales.currency).major(sales.commission_minor),
                    net=shop.currency_of(sales.currency).major(sales.total_minor - sales.commission_minor),
                )
                for sales in stats.sales
            ],
            rating=round(stats.rating_sum / stats.rating_count, 2) if stats.rating_count else None,
            rating_count=stats.rating_count,
            ratings=RatingsView.of(company.ratings),
            commission=CommissionView.of(company),
        )


class VendorView(msgspec.Struct, frozen=True, rename="camel", kw_only=True):
    """Somebody who sells for a company; `id` is the user's."""

    id: int
    first_name: str
    last_name: str
    email: str
    status: str
    is_owner: bool
    joined_at: datetime

    @classmethod
    def of(cls, member: Member) -> VendorView:
        return cls(
            id=member.user_id,
            first_name=member.first_name,
            last_name=member.last_name,
            email=member.email,
            status=member.status,
            is_owner=member.is_owner,
            joined_at=member.joined_at,
        )


class InvitationView(msgspec.Struct, frozen=True, rename="camel"):
    """An address that was asked to sell for a company."""

    email: str
    is_owner: bool
    invited_at: datetime
    expires_at: datetime

    @classmethod
    def of(cls, invitation: Invitation) -> InvitationView:
        return cls(invitation.email, invitation.is_owner, invitation.created_at, invitation.expires_at)


class VendorPage(msgspec.Struct, frozen=True):
    """A page of a company's sellers, owners first, and all its open invitations."""

    vendors: list[VendorView]
    invitations: list[InvitationView]
    total: int
    skip: int
    limit: int

    @classmethod
    def of(cls, members: Sequence[Member], invitations: Sequence[Invitation], total: int, skip: int) -> VendorPage:
        return cls(
            vendors=[VendorView.of(member) for member in members],
            invitations=[InvitationView.of(invitation) for invitation in invitations],
            total=total,
            skip=skip,
            limit=len(members),
        )


class AskedView(msgspec.Struct, frozen=True, omit_defaults=True):
    """`status` is `joined` or `invited`, and says which of the others there is."""

    status: str
    vendor: VendorView | None = None
    invitation: InvitationView | None = None

    @classmethod
    def of(cls, asked: Asked) -> AskedView:
        if asked.member is not None:
            return cls("joined", vendor=VendorView.of(asked.member))
        return cls("invited", invitation=InvitationView.of(asked.invitation) if asked.invitation else None)
