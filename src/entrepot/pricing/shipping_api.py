"""The HTTP surface of shipping."""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated, Final

from litestar import Controller
from litestar.params import PathParameter, QueryParameter

from entrepot.identity import AddressNotFound
from entrepot.kernel.actors import Actor, admin, anyone, signed_in, zone_admin
from entrepot.kernel.db import Db, Tx
from entrepot.kernel.fields import minor_of
from entrepot.kernel.pages import Page, WrongCursor
from entrepot.kernel.routes import Cached, get, post, put
from entrepot.kernel.types import MAX_ID
from entrepot.pricing import shipping_queries as queries
from entrepot.pricing.events import SHIPPING_METHODS_TAG
from entrepot.pricing.shipping import (
    Method,
    ShippingMethodNotFound,
    StandardStays,
    TooManyShippingRates,
    change_method,
    set_tariffs,
)
from entrepot.pricing.shipping_offers import NothingToShip, destination, offers_for_goods, offers_for_parcel
from entrepot.pricing.shipping_requests import MethodChange, ShippingQuestion, TariffsBody
from entrepot.pricing.shipping_views import MethodList, MethodView, OffersView, TariffPage
from entrepot.shop import Shop

METHODS_CACHE: Final = Cached(lambda _: frozenset([SHIPPING_METHODS_TAG]))


class ShippingController(Controller):
    path = "/shipping"
    tags = ["Pricing"]

    @get("/methods", guard=anyone, cached=METHODS_CACHE)
    async def list_methods(self, db: Db) -> MethodList:
        """The ways of shipping that the shop offers. What they cost is told by `POST /shipping/rates`."""
        methods = [MethodView.of(method) for method in await queries.list_methods(db)]
        return MethodList(methods, len(methods), 0, len(methods))

    @put("/methods/{method_code:str}", guard=admin, refuses=(ShippingMethodNotFound, StandardStays))
    async def change_method(
        self,
        tx: Tx,
        actor: Actor,
        method_code: Annotated[str, PathParameter(max_length=20, description="standard, express or pickup.")],
        data: MethodChange,
    ) -> MethodView:
        """Change how a method is called, how long it takes, or whether it is offered; what is not given stays."""
        return MethodView.of(await change_method(tx, actor, method_code, data.changes))

    @post("/rates", guard=signed_in, status=200, refuses=(AddressNotFound, NothingToShip))
    async def find_rates(self, db: Db, shop: Shop, actor: Actor, data: ShippingQuestion) -> OffersView:
        """What shipping costs by each method: of products, of a parcel by weight and subtotal, or of one's cart.

        For products and the cart it is what an order would be charged: every company asks for its own part, by its rates for
        the zone, and a method is there only if all of them offer it. An address lies in a zone by its coordinates, or by the
        name of its city or state; without any, it goes to one's own zone.
        """
        to = await destination(db, actor, data)
        if data.is_measured:
            subtotal_minor = minor_of("subtotal", data.subtotal or Decimal(0), shop.currency)
            found = await offers_for_parcel(db, data, to, shop.settings, subtotal_minor)
        else:
            wanted: dict[int, int] = {}
            for product in data.products or ():
                wanted[product.id] = wanted.get(product.id, 0) + product.quantity
            found = await offers_for_goods(db, actor, wanted, to, shop.settings)
        zone = await queries.find_zone_slug(db, to.zone_id) if to.zone_id is not None else None
        return OffersView.of(found, zone, shop)

    @get("/rates", guard=zone_admin)
    async def list_tariffs(
        self,
        db: Db,
        shop: Shop,
        actor: Actor,
        page: Page,
        method: Annotated[Method | None, QueryParameter(description="Only those of this method.")] = None,
        company: Annotated[
            int | None, QueryParameter(ge=1, le=MAX_ID, description="Only those of this company.")
        ] = None,
        zone: Annotated[
            str | None, QueryParameter(max_length=100, description="Only those of this zone; a slug.")
        ] = None,
    ) -> TariffPage:
        """What is asked for shipping, by method, company and zone; a location admin sees its zones and what is for all.

        Standard shipping without a tariff costs the company's delivery fee for the zone (`PATCH
        /companies/{companyId}/delivery-fees`).
        """
        if page.after is not None:
            raise WrongCursor
        filters = queries.tariffs_seen_by(actor, method=method, company_id=company, zone=zone)
        tariffs = await queries.list_tariffs(db, filters, page.skip, page.limit)
        return TariffPage.of(tariffs, await queries.count_tariffs(db, filters), page.skip, shop)

    @put("/rates", guard=zone_admin, refuses=(TooManyShippingRates,))
    async def set_tariffs(self, tx: Tx, shop: Shop, actor: Actor, data: TariffsBody) -> TariffPage:
        """Set what is asked for shipping by a method, a company and a zone, as a whole; other tariffs stay.

        What counts for a parcel is the company's tariff for the zone, or else its tariff for all zones; or else, for standard
        shipping, its delivery fee for the zone; or else the tariff of all companies. Where none of its rates fits the parcel,
        the method is not offered. A location admin sets those for its own zones. Answers the tariffs that were set.
        """
        after = await set_tariffs(tx, actor, data.settings(shop.currency))
        return TariffPage.of(after, len(after), 0, shop)
