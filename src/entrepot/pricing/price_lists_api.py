"""The HTTP surface of price lists, and of what one's own prices are."""

from __future__ import annotations

from typing import Annotated, Final

from litestar import Controller
from litestar.params import QueryParameter

from entrepot import catalog
from entrepot.kernel import clock, languages
from entrepot.kernel.actors import Actor, guest_or_user, seller_or_admin
from entrepot.kernel.db import Db, Tx
from entrepot.kernel.errors import Invalid
from entrepot.kernel.pages import Page, encode_cursor, id_after
from entrepot.kernel.routes import delete, get, post, put
from entrepot.kernel.types import MAX_ID, Id
from entrepot.pricing import price_lists_queries as queries
from entrepot.pricing.destination import destination_of
from entrepot.pricing.own_prices import own_price, smallest_order, steps
from entrepot.pricing.price_lists import (
    change_price_list,
    create_price_list,
    delete_price_list,
    get_price_list,
    set_prices,
)
from entrepot.pricing.price_lists_model import (
    PriceList,
    PriceListEndsEarly,
    PriceListNotFound,
    Tier,
    TooManyPriceLists,
)
from entrepot.pricing.price_lists_requests import NewPriceList, NewPrices, PriceListChange
from entrepot.pricing.price_lists_views import (
    ListedPrices,
    OwnPrices,
    OwnPriceView,
    PriceListPage,
    PricesPage,
    tier_views,
)
from entrepot.shop import Shop

MOST_PRODUCTS: Final = 100
"""Whose prices are told in one reply."""


class PriceListController(Controller):
    path = "/price-lists"
    tags = ["Prices"]

    @get("/", guard=seller_or_admin)
    async def list_price_lists(self, db: Db, actor: Actor, page: Page) -> PriceListPage:
        """Price lists, newest first: a seller's own company's, for administrators all."""
        company_id = None if actor.is_admin else actor.company_id or 0
        found = await queries.list_price_lists(db, company_id, page.skip, page.limit, id_after(page))
        return PriceListPage(
            price_lists=found,
            total=await queries.count_price_lists(db, company_id),
            skip=page.skip,
            limit=len(found),
            next_cursor=encode_cursor(found[-1].id) if found and len(found) == page.limit else None,
        )

    @post("/", guard=seller_or_admin, refuses=(TooManyPriceLists, PriceListEndsEarly))
    async def create_price_list(self, tx: Tx, actor: Actor, shop: Shop, data: NewPriceList) -> PriceList:
        """Make a price list: for a role (wholesale), a company's people, a zone, named buyers, or everybody.

        All that are given must fit the buyer. Then set prices with `PUT /price-lists/{priceListId}/prices`. A list prices
        goods that are sold in its currency only. Of several lists that are for a buyer, the lowest price counts.
        """
        currency = data.currency or shop.settings.currency
        return await create_price_list(tx, actor, data.company_id, currency, data.given)

    @get("/{price_list_id:int}", guard=seller_or_admin, refuses=(PriceListNotFound,))
    async def get_price_list(self, db: Db, actor: Actor, price_list_id: Id) -> PriceList:
        """A price list: whom it is for, and when."""
        return await get_price_list(db, actor, price_list_id)

    @put("/{price_list_id:int}", guard=seller_or_admin, refuses=(PriceListNotFound, PriceListEndsEarly))
    async def change_price_list(self, tx: Tx, actor: Actor, price_list_id: Id, data: PriceListChange) -> PriceList:
        """Change whom a price list is for, when it counts, or its name."""
        return await change_price_list(tx, actor, price_list_id, data.given)

    @delete("/{price_list_id:int}", guard=seller_or_admin, refuses=(PriceListNotFound,))
    async def delete_price_list(self, tx: Tx, actor: Actor, price_list_id: Id) -> None:
        """Delete a price list with its prices. Orders that were placed at them keep them."""
        await delete_price_list(tx, actor, price_list_id)

    @get("/{price_list_id:int}/prices", guard=seller_or_admin, refuses=(PriceListNotFound,))
    async def list_prices(self, db: Db, actor: Actor, shop: Shop, price_list_id: Id, page: Page) -> PricesPage:
        """What is on a price list: products by id, each with what a piece costs from so many pieces on."""
        price_list = await get_price_list(db, actor, price_list_id)
        currency = shop.currency_of(price_list.currency)
        found = await queries.list_priced(db, price_list_id, page.skip, page.limit, id_after(page))
        return PricesPage(
            prices=[ListedPrices.of(product, currency) for product in found],
            total=price_list.products,
            skip=page.skip,
            limit=len(found),
            next_cursor=encode_cursor(found[-1].product_id) if found and len(found) == page.limit else None,
        )

    @put("/{price_list_id:int}/prices", guard=seller_or_admin, refuses=(PriceListNotFound,))
    async def set_prices(self, tx: Tx, actor: Actor, shop: Shop, price_list_id: Id, data: NewPrices) -> PriceList:
        """Set the prices of up to 1,000 products: for each, what a piece costs from so many pieces on.

        What the list had of each of them is replaced, and a product without tiers is taken off; others stay as they are.
        """
        currency = shop.currency_of((await get_price_list(tx, actor, price_list_id)).currency)
        return await set_prices(tx, actor, price_list_id, data.product_ids, data.tiers(currency))


class OwnPricesController(Controller):
    path = "/prices"
    tags = ["Prices"]

    @get("/", guard=guest_or_user)
    async def list_own_prices(
        self,
        db: Db,
        actor: Actor,
        shop: Shop,
        products: Annotated[str, QueryParameter(max_length=2_000, description="Ids of products, comma separated.")],
        zone: Annotated[str | None, QueryParameter(max_length=100, description="Slug; one's own if not given.")] = None,
    ) -> OwnPrices:
        """What products cost the one who asks: the prices of the lists that are for them, and from how many pieces on.

        Product pages, lists and searches show them as well to who sends a token; filters and sorts go by the public price.
        Ask here for other zones, and as a guest: up to 100 products at once. Cart, quote and order use the same prices.
        """
        product_ids = _ids(products)
        zone_id = (await destination_of(db, actor, zone)).zone_id
        sold = await catalog.list_for_sale(db, product_ids, zone_id, languages.candidates(actor.language))
        role = actor.role.value if actor.role is not None else None
        tiers = await queries.list_applying_tiers(db, product_ids, actor.user_id, role, zone_id, clock.now())
        shown = {term.id: _own(term, [tier for tier in tiers if tier.product_id == term.id], shop) for term in sold}
        return OwnPrices([shown[product_id] for product_id in product_ids if product_id in shown])


def _own(term: catalog.ForSale, tiers: list[Tier], shop: Shop) -> OwnPriceView:
    currency = shop.currency_of(term.currency)
    least = smallest_order(term.minimum_order_quantity, term.pack_size)
    price = own_price(term.price_minor, term.discount_bp, least, tiers)
    return OwnPriceView(
        id=term.id,
        currency=term.currency,
        list_price=currency.major(term.price_minor),
        price=currency.major(price.price_minor),
        discount_percentage=price.discount_bp / 100,
        minimum_order_quantity=term.minimum_order_quantity,
        pack_size=term.pack_size,
        tiers=tier_views(steps(term.price_minor, term.discount_bp, tiers), currency),
    )


def _ids(products: str) -> list[int]:
    named = [part.strip() for part in products.split(",")]
    good = [int(part) for part in named if part.isascii() and part.isdigit() and 1 <= int(part) <= MAX_ID]
    if len(good) != len(named):
        raise Invalid({"products": ["must be ids of products, comma separated"]})
    if len(good) > MOST_PRODUCTS:
        raise Invalid({"products": [f"name at most {MOST_PRODUCTS}"]})
    return list(dict.fromkeys(good))
