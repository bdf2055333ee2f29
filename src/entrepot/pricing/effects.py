"""What each kind of promotion takes off the lines that take part in it.

Lines are known by their places; `net` is what each costs before this promotion. Nothing is taken off that is not there.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from entrepot.kernel.money import allocate, portion
from entrepot.pricing.model import BasketLine, Bundle, BuyXGetY, Fixed, Percentage
from entrepot.pricing.offers import Offer, counted_together, pieces_of

FINE: Final = 1_000_000
"""Single pieces are compared in millionths of a minor unit: what a line costs need not divide evenly among its pieces."""

Net = Sequence[int] | Mapping[int, int]
Lines = Sequence[BasketLine]


def savings_of(offer: Offer, places: Sequence[int], net: Net, lines: Lines) -> list[int]:
    """What the promotion takes off each of these lines, in their order; nothing where they do not fulfil it."""
    match offer.promotion.effect:
        case Percentage(rate_bp=rate_bp):
            return [portion(net[place], rate_bp, 10_000) for place in places]
        case Fixed(amount_minor=amount_minor, per_piece=True):
            return [min(net[place], amount_minor * lines[place].quantity) for place in places]
        case Fixed(amount_minor=amount_minor):
            costs = [net[place] for place in places]
            return allocate(min(amount_minor, sum(costs)), costs)
        case BuyXGetY() as effect:
            free = free_pieces(effect, offer, places, net, lines)
            return [
                portion(net[place], free[place] * effect.rate_bp, lines[place].quantity * 10_000)
                if free.get(place)
                else 0
                for place in places
            ]
        case Bundle() as effect:
            return _off_bundles(effect, places, net, lines)


def free_pieces(effect: BuyXGetY, offer: Offer, places: Sequence[int], net: Net, lines: Lines) -> dict[int, int]:
    """How many pieces of which line are free."""
    if effect.gets is not None:
        return _free_of_others(effect, offer, places, net, lines)
    if offer.line_by_line:
        return {place: effect.free_of(lines[place].quantity) for place in places}
    free: dict[int, int] = {}
    for alike in counted_together(effect, places, lines):
        free |= _free_in_groups(effect, alike, net, lines)
    return free


def _free_in_groups(effect: BuyXGetY, places: Sequence[int], net: Net, lines: Lines) -> dict[int, int]:
    """Dearest pieces first, in groups of `buy` + `get`: the last ones of each group are free.

    So what is free is the cheapest of what was bought with it, and one piece more never makes the goods dearer by more
    than itself.
    """
    free = {}
    counted = free_before = 0
    fine = {place: net[place] * FINE // lines[place].quantity for place in places}
    for place in sorted(places, key=fine.__getitem__, reverse=True):  # of two alike, the earlier one
        counted += lines[place].quantity
        free_now = effect.free_of(counted)
        free[place] = free_now - free_before
        free_before = free_now
    return free


def _free_of_others(effect: BuyXGetY, offer: Offer, places: Sequence[int], net: Net, lines: Lines) -> dict[int, int]:
    """The cheapest pieces of the other goods; pieces that could be either are bought as far as the promotion asks."""
    bought = {place for place in places if place in offer.bought}
    rewards = [place for place in places if place in offer.rewards]
    either = pieces_of([place for place in rewards if place in bought], lines)
    only_bought = pieces_of(bought, lines) - either
    only_rewards = pieces_of(rewards, lines) - either
    left = effect.free_of_others(only_bought, only_rewards, either)
    of_either = either - max(0, effect.to_buy_for(left) - only_bought)
    free = {}
    fine = {place: net[place] * FINE // lines[place].quantity for place in rewards}
    for place in sorted(rewards, key=fine.__getitem__):
        pieces = min(left, lines[place].quantity)
        if place in bought:
            pieces = min(pieces, of_either)
            of_either -= pieces
        left -= pieces
        free[place] = pieces
    return free


def _off_bundles(effect: Bundle, places: Sequence[int], net: Net, lines: Lines) -> list[int]:
    """What the pieces of the bundles cost beyond the bundles' price, spread over them by what they cost."""
    there: dict[int, int] = {}
    for place in places:
        line = lines[place]
        there[line.product_id] = there.get(line.product_id, 0) + line.quantity
    times = effect.times(there) if len(there) == len(effect.items) else 0
    if not times:
        return [0] * len(places)
    left = {item.product_id: item.quantity * times for item in effect.items}
    costs = []
    for place in places:
        line = lines[place]
        pieces = min(left[line.product_id], line.quantity)
        left[line.product_id] -= pieces
        costs.append(portion(net[place], pieces, line.quantity))
    saving_minor = sum(costs) - effect.price_minor * times
    return allocate(saving_minor, costs) if saving_minor > 0 else [0] * len(places)
