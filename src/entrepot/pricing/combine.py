"""Which promotions a basket gets: the combination that is cheapest for the buyer.

On a line there is either one exclusive promotion, or there are all that stack. Which of these is chosen line by line so
that the basket costs least; a line that an exclusive promotion is about, and nothing that stacks, is not left out. What
stacks is taken off one after the other in the order of the offers.

Where all promotions on a line act line by line, the choice is exact and immediate. Lines that are tied together by a
promotion over several lines are searched together: all combinations where there are few (`TRIES`; fewer for baskets of
very many lines and promotions, `STEPS`), which finds the best; beyond that, from the best of some sensible beginnings, by
changing lines of a kind together and then one by one, as long as it gets cheaper and as many have not been tried. The
result is the same every time and does not depend on the order of the lines; a coupon never makes it dearer.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from itertools import product
from math import prod
from typing import Final

import msgspec

from entrepot.pricing.effects import savings_of
from entrepot.pricing.model import BasketLine, Fixed
from entrepot.pricing.offers import Offer
from entrepot.pricing.rules import TaxRate

TRIES: Final = 256
"""So many combinations are tried at most for lines that are tied together,"""

STEPS: Final = 8_000
"""or as many as take so many steps (one promotion on one line),"""

FEWEST_TRIES: Final = 6
"""but never fewer than this."""

MOST_ROUNDS: Final = 2
"""So often amounts that close a basket are set aside, see `_closing`."""

Choice = list[Offer | None]
"""For each line the exclusive promotion that it gets, or None for all that stack."""


class Taking(msgspec.Struct, frozen=True):
    """What an offer takes off the line at this place."""

    offer: Offer
    place: int
    amount_minor: int


class Reach(msgspec.Struct, frozen=True, eq=False):
    """An offer and those of its places that are looked at."""

    offer: Offer
    places: Sequence[int]


class Till:
    """Adds up a basket under a choice of promotions."""

    __slots__ = ("amounts", "lines", "taxes")

    def __init__(self, lines: Sequence[BasketLine], amounts: Sequence[int], taxes: Sequence[TaxRate]) -> None:
        self.lines = lines
        self.amounts = amounts
        self.taxes = taxes

    def take_off(self, reaches: Iterable[Reach], choice: Choice) -> tuple[list[int], list[Taking]]:
        """What each line then costs, without tax, and what was taken off it."""
        takings: list[Taking] = []
        return self._net(reaches, choice, takings), takings

    def cost_minor(self, reaches: Iterable[Reach], choice: Choice, places: Iterable[int]) -> int:
        """What these lines then cost, with the tax that comes on top."""
        net, taxes = self._net(reaches, choice, None), self.taxes
        return sum(net[place] + taxes[place].added_minor(net[place]) for place in places)

    def _net(self, reaches: Iterable[Reach], choice: Choice, takings: list[Taking] | None) -> list[int]:
        net = list(self.amounts)
        for reach in reaches:
            offer = reach.offer
            chosen = offer if offer.promotion.exclusive else None
            places = [place for place in reach.places if choice[place] is chosen]
            if not places:
                continue
            for place, amount_minor in zip(places, savings_of(offer, places, net, self.lines), strict=True):
                if amount_minor:
                    net[place] -= amount_minor
                    if takings is not None:
                        takings.append(Taking(offer, place, amount_minor))
        return net


def best_choice(till: Till, offers: Sequence[Offer]) -> Choice:
    """The cheapest combination of these offers."""
    if not any(offer.promotion.exclusive for offer in offers):
        return [None] * len(till.lines)
    given_up: frozenset[Offer] = frozenset()
    choice: Choice | None = None
    exact = False
    for _ in range(MOST_ROUNDS):
        closing = _closing(till, offers, given_up)
        choice, exact = _choose(till, offers, closing, choice)
        broken = closing - _taken_whole(till, closing, offers, choice)
        if not broken:
            break
        given_up |= broken
    else:
        closing = frozenset()
        choice, exact = _choose(till, offers, closing, choice)
    coupon = offers[-1] if offers[-1].promotion.coupon_code is not None else None
    if exact or coupon is None or coupon in closing:
        return choice
    # A bounded search might find less with a coupon than it finds without.
    reaches, everywhere = [Reach(offer, offer.places) for offer in offers], range(len(till.lines))
    without = best_choice(till, offers[:-1])
    return min(choice, without, key=lambda choice: till.cost_minor(reaches, choice, everywhere))


def _closing(till: Till, offers: Sequence[Offer], given_up: frozenset[Offer]) -> frozenset[Offer]:
    """Amounts off several lines that stack, after which nothing more is taken off these lines.

    They tie many lines together, such as a coupon over everything. But where all of the amount can be taken, it is the
    same whatever else is chosen, so that the rest can be chosen without it (where lines are taxed alike; the tax of a
    line is rounded, which may make it dearer by a minor unit per line).
    """
    closing = []
    followed: set[int] = set()
    for offer in reversed(offers):
        if offer.promotion.exclusive:
            continue
        taxed_alike = len({till.taxes[place] for place in offer.places}) == 1
        amount_off = isinstance(offer.promotion.effect, Fixed) and not offer.line_by_line and offer not in given_up
        if amount_off and taxed_alike and followed.isdisjoint(offer.places):
            closing.append(offer)
        else:
            followed.update(offer.places)
    return frozenset(closing)


def _taken_whole(till: Till, closing: frozenset[Offer], offers: Iterable[Offer], choice: Choice) -> frozenset[Offer]:
    """Which of these take their whole amount under this choice."""
    if not closing:
        return closing
    _, takings = till.take_off((Reach(offer, offer.places) for offer in offers), choice)
    left = {
        offer: offer.promotion.effect.amount_minor for offer in closing if isinstance(offer.promotion.effect, Fixed)
    }
    for taking in takings:
        if taking.offer in left:
            left[taking.offer] -= taking.amount_minor
    return frozenset(offer for offer, left_minor in left.items() if left_minor == 0)


def _choose(
    till: Till, all_offers: Sequence[Offer], closing: frozenset[Offer], start: Choice | None = None
) -> tuple[Choice, bool]:
    """A choice, made without the closing offers, and whether it is certainly the best."""
    offers = [offer for offer in all_offers if offer not in closing]
    options = Options(till, offers)
    choice = [options.best_alone(place) for place in range(len(till.lines))]
    exact = True
    for places in _tied_together(offers, len(till.lines)):
        undecided = [place for place in places if len(options.of(place)) > 1]
        if not undecided:
            continue
        within = frozenset(places)
        reaches = [Reach(offer, shared) for offer in offers if (shared := [p for p in offer.places if p in within])]
        search = Search(till, reaches, places, choice)
        all_options = {place: options.of(place) for place in undecided}
        if _combinations(all_options) > search.tries:
            exact = False
            search.begin_from(start)
            all_options = {place: options.likely(place) for place in undecided}
        if _combinations(all_options) <= search.tries:
            search.try_all(all_options)
        else:
            search.improve(all_options)
        choice = search.choice
    return choice, exact


def _combinations(options: Mapping[int, Choice]) -> int:
    return prod(len(of_line) for of_line in options.values())


class Options:
    """What a line may get: all that stack, the best exclusive promotion that acts on it alone, or one over several lines."""

    __slots__ = ("_alone", "_stacked", "_tied")

    def __init__(self, till: Till, offers: Sequence[Offer]) -> None:
        nothing: Choice = [None] * len(till.lines)
        alone = [Reach(offer, offer.places) for offer in offers if offer.line_by_line]
        stacked, _ = till.take_off((reach for reach in alone if not reach.offer.promotion.exclusive), nothing)
        self._stacked: dict[int, int] = {
            place: stacked[place] for offer in offers if not offer.promotion.exclusive for place in offer.places
        }
        self._alone: dict[int, tuple[int, Offer]] = {}
        self._tied: dict[int, list[Offer]] = {}
        for offer in offers:
            if not offer.promotion.exclusive:
                continue
            if not offer.line_by_line:
                for place in offer.places:
                    self._tied.setdefault(place, []).append(offer)
                continue
            savings = savings_of(offer, offer.places, till.amounts, till.lines)
            for place, saving_minor in zip(offer.places, savings, strict=True):
                cost_minor = till.amounts[place] - saving_minor
                if place not in self._alone or cost_minor < self._alone[place][0]:
                    self._alone[place] = (cost_minor, offer)

    def of(self, place: int) -> Choice:
        """In the order in which they are preferred where they cost the same; all are kept that may be best."""
        alone = self._alone.get(place)
        tied = self._tied.get(place, [])
        stacks = place in self._stacked or (alone is None and not tied)
        return [*([None] if stacks else []), *([alone[1]] if alone is not None else []), *tied]

    def likely(self, place: int) -> Choice:
        """Without the one that acts on this line alone where even the stacking ones that do so take off as much."""
        options = self.of(place)
        if place in self._alone and place in self._stacked and self._stacked[place] <= self._alone[place][0]:
            options.remove(self._alone[place][1])
        return options

    def best_alone(self, place: int) -> Offer | None:
        """The best of what acts on this line alone: exact, unless it is tied to others."""
        alone = self._alone.get(place)
        if alone is None:
            return self.of(place)[0]
        cost_minor, offer = alone
        return None if place in self._stacked and self._stacked[place] <= cost_minor else offer


def _tied_together(offers: Iterable[Offer], places: int) -> list[list[int]]:
    """The lines that promotions over several lines tie to each other, each such group in order."""
    group_of = list(range(places))
    groups = {place: [place] for place in range(places)}
    for offer in offers:
        if offer.line_by_line:
            continue
        for place in offer.places[1:]:
            kept, given_up = sorted((group_of[offer.places[0]], group_of[place]))
            if kept != given_up:
                for moved in groups[given_up]:
                    group_of[moved] = kept
                groups[kept] += groups.pop(given_up)
    return [sorted(group) for group in groups.values() if len(group) > 1]


class Search:
    """Looks for a cheaper choice for lines that are tied together; keeps the best."""

    __slots__ = ("_cost_minor", "_places", "_reaches", "_till", "choice", "tries")

    def __init__(self, till: Till, reaches: Sequence[Reach], places: Sequence[int], choice: Choice) -> None:
        self._till = till
        self._reaches = reaches
        self._places = places
        steps = sum(len(reach.places) for reach in reaches)
        self.tries = max(FEWEST_TRIES, min(TRIES, STEPS // steps))
        self.choice = choice
        self._cost_minor = till.cost_minor(reaches, choice, places)

    def begin_from(self, start: Choice | None) -> None:
        if start is not None:
            self._attempt(self.choice, {place: start[place] for place in self._places})

    def try_all(self, options: Mapping[int, Choice]) -> None:
        begun = self.choice
        for combination in product(*options.values()):
            self._attempt(begun, dict(zip(options, combination, strict=True)))

    def improve(self, options: Mapping[int, Choice]) -> None:
        """Change lines by promotion, by kind and one by one, as long as it gets cheaper."""
        places_of: dict[Offer | None, list[int]] = {}
        alike: dict[tuple[Offer | None, ...], list[int]] = {}
        for place, of_line in options.items():
            alike.setdefault(tuple(of_line), []).append(place)
            for option in of_line:
                places_of.setdefault(option, []).append(place)
        begun = self.choice
        for option, places in places_of.items():
            self._attempt(begun, dict.fromkeys(places, option))
        moves = [
            *((places, option) for option, places in places_of.items()),
            *((places, option) for of_kind, places in alike.items() for option in of_kind),
            *(([place], option) for place, of_line in options.items() for option in of_line),
        ]
        cheaper = True
        while cheaper and self.tries > 0:
            cheaper = sum(self._attempt(self.choice, dict.fromkeys(places, option)) for places, option in moves) > 0

    def _attempt(self, choice: Choice, changes: dict[int, Offer | None]) -> bool:
        """Whether the choice with these changes is cheaper than the best so far."""
        if self.tries <= 0:
            return False
        changed = list(choice)
        for place, option in changes.items():
            changed[place] = option
        if changed == self.choice:
            return False
        self.tries -= 1
        cost_minor = self._till.cost_minor(self._reaches, changed, self._places)
        if cost_minor >= self._cost_minor:
            return False
        self.choice, self._cost_minor = changed, cost_minor
        return True
