"""What holds for every basket and all rules."""

from __future__ import annotations

from itertools import product
from typing import Any, Final

import msgspec
from hypothesis import given, settings
from hypothesis import strategies as st

from entrepot.pricing.combine import cheapest
from entrepot.pricing.explain import explain, explain_line
from entrepot.pricing.model import Basket, BasketLine, Bundle, BuyXGetY, Fixed, Percentage, Promotion
from entrepot.pricing.offers import Offer, offers_for
from entrepot.pricing.price import price
from entrepot.pricing.promotion_index import Goods, Promotions
from entrepot.pricing.rules import Rules, TaxRate
from entrepot.pricing.tied_lines import WHOLE, Sums
from entrepot.pricing.till import Till
from tests.pricing.baskets import BASKETS, BY_LINE, COUPONS, LINES, PROMOTIONS, RULES, a_basket, lines_of, promotions_of

ANY_TIME: Final = settings(deadline=None)
MANY: Final = settings(ANY_TIME, max_examples=300)


@ANY_TIME
@given(BASKETS, RULES)
def test_no_amount_is_negative_and_parts_sum_to_the_whole(basket: Basket, rules: Rules) -> None:
    priced = price(basket, rules)

    assert priced.total_minor == priced.subtotal_minor + priced.tax_minor + priced.shipping_minor >= 0
    assert sum(len(part.lines) for part in priced.parts) == len(basket.lines)
    for part in priced.parts:
        assert part.subtotal_minor == sum(line.discounted_minor for line in part.lines)
        assert part.discount_minor == sum(line.total_minor - line.discounted_minor for line in part.lines)
        assert part.tax_minor == sum(line.tax_minor for line in part.lines)
        assert part.shipping_minor >= 0
        assert 0 <= part.commission_minor <= part.subtotal_minor
        for line in part.lines:
            taken = line.line_discount_minor + line.promotion_minor + line.coupon_minor
            assert line.discounted_minor == line.total_minor - taken >= 0
            assert line.line_discount_minor >= 0
            assert all(saving.amount_minor > 0 for saving in line.savings)
            assert 0 <= line.tax_included_minor <= line.discounted_minor
            assert 0 <= line.tax_minor <= line.discounted_minor
            assert not (line.tax_minor and line.tax_included_minor)


@ANY_TIME
@given(BASKETS, RULES)
def test_the_explanation_adds_up(basket: Basket, rules: Rules) -> None:
    priced = price(basket, rules)

    steps = explain(priced)
    assert sum(step.amount_minor for step in steps) == priced.total_minor == steps[-1].total_minor
    for line in lines_of(priced).values():
        of_line = explain_line(line)
        assert of_line[-1].total_minor == line.discounted_minor + line.tax_minor
    savings = [saving for line in lines_of(priced).values() for saving in line.savings]
    for applied in priced.applied:
        assert (
            applied.amount_minor == sum(s.amount_minor for s in savings if s.promotion_id == applied.promotion_id) > 0
        )
    assert {saving.promotion_id for saving in savings} == {applied.promotion_id for applied in priced.applied}


@ANY_TIME
@given(BASKETS, RULES)
def test_every_promotion_about_the_goods_is_answered_for_once(basket: Basket, rules: Rules) -> None:
    priced = price(basket, rules)

    answered = [applied.promotion_id for applied in priced.applied] + [no.promotion_id for no in priced.not_applied]
    assert len(answered) == len(set(answered))
    assert set(answered) <= {promotion.id for promotion in rules.promotions.all} | {
        rules.coupon.id if rules.coupon else 0
    }
    assert rules.coupon is None or rules.coupon.id in answered


@ANY_TIME
@given(BASKETS, RULES, st.data())
def test_the_order_of_lines_and_promotions_does_not_matter(basket: Basket, rules: Rules, data: st.DataObject) -> None:
    lines = tuple(data.draw(st.permutations(basket.lines)))
    promotions = Promotions(data.draw(st.permutations(rules.promotions.all)))

    priced = price(basket, rules)
    again = price(msgspec.structs.replace(basket, lines=lines), msgspec.structs.replace(rules, promotions=promotions))

    assert lines_of(priced) == lines_of(again)
    assert (priced.applied, set(priced.not_applied)) == (again.applied, set(again.not_applied))
    assert priced.total_minor == again.total_minor


@ANY_TIME
@given(BASKETS, RULES, COUPONS)
def test_a_coupon_never_makes_it_dearer(basket: Basket, rules: Rules, coupon: Promotion) -> None:
    without = price(basket, msgspec.structs.replace(rules, coupon=None))
    priced = price(basket, msgspec.structs.replace(rules, coupon=coupon))

    assert priced.total_minor <= without.total_minor


@ANY_TIME
@given(BASKETS, RULES)
def test_promotions_never_make_it_dearer(basket: Basket, rules: Rules) -> None:
    assert price(basket, rules).total_minor <= price(basket, Rules(tax=rules.tax, shipping=rules.shipping)).total_minor


@ANY_TIME
@given(LINES, st.lists(promotions_of(BY_LINE, minima=False), max_size=6, unique_by=lambda promotion: promotion.id))
def test_an_item_more_changes_no_other_where_promotions_act_line_by_line(
    lines: list[BasketLine], promotions: list[Promotion]
) -> None:
    rules = Rules(promotions=Promotions(promotions))
    one_less = lines_of(price(a_basket(*lines[:-1]), rules))

    assert {**lines_of(price(a_basket(*lines), rules)), **one_less} == lines_of(price(a_basket(*lines), rules))


@MANY
@given(BASKETS, RULES)
def test_an_item_more_changes_what_others_cost_only_by_a_promotion_that_says_so(basket: Basket, rules: Rules) -> None:
    """One that is about the item together with others, or asks for so much or so many."""
    item = basket.lines[-1]
    promotions = [promotion for promotion in rules.promotions.all if not _says_so(promotion, item)]
    coupon = None if rules.coupon is None or _says_so(rules.coupon, item) else rules.coupon
    rules = msgspec.structs.replace(rules, promotions=Promotions(promotions), coupon=coupon)

    one_less = lines_of(price(msgspec.structs.replace(basket, lines=basket.lines[:-1]), rules))
    priced = lines_of(price(basket, rules))

    assert {product_id: priced[product_id] for product_id in one_less} == one_less


def _says_so(promotion: Promotion, item: BasketLine) -> bool:
    effect, goods = promotion.effect, Goods([item])
    if isinstance(effect, Bundle):
        return any(of.product_id == item.product_id for of in effect.items)
    targets = [promotion.target, *([effect.gets] if isinstance(effect, BuyXGetY) and effect.gets is not None else [])]
    together = not (isinstance(effect, Percentage) or (isinstance(effect, Fixed) and effect.per_piece))
    asks = promotion.minimum_spend_minor > 0 or promotion.minimum_quantity > 0
    return (together or asks) and any(goods.within(target, promotion.company_id) for target in targets)


@MANY
@given(BASKETS, PROMOTIONS, st.none() | COUPONS, st.sampled_from([TaxRate(0), TaxRate(800), TaxRate(1900, True)]))
def test_what_is_chosen_is_the_cheapest_of_all_combinations(
    basket: Basket, promotions: list[Promotion], coupon: Promotion | None, tax: TaxRate
) -> None:
    lines = basket.lines
    till = Till(lines, [line.price_minor * line.quantity for line in lines], [tax] * len(lines))
    offers = offers_for(basket, lines, till.amounts, Promotions(promotions), coupon).made
    options = [_options(offers, place) for place in range(len(lines))]
    if _count(options) > 64:
        return  # beyond what is promised

    def cost(choice: Any) -> int:
        return till.cost_minor(till.take_off(offers, choice))

    # Where tax comes on top, it is rounded per line: another choice may save a minor unit of tax on each.
    rounding = len(lines) if tax.added_minor(10_000) else 0
    assert 0 <= till.cost_minor(cheapest(till, offers)) - min(cost(choice) for choice in product(*options)) <= rounding


@MANY
@given(BASKETS, PROMOTIONS, st.none() | COUPONS, st.data())
def test_the_quick_sums_are_the_tills_and_no_choice_costs_less_than_their_bound(
    basket: Basket, promotions: list[Promotion], coupon: Promotion | None, data: st.DataObject
) -> None:
    lines = basket.lines
    till = Till(lines, [line.price_minor * line.quantity for line in lines], [TaxRate(0)] * len(lines))
    offers = offers_for(basket, lines, till.amounts, Promotions(promotions), coupon).made
    sums, places = Sums(till, offers), range(len(lines))
    least = sum(min(sums.at_least(place, option) for option in sums.options(place)) for place in places)
    least -= sum(sums.most_off(tie, tie.offer.places) for tie in sums.ties)
    for _ in range(3):
        choice = [data.draw(st.sampled_from(sums.options(place))) for place in places]
        net = till.take_off(offers, choice).net

        assert sums.cost(places, sums.ties, choice) == sum(net) * WHOLE >= least


def _options(offers: list[Offer], place: int) -> list[Offer | None]:
    about = [offer for offer in offers if place in offer.places]
    exclusive: list[Offer | None] = [offer for offer in about if offer.promotion.exclusive]
    return exclusive if exclusive and len(exclusive) == len(about) else [None, *exclusive]


def _count(options: list[list[Offer | None]]) -> int:
    count = 1
    for of_line in options:
        count *= len(of_line)
    return count
