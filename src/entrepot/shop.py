"""The shop's composed parts, as handlers, verbs and jobs take them."""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property

from entrepot.kernel.db import Database
from entrepot.kernel.files import Files
from entrepot.kernel.keys import SigningKeys
from entrepot.kernel.metrics import Metrics
from entrepot.kernel.money import Currency, currency
from entrepot.settings import Settings


class Shop:
    """Settings, database, files, keys and counters of this process. Made once, by the composition root."""

    def __init__(
        self, settings: Settings, database: Database, files: Files, keys: SigningKeys, metrics: Metrics
    ) -> None:
        self.settings = settings
        self.database = database
        self.files = files
        self.keys = keys
        self.metrics = metrics
        self.description: Callable[[], bytes] = lambda: b"{}"
        """The API's description, as the application that serves it makes it."""

    @cached_property
    def currency(self) -> Currency:
        """The shop's own currency."""
        return self.currency_of(self.settings.currency)

    def currency_of(self, code: str) -> Currency:
        return currency(code, self.settings.currency_digits)
