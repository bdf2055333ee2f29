"""Pages of products for those who have prices of their own, laid over the page that is the same for everybody.

The shared page is made and kept as ever; this comes after it, for who sends a token. Most of them have no price list: that
is remembered for a second, and they are then served as quickly as a guest. Which products a page has, and in which order,
is decided by the public prices.
"""

from __future__ import annotations

import hashlib
from collections import OrderedDict
from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any, Final, cast
from urllib.parse import parse_qs

import msgspec
from litestar.connection import ASGIConnection

from entrepot.kernel import clock
from entrepot.kernel.actors import Actor, Authenticate
from entrepot.kernel.errors import Unauthorized
from entrepot.kernel.money import percent
from entrepot.pricing import price_lists_queries as queries
from entrepot.pricing.destination import destination_of
from entrepot.pricing.own_prices import own_price, smallest_order, steps
from entrepot.pricing.price_lists_queries import OwnTerms
from entrepot.pricing.price_lists_views import tier_views
from entrepot.shop import OnShelf, Shop

REMEMBERED: Final = timedelta(seconds=1)
"""For how long it is taken for granted whether there are price lists for somebody, and where they have goods sent."""

MOST_REMEMBERED: Final = 10_000

Item = dict[str, Any]
"""A product as a reply shows it."""


class Standing(msgspec.Struct, frozen=True):
    """Whether there are price lists for somebody, and in which zone they count; good until then."""

    has_lists: bool
    until: datetime
    zone_id: int | None = None


class OwnPages:
    """Made once by the composition root; the edge asks it about each reply that shows prices, if a token was sent."""

    def __init__(self, shop: Shop, authenticate: Authenticate) -> None:
        self._shop = shop
        self._authenticate = authenticate
        self._standings: OrderedDict[bytes, Standing] = OrderedDict()

    async def __call__(self, scope: Mapping[str, Any], token: bytes, body: bytes) -> bytes | None:
        """The reply as the one who sent the `Authorization` header `token` sees it; None where it is as for everybody.

        A token that is wrong or has expired is nobody's: these pages are open to guests.
        """
        key = hashlib.blake2b(token, digest_size=16).digest()  # whatever is sent for a token takes up as little
        known = self._standings.get(key)
        if known is not None and known.until > clock.now() and not known.has_lists:
            return None
        try:
            actor = await self._authenticate(ASGIConnection(cast("Any", scope)))
        except Unauthorized:
            self._remember(key, Standing(has_lists=False, until=clock.now() + REMEMBERED))
            return None
        if known is None or known.until <= clock.now():
            known = await self._standing_of(actor)
            self._remember(key, known)
        return await self._laid_over(actor, known.zone_id, scope, body) if known.has_lists else None

    async def _standing_of(self, actor: Actor) -> Standing:
        until = clock.now() + REMEMBERED
        if actor.is_guest or not await queries.has_lists(
            self._shop.database.reader, actor.user_id, actor.role, clock.now()
        ):
            return Standing(has_lists=False, until=until)
        destination = await destination_of(self._shop.database.reader, actor)
        return Standing(has_lists=True, until=until, zone_id=destination.zone_id)

    def _remember(self, key: bytes, standing: Standing) -> None:
        self._standings[key] = standing
        self._standings.move_to_end(key)
        if len(self._standings) > MOST_REMEMBERED:
            self._standings.popitem(last=False)

    async def _laid_over(
        self, actor: Actor, zone_id: int | None, scope: Mapping[str, Any], body: bytes
    ) -> bytes | None:
        page = msgspec.json.decode(body)
        items = list(_items(page))
        ids = list({item["id"] for item in items})
        role = actor.role.value if actor.role is not None else None
        terms = await queries.list_own_terms(self._shop.database.reader, ids, actor.user_id, role, zone_id, clock.now())
        if not terms:
            return None
        own = {of.id: of for of in terms}
        selected = _selected(scope["query_string"])
        for item in items:
            if item["id"] in own:
                lay_over(item, own[item["id"]], selected, self._shop)
        return msgspec.json.encode(page)


def lay_over(item: Item, own: OwnTerms, selected: frozenset[str] | None, shop: Shop) -> None:
    """Put a buyer's own price in the place of the public one, with what goes with it.

    What the reply does not show anyway is added only to whole products, or where it is `selected` by name.
    """
    currency = shop.currency_of(own.currency)
    price = own_price(
        own.price_minor, own.discount_bp, smallest_order(own.minimum_order_quantity, own.pack_size), own.tiers
    )
    promoted = shop.promoted(
        OnShelf(
            product_id=own.id,
            company_id=own.company_id,
            category_id=own.category_id,
            brand_id=own.brand_id,
            group_id=own.group_id,
            price_minor=price.price_minor,
            discount_bp=price.discount_bp,
            currency=own.currency,
        )
    )
    shown: Item = {
        "price": currency.major(price.price_minor),
        "discountPercentage": percent(price.discount_bp),
        "listPrice": currency.major(own.price_minor),
        "tiers": tier_views(steps(own.price_minor, own.discount_bp, own.tiers), currency),
    }
    if promoted is not None:
        shown["promotions"] = [{"id": promotion_id, "name": name} for promotion_id, name in promoted.promotions]
        shown["finalPrice"] = currency.major(promoted.final_price_minor)
    else:
        item.pop("promotions", None)
        item.pop("finalPrice", None)
    whole = selected is None and "minimumOrderQuantity" in item
    item.update({name: value for name, value in shown.items() if name in item or whole or name in (selected or ())})


def _items(page: Item) -> Iterator[Item]:
    """The products of a page: those of a list, or the one that it is about, and its variants."""
    for item in page.get("products", [page]):
        yield item
        yield from item.get("variants", ())


def _selected(query_string: bytes) -> frozenset[str] | None:
    asked = parse_qs(query_string.decode("latin-1")).get("select")
    return None if asked is None else frozenset(name.strip() for name in asked[-1].split(","))
