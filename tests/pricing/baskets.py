"""Baskets and promotions for tests of pricing: builders for cases, strategies for properties."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any, Final

from hypothesis import strategies as st

from entrepot.kernel.actors import Role
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
from entrepot.pricing.price import price
from entrepot.pricing.priced import PricedBasket, PricedLine
from entrepot.pricing.promotion_index import Promotions
from entrepot.pricing.rules import Rules, ShippingRate, ShippingRules, TaxRate, TaxRules

NOW: Final = datetime(2026, 3, 29, 12, tzinfo=UTC)
COUPON_ID: Final = 900


def a_line(product_id: int = 1, price_minor: int = 1000, quantity: int = 1, **others: Any) -> BasketLine:
    terms: dict[str, Any] = {"company_id": 1} | others
    return BasketLine(product_id=product_id, price_minor=price_minor, quantity=quantity, **terms)


def a_basket(*lines: BasketLine, **others: Any) -> Basket:
    terms: dict[str, Any] = {"currency": "USD", "at": NOW} | others
    return Basket(lines=lines, **terms)


def a_promotion(effect: Effect, id_: int = 1, **others: Any) -> Promotion:
    return Promotion(id=id_, name=f"Promotion {id_}", effect=effect, **others)


def a_coupon(effect: Effect, **others: Any) -> Promotion:
    return a_promotion(effect, COUPON_ID, coupon_code="SAVE", **others)


def products(*ids: int) -> Target:
    return Target(Scope.PRODUCTS, frozenset(ids))


def rules(*promotions: Promotion, **others: Any) -> Rules:
    return Rules(promotions=Promotions(promotions), **others)


def lines_of(priced: PricedBasket) -> dict[int, PricedLine]:
    return {line.product_id: line for part in priced.parts for line in part.lines}


def costs(lines: Sequence[BasketLine], *promotions: Promotion, **others: Any) -> dict[int, int]:
    """What remains of each product's line, without tax."""
    priced = price(a_basket(*lines), rules(*promotions, **others))
    return {product_id: line.discounted_minor for product_id, line in lines_of(priced).items()}


def off(rate_percent: int, id_: int = 1, **others: Any) -> Promotion:
    return a_promotion(Percentage(rate_percent * 100), id_, **others)


def amount_off(amount_minor: int, id_: int = 1, **others: Any) -> Promotion:
    return a_promotion(Fixed(amount_minor), id_, **others)


# Few ids, so that promotions and lines meet often; each product once, as in a cart.
IDS: Final = st.integers(1, 4)
_TARGETS: Final = st.one_of(
    st.just(Target()),
    st.builds(Target, st.sampled_from(list(Scope)[1:]), st.frozensets(IDS, min_size=1, max_size=3)),
)
_TIMES: Final = st.none() | st.integers(1, 2)
_RATES_BP: Final = st.sampled_from([100, 1000, 3333, 5000, 10_000])

BY_LINE: Final = st.one_of(
    st.builds(Percentage, _RATES_BP), st.builds(Fixed, st.integers(1, 3000), per_piece=st.just(True))
)
EFFECTS: Final = st.one_of(
    BY_LINE,
    st.builds(Fixed, st.integers(1, 5000)),
    st.builds(
        BuyXGetY,
        st.integers(1, 3),
        st.integers(1, 2),
        _RATES_BP,
        st.booleans(),
        st.none() | _TARGETS,
        _TIMES,
    ),
    st.builds(
        Bundle,
        st.lists(
            st.builds(BundleItem, IDS, st.integers(1, 2)), min_size=1, max_size=3, unique_by=lambda i: i.product_id
        ).map(tuple),
        st.integers(0, 3000),
        _TIMES,
    ),
)


def promotions_of(
    effects: st.SearchStrategy[Any] = EFFECTS, *, minima: bool = True, coupons: bool = False
) -> st.SearchStrategy[Promotion]:
    return st.builds(
        Promotion,
        id=st.just(COUPON_ID) if coupons else st.integers(1, 50),
        name=st.just("A promotion"),
        effect=effects,
        target=_TARGETS,
        company_id=st.none() | st.integers(1, 2),
        minimum_spend_minor=st.integers(0, 3000) if minima else st.just(0),
        minimum_quantity=st.integers(0, 3) if minima else st.just(0),
        priority=st.integers(0, 2),
        exclusive=st.booleans(),
        coupon_code=st.just("SAVE") if coupons else st.none(),
    )


COUPONS: Final = promotions_of(coupons=True)
PROMOTIONS: Final = st.lists(promotions_of(), max_size=6, unique_by=lambda promotion: promotion.id)

LINES: Final = st.lists(
    st.builds(
        BasketLine,
        product_id=st.integers(1, 6),
        company_id=st.integers(1, 2),
        quantity=st.integers(1, 5),
        price_minor=st.integers(0, 3000),
        discount_bp=st.sampled_from([0, 0, 550, 10_000]),
        category_path=st.lists(IDS, max_size=3, unique=True).map(tuple),
        brand_id=st.none() | IDS,
        group_id=st.none() | st.integers(1, 2),
        weight_g=st.integers(0, 5000),
        delivery_fee_minor=st.none() | st.integers(0, 1000),
        free_delivery_from_minor=st.none() | st.integers(0, 5000),
        commission_bp=st.sampled_from([0, 1250]),
    ),
    min_size=1,
    max_size=6,
    unique_by=lambda line: line.product_id,
)
BASKETS: Final = LINES.map(lambda lines: a_basket(*lines, buyer=Buyer(role=Role.USER, zone_id=1, country="IQ")))
TAXES: Final = st.builds(
    TaxRules,
    st.dictionaries(
        st.sampled_from([("IQ", None, None), (None, None, 1), ("IQ", None, 2)]),
        st.builds(TaxRate, st.sampled_from([0, 500, 1900]), st.booleans()),
    ),
    st.builds(TaxRate, st.sampled_from([0, 800]), st.booleans()),
)
SHIPPING: Final = st.builds(
    ShippingRules,
    st.lists(
        st.builds(
            ShippingRate,
            method=st.just("standard"),
            company_id=st.none() | st.integers(1, 2),
            zone_id=st.none() | st.integers(1, 2),
            fee_minor=st.integers(0, 1000),
            per_kg_minor=st.integers(0, 100),
            to_goods_minor=st.none() | st.integers(1, 5000),
            free_from_minor=st.none() | st.integers(0, 5000),
        ),
        max_size=4,
    ).map(tuple),
)
RULES: Final = st.builds(
    Rules,
    promotions=PROMOTIONS.map(Promotions),
    coupon=st.none() | COUPONS,
    tax=TAXES,
    shipping=SHIPPING,
)
