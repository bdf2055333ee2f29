"""The HTTP surface of tax rates."""

from __future__ import annotations

from typing import Annotated

from litestar import Controller
from litestar.params import QueryParameter

from entrepot.kernel.actors import Actor, admin
from entrepot.kernel.db import Db, Tx
from entrepot.kernel.pages import ALL_LIMIT, Page, encode_cursor, id_after
from entrepot.kernel.routes import get, put
from entrepot.pricing import tax_queries as queries
from entrepot.pricing.tax import TooManyTaxRates, set_tax_rates, tax_place
from entrepot.pricing.tax_requests import TaxRatesBody
from entrepot.pricing.tax_views import TaxRatePage
from entrepot.shop import Shop


class TaxController(Controller):
    path = "/tax/rates"
    tags = ["Pricing"]

    @get("/", guard=admin)
    async def list_rates(
        self,
        db: Db,
        shop: Shop,
        page: Page,
        country: Annotated[
            str | None,
            QueryParameter(max_length=100, description="Only those of this country: US, USA, United States."),
        ] = None,
    ) -> TaxRatePage:
        """Tax rates by country, state and category, the oldest first, and the one that counts where none of them fits.

        Of those that fit, one of the country counts before one for everywhere; then the one for the nearest category
        before one for all goods; then one of the state before one of the whole country.
        """
        code, _ = tax_place(country, None)
        rows = await queries.list_rates(db, code, page.skip, page.limit, id_after(page))
        cursor = encode_cursor(rows[-1].id) if rows and len(rows) == page.limit else None
        return TaxRatePage.of(rows, await queries.count_rates(db, code), page.skip, shop, cursor)

    @put("/", guard=admin, refuses=(TooManyTaxRates,))
    async def set_rates(self, tx: Tx, shop: Shop, actor: Actor, data: TaxRatesBody) -> TaxRatePage:
        """Set rates, each for a country, a state of it, a category, or several of these; a `rate` of null takes one away.

        What counts for other places and categories stays. Baskets are priced by the new rates at once; orders keep what they
        were placed with. Answers the first 1,000 of all rates.
        """
        await set_tax_rates(tx, actor, data.settings)
        rows = await queries.list_rates(tx, None, 0, ALL_LIMIT, None)
        return TaxRatePage.of(rows, await queries.count_rates(tx, None), 0, shop)
