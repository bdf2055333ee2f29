"""Which promotions a basket gets: the combination that is cheapest for the buyer.

On a line there is either one exclusive promotion, or there are all that stack. Which of these is chosen line by line so
that the basket costs least; a line that an exclusive promotion is about, and nothing that stacks, is not left out. What
stacks is taken off one after the other in the order of the offers.

Where all promotions on a line act line by line, the choice is exact and immediate. Lines that are tied together by a
promotion over several lines are searched together (`search`), which finds the best unless there are very many promotions
over the same lines: then it is the best that was found in so many `STEPS`. Tax counts before it is rounded, so that
another choice may save a minor unit of tax on a line. The result is the same every time and does not depend on the order
of the lines; a coupon never makes it dearer.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from entrepot.pricing.model import Fixed
from entrepot.pricing.offers import Offer
from entrepot.pricing.search import Search
from entrepot.pricing.tied_lines import Sums, Tie
from entrepot.pricing.till import Choice, Receipt, Till

STEPS: Final = 4_000
"""So many steps (one promotion on one line) are made at most to look for better choices in a basket, see `search`."""


def cheapest(till: Till, offers: Sequence[Offer]) -> Receipt:
    """The cheapest combination of these offers, and what it costs."""
    if not offers or offers[-1].promotion.coupon_code is None:
        return till.take_off(offers, _best_choice(till, offers))
    coupon = offers[-1]
    # Whatever is chosen without the coupon is chosen from with it, so that it never makes anything dearer.
    without = till.take_off(offers, _best_choice(till, offers[:-1]))
    if _takes_its_most(coupon, without, till):
        return without
    return min(till.take_off(offers, _best_choice(till, offers, without.choice)), without, key=till.cost_minor)


def _takes_its_most(coupon: Offer, receipt: Receipt, till: Till) -> bool:
    """Whether no other choice gives this coupon, the last of the offers, more to take off."""
    effect = coupon.promotion.effect
    if coupon.promotion.exclusive or not isinstance(effect, Fixed) or effect.per_piece:
        return False
    taxed_alike = len({till.taxes[place] for place in coupon.places}) == 1
    return taxed_alike and effect.amount_minor == sum(
        taking.amount_minor for taking in receipt.takings if taking.offer is coupon
    )


def _best_choice(till: Till, offers: Sequence[Offer], start: Choice | None = None) -> Choice:
    if not any(offer.promotion.exclusive for offer in offers):
        return [None] * len(till.lines)
    sums = Sums(till, offers)
    choice = [_best_alone(sums, place) for place in range(len(till.lines))]
    steps = STEPS
    for places, ties in _tied_together(sums.ties, len(till.lines)):
        search = Search(sums, places, ties, choice, steps)
        search.run(*([start] if start is not None else []))
        steps -= search.made
    return choice


def _best_alone(sums: Sums, place: int) -> Offer | None:
    """The best of what acts on this line alone: exact, unless it is tied to others."""
    return min(sums.options(place), key=lambda option: sums.at_least(place, option))


def _tied_together(ties: Sequence[Tie], lines: int) -> list[tuple[list[int], list[Tie]]]:
    """The lines that ties tie to each other, each such group in order, with its ties; small groups first."""
    group_of = list(range(lines))
    groups = {place: [place] for place in range(lines)}
    for tie in ties:
        first, *others = tie.offer.places
        for place in others:
            if group_of[first] != group_of[place]:
                kept, given_up = sorted((group_of[first], group_of[place]))
                for moved in groups[given_up]:
                    group_of[moved] = kept
                groups[kept] += groups.pop(given_up)
    ties_of: dict[int, list[Tie]] = {}
    for tie in ties:
        ties_of.setdefault(group_of[tie.offer.places[0]], []).append(tie)
    return sorted(
        ((sorted(groups[group]), of_group) for group, of_group in ties_of.items()),
        key=lambda group: (len(group[0]), group[0]),
    )
