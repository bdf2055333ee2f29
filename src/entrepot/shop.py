"""The shop's composed parts, as handlers, verbs and jobs take them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cached_property

import msgspec

from entrepot.kernel.db import Database
from entrepot.kernel.files import Files
from entrepot.kernel.keys import SigningKeys
from entrepot.kernel.mail import Mailer
from entrepot.kernel.metrics import Metrics
from entrepot.kernel.money import Currency, currency
from entrepot.kernel.openid import OpenIdProvider
from entrepot.kernel.sms import Texter
from entrepot.settings import Settings


class OnShelf(msgspec.Struct, frozen=True):
    """A product as it stands on the shelf: what promotions are found by, and what it costs without them."""

    product_id: int
    company_id: int
    category_id: int
    brand_id: int | None
    group_id: int | None
    price_minor: int
    discount_bp: int
    currency: str


class Promoted(msgspec.Struct, frozen=True):
    """What one piece costs anyone with promotions, and their ids and names."""

    final_price_minor: int
    promotions: tuple[tuple[int, str], ...]


class Shop:
    """What this process has and uses. Made once, by the composition root."""

    def __init__(
        self,
        settings: Settings,
        database: Database,
        files: Files,
        keys: SigningKeys,
        metrics: Metrics,
        *,
        mailer: Mailer,
        texter: Texter,
        openid: Mapping[str, OpenIdProvider],
    ) -> None:
        self.settings = settings
        self.database = database
        self.files = files
        self.keys = keys
        self.metrics = metrics
        self.mailer = mailer
        self.texter = texter
        self.openid = openid
        """The providers that people may sign in with, by name."""
        self.promoted: Callable[[OnShelf], Promoted | None] = lambda _: None
        """What promotions make of a product's price, as the application that keeps them says."""
        self.description: Callable[[], bytes] = lambda: b"{}"
        """The API's description, as the application that serves it makes it."""

    @cached_property
    def currency(self) -> Currency:
        """The shop's own currency."""
        return self.currency_of(self.settings.currency)

    def currency_of(self, code: str) -> Currency:
        return currency(code, self.settings.currency_digits)
