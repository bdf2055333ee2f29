"""The rows of what goods cost beside their own prices: promotions of every kind, coupons, a price list for shops, shipping
and exchange rates. They begin when the shop is loaded, so that the year of orders before is priced without them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any, Final

import msgspec

from entrepot.demo.catalogue import Catalogue
from entrepot.demo.content import Content
from entrepot.demo.tables import Books, moment_of

_LASTS: Final = timedelta(days=60)
_LISTED: Final = 200
"""So many products of the wholesaler have prices for shops."""

_WHOLESALER: Final = "two-rivers-foods"
_TIERS: Final = ((1, 8), (10, 12), (50, 18))
"""From so many times the smallest order on, so many per cent off."""

_RATES: Final = {"EUR": "0.92", "GBP": "0.79", "IQD": "1310", "JPY": "151"}
"""What a dollar is worth."""


class Deal(msgspec.Struct, frozen=True, kw_only=True):
    """A promotion; with `codes`, the terms of these coupons. `about` and `gets` are a scope with slugs or product ids."""

    name: str
    description: str
    effect: dict[str, Any]
    about: tuple[str, tuple[str | int, ...]] = ("everything", ())
    gets: tuple[str, tuple[str | int, ...]] | None = None
    company: str | None = None
    roles: tuple[str, ...] = ()
    minimum_spend_minor: int = 0
    minimum_quantity: int = 0
    first_order_only: bool = False
    per_user_limit: int | None = None
    total_limit: int | None = None
    priority: int = 0
    exclusive: bool = False
    codes: tuple[str, ...] = ()

    @property
    def has_amounts(self) -> bool:
        return bool(self.minimum_spend_minor) or self.effect["kind"] in ("fixed", "bundle")


DEALS: Final = (
    Deal(
        name="Kitchen weeks",
        description="15 % off everything for the kitchen.",
        effect={"kind": "percentage", "rate_bp": 1500},
        about=("categories", ("kitchen-accessories",)),
        priority=10,
    ),
    Deal(
        name="10 off from 150",
        description="10.00 off whatever is in the basket, from 150.00 on.",
        effect={"kind": "fixed", "amount_minor": 1000},
        minimum_spend_minor=15_000,
    ),
    Deal(
        name="2 off each bottle",
        description="2.00 off each fragrance.",
        effect={"kind": "fixed", "amount_minor": 200, "per_piece": True},
        about=("categories", ("fragrances",)),
    ),
    Deal(
        name="Three for two",
        description="Of three pieces of the same skin care, the cheapest is free.",
        effect={"kind": "buy_x_get_y", "buy": 2, "get": 1, "same_product": True},
        about=("categories", ("skincare",)),
        priority=5,
    ),
    Deal(
        name="Something for the telephone",
        description="With a smartphone, an accessory at half its price.",
        effect={"kind": "buy_x_get_y", "buy": 1, "get": 1, "rate_bp": 5000, "most_times": 2},
        about=("categories", ("smartphones",)),
        gets=("categories", ("mobile-accessories",)),
    ),
    Deal(
        name="Clearance at Qaysari Fashion",
        description="A quarter off sunglasses; combines with nothing else.",
        effect={"kind": "percentage", "rate_bp": 2500},
        about=("categories", ("sunglasses",)),
        company="qaysari-fashion",
        exclusive=True,
    ),
    Deal(
        name="By the pallet",
        description="4 % off for shops that buy 200 pieces of food or more.",
        effect={"kind": "percentage", "rate_bp": 400},
        about=("categories", ("wholesale-food",)),
        roles=("shop_owner",),
        minimum_quantity=200,
    ),
    Deal(
        name="WELCOME10",
        description="10 % off the first order.",
        effect={"kind": "percentage", "rate_bp": 1000},
        first_order_only=True,
        per_user_limit=1,
        codes=("WELCOME10",),
    ),
    Deal(
        name="SAVE20",
        description="20.00 off from 200.00 on, for the first 500.",
        effect={"kind": "fixed", "amount_minor": 2000},
        minimum_spend_minor=20_000,
        total_limit=500,
        codes=("SAVE20",),
    ),
)


def deals_of(catalogue: Catalogue) -> list[Deal]:
    return [*DEALS, *_bundles(catalogue)]


def enter_prices(
    books: Books, content: Content, catalogue: Catalogue, deals: Sequence[Deal], now: datetime
) -> Iterator[int]:
    """Yields how many promotions are entered."""
    for deal in deals:
        _enter_deal(books, content, deal, now)
        yield 1
    _enter_price_list(books, content, catalogue, now)
    _enter_shipping(books, content, now)
    for code, rate in _RATES.items():
        books.of("currency_rates").append(("USD", code, moment_of(now), Decimal(rate), moment_of(now)))


def _bundles(catalogue: Catalogue) -> Iterator[Deal]:
    """A laptop with something to hear, 10 % below their prices; if the shop has both."""
    chosen = [
        next(
            (product for product in catalogue.products() if product.is_base and product.article.category == category),
            None,
        )
        for category in ("laptops", "audio")
    ]
    pair = [product for product in chosen if product is not None]
    if len(pair) == len(chosen):
        ids = tuple(product.place + 1 for product in pair)
        together = sum(product.price_minor for product in pair) * 9 // 1000 * 100
        yield Deal(
            name="Work and sound",
            description=" and ".join(product.title for product in pair) + " together.",
            effect={
                "kind": "bundle",
                "items": [{"product_id": id_, "quantity": 1} for id_ in ids],
                "price_minor": together,
            },
            about=("products", ids),
        )


def _enter_deal(books: Books, content: Content, deal: Deal, now: datetime) -> None:
    promotion_id = books.next_id("promotions")
    gets = None if deal.gets is None else {"scope": deal.gets[0], "ids": _ids(content, *deal.gets)}
    effect = deal.effect if gets is None else {**deal.effect, "gets": gets}
    company_id = None if deal.company is None else _ids(content, "companies", (deal.company,))[0]
    books.of("promotions").append((
        promotion_id, company_id, deal.name, deal.description, msgspec.json.encode(effect).decode(),
        "USD" if deal.has_amounts else None, deal.about[0], list(deal.roles), deal.first_order_only,
        deal.minimum_spend_minor, deal.minimum_quantity, deal.per_user_limit, deal.total_limit, deal.priority,
        deal.exclusive, bool(deal.codes), moment_of(now), None if deal.codes else moment_of(now + _LASTS),
        moment_of(now), moment_of(now),
    ))  # fmt: skip
    for part, target in (("about", deal.about), ("gets", deal.gets)):
        for target_id in _ids(content, *target) if target is not None else []:
            books.of("promotion_targets").append(
                (promotion_id, part, target[0] if target is not None else "", target_id)
            )
    for code in deal.codes:
        books.of("coupons").append((books.next_id("coupons"), promotion_id, code, moment_of(now), moment_of(now)))


def _enter_price_list(books: Books, content: Content, catalogue: Catalogue, now: datetime) -> None:
    """What shops pay for a wholesaler's goods."""
    list_id = books.next_id("price_lists")
    (company_id,) = _ids(content, "companies", (_WHOLESALER,))
    books.of("price_lists").append((list_id, company_id, "Shops", "USD", "shop_owner", moment_of(now), moment_of(now)))
    listed = 0
    for product in catalogue.products():
        if product.article.company != _WHOLESALER:
            continue
        for times, off in _TIERS:
            quantity = max(1, product.article.minimum) * times
            books.of("price_list_tiers").append((
                list_id, product.place + 1, quantity, product.price_minor * (100 - off) // 100
            ))  # fmt: skip
        listed += 1
        if listed == _LISTED:
            return


def _enter_shipping(books: Books, content: Content, now: datetime) -> None:
    """Express by weight, for all companies; whoever fetches the goods pays nothing."""
    rates: list[tuple[str, int | None, int, int | None, int, int]] = [
        ("express", None, 0, 5_000, 900, 0),
        ("express", None, 5_000, None, 1200, 60),
        ("pickup", None, 0, None, 0, 0),
    ]
    (heavy,) = _ids(content, "companies", ("zagros-building",))
    rates.append(("express", heavy, 0, None, 4000, 25))
    for method, company_id, from_g, to_g, fee_minor, per_kg_minor in rates:
        books.of("shipping_rates").append((
            books.next_id("shipping_rates"), method, company_id, from_g, to_g, fee_minor, per_kg_minor, moment_of(now)
        ))  # fmt: skip


def _ids(content: Content, scope: str, named: Sequence[str | int]) -> list[int]:
    """Ids follow the order of the content."""
    if scope in ("everything", "products"):
        return [int(name) for name in named]
    rows: Sequence[Any] = content.categories if scope == "categories" else content.companies
    places = {row.slug: place + 1 for place, row in enumerate(rows)}
    return [places[str(name)] for name in named]
