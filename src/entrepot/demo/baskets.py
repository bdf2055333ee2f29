"""What goes into a basket together, and how many of each."""

from __future__ import annotations

from random import Random
from typing import Final

from entrepot.demo.assortment import RETAIL, Assortment, Offer
from entrepot.demo.chance import Lottery
from entrepot.demo.content import Rhythm

_TRIES: Final = 6
_DEAR_MINOR: Final = 20_000
"""From here on people buy one."""

_SINGLES: Final = Lottery((70, 19, 7, 3, 1))
_RETAIL_PACKS: Final = (1, 1, 1, 2, 2, 3, 5)
_WHOLESALE_PACKS: Final = (1, 1, 1, 2, 2, 3, 4, 6)
_WHOLESALE_SINGLES: Final = (2, 3, 4, 5, 6, 10, 12)
# How the next thing is found: something bought again, a companion of what is in the basket, more of the same company.
_AGAIN: Final = (0.12, 0.45)
_COMPANION: Final = (0.32, 0.2)
_SAME_COMPANY: Final = (0.3, 0.2)


class Baskets:
    """Fills baskets, product by product."""

    def __init__(self, assortment: Assortment, rhythm: Rhythm) -> None:
        self._assortment = assortment
        self._sizes = (Lottery(rhythm.retail_lines), Lottery(rhythm.wholesale_lines))

    def size(self, random: Random, channel: int) -> int:
        """How many different products are wanted."""
        return self._sizes[channel].draw(random) + 1

    def next_product(
        self, random: Random, offer: Offer, *, chosen: list[int], channel: int, zone: int, person: int, moment: int
    ) -> int | None:
        """The place of a product that is not in the basket yet and reaches the buyer; None if none came to mind."""
        for _ in range(_TRIES):
            place = self._suggestion(random, offer, chosen, channel, person)
            if place not in chosen and self._assortment.reaches(place, zone, moment):
                return place
        return None

    def quantity(self, random: Random, place: int, channel: int) -> int:
        """At least the product's minimum; whole multiples of it."""
        minimum = self._assortment.minimums[place]
        if channel == RETAIL:
            if minimum > 1:
                return minimum * random.choice(_RETAIL_PACKS)
            return 1 if self._assortment.prices_minor[place] >= _DEAR_MINOR else _SINGLES.draw(random) + 1
        if minimum > 1:
            return minimum * random.choice(_WHOLESALE_PACKS)
        return 1 if self._assortment.prices_minor[place] >= 5 * _DEAR_MINOR else random.choice(_WHOLESALE_SINGLES)

    def _suggestion(self, random: Random, offer: Offer, chosen: list[int], channel: int, person: int) -> int:
        chance = random.random()
        if person and chance < _AGAIN[channel]:
            return self._assortment.favourite(person, channel, random.getrandbits(8))
        if chosen:
            chance -= _AGAIN[channel]
            if chance < _COMPANION[channel]:
                return self._assortment.companion(chosen[-1], channel, random.getrandbits(8))
            if chance < _COMPANION[channel] + _SAME_COMPANY[channel]:
                return offer.draw_from(random, self._assortment.companies[chosen[0]])
        return offer.draw(random)
