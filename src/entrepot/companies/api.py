"""The HTTP surface of companies."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated

from litestar import Controller
from litestar.di import Provide
from litestar.params import QueryParameter

from entrepot.companies import member_queries, queries
from entrepot.companies.change_company import change_company, set_commission, set_status
from entrepot.companies.create_company import create_company
from entrepot.companies.delete_company import delete_company
from entrepot.companies.events import COMPANIES_TAG
from entrepot.companies.list_companies import CompanyFilter, list_companies
from entrepot.companies.model import (
    CannotSell,
    Company,
    CompanyExists,
    CompanyFields,
    CompanyNotFound,
    CompanyStatus,
    HouseCompany,
    LastOwner,
    OpenOrders,
    RateBegun,
    SellerNotFound,
    SellsAlready,
    Terms,
    TooManyInvitations,
)
from entrepot.companies.requests import (
    CommissionChange,
    CompanyChange,
    CompanyChangeByAdmin,
    DeliveryFee,
    NewCompany,
    StatusChange,
    TermsChange,
    VendorInvitation,
)
from entrepot.companies.set_terms import change_terms
from entrepot.companies.vendors import invite, remove_vendor
from entrepot.companies.views import AskedView, CommissionView, CompanyPage, CompanyStatsView, CompanyView, VendorPage
from entrepot.kernel.actors import (
    Actor,
    admin,
    anyone,
    guest_or_user,
    seller,
    seller_or_admin,
    seller_or_zone_admin,
    zone_admin,
)
from entrepot.kernel.db import Db, Tx
from entrepot.kernel.errors import Forbidden, Invalid
from entrepot.kernel.fields import basis_points, minor_of
from entrepot.kernel.money import Currency
from entrepot.kernel.pages import Page, encode_cursor
from entrepot.kernel.routes import Cached, delete, get, patch, post, put
from entrepot.kernel.types import Id
from entrepot.shop import Shop
from entrepot.zones import ZONES_TAG, ZoneNotFound, zone_called

PUBLIC = Actor()
"""Who looks at what is the same for everybody."""


def company_filter(
    q: Annotated[str | None, QueryParameter(max_length=100, description="Looked for in name and slug.")] = None,
    zone: Annotated[str | None, QueryParameter(max_length=100, description="Slug of a zone it delivers to.")] = None,
    status: Annotated[
        CompanyStatus | None,
        QueryParameter(description="active, pending or inactive; the last two only for who administers them."),
    ] = None,
    sort_by: Annotated[str | None, QueryParameter(name="sortBy", description="name, createdAt or id.")] = None,
    order: Annotated[str | None, QueryParameter(description="asc or desc.")] = None,
) -> CompanyFilter:
    """The filters and the sort key of a list of companies."""
    return CompanyFilter(q=q, zone=zone, status=status, sort_by=sort_by, order=order)


class CompanyController(Controller):
    path = "/companies"
    tags = ["Companies"]
    dependencies = {"wanted": Provide(company_filter, sync_to_thread=False)}

    @get("/", guard=guest_or_user)
    async def list_companies(self, db: Db, shop: Shop, actor: Actor, wanted: CompanyFilter, page: Page) -> CompanyPage:
        """Companies that sell; administrators also see those of theirs that wait or do not sell."""
        found = await list_companies(db, actor, wanted, page)
        return CompanyPage(
            companies=[CompanyView.of(company, shop) for company in found.companies],
            total=found.total,
            skip=page.skip,
            limit=len(found.companies),
            next_cursor=encode_cursor(*found.following) if found.following else None,
        )

    @get(
        "/zone/{zone:str}",
        guard=anyone,
        cached=Cached(lambda _: frozenset([COMPANIES_TAG, ZONES_TAG])),
        refuses=(ZoneNotFound,),
    )
    async def list_companies_of_zone(self, db: Db, shop: Shop, zone: str, page: Page) -> CompanyPage:
        """Companies that deliver to a zone, which is named by its slug."""
        await zone_called(db, zone)
        found = await list_companies(db, PUBLIC, CompanyFilter(zone=zone), page)
        return CompanyPage(
            companies=[CompanyView.of(company, shop) for company in found.companies],
            total=found.total,
            skip=page.skip,
            limit=len(found.companies),
            next_cursor=encode_cursor(*found.following) if found.following else None,
        )

    @get("/{company_id:int}", guard=guest_or_user, refuses=(CompanyNotFound,))
    async def get_company(self, db: Db, shop: Shop, actor: Actor, company_id: Id) -> CompanyView:
        """A company, and where it delivers for how much."""
        return CompanyView.of(await _visible(db, actor, company_id), shop)

    @post("/", guard=admin, refuses=(CompanyExists,))
    async def create_company(self, tx: Tx, shop: Shop, actor: Actor, data: NewCompany) -> CompanyView:
        """Create a company. If it delivers anywhere, it gets a first warehouse there."""
        fields = CompanyFields(
            name=data.name,
            slug=data.slug,
            description=data.description,
            email=data.email,
            phone=data.phone,
            tax_id=data.tax_id,
            address=data.address.model_dump(by_alias=True) if data.address is not None else {},
        )
        terms = _terms(data.delivery_fees, shop.currency)
        return CompanyView.of(await create_company(tx, actor, fields, terms, basis_points(data.commission_rate)), shop)

    @put("/{company_id:int}", guard=admin, refuses=(CompanyNotFound, CompanyExists))
    async def change_company(
        self, tx: Tx, shop: Shop, actor: Actor, company_id: Id, data: CompanyChangeByAdmin
    ) -> CompanyView:
        """Change what is said of a company; what is not given stays."""
        return CompanyView.of(await change_company(tx, actor, company_id, data.columns), shop)

    @patch("/{company_id:int}/status", guard=admin, refuses=(CompanyNotFound, HouseCompany))
    async def set_status(self, tx: Tx, shop: Shop, actor: Actor, company_id: Id, data: StatusChange) -> CompanyView:
        """Let a company sell, or not.

        Its products are shown and sold, or hidden, at once. Activating a company that waits approves its sellers as well.
        """
        return CompanyView.of(await set_status(tx, actor, company_id, _status(data)), shop)

    @patch("/{company_id:int}/delivery-fees", guard=zone_admin, refuses=(CompanyNotFound,))
    async def change_terms(self, tx: Tx, shop: Shop, actor: Actor, company_id: Id, data: TermsChange) -> CompanyView:
        """Set fee and free-delivery threshold by zone; a location admin for its own zones only. Other zones stay."""
        return CompanyView.of(
            await change_terms(tx, actor, company_id, _terms(data.delivery_fees, shop.currency)), shop
        )

    @patch("/{company_id:int}/commission", guard=admin, refuses=(CompanyNotFound, RateBegun))
    async def set_commission(self, tx: Tx, actor: Actor, company_id: Id, data: CommissionChange) -> CommissionView:
        """Set the commission from now, or from a time to come; what counted before is never changed."""
        rate_bp = basis_points(data.rate)
        return CommissionView.of(await set_commission(tx, actor, company_id, rate_bp, data.valid_from))

    @delete("/{company_id:int}", guard=admin, refuses=(CompanyNotFound, HouseCompany, OpenOrders))
    async def delete_company(self, tx: Tx, actor: Actor, company_id: Id) -> None:
        """Delete a company without open orders; its products are not shown any more, its past orders stay."""
        await delete_company(tx, actor, company_id)

    @get("/{company_id:int}/stats", guard=seller_or_zone_admin, refuses=(CompanyNotFound,))
    async def company_stats(self, db: Db, shop: Shop, actor: Actor, company_id: Id) -> CompanyStatsView:
        """A company in numbers, for its owners and administrators; a location admin counts the orders of its zones."""
        company = await _managed(db, actor, company_id)
        return CompanyStatsView.of(company, await queries.get_stats(db, company, actor), shop)

    @get("/{company_id:int}/vendors", guard=seller_or_zone_admin, refuses=(CompanyNotFound,))
    async def list_vendors(self, db: Db, actor: Actor, company_id: Id, page: Page) -> VendorPage:
        """Who sells for a company, and who was asked to; for its owners and administrators."""
        await _managed(db, actor, company_id)
        members = await member_queries.list_members(db, company_id, page.skip, page.limit)
        invitations = await member_queries.list_invitations(db, company_id)
        return VendorPage.of(members, invitations, await member_queries.count_members(db, company_id), page.skip)

    @post(
        "/{company_id:int}/vendors",
        guard=seller_or_admin,
        refuses=(CompanyNotFound, SellsAlready, CannotSell, TooManyInvitations),
    )
    async def invite_vendor(self, tx: Tx, actor: Actor, company_id: Id, data: VendorInvitation) -> AskedView:
        """Ask somebody to sell for the company.

        An owner invites an address, and is not told whether it has an account. Who then registers as a seller without a
        `companyName`, and verifies the address, sells for the company. Who has an account already is added by an
        administrator, at once.
        """
        return AskedView.of(await invite(tx, actor, company_id, data.email, is_owner=data.is_owner))

    @delete(
        "/{company_id:int}/vendors/{user_id:int}",
        guard=seller_or_admin,
        refuses=(CompanyNotFound, SellerNotFound, LastOwner),
    )
    async def remove_vendor(self, tx: Tx, actor: Actor, company_id: Id, user_id: Id) -> None:
        """Take somebody out of the company, who is a buyer from then on; what it put up for sale stays."""
        await remove_vendor(tx, actor, company_id, user_id)


class VendorController(Controller):
    path = "/vendors"
    tags = ["Companies"]

    @get("/company", guard=seller, refuses=(CompanyNotFound,))
    async def own_company(self, db: Db, shop: Shop, actor: Actor) -> CompanyView:
        """The company that one sells for."""
        company = await queries.find_company_of(db, actor)
        if company is None:
            raise CompanyNotFound("You sell for no company")
        return CompanyView.of(company, shop)

    @put("/company/{company_id:int}", guard=seller, refuses=(CompanyNotFound,))
    async def change_own_company(
        self, tx: Tx, shop: Shop, actor: Actor, company_id: Id, data: CompanyChange
    ) -> CompanyView:
        """Change what is said of one's own company; what is not given stays."""
        return CompanyView.of(await change_company(tx, actor, company_id, data.columns), shop)


async def _visible(db: Db, actor: Actor, company_id: int) -> Company:
    company = await queries.find_company(db, actor, company_id)
    if company is None:
        raise CompanyNotFound
    return company


async def _managed(db: Db, actor: Actor, company_id: int) -> Company:
    company = await _visible(db, actor, company_id)
    if not company.managed:
        raise Forbidden
    return company


def _status(data: StatusChange) -> CompanyStatus:
    if (data.status is None) == (data.is_active is None):
        raise Invalid({"status": ["give status or isActive"]})
    return data.status or (CompanyStatus.ACTIVE if data.is_active else CompanyStatus.INACTIVE)


def _terms(fees: Sequence[DeliveryFee], currency: Currency) -> list[Terms]:
    """Raises Invalid for amounts with more digits than the currency."""
    return [
        Terms(
            fee.zone,
            minor_of(f"deliveryFees.{place}.deliveryFee", fee.delivery_fee, currency) if fee.delivers else None,
            minor_of(f"deliveryFees.{place}.freeDeliveryFrom", fee.free_delivery_from, currency)
            if fee.free_delivery_from is not None
            else None,
        )
        for place, fee in enumerate(fees)
    ]
