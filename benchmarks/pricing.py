"""How long it takes to price a basket: milliseconds of processor time in Python, without the database.

    make bench-pricing
    .venv/bin/python -m benchmarks.pricing choices      # how good the choice is: about two minutes

The second compares what is chosen with all combinations there are, of baskets that have no more than `MOST_CHOICES`.

Goods, prices and promotions are drawn at random, and are the same every time. Of the promotions, half are about products,
a third about categories, the rest about brands, companies or everything; half are percentages, the others fixed amounts,
buy X get Y and bundles in equal numbers; one in ten is exclusive. A coupon over everything is always there.

- `typical`: basket and promotions are of a catalog of 2,000 products. `fresh` also makes the promotions' index.
- `dense`: the catalog holds nothing but the basket, so that nearly all promotions are about its goods.
- `contested`: dense, with an exclusive promotion on every line against amounts over all of them that stack, so that the
  search for the best combination goes to its bounds.
"""

from __future__ import annotations

import itertools
import math
import random
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Final

import msgspec

from entrepot.pricing.combine import cheapest
from entrepot.pricing.model import (
    Basket,
    BasketLine,
    Bundle,
    BundleItem,
    Buyer,
    BuyXGetY,
    Effect,
    Fixed,
    Percentage,
    Promotion,
    Scope,
    Target,
)
from entrepot.pricing.offers import offers_for
from entrepot.pricing.price import price
from entrepot.pricing.promotion_index import Promotions
from entrepot.pricing.rules import Rules, TaxRate, TaxRules
from entrepot.pricing.tied_lines import WHOLE, Sums
from entrepot.pricing.till import Till

SIZES: Final = ((10, 50), (200, 1000))
CATALOG: Final = 2000
BASKETS: Final = 40
MOST_CHOICES: Final = 20_000
CHOICES: Final = (
    ("dense", 10, 15, 100),
    ("dense", 10, 50, 100),
    ("dense", 20, 30, 100),
    ("contested", 10, 30, 100),
    ("contested", 13, 30, 30),
)
"""Rules, lines, promotions, and how many baskets of them."""

REPEATS: Final = 3
"""Each basket is priced so often, and the quickest counts: other processes disturb."""

MOMENT: Final = datetime(2026, 3, 29, tzinfo=UTC)
COUPON: Final = Promotion(id=0, name="Coupon", effect=Fixed(1000), coupon_code="SAVE")
LINE: Final = "{:<12}{:>7}{:>12}{:>10}{:>10}{:>10}{:>10}"

Draw = Callable[[random.Random, int, int], list[Promotion]]
"""So many promotions about a catalog of so many products."""


def main() -> None:
    if sys.argv[1:] == ["choices"]:
        for name, lines, promotions, baskets in CHOICES:
            compare(name, lines, promotions, baskets)
        return
    print(LINE.format("rules", "lines", "promotions", "met", "applied", "p50 ms", "p95 ms"))
    for lines, promotions in SIZES:
        measure("typical", lines, promotions, CATALOG, typical)
        measure("fresh", lines, promotions, CATALOG, typical, fresh=True)
        measure("dense", lines, promotions, lines, typical)
        measure("contested", lines, promotions, lines, contested)


def measure(name: str, lines: int, promotions: int, catalog: int, draw: Draw, *, fresh: bool = False) -> None:
    """Price many baskets of this size, each with promotions of its own. `met` are those about goods in the basket."""
    took_ms, met, applied = [], 0, 0
    for seed in range(BASKETS):
        chance = random.Random(seed)
        basket = a_basket(chance, lines, catalog)
        drawn = draw(chance, catalog, promotions)
        rules = Rules(promotions=Promotions(drawn), coupon=COUPON, tax=TaxRules(default=TaxRate(800)))
        best_ms = math.inf
        for _ in range(REPEATS):
            began = time.process_time()
            if fresh:
                rules = msgspec.structs.replace(rules, promotions=Promotions(drawn))
            priced = price(basket, rules)
            best_ms = min(best_ms, (time.process_time() - began) * 1000)
        took_ms.append(best_ms)
        applied += len(priced.applied)
        met += len(priced.applied) + len(priced.not_applied)
    took_ms.sort()
    p50, p95 = took_ms[len(took_ms) // 2], took_ms[len(took_ms) * 95 // 100]
    print(LINE.format(name, lines, promotions, met // BASKETS, applied // BASKETS, f"{p50:.2f}", f"{p95:.2f}"))


def compare(name: str, lines: int, promotions: int, baskets: int) -> None:
    """In how many baskets what is chosen is the cheapest of all combinations; and by how much it is not in the others."""
    draw = {"dense": typical, "contested": contested}[name]
    dearer, tried = [], 0
    for seed in range(baskets):
        chance = random.Random(seed)
        basket = a_basket(chance, lines, lines)
        amounts = [line.price_minor * line.quantity for line in basket.lines]
        till = Till(basket.lines, amounts, [TaxRate(0)] * lines)
        offers = offers_for(basket, basket.lines, amounts, Promotions(draw(chance, lines, promotions)), COUPON).made
        sums, places = Sums(till, offers), range(lines)
        options = [sums.options(place) for place in places]
        if math.prod(map(len, options)) > MOST_CHOICES:
            continue
        tried += 1
        best = min(sums.cost(places, sums.ties, choice) for choice in itertools.product(*options))
        found = till.cost_minor(cheapest(till, offers)) * WHOLE
        if best < found:
            dearer.append((found - best) / best * 100)
    worst = f"; the others {max(dearer):.2f} % dearer at most" if dearer else ""
    print(f"{name}, {lines} lines, {promotions} promotions: {tried - len(dearer)} of {tried} are the cheapest{worst}")


def a_basket(chance: random.Random, lines: int, catalog: int) -> Basket:
    return Basket(
        lines=tuple(
            BasketLine(
                product_id=number,
                company_id=number % 20 + 1,
                quantity=chance.randint(1, 5),
                price_minor=chance.randint(100, 200_000),
                discount_bp=chance.choice((0, 0, 500, 1250)),
                category_path=(number % categories_of(catalog) + 1, 10_000 + number % 5),
                brand_id=number % categories_of(catalog) + 1,
                weight_g=chance.randint(100, 5000),
                delivery_fee_minor=500,
            )
            for number in sorted(chance.sample(range(1, catalog + 1), lines))
        ),
        currency="USD",
        at=MOMENT,
        buyer=Buyer(user_id=1, zone_id=1, country="IQ"),
    )


def categories_of(catalog: int) -> int:
    """How many categories, and how many brands."""
    return max(2, catalog // 20)


def typical(chance: random.Random, catalog: int, promotions: int) -> list[Promotion]:
    return [
        Promotion(
            id=number,
            name=f"Promotion {number}",
            effect=an_effect(chance, catalog),
            target=a_target(chance, catalog),
            minimum_spend_minor=chance.choice((0, 0, 5000, 100_000)),
            priority=chance.randint(0, 5),
            exclusive=chance.random() < 0.1,
            starts_at=MOMENT,
        )
        for number in range(1, promotions + 1)
    ]


def an_effect(chance: random.Random, catalog: int) -> Effect:
    kind = chance.random()
    if kind < 0.5:
        return Percentage(chance.choice((500, 1000, 2500)))
    if kind < 0.67:
        return Fixed(chance.randint(100, 5000), per_piece=chance.random() < 0.5)
    if kind < 0.84:
        return BuyXGetY(chance.randint(1, 3), 1, same_product=chance.random() < 0.5)
    items = tuple(BundleItem(number) for number in chance.sample(range(1, catalog + 1), 2))
    return Bundle(items, chance.randint(1000, 100_000))


def a_target(chance: random.Random, catalog: int) -> Target:
    kind = chance.random()
    if kind < 0.5:
        return Target(Scope.PRODUCTS, frozenset(chance.sample(range(1, catalog + 1), 5)))
    if kind < 0.83:
        return Target(Scope.CATEGORIES, frozenset({chance.randint(1, categories_of(catalog))}))
    if kind < 0.93:
        return Target(Scope.BRANDS, frozenset({chance.randint(1, categories_of(catalog))}))
    if kind < 0.98:
        return Target(Scope.COMPANIES, frozenset({chance.randint(1, 20)}))
    return Target()


def contested(chance: random.Random, catalog: int, promotions: int) -> list[Promotion]:
    """One exclusive percentage on each product, three amounts over all of them that stack, and others that stack."""
    exclusive = [
        Promotion(
            id=number,
            name="Alone",
            effect=Percentage(chance.choice((500, 1000, 2500))),
            target=Target(Scope.PRODUCTS, frozenset({number})),
            exclusive=True,
        )
        for number in range(1, catalog + 1)
    ]
    amounts = [
        Promotion(id=catalog + number, name="Together", effect=Fixed(chance.randint(1000, 20_000)))
        for number in range(1, 4)
    ]
    others = [
        msgspec.structs.replace(promotion, id=catalog + 10 + promotion.id, exclusive=False)
        for promotion in typical(chance, catalog, promotions - len(exclusive) - len(amounts))
    ]
    return [*exclusive, *amounts, *others]


if __name__ == "__main__":
    main()
