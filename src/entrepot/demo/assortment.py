"""What can be bought on a day, where, by whom, and how often: the products as drawing lots.

Everything about a product that an order needs is held in arrays, a few bytes each.
"""

from __future__ import annotations

from array import array
from datetime import date, datetime
from random import Random
from typing import Final

from entrepot.demo.catalogue import Catalogue, Product
from entrepot.demo.chance import Lottery, mixed, part_of
from entrepot.demo.content import Content
from entrepot.demo.seasons import Seasons

RETAIL: Final = 0
WHOLESALE: Final = 1
_CHANNELS: Final = {"retail": (RETAIL,), "wholesale": (WHOLESALE,), "both": (RETAIL, WHOLESALE)}
_COMPANIONS: Final = 3
_FAVOURITES: Final = 12


class Pool:
    """The products of one company that follow one season and are sold in one channel."""

    __slots__ = ("company", "lottery", "places", "season")

    def __init__(self, company: int, season: str, places: array[int], weights: array[float]) -> None:
        self.company = company
        self.season = season
        self.places = places
        self.lottery = Lottery(weights)

    def draw(self, random: Random) -> int:
        return self.places[self.lottery.draw(random)]

    def at(self, share: float) -> int:
        return self.places[self.lottery.at(share)]


class Offer:
    """The pools that reach a buyer on a day, weighted by the season; also company by company."""

    def __init__(self, pools: list[Pool], weights: list[float]) -> None:
        self._pools = pools
        self._lottery = Lottery(weights)
        self._by_company: dict[int, tuple[list[Pool], Lottery]] = {}
        for company in {pool.company for pool in pools}:
            own = [(pool, weight) for pool, weight in zip(pools, weights, strict=True) if pool.company == company]
            self._by_company[company] = ([pool for pool, _ in own], Lottery(weight for _, weight in own))

    @property
    def weight(self) -> float:
        return self._lottery.total

    def draw(self, random: Random) -> int:
        """The place of a product."""
        return self._pools[self._lottery.draw(random)].draw(random)

    def draw_from(self, random: Random, company: int) -> int:
        """The place of a product of this company."""
        pools, lottery = self._by_company[company]
        return pools[lottery.draw(random)].draw(random)


class Assortment:
    """All products, by place. Money in minor units, times in seconds since 1970, `reach` a bit for each zone."""

    def __init__(self, content: Content, catalogue: Catalogue, seasons: Seasons, seed: int, now: datetime) -> None:
        self._content = content
        self._seasons = seasons
        self._seed = seed
        self.prices_minor = array("q")
        self.discounts_bp = array("H")
        self.companies = array("B")
        self.minimums = array("i")
        self.stocks = array("i")
        self.listed_at = array("q")
        self.models = array("i")
        self.reach = array("B")
        self.base_count = 0
        self._company_places = {company.slug: place for place, company in enumerate(content.companies)}
        self._zone_bits = {zone.slug: 1 << place for place, zone in enumerate(content.zones)}
        self._delivers_to = [sum(self._zone_bits[zone] for zone in company.zones) for company in content.companies]
        self._pools = self._fill(catalogue, now)
        self._lotteries = [Lottery(pool.lottery.total for pool in pools) for pools in self._pools]
        self._own_pools = [
            {company: [pool for pool in pools if pool.company == company] for company in self._company_places.values()}
            for pools in self._pools
        ]

    def offer(self, channel: int, zone: int, day: date) -> Offer:
        """What reaches a zone on a day."""
        pools = [pool for pool in self._pools[channel] if self._delivers_to[pool.company] >> zone & 1]
        weights = [pool.lottery.total * self._seasons.factor(pool.season, day) for pool in pools]
        return Offer(pools, weights)

    def demand(self, channel: int, day: date) -> float:
        """How much of everything is wanted on a day, compared with other days."""
        return sum(pool.lottery.total * self._seasons.factor(pool.season, day) for pool in self._pools[channel])

    def companion(self, place: int, channel: int, turn: int) -> int:
        """One of the few products that are often bought together with this one."""
        bits = mixed(self._seed + 7, place * _COMPANIONS + turn % _COMPANIONS)
        pools = self._own_pools[channel][self.companies[place]]
        return pools[part_of(bits, 0, len(pools))].at((bits >> 16 & 0xFFFFFF) / 0x1000000)

    def favourite(self, person: int, channel: int, turn: int) -> int:
        """One of the products that this person buys again and again."""
        bits = mixed(self._seed + 8, person * _FAVOURITES + turn % _FAVOURITES)
        pool = self._pools[channel][self._lotteries[channel].at((bits & 0xFFFF) / 0x10000)]
        return pool.at((bits >> 16 & 0xFFFFFF) / 0x1000000)

    def reaches(self, place: int, zone: int, moment: int) -> bool:
        """Whether the product is in the shop at that time, and is delivered to the zone."""
        return self.listed_at[place] <= moment and bool(self.reach[place] >> zone & 1)

    def _fill(self, catalogue: Catalogue, now: datetime) -> list[list[Pool]]:
        gathered: list[dict[tuple[int, str], tuple[array[int], array[float]]]] = [{}, {}]
        for product in catalogue.products():
            company = self._company_places[product.article.company]
            self._add(product, company, int(catalogue.created_at(product.place, now).timestamp()))
            for channel in _CHANNELS[product.article.channel]:
                key = (company, product.article.season)
                places, weights = gathered[channel].setdefault(key, (array("i"), array("d")))
                places.append(product.place)
                weights.append(product.popularity)
        return [
            [Pool(company, season, places, weights) for (company, season), (places, weights) in pools.items()]
            for pools in gathered
        ]

    def _add(self, product: Product, company: int, listed_at: int) -> None:
        article = product.article
        self.prices_minor.append(product.price_minor)
        self.discounts_bp.append(product.discount_bp)
        self.companies.append(company)
        self.minimums.append(article.minimum)
        self.stocks.append(product.stock)
        self.listed_at.append(listed_at)
        self.models.append(-1 - product.place if product.group is None else product.group)
        self.base_count += product.is_base
        reach = self._delivers_to[company]
        if product.is_base and article.zones:
            reach &= sum(self._zone_bits[zone] for zone in article.zones)
        self.reach.append(reach)
