"""The HTTP surface of currencies."""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated, Final

from litestar import Controller
from litestar.params import PathParameter
from pydantic import AfterValidator, Field

from entrepot.kernel import clock
from entrepot.kernel.actors import Actor, admin, anyone
from entrepot.kernel.bodies import Body
from entrepot.kernel.db import Db, Tx
from entrepot.kernel.fields import Moment
from entrepot.kernel.money import MajorAmount
from entrepot.kernel.pages import Page, WrongCursor
from entrepot.kernel.routes import Cached, get, put
from entrepot.pricing import currencies_queries as queries
from entrepot.pricing.currencies import (
    CurrencyNotFound,
    ExchangeRateBegun,
    OwnCurrency,
    TooManyRatesToCome,
    set_exchange_rate,
)
from entrepot.pricing.currencies_views import CurrencyPage, CurrencyView, currency_view, currency_views
from entrepot.pricing.events import CURRENCIES_TAG
from entrepot.shop import Shop

CURRENCIES_CACHE: Final = Cached(lambda _: frozenset([CURRENCIES_TAG]), max_age_s=1)
"""A rate that was set beforehand begins without anybody telling."""


def _rate(value: Decimal) -> Decimal:
    if not Decimal("0.0000000001") <= value < 10**9 or value * 10**10 % 1:
        raise ValueError("must be above 0 and below 1,000,000,000, with at most ten digits after the point")
    return value


class ExchangeRateBody(Body):
    """A rate, and from when on it counts."""

    rate: Annotated[MajorAmount, AfterValidator(_rate)] | None = Field(
        description="what one unit of the shop's own currency is worth; null: the shop does not deal in it any more",
        examples=[0.92],
    )
    valid_from: Moment | None = Field(None, description="a time or a date to come; now if not given")


class CurrencyController(Controller):
    path = "/currencies"
    tags = ["Pricing"]

    @get("/", guard=anyone, cached=CURRENCIES_CACHE)
    async def list_currencies(self, db: Db, shop: Shop, page: Page) -> CurrencyPage:
        """The shop's own currency, then the others that it deals in or is going to, with rates and dates."""
        if page.after is not None:
            raise WrongCursor
        at = clock.now()
        views = currency_views(await queries.list_current_and_upcoming(db, shop.currency.code, at), at, shop)
        shown = views[page.skip : page.skip + page.limit]
        return CurrencyPage(shown, shop.currency.code, len(views), page.skip, len(shown))

    @put(
        "/{currency_code:str}",
        guard=admin,
        refuses=(CurrencyNotFound, OwnCurrency, ExchangeRateBegun, TooManyRatesToCome),
    )
    async def set_rate(
        self,
        tx: Tx,
        shop: Shop,
        actor: Actor,
        currency_code: Annotated[str, PathParameter(max_length=20, description="ISO 4217, such as EUR.")],
        data: ExchangeRateBody,
    ) -> CurrencyView:
        """Set what one unit of the shop's own currency is worth in another, from now or from a time to come.

        What counted before is never changed, and orders keep the rate that they were placed at.
        """
        code, base = currency_code.upper(), shop.currency.code
        await set_exchange_rate(tx, actor, base, code, data.rate, data.valid_from)
        at = clock.now()
        rows = await queries.list_current_and_upcoming(tx, base, at)
        return currency_view(code, [row for row in rows if row.currency == code], at, shop)
