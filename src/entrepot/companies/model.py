"""What a company is, on which terms it sells, and what can be refused about one."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any, Final

import msgspec

from entrepot.kernel.actors import Role
from entrepot.kernel.errors import Conflict, NotFound, Unprocessable
from entrepot.kernel.ratings import Ratings

MAX_INVITATIONS: Final = 100
"""That a company may have open at a time."""


class CompanyStatus(StrEnum):
    ACTIVE = "active"
    PENDING = "pending"
    INACTIVE = "inactive"


class Delivery(msgspec.Struct, frozen=True):
    """On which terms a company delivers to a zone; `zone` is its slug."""

    zone_id: int
    zone: str
    name: str
    delivery_fee_minor: int
    free_delivery_from_minor: int | None


class Terms(msgspec.Struct, frozen=True):
    """Terms of delivery to a zone that are to be set; None of all: it is not delivered to any more."""

    zone: str
    delivery_fee_minor: int | None
    free_delivery_from_minor: int | None


class Rate(msgspec.Struct, frozen=True):
    """The marketplace's share of a sale, from a time on."""

    rate_bp: int
    valid_from: datetime


class CompanyFields(msgspec.Struct, frozen=True, kw_only=True):
    """What is said of a company."""

    name: str
    slug: str | None = None
    description: str = ""
    email: str | None = None
    phone: str | None = None
    tax_id: str | None = None
    address: dict[str, Any] = {}
    is_house: bool = False
    status: CompanyStatus = CompanyStatus.ACTIVE


class Company(msgspec.Struct, frozen=True, kw_only=True):
    """A company as an actor sees it.

    `managed`: the actor administers it, or owns it; `concerned`: manages it or sells for it, and so may know its rates.
    `rates` are the one that counts now and those to come.
    """

    id: int
    slug: str
    name: str
    description: str
    is_house: bool
    status: CompanyStatus
    email: str | None
    phone: str | None
    tax_id: str | None
    address: dict[str, Any]
    zones: list[Delivery]
    rates: list[Rate]
    managed: bool
    concerned: bool
    owned: bool
    ratings: Ratings | None
    created_at: datetime
    updated_at: datetime


class Member(msgspec.Struct, frozen=True, kw_only=True):
    """Somebody who sells for a company."""

    user_id: int
    first_name: str
    last_name: str
    email: str
    status: str
    is_owner: bool
    joined_at: datetime


class Invitation(msgspec.Struct, frozen=True, kw_only=True):
    """An address that was asked to sell for a company."""

    id: int
    email: str
    is_owner: bool
    created_at: datetime
    expires_at: datetime


class Account(msgspec.Struct, frozen=True):
    """Who has an address, and for whom it sells."""

    user_id: int
    role: Role
    company_id: int | None


class NewSeller(msgspec.Struct, frozen=True):
    """Somebody who has just registered to sell; `invited`: a company waits for this address."""

    name: str
    zone_id: int | None
    waits: bool
    invited: bool


class Sales(msgspec.Struct, frozen=True):
    """What was sold in a currency, without what was cancelled."""

    currency: str
    orders: int
    total_minor: int
    commission_minor: int


class CompanyStats(msgspec.Struct, frozen=True, kw_only=True):
    """A company in numbers."""

    products: int
    products_in_stock: int
    sellers: int
    orders: int
    open_orders: int
    sales: list[Sales]
    rating_sum: int
    rating_count: int


class CompanyNotFound(NotFound):
    code = "COMPANY_NOT_FOUND"
    message = "Company not found"


class SellerNotFound(NotFound):
    code = "SELLER_NOT_FOUND"
    message = "This user does not sell for the company"


class CompanyExists(Conflict):
    code = "COMPANY_EXISTS"
    message = "There is a company with this slug already"


class HouseCompany(Conflict):
    code = "HOUSE_COMPANY"
    message = "The shop's own company stays as it is"


class OpenOrders(Conflict):
    code = "COMPANY_HAS_OPEN_ORDERS"
    message = "The company has orders to carry out: deactivate it, and delete it when they are delivered or cancelled"


class RateBegun(Conflict):
    code = "COMMISSION_BEGUN"
    message = "A rate has begun at this time already: what was is not changed"


class LastOwner(Conflict):
    code = "LAST_OWNER"
    message = "This is the company's only owner: invite another one first"


class SellsAlready(Conflict):
    code = "SELLS_ALREADY"
    message = "This user sells for a company already"


class CannotSell(Unprocessable):
    code = "CANNOT_SELL"
    message = "Administrators, couriers and shop owners sell for no company: use another account"


class TooManyInvitations(Unprocessable):
    code = "TOO_MANY_INVITATIONS"
    message = f"{MAX_INVITATIONS} invitations are open: wait until some are accepted, or have expired"


CONSTRAINTS: Final = {
    "companies_slug_key": CompanyExists,
    "companies_one_house": HouseCompany,
    "company_members_user_id_key": SellsAlready,
}
