"""What each kind of promotion takes off, which lines it is about, and how they combine."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import pytest

from entrepot.kernel.actors import Role
from entrepot.pricing.explain import explain, explain_line
from entrepot.pricing.model import (
    BasketLine,
    Bundle,
    BundleItem,
    Buyer,
    BuyXGetY,
    Fixed,
    Kind,
    Percentage,
    Promotion,
    Scope,
    Target,
)
from entrepot.pricing.price import price
from entrepot.pricing.priced import Missing, NotAppliedReason, Pieces
from tests.pricing.baskets import (
    COUPON_ID,
    NOW,
    a_basket,
    a_coupon,
    a_line,
    a_promotion,
    amount_off,
    costs,
    lines_of,
    off,
    products,
    rules,
)

TWO_GET_ONE = BuyXGetY(2, 1)
PAIR = Bundle((BundleItem(1), BundleItem(2, 2)), 2500)


@pytest.mark.parametrize(
    ("effect", "lines", "expected"),
    [
        # Percentages and amounts.
        (Percentage(1000), [(1, 999, 1), (2, 5, 1)], {1: 899, 2: 4}),  # half a cent of discount counts as one
        (Percentage(10_000), [(1, 999, 3)], {1: 0}),
        (Fixed(500), [(1, 1000, 1), (2, 2000, 1)], {1: 833, 2: 1667}),
        (Fixed(100), [(1, 100, 1), (2, 100, 1), (3, 100, 1)], {1: 66, 2: 67, 3: 67}),
        (Fixed(5000), [(1, 1000, 1), (2, 2000, 1)], {1: 0, 2: 0}),
        (Fixed(300, per_piece=True), [(1, 1000, 2), (2, 200, 2)], {1: 1400, 2: 0}),
        # Buy two, get one free: in groups of three, dearest first, the cheapest of each.
        (TWO_GET_ONE, [(1, 1000, 2)], {1: 2000}),
        (TWO_GET_ONE, [(1, 1000, 3)], {1: 2000}),
        (TWO_GET_ONE, [(1, 1000, 7)], {1: 5000}),
        (TWO_GET_ONE, [(1, 3000, 1), (2, 2000, 1), (3, 1000, 1)], {1: 3000, 2: 2000, 3: 0}),
        (TWO_GET_ONE, [(1, 3000, 3), (2, 1000, 3)], {1: 6000, 2: 2000}),
        (TWO_GET_ONE, [(1, 100, 1), (2, 101, 2)], {1: 0, 2: 202}),
        (BuyXGetY(2, 2), [(1, 1000, 3)], {1: 2000}),  # one of the two that could be had
        (BuyXGetY(1, 1, 5000), [(1, 999, 2)], {1: 1498}),
        (BuyXGetY(1, 1, most_times=2), [(1, 1000, 10)], {1: 8000}),
        (BuyXGetY(1, 1, same_product=True), [(1, 1000, 1), (2, 500, 3)], {1: 1000, 2: 1000}),
        # Buy one or two, get another thing.
        (BuyXGetY(1, 1, gets=products(2)), [(1, 1000, 1), (2, 300, 1)], {1: 1000, 2: 0}),
        (BuyXGetY(1, 1, gets=products(2)), [(1, 1000, 1), (2, 300, 3)], {1: 1000, 2: 600}),
        (BuyXGetY(2, 1, gets=products(2, 3)), [(1, 1000, 2), (2, 300, 1), (3, 200, 1)], {1: 2000, 2: 300, 3: 0}),
        (BuyXGetY(1, 1, gets=products(1, 2)), [(1, 100, 2), (2, 300, 1)], {1: 100, 2: 300}),
        # Bundles.
        (PAIR, [(1, 2000, 1), (2, 500, 2)], {1: 1667, 2: 833}),
        (PAIR, [(1, 2000, 3), (2, 500, 5)], {1: 5333, 2: 2167}),
        (PAIR, [(1, 100, 1), (2, 100, 2)], {1: 100, 2: 200}),  # never dearer than its parts
        (Bundle((BundleItem(1, 2),), 0, most_times=1), [(1, 500, 4)], {1: 1000}),
    ],
)
def test_what_is_taken_off(effect: Any, lines: list[tuple[int, int, int]], expected: dict[int, int]) -> None:
    target = products(1) if isinstance(effect, BuyXGetY) and effect.gets else Target()

    assert costs([a_line(*line) for line in lines], a_promotion(effect, target=target)) == expected


def test_variants_of_one_thing_count_together() -> None:
    promotion = a_promotion(BuyXGetY(1, 1, same_product=True))
    lines = [a_line(1, 1000, group_id=5), a_line(2, 800, group_id=5), a_line(3, 600), a_line(4, 600)]

    assert costs(lines, promotion) == {1: 1000, 2: 0, 3: 600, 4: 600}


def test_own_discounts_come_first() -> None:
    assert costs([a_line(1, 1000, discount_bp=1000)], off(10)) == {1: 810}


@pytest.mark.parametrize(
    ("target", "company_id", "discounted"),
    [
        (Target(), None, {1, 2, 3}),
        (Target(), 2, {3}),
        (products(1, 3), None, {1, 3}),
        (products(1, 3), 2, {3}),
        (Target(Scope.CATEGORIES, frozenset({10})), None, {1}),
        (Target(Scope.CATEGORIES, frozenset({1})), None, {1, 2}),
        (Target(Scope.CATEGORIES, frozenset({1, 10, 11})), None, {1, 2}),
        (Target(Scope.CATEGORIES, frozenset(range(100, 200))), None, set()),
        (Target(Scope.BRANDS, frozenset({7})), None, {2}),
        (Target(Scope.COMPANIES, frozenset({1})), None, {1, 2}),
        (Target(Scope.COMPANIES, frozenset({1})), 2, set()),
    ],
)
def test_what_a_promotion_is_about(target: Target, company_id: int | None, discounted: set[int]) -> None:
    lines = [
        a_line(1, category_path=(10, 1)),
        a_line(2, category_path=(11, 1), brand_id=7),
        a_line(3, company_id=2, category_path=(2,)),
    ]

    cost = costs(lines, off(50, target=target, company_id=company_id))

    assert {product_id for product_id, minor in cost.items() if minor == 500} == discounted
    assert set(cost.values()) <= {500, 1000}


BASKET = [a_line(1, 1000, 2), a_line(2, 500, 1)]


@pytest.mark.parametrize(
    ("conditions", "buyer", "reason"),
    [
        ({"currency": "EUR"}, {}, NotAppliedReason.OTHER_CURRENCY),
        ({"currency": "USD"}, {}, None),
        ({"starts_at": NOW}, {}, None),
        ({"starts_at": NOW + timedelta(seconds=1)}, {}, NotAppliedReason.NOT_YET),
        ({"ends_at": NOW + timedelta(seconds=1)}, {}, None),
        ({"ends_at": NOW}, {}, NotAppliedReason.OVER),
        ({"zone_ids": frozenset({1, 2})}, {"zone_id": 2}, None),
        ({"zone_ids": frozenset({1, 2})}, {"zone_id": 3}, NotAppliedReason.OTHER_ZONE),
        ({"zone_ids": frozenset({1, 2})}, {}, NotAppliedReason.OTHER_ZONE),
        ({"roles": frozenset({Role.SHOP_OWNER})}, {"role": Role.SHOP_OWNER}, None),
        ({"roles": frozenset({Role.SHOP_OWNER})}, {}, NotAppliedReason.OTHER_ROLE),
        ({"first_order_only": True}, {"user_id": 1, "first_order": True}, None),
        ({"first_order_only": True}, {"user_id": 1}, NotAppliedReason.FIRST_ORDER_ONLY),
        ({"first_order_only": True}, {"first_order": True}, NotAppliedReason.SIGN_IN),
        ({"total_limit": 3, "used": 2}, {}, None),
        ({"total_limit": 3, "used": 3}, {}, NotAppliedReason.USED_UP),
        ({"per_user_limit": 2}, {"user_id": 1, "uses": {1: 1}}, None),
        ({"per_user_limit": 2}, {"user_id": 1, "uses": {1: 2}}, NotAppliedReason.USED_BY_YOU),
        ({"per_user_limit": 2}, {"user_id": 1, "uses": {7: 2}}, None),
        ({"minimum_spend_minor": 2500}, {}, None),
        ({"minimum_spend_minor": 2501}, {}, NotAppliedReason.BELOW_MINIMUM),
        ({"minimum_spend_minor": 2001, "target": products(1)}, {}, NotAppliedReason.BELOW_MINIMUM),
        ({"minimum_quantity": 3}, {}, None),
        ({"minimum_quantity": 4}, {}, NotAppliedReason.BELOW_MINIMUM),
    ],
)
def test_conditions(conditions: dict[str, Any], buyer: dict[str, Any], reason: NotAppliedReason | None) -> None:
    priced = price(a_basket(*BASKET, buyer=Buyer(**buyer)), rules(off(10, **conditions)))

    assert [no.reason for no in priced.not_applied] == ([] if reason is None else [reason])
    assert len(priced.applied) == (reason is None)


@pytest.mark.parametrize(
    ("promotion", "missing"),
    [
        (off(10, minimum_spend_minor=3000, minimum_quantity=5), Missing(spend_minor=500, quantity=2)),
        (off(10, minimum_spend_minor=3000, minimum_quantity=2), Missing(spend_minor=500)),
        (a_promotion(BuyXGetY(3, 1)), Missing(quantity=1)),
        (a_promotion(BuyXGetY(2, 1, same_product=True)), Missing(quantity=1)),
        (a_promotion(BuyXGetY(3, 1, gets=products(2)), target=products(1)), Missing(quantity=1)),
        (a_promotion(BuyXGetY(2, 1, gets=products(9)), target=products(1)), Missing(reward_quantity=1)),
        (a_promotion(BuyXGetY(2, 1, gets=products(1)), target=products(1)), Missing(reward_quantity=1)),
        (a_promotion(BuyXGetY(3, 1, gets=products(9)), target=products(1)), Missing(quantity=1, reward_quantity=1)),
        (
            a_promotion(Bundle((BundleItem(1, 3), BundleItem(2), BundleItem(9)), 100)),
            Missing(products=(Pieces(1, 1), Pieces(9, 1))),
        ),
    ],
)
def test_what_is_missing(promotion: Promotion, missing: Missing) -> None:
    priced = price(a_basket(*BASKET), rules(promotion))

    assert [almost.missing for almost in priced.almost] == [missing]
    assert priced.total_minor == 2500


def test_what_is_missing_is_enough() -> None:
    promotion = a_promotion(BuyXGetY(3, 1))

    assert price(a_basket(*BASKET, a_line(3, 400)), rules(promotion)).total_minor == 2500


def test_promotions_about_other_goods_are_not_told_of() -> None:
    priced = price(a_basket(*BASKET), rules(off(10, target=products(9)), off(10, 2, company_id=9)))

    assert (priced.applied, priced.not_applied) == ((), ())


# Stacking: by priority, then by id, each on what the one before has left.
@pytest.mark.parametrize(
    ("promotions", "cost"),
    [
        ([off(50, 1), amount_off(100, 2)], 400),
        ([amount_off(100, 1), off(50, 2)], 450),
        ([off(50, 1), amount_off(100, 2, priority=1)], 450),
        ([off(10, 1), off(10, 2)], 810),
        # An exclusive one stands alone: the better side counts.
        ([off(10, 1), off(10, 2), off(20, 3, exclusive=True)], 800),
        ([off(10, 1), off(10, 2), off(19, 3, exclusive=True)], 810),
        ([off(15, 1, exclusive=True), off(25, 2, exclusive=True)], 750),
        ([amount_off(400, 1, exclusive=True), off(30, 2), amount_off(50, 3)], 600),
    ],
)
def test_combinations_on_one_line(promotions: Sequence[Promotion], cost: int) -> None:
    assert costs([a_line(1, 1000)], *promotions) == {1: cost}


def test_an_exclusive_promotion_stands_alone_on_its_lines_only() -> None:
    exclusive = off(20, 1, target=products(1), exclusive=True)

    assert costs([a_line(1), a_line(2)], exclusive, off(10, 2)) == {1: 800, 2: 900}


def test_each_line_gets_what_is_best_for_it() -> None:
    assert costs([a_line(1), a_line(2)], off(20, 1, exclusive=True), off(30, 2, target=products(1))) == {1: 700, 2: 800}


def test_a_small_line_is_left_to_an_amount_that_covers_it() -> None:
    """20 % on everything, or 10.00 off: best is the amount on the small lines, and the rate on the large one."""
    lines = [a_line(1, 500), a_line(2, 500), a_line(3, 10_000)]

    assert costs(lines, off(20, 1, exclusive=True), amount_off(1000, 2)) == {1: 0, 2: 0, 3: 8000}


def test_why_one_is_not_applied_beside_a_better_one() -> None:
    promotions = [off(20, 1, exclusive=True), off(10, 2), a_promotion(Bundle((BundleItem(1),), 5000), 3)]

    priced = price(a_basket(a_line(1)), rules(*promotions))

    assert [applied.promotion_id for applied in priced.applied] == [1]
    assert [(no.promotion_id, no.reason) for no in priced.not_applied] == [
        (2, NotAppliedReason.BETTER_WITHOUT),
        (3, NotAppliedReason.NOTHING_TO_SAVE),
    ]


def test_the_coupon_comes_last() -> None:
    coupon = a_coupon(Percentage(5000), priority=9)

    priced = price(a_basket(a_line(1)), rules(amount_off(100, 1), coupon=coupon))
    line = lines_of(priced)[1]

    assert (line.promotion_minor, line.coupon_minor, line.discounted_minor) == (100, 450, 450)
    assert [(applied.promotion_id, applied.coupon_code) for applied in priced.applied] == [
        (1, None),
        (COUPON_ID, "SAVE"),
    ]


@pytest.mark.parametrize(
    ("coupon", "reason"),
    [
        (a_coupon(Percentage(1000), target=products(9)), NotAppliedReason.OTHER_GOODS),
        (a_coupon(Percentage(1000), minimum_spend_minor=1001), NotAppliedReason.BELOW_MINIMUM),
        (a_coupon(Percentage(1000), exclusive=True), NotAppliedReason.BETTER_WITHOUT),
        (a_coupon(Percentage(1000), per_user_limit=1), NotAppliedReason.USED_BY_YOU),
    ],
)
def test_why_a_coupon_is_not_applied(coupon: Promotion, reason: NotAppliedReason) -> None:
    basket = a_basket(a_line(1), buyer=Buyer(user_id=1, coupon_uses=1))

    priced = price(basket, rules(off(20), coupon=coupon))

    assert [(no.coupon_code, no.reason) for no in priced.not_applied] == [("SAVE", reason)]
    assert priced.total_minor == 800


def test_a_discount_never_costs_the_free_delivery() -> None:
    line = a_line(1, 5000, delivery_fee_minor=700, free_delivery_from_minor=5000)

    priced = price(a_basket(line), rules(coupon=a_coupon(Fixed(100))))

    assert (priced.shipping_minor, priced.total_minor) == (0, 4900)


def test_every_step_is_explained() -> None:
    promotion = off(10, 3, target=products(1))
    lines = [a_line(1, 1000, 2, discount_bp=1000, delivery_fee_minor=300), a_line(2, 500)]

    priced = price(a_basket(*lines), rules(promotion, coupon=a_coupon(Fixed(212))))

    assert [(step.kind, step.amount_minor, step.total_minor, step.name) for step in explain(priced)] == [
        ("goods", 2500, 2500, None),
        ("line_discount", -200, 2300, None),
        ("promotion", -180, 2120, "Promotion 3"),
        ("coupon", -212, 1908, f"Promotion {COUPON_ID}"),
        ("shipping", 300, 2208, None),
    ]
    assert [(step.kind, step.amount_minor) for step in explain_line(lines_of(priced)[1])] == [
        ("goods", 2000),
        ("line_discount", -200),
        ("promotion", -180),
        ("coupon", -162),
    ]


@pytest.mark.parametrize(
    ("effect", "kind"),
    [(Percentage(1), Kind.PERCENTAGE), (Fixed(1), Kind.FIXED), (TWO_GET_ONE, Kind.BUY_X_GET_Y), (PAIR, Kind.BUNDLE)],
)
def test_the_kind_of_a_promotion(effect: Any, kind: Kind) -> None:
    assert a_promotion(effect).kind is kind


def test_many_lines_and_promotions_are_priced_the_same_whatever_their_order() -> None:
    """More combinations than are all tried."""
    lines: list[BasketLine] = [a_line(number, 100 * number) for number in range(1, 41)]
    promotions = [
        *(off(10 + number % 7, number, target=products(number), exclusive=True) for number in range(1, 41)),
        amount_off(5000, 50),
        a_promotion(BuyXGetY(2, 1), 51),
        amount_off(900, 52, priority=1),
    ]

    forth = price(a_basket(*lines), rules(*promotions, coupon=a_coupon(Percentage(500))))
    back = price(a_basket(*reversed(lines)), rules(*reversed(promotions), coupon=a_coupon(Percentage(500))))
    without = price(a_basket(*lines), rules(*promotions))

    assert lines_of(forth) == lines_of(back)
    assert forth.total_minor <= without.total_minor <= sum(costs(lines, *promotions[:40]).values())
