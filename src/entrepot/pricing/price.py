"""What a basket costs: lines, buyer, promotions, coupon, tax and shipping rules in; money out, line by line.

The order is fixed. Line total = price x quantity; the line's own discount; promotions; the coupon; what remains is the
subtotal; tax on it (on top, or contained in it); shipping for each company's part; the total. Rounded half up per line;
what is taken off several lines together is spread by largest remainder, so that everything sums exactly.

Shipping looks at the goods before promotions and coupon: a discount never costs a buyer the free delivery.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

from entrepot.kernel.money import share
from entrepot.pricing.combine import cheapest
from entrepot.pricing.effects import savings_of
from entrepot.pricing.model import Basket, BasketLine
from entrepot.pricing.offers import Offer, Offers, offers_for, refusal
from entrepot.pricing.priced import Applied, NotApplied, NotAppliedReason, PricedBasket, PricedLine, PricedPart, Saving
from entrepot.pricing.rules import Parcel, Rules, TaxRate
from entrepot.pricing.till import Taking, Till


def price(basket: Basket, rules: Rules) -> PricedBasket:
    """What this basket costs this buyer by these rules, in minor units of its currency, and why.

    A pure function: equal baskets and rules always cost the same, whatever the order of the lines and promotions.
    """
    in_order = sorted(range(len(basket.lines)), key=lambda index: _rank(basket.lines[index]))
    lines = [basket.lines[index] for index in in_order]
    amounts = [_after_own_discount(line) for line in lines]
    taxes = _taxes(basket, lines, rules)
    till = Till(lines, amounts, taxes)

    offers = offers_for(basket, lines, amounts, rules.promotions, rules.coupon)
    receipt = cheapest(till, offers.made)
    net, takings = receipt.net, receipt.takings

    savings: defaultdict[int, list[Saving]] = defaultdict(list)
    for taking in takings:
        promotion = taking.offer.promotion
        savings[taking.place].append(Saving(promotion.id, taking.amount_minor, promotion.coupon_code))
    priced = [
        _priced_line(line, amounts[place], tuple(savings[place]), net[place], taxes[place])
        for place, line in enumerate(lines)
    ]
    by_index = dict(zip(in_order, priced, strict=True))
    parts, undelivered = _parts(basket, [by_index[index] for index in range(len(lines))], rules)
    return PricedBasket(
        parts=parts,
        applied=_applied(offers, takings, lines),
        not_applied=(*_outdone(offers, takings, till), *offers.refused),
        undelivered=undelivered,
    )


def _rank(line: BasketLine) -> tuple[int, ...]:
    """The order in which odd cents are given; two lines of the same rank cost the same."""
    return (line.company_id, line.product_id, line.quantity, line.price_minor, line.discount_bp)


def _after_own_discount(line: BasketLine) -> int:
    total_minor = line.price_minor * line.quantity
    return total_minor - share(total_minor, line.discount_bp)


def _taxes(basket: Basket, lines: Sequence[BasketLine], rules: Rules) -> list[TaxRate]:
    country, state = basket.buyer.country, basket.buyer.state
    by_path = {path: rules.tax.rate_for(country, state, path) for path in {line.category_path for line in lines}}
    return [by_path[line.category_path] for line in lines]


def _priced_line(
    line: BasketLine, amount_minor: int, savings: tuple[Saving, ...], net_minor: int, tax: TaxRate
) -> PricedLine:
    total_minor = line.price_minor * line.quantity
    return PricedLine(
        product_id=line.product_id,
        quantity=line.quantity,
        price_minor=line.price_minor,
        list_price_minor=line.price_minor if line.list_price_minor is None else line.list_price_minor,
        discount_bp=line.discount_bp,
        total_minor=total_minor,
        line_discount_minor=total_minor - amount_minor,
        savings=savings,
        discounted_minor=net_minor,
        tax_bp=tax.rate_bp,
        tax_minor=tax.added_minor(net_minor),
        tax_included_minor=tax.included_minor(net_minor),
    )


def _parts(
    basket: Basket, priced: Sequence[PricedLine], rules: Rules
) -> tuple[tuple[PricedPart, ...], tuple[int, ...]]:
    """The parts in the order of their companies, and the companies that do not deliver theirs in this way."""
    by_company: defaultdict[int, list[tuple[BasketLine, PricedLine]]] = defaultdict(list)
    for line, priced_line in zip(basket.lines, priced, strict=True):
        by_company[line.company_id].append((line, priced_line))
    parts, undelivered = [], []
    for company_id in sorted(by_company):
        shipping_minor = _shipping_minor(basket, company_id, by_company[company_id], rules)
        if shipping_minor is None:
            undelivered.append(company_id)
        parts.append(_part(company_id, by_company[company_id], shipping_minor or 0))
    return tuple(parts), tuple(undelivered)


def _shipping_minor(
    basket: Basket, company_id: int, lines: Sequence[tuple[BasketLine, PricedLine]], rules: Rules
) -> int | None:
    terms = _terms(lines)
    parcel = Parcel(
        company_id=company_id,
        zone_id=basket.buyer.zone_id,
        goods_minor=sum(priced.total_minor - priced.line_discount_minor for _, priced in lines),
        weight_g=sum(line.weight_g * line.quantity for line, _ in lines),
        fee_minor=terms.delivery_fee_minor,
        free_from_minor=terms.free_delivery_from_minor,
    )
    return rules.shipping.price_minor(basket.shipping_method, parcel)


def _part(company_id: int, lines: Sequence[tuple[BasketLine, PricedLine]], shipping_minor: int) -> PricedPart:
    priced = tuple(line for _, line in lines)
    subtotal_minor = sum(line.discounted_minor for line in priced)
    commission_bp = _terms(lines).commission_bp
    return PricedPart(
        company_id=company_id,
        lines=priced,
        subtotal_minor=subtotal_minor,
        discount_minor=sum(line.total_minor - line.discounted_minor for line in priced),
        tax_minor=sum(line.tax_minor for line in priced),
        tax_included_minor=sum(line.tax_included_minor for line in priced),
        shipping_minor=shipping_minor,
        commission_bp=commission_bp,
        commission_minor=share(subtotal_minor, commission_bp),
    )


def _terms(lines: Sequence[tuple[BasketLine, PricedLine]]) -> BasketLine:
    """The line that names the company's terms: they are the same on all its lines."""
    return min((line for line, _ in lines), key=_rank)


def _applied(offers: Offers, takings: Sequence[Taking], lines: Sequence[BasketLine]) -> tuple[Applied, ...]:
    amounts: defaultdict[Offer, int] = defaultdict(int)
    product_ids: defaultdict[Offer, set[int]] = defaultdict(set)
    for taking in takings:
        amounts[taking.offer] += taking.amount_minor
        product_ids[taking.offer].add(lines[taking.place].product_id)
    return tuple(
        Applied(
            promotion_id=offer.promotion.id,
            name=offer.promotion.name,
            amount_minor=amounts[offer],
            product_ids=tuple(sorted(product_ids[offer])),
            coupon_code=offer.promotion.coupon_code,
        )
        for offer in offers.made
        if offer in amounts
    )


def _outdone(offers: Offers, takings: Sequence[Taking], till: Till) -> list[NotApplied]:
    """What was on offer and takes nothing off: because something else is better, or because there is nothing to save."""
    taken = {taking.offer for taking in takings}
    refused = []
    for offer in offers.made:
        if offer in taken:
            continue
        would_save = any(savings_of(offer, offer.places, till.amounts, till.lines))
        refused.append(
            refusal(
                offer.promotion, NotAppliedReason.BETTER_WITHOUT if would_save else NotAppliedReason.NOTHING_TO_SAVE
            )
        )
    return refused
