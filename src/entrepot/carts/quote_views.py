"""How a quote is shown: what an order would charge, and every step that leads there."""

from __future__ import annotations

import msgspec

from entrepot.carts.model import Appraisal
from entrepot.carts.views import ItemView, Major, PartTotals, ValidationView, part_totals
from entrepot.pricing import (
    AppliedView,
    NotAppliedView,
    PricedLine,
    Quote,
    Step,
    StepKind,
    explain,
    explain_line,
    not_applied_views,
    quoted_amounts,
    write_quote,
)
from entrepot.shop import Shop


class StepView(msgspec.Struct, frozen=True, rename="camel", kw_only=True, omit_defaults=True):
    """One amount on the way to a total, negative where it is taken off, and what the total is after it; in major units.

    A promotion or coupon is named, tax has its `rate` in per cent, shipping its company.
    """

    kind: StepKind
    amount: int | float
    total: int | float
    promotion_id: int | None = None
    name: str | None = None
    coupon_code: str | None = None
    rate: float | None = None
    company_id: int | None = None

    @classmethod
    def of(cls, step: Step, major: Major) -> StepView:
        return cls(
            kind=step.kind,
            amount=major(step.amount_minor),
            total=major(step.total_minor),
            promotion_id=step.promotion_id,
            name=step.name,
            coupon_code=step.coupon_code,
            rate=step.rate_bp / 100 if step.rate_bp is not None else None,
            company_id=step.company_id,
        )


class NextTierView(msgspec.Struct, frozen=True, rename="camel"):
    """From so many pieces on, each costs this much; in the product's own currency."""

    from_quantity: int
    price: int | float


class QuotedLineView(msgspec.Struct, frozen=True, rename="camel", kw_only=True, omit_defaults=True):
    """How a product's price comes about; `id` is the product's. The steps add up to `discountedTotal` and the tax on top.

    `listPrice` is what a piece costs those who have no price of their own.
    """

    id: int
    company_id: int
    quantity: int
    price: int | float
    list_price: int | float
    total: int | float
    discounted_total: int | float
    tax: int | float
    steps: list[StepView]
    tax_included: int | float = 0
    next_tier: NextTierView | None = None

    @classmethod
    def of(cls, line: PricedLine, company_id: int, quoted: Quote, shop: Shop) -> QuotedLineView:
        major = shop.currency_of(quoted.currency).major
        tier = quoted.next_tier(line.product_id, line.quantity)
        own = shop.currency_of(quoted.terms[line.product_id].currency)
        return cls(
            id=line.product_id,
            company_id=company_id,
            quantity=line.quantity,
            price=major(line.price_minor),
            list_price=major(line.list_price_minor),
            total=major(line.total_minor),
            discounted_total=major(line.discounted_minor),
            tax=major(line.tax_minor),
            steps=[StepView.of(step, major) for step in explain_line(line)],
            tax_included=major(line.tax_included_minor),
            next_tier=NextTierView(tier.from_quantity, own.major(tier.price_minor)) if tier is not None else None,
        )


class QuoteView(ValidationView, frozen=True, rename="camel", kw_only=True, omit_defaults=True):
    """What an order would charge, in major units: `total` is `subtotal` + `tax` + `shipping`, and the `steps` add up to it.

    `lines` explain each product's price. `applied` are the promotions and the coupon that lower it, `notApplied` those that
    do not, `almost` those of them that lack only something in the basket. `taxIncluded` is the tax that the prices contain,
    besides `tax` on top. Send `quote` along with the order. `problems` are what the order would be refused with; the totals
    are those of the products that are sold, at the quantities wanted.
    """

    lines: list[QuotedLineView]
    parts: list[PartTotals]
    steps: list[StepView]
    applied: list[AppliedView]
    not_applied: list[NotAppliedView]
    almost: list[NotAppliedView]
    subtotal: int | float
    discount: int | float
    tax: int | float
    shipping: int | float
    total: int | float
    currency: str
    shipping_method: str
    shipping_methods: list[str]
    quote: str
    tax_included: int | float = 0
    exchange_rate: float | None = None

    @classmethod
    def of(cls, appraisal: Appraisal, shop: Shop) -> QuoteView:
        quoted, basket = appraisal.quote, appraisal.basket
        currency = shop.currency_of(quoted.currency)
        major = currency.major
        rate = quoted.rate if quoted.currency != shop.settings.currency else None
        return cls(
            valid=not appraisal.notices,
            problems=appraisal.notices,
            products=[ItemView.of(one, shop) for one in appraisal.lines],
            lines=[
                QuotedLineView.of(line, part.company_id, quoted, shop) for part in basket.parts for line in part.lines
            ],
            parts=[part_totals(part, shop, quoted.currency) for part in basket.parts],
            steps=[StepView.of(step, major) for step in explain(basket)],
            applied=[AppliedView.of(one, currency) for one in basket.applied],
            not_applied=not_applied_views(basket.not_applied, currency),
            almost=not_applied_views(basket.almost, currency),
            subtotal=major(basket.subtotal_minor),
            discount=major(basket.discount_minor),
            tax=major(basket.tax_minor),
            shipping=major(basket.shipping_minor),
            total=major(basket.total_minor),
            currency=quoted.currency,
            shipping_method=quoted.shipping_method,
            shipping_methods=list(quoted.shipping_methods),
            quote=write_quote(quoted_amounts(basket, quoted.currency)),
            tax_included=major(basket.tax_included_minor),
            exchange_rate=float(rate) if rate is not None else None,
        )
