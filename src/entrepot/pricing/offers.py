"""Which promotions are on offer for a basket: those about its goods whose conditions it fulfils; and why not the others."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

import msgspec

from entrepot.pricing.model import Basket, BasketLine, Bundle, BuyXGetY, Effect, Fixed, Percentage, Promotion
from entrepot.pricing.priced import Missing, NotApplied, NotAppliedReason, Pieces
from entrepot.pricing.promotion_index import Goods, Promotions


class Offer(msgspec.Struct, frozen=True, eq=False):
    """A promotion that this basket may have, and the places of the lines that may take part in it.

    With `line_by_line`, what it takes off one line says nothing about any other. Where it gives other goods for less,
    `bought` are the lines that must be bought, and `rewards` those that are given.
    """

    promotion: Promotion
    places: tuple[int, ...]
    line_by_line: bool
    bought: frozenset[int] = frozenset()
    rewards: frozenset[int] = frozenset()


class Offers(msgspec.Struct, frozen=True):
    """What is on offer, in the order in which it is taken off (the coupon last), and what is not."""

    made: list[Offer]
    refused: list[NotApplied]


def offers_for(
    basket: Basket,
    lines: Sequence[BasketLine],
    amounts: Sequence[int],
    promotions: Promotions,
    coupon: Promotion | None,
) -> Offers:
    """The promotions about goods of this basket, and the coupon.

    `lines` are the basket's in the order by which places count, `amounts` what they cost after their own discounts.
    """
    goods = Goods(lines)
    found = promotions.about(goods.keys)
    found.sort(key=lambda promotion: (-promotion.priority, promotion.id))
    offers = Offers([], [])
    for promotion in found if coupon is None else [*found, coupon]:
        reason = _unfit(promotion, basket)
        if reason is not None:
            offers.refused.append(refusal(promotion, reason))
            continue
        offer = _offer(promotion, goods, lines)
        if not offer.places:
            # A promotion that was found by goods of another company is none of the buyer's business.
            if promotion.coupon_code is not None:
                offers.refused.append(refusal(promotion, NotAppliedReason.OTHER_GOODS))
        elif missing := _below_minimum(offer, lines, amounts):
            offers.refused.append(refusal(promotion, NotAppliedReason.BELOW_MINIMUM, missing))
        elif missing := _incomplete(offer, lines):
            offers.refused.append(refusal(promotion, NotAppliedReason.INCOMPLETE, missing))
        else:
            offers.made.append(offer)
    return offers


def refusal(promotion: Promotion, reason: NotAppliedReason, missing: Missing | None = None) -> NotApplied:
    return NotApplied(
        promotion_id=promotion.id,
        name=promotion.name,
        reason=reason,
        missing=missing,
        coupon_code=promotion.coupon_code,
    )


def _unfit(promotion: Promotion, basket: Basket) -> NotAppliedReason | None:
    """What stands against it whatever is in the basket."""
    buyer = basket.buyer
    uses = buyer.uses.get(promotion.id, 0) if promotion.coupon_code is None else buyer.coupon_uses
    if promotion.currency is not None and promotion.currency != basket.currency:
        return NotAppliedReason.OTHER_CURRENCY
    if promotion.starts_at is not None and basket.at < promotion.starts_at:
        return NotAppliedReason.NOT_YET
    if promotion.ends_at is not None and basket.at >= promotion.ends_at:
        return NotAppliedReason.OVER
    if promotion.zone_ids and buyer.zone_id not in promotion.zone_ids:
        return NotAppliedReason.OTHER_ZONE
    if promotion.roles and buyer.role not in promotion.roles:
        return NotAppliedReason.OTHER_ROLE
    if buyer.user_id is None and (promotion.first_order_only or promotion.per_user_limit is not None):
        return NotAppliedReason.SIGN_IN  # guests cannot be told apart
    if promotion.first_order_only and not buyer.first_order:
        return NotAppliedReason.FIRST_ORDER_ONLY
    if promotion.total_limit is not None and promotion.used >= promotion.total_limit:
        return NotAppliedReason.USED_UP
    if promotion.per_user_limit is not None and uses >= promotion.per_user_limit:
        return NotAppliedReason.USED_BY_YOU
    return None


def _offer(promotion: Promotion, goods: Goods, lines: Sequence[BasketLine]) -> Offer:
    effect, company_id = promotion.effect, promotion.company_id
    if isinstance(effect, Bundle):
        places = goods.of_products([item.product_id for item in effect.items], company_id)
        return Offer(promotion, tuple(places), len(places) == 1)
    bought = goods.within(promotion.target, company_id)
    if isinstance(effect, BuyXGetY) and effect.gets is not None and bought:
        rewards = goods.within(effect.gets, company_id)
        places = sorted({*bought, *rewards})
        return Offer(promotion, tuple(places), len(places) == 1, frozenset(bought), frozenset(rewards))
    return Offer(promotion, tuple(bought), len(bought) == 1 or _is_line_by_line(effect, bought, lines))


def _is_line_by_line(effect: Effect, places: Sequence[int], lines: Sequence[BasketLine]) -> bool:
    match effect:
        case Percentage() | Fixed(per_piece=True):
            return True
        case BuyXGetY(same_product=True):
            return all(len(alike) == 1 for alike in counted_together(effect, places, lines))
    return False


def _below_minimum(offer: Offer, lines: Sequence[BasketLine], amounts: Sequence[int]) -> Missing | None:
    promotion = offer.promotion
    if not promotion.minimum_spend_minor and not promotion.minimum_quantity:
        return None
    bought = offer.bought or offer.places
    spend_minor = promotion.minimum_spend_minor - sum([amounts[place] for place in bought])
    quantity = promotion.minimum_quantity - pieces_of(bought, lines)
    if spend_minor <= 0 and quantity <= 0:
        return None
    return Missing(spend_minor=max(0, spend_minor), quantity=max(0, quantity))


def _incomplete(offer: Offer, lines: Sequence[BasketLine]) -> Missing | None:
    """What must be put in before anything is free, or to make the bundle whole."""
    match offer.promotion.effect:
        case BuyXGetY(gets=None) as effect:
            most = max(pieces_of(alike, lines) for alike in counted_together(effect, offer.places, lines))
            return Missing(quantity=effect.buy + 1 - most) if most <= effect.buy else None
        case BuyXGetY() as effect:
            either = pieces_of(offer.bought & offer.rewards, lines)
            only_bought = pieces_of(offer.bought, lines) - either
            only_rewards = pieces_of(offer.rewards, lines) - either
            if effect.free_of_others(only_bought, only_rewards, either):
                return None
            spare = max(0, either - max(0, effect.buy - only_bought))
            return Missing(
                quantity=max(0, effect.buy - only_bought - either),
                reward_quantity=0 if only_rewards + spare else 1,
            )
        case Bundle() as effect:
            return _missing_of_bundle(effect, offer, lines)
    return None


def counted_together(effect: BuyXGetY, places: Sequence[int], lines: Sequence[BasketLine]) -> list[list[int]]:
    """The lines whose pieces count together towards a group of `buy` + `get`."""
    if not effect.same_product:
        return [list(places)]
    things: dict[tuple[bool, int], list[int]] = {}
    for place in places:
        things.setdefault(lines[place].same_thing, []).append(place)
    return list(things.values())


def _missing_of_bundle(bundle: Bundle, offer: Offer, lines: Sequence[BasketLine]) -> Missing | None:
    there: dict[int, int] = {}
    for place in offer.places:
        line = lines[place]
        there[line.product_id] = there.get(line.product_id, 0) + line.quantity
    missing = tuple(_lacking(bundle, there))
    return Missing(products=missing) if missing else None


def _lacking(bundle: Bundle, there: dict[int, int]) -> Iterator[Pieces]:
    for item in bundle.items:
        quantity = item.quantity - there.get(item.product_id, 0)
        if quantity > 0:
            yield Pieces(item.product_id, quantity)


def pieces_of(places: Iterable[int], lines: Sequence[BasketLine]) -> int:
    return sum([lines[place].quantity for place in places])
