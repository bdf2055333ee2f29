"""Adding up a basket under a choice of promotions: the plain way, line by line and promotion by promotion."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import msgspec

from entrepot.pricing.effects import savings_of
from entrepot.pricing.model import BasketLine
from entrepot.pricing.offers import Offer
from entrepot.pricing.rules import TaxRate

Choice = Sequence[Offer | None]
"""For each line the exclusive promotion that it gets, or None for all that stack."""


class Taking(msgspec.Struct, frozen=True):
    """What an offer takes off the line at this place."""

    offer: Offer
    place: int
    amount_minor: int


class Receipt(msgspec.Struct, frozen=True):
    """What each line costs under a choice, without tax, and what was taken off it."""

    choice: Choice
    net: list[int]
    takings: list[Taking]


class Till:
    """A basket's lines, what each costs before promotions, and how it is taxed."""

    __slots__ = ("amounts", "lines", "taxes")

    def __init__(self, lines: Sequence[BasketLine], amounts: Sequence[int], taxes: Sequence[TaxRate]) -> None:
        self.lines = lines
        self.amounts = amounts
        self.taxes = taxes

    def take_off(self, offers: Iterable[Offer], choice: Choice) -> Receipt:
        """Take the offers off in their order."""
        net = list(self.amounts)
        takings: list[Taking] = []
        for offer in offers:
            chosen = offer if offer.promotion.exclusive else None
            places = [place for place in offer.places if choice[place] is chosen]
            if not places:
                continue
            for place, amount_minor in zip(places, savings_of(offer, places, net, self.lines), strict=True):
                if amount_minor:
                    net[place] -= amount_minor
                    takings.append(Taking(offer, place, amount_minor))
        return Receipt(choice, net, takings)

    def cost_minor(self, receipt: Receipt) -> int:
        """What the basket costs, with the tax that comes on top."""
        return sum(net + tax.added_minor(net) for net, tax in zip(receipt.net, self.taxes, strict=True))
