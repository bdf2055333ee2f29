"""How a total comes about: steps that add up to it, for the whole basket or for one line."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from enum import StrEnum

import msgspec

from entrepot.pricing.priced import PricedBasket, PricedLine


class StepKind(StrEnum):
    GOODS = "goods"
    LINE_DISCOUNT = "line_discount"
    PROMOTION = "promotion"
    COUPON = "coupon"
    TAX = "tax"
    SHIPPING = "shipping"


class Step(msgspec.Struct, frozen=True, kw_only=True):
    """One amount on the way to the total, negative where it is taken off, and what the total is after it.

    A promotion or coupon is named by `promotion_id` and `name` (and its code), tax by `rate_bp`, shipping by its company.
    """

    kind: StepKind
    amount_minor: int
    total_minor: int
    promotion_id: int | None = None
    name: str | None = None
    coupon_code: str | None = None
    rate_bp: int | None = None
    company_id: int | None = None


def explain(priced: PricedBasket) -> tuple[Step, ...]:
    """The steps of a basket, in the order in which it was priced; their amounts sum to its total.

    Steps of nothing are left out. Tax that prices contain is no step: it is `tax_included_minor` of the basket.
    """
    lines = [line for part in priced.parts for line in part.lines]
    steps = [_goods(lines), _own_discounts(lines)]
    for applied in priced.applied:
        kind = StepKind.PROMOTION if applied.coupon_code is None else StepKind.COUPON
        steps.append(
            Step(
                kind=kind,
                amount_minor=-applied.amount_minor,
                total_minor=0,
                promotion_id=applied.promotion_id,
                name=applied.name,
                coupon_code=applied.coupon_code,
            )
        )
    steps += _taxes(lines)
    steps += [
        Step(kind=StepKind.SHIPPING, amount_minor=part.shipping_minor, total_minor=0, company_id=part.company_id)
        for part in priced.parts
    ]
    return tuple(_added_up(steps))


def explain_line(line: PricedLine) -> tuple[Step, ...]:
    """The steps of one line; their amounts sum to what remains of it and the tax on top."""
    steps = [_goods([line]), _own_discounts([line])]
    for saving in line.savings:
        kind = StepKind.PROMOTION if saving.coupon_code is None else StepKind.COUPON
        steps.append(
            Step(
                kind=kind,
                amount_minor=-saving.amount_minor,
                total_minor=0,
                promotion_id=saving.promotion_id,
                coupon_code=saving.coupon_code,
            )
        )
    return tuple(_added_up([*steps, *_taxes([line])]))


def _goods(lines: Iterable[PricedLine]) -> Step:
    return Step(kind=StepKind.GOODS, amount_minor=sum(line.total_minor for line in lines), total_minor=0)


def _own_discounts(lines: Iterable[PricedLine]) -> Step:
    amount_minor = -sum(line.line_discount_minor for line in lines)
    return Step(kind=StepKind.LINE_DISCOUNT, amount_minor=amount_minor, total_minor=0)


def _taxes(lines: Iterable[PricedLine]) -> Iterator[Step]:
    by_rate: dict[int, int] = {}
    for line in lines:
        by_rate[line.tax_bp] = by_rate.get(line.tax_bp, 0) + line.tax_minor
    for rate_bp in sorted(by_rate):
        yield Step(kind=StepKind.TAX, amount_minor=by_rate[rate_bp], total_minor=0, rate_bp=rate_bp)


def _added_up(steps: Iterable[Step]) -> Iterator[Step]:
    total_minor = 0
    for step in steps:
        total_minor += step.amount_minor
        if step.amount_minor or step.kind is StepKind.GOODS:
            yield msgspec.structs.replace(step, total_minor=total_minor)
