"""Lines that promotions over several lines tie together: what they cost under a choice, and the least that they can cost.

The same sums as the till's, for a search that asks for many choices of the same lines. What acts on a line alone is a chain
of whole-number operations; what was taken off several lines is kept as long as they cost the same as before.

Costs are weighed: minor units with the tax that comes on top, in ten thousandths, before it is rounded.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final

from entrepot.pricing.effects import FINE, free_pieces, savings_of
from entrepot.pricing.model import BasketLine, Bundle, BuyXGetY, Fixed, Percentage
from entrepot.pricing.offers import Offer, pieces_of
from entrepot.pricing.till import Choice, Till

WHOLE: Final = 10_000
"""Weight of a minor unit that is not taxed on top."""

Step = tuple[int, int, int]
"""`(a, b, c)` takes `(net x a + b) // c` off, if that is anything; with `c` 0, up to `a`."""


class Tie:
    """A promotion over several lines, and what it last took off which of them."""

    __slots__ = ("after", "chosen", "last", "most", "offer", "places", "savings", "weight")

    def __init__(self, offer: Offer) -> None:
        self.offer = offer
        self.chosen: Final = offer if offer.promotion.exclusive else None
        """What a line must have chosen for this to count on it."""
        self.places: Sequence[int] = offer.places
        self.after: dict[int, list[Step]] = {}
        self.most: dict[int, int] = {}
        self.weight = 0
        self.last: tuple[Sequence[int], list[int]] | None = None
        self.savings: list[int] = []


class Sums:
    """All lines of a basket, and what may be taken off them, made ready to be added up often."""

    def __init__(self, till: Till, offers: Sequence[Offer]) -> None:
        self._lines: Final = till.lines
        self._amounts: Final[list[int]] = list(till.amounts)
        self.weights: Final = [WHOLE if tax.inclusive else WHOLE + tax.rate_bp for tax in till.taxes]
        self.stacked: Final[dict[int, int]] = {}
        """What a line costs after all that stacks and acts on it alone."""
        self.alone: Final[dict[int, tuple[int, Offer]]] = {}
        """What a line costs with the best exclusive promotion that acts on it alone."""
        self.tied: Final[dict[int, list[Offer]]] = {}
        """The exclusive promotions over several lines that a line is in."""
        self.ties: Final[list[Tie]] = []
        self._first: Final[dict[int, list[Step]]] = {}
        self.net: list[int] = []
        """What the lines cost that were added up last."""
        self._read(offers)
        self._start: Final = list(till.amounts)
        for place, steps in self._first.items():
            self._start[place] = _after(till.amounts[place], steps)

    def _read(self, offers: Sequence[Offer]) -> None:
        last: dict[int, list[Step]] = self._first
        chains: dict[int, list[Step]] = {}
        for offer in offers:
            exclusive = offer.promotion.exclusive
            if not exclusive:
                for place in offer.places:
                    if place not in chains:
                        chains[place] = last[place] = []
                        self.stacked[place] = self._amounts[place]
            if not offer.line_by_line:
                tie = Tie(offer)
                tie.weight = max(self.weights[place] for place in offer.places)
                self.ties.append(tie)
                for place in offer.places:
                    if exclusive:
                        self.tied.setdefault(place, []).append(offer)
                        tie.most[place] = self._amounts[place]
                    else:
                        tie.most[place] = self.stacked[place]
                        tie.after[place] = chains[place] = []
                continue
            for place, step in _steps(offer, self._lines, self._amounts):
                if exclusive:
                    cost_minor = _after(self._amounts[place], [step])
                    if place not in self.alone or cost_minor < self.alone[place][0]:
                        self.alone[place] = (cost_minor, offer)
                else:
                    chains[place].append(step)
                    self.stacked[place] = _after(self.stacked[place], [step])

    def options(self, place: int) -> list[Offer | None]:
        """What a line may get, in the order of preference where it costs the same; all are kept that may be best."""
        alone, tied = self.alone.get(place), self.tied.get(place, [])
        stacks = place in self.stacked or (alone is None and not tied)
        return [*([None] if stacks else []), *([alone[1]] if alone is not None else []), *tied]

    def at_least(self, place: int, option: Offer | None) -> int:
        """What the line costs with this, apart from what promotions over several lines take off; weighed."""
        if option is None:
            net_minor = self.stacked.get(place, self._amounts[place])
        else:
            net_minor = self.alone[place][0] if option.line_by_line else self._amounts[place]
        return net_minor * self.weights[place]

    def cost(self, places: Iterable[int], ties: Iterable[Tie], choice: Choice) -> int:
        """What these lines cost together, with all ties between them; weighed."""
        self.net = net = list(self._start)
        for place in places:
            chosen = choice[place]
            if chosen is not None:
                net[place] = self.alone[place][0] if chosen.line_by_line else self._amounts[place]
        for tie in ties:
            offer, chosen = tie.offer, tie.chosen
            shared = [place for place in offer.places if choice[place] is chosen]
            if not shared:
                continue
            costs = [net[place] for place in shared]
            if tie.last != (shared, costs):
                tie.last = (shared, costs)
                tie.savings = savings_of(offer, shared, net, self._lines)
            after = tie.after
            for place, amount_minor in zip(shared, tie.savings, strict=True):
                left = net[place] - amount_minor
                steps = after.get(place)
                net[place] = _after(left, steps) if steps else left
        weights = self.weights
        return sum([net[place] * weights[place] for place in places])

    def off_by_amounts(self, ties: Iterable[Tie], place: int) -> int:
        """How much of the amounts off several lines was taken off this one, when they were last added up."""
        off_minor = 0
        for tie in ties:
            if tie.last is not None and isinstance(tie.offer.promotion.effect, Fixed) and place in tie.last[0]:
                off_minor += tie.savings[tie.last[0].index(place)]
        return off_minor

    def most_off(self, tie: Tie, places: Sequence[int]) -> int:
        """At least as much as a tie may take off, where it has any of these lines; weighed.

        No line costs more when it is its turn than if no tie before it had taken anything. What a tie takes off lowers the
        end of a chain by no more than itself, as no step of it takes less off what costs more.
        """
        if not places:
            return 0
        offer, most = tie.offer, tie.most
        off_minor: int
        match offer.promotion.effect:
            case Fixed(amount_minor=amount_minor):
                off_minor = min(amount_minor, sum([most[place] for place in places]))
            case BuyXGetY() as effect if effect.gets is not None:
                off_minor = self._most_of_others(effect, offer, places, most)
            case BuyXGetY() as effect if not effect.free_of(pieces_of(places, self._lines)):
                off_minor = 0
            case Bundle() if len({self._lines[place].product_id for place in offer.places}) < len(offer.places):
                off_minor = sum([most[place] for place in places])
            case _:  # each line's part is rounded by itself
                off_minor = sum(savings_of(offer, places, most, self._lines)) + len(places) + 1
        return off_minor * tie.weight

    def _most_of_others(self, effect: BuyXGetY, offer: Offer, places: Sequence[int], most: dict[int, int]) -> int:
        """The dearest pieces of the other goods: which are the cheapest depends on what else is there."""
        pieces = {place: self._lines[place].quantity for place in places}
        either = sum(pieces[place] for place in places if place in offer.bought and place in offer.rewards)
        bought = sum(pieces[place] for place in places if place in offer.bought) - either
        rewards = sum(pieces[place] for place in places if place in offer.rewards) - either
        left = effect.free_of_others(bought, rewards, either)
        off_minor = 0
        given = [place for place in places if place in offer.rewards]
        for place in sorted(given, key=lambda place: most[place] * FINE // pieces[place], reverse=True):
            free = min(left, pieces[place])
            off_minor += -(-most[place] * free * effect.rate_bp // (pieces[place] * 10_000))
            left -= free
        return off_minor + len(places) if off_minor else 0


def _after(net_minor: int, steps: Iterable[Step]) -> int:
    for factor, half, whole in steps:
        if not whole:
            net_minor = net_minor - factor if net_minor > factor else 0
        elif (off_minor := (net_minor * factor + half) // whole) > 0:
            net_minor -= off_minor
    return net_minor


def _steps(offer: Offer, lines: Sequence[BasketLine], amounts: Sequence[int]) -> list[tuple[int, Step]]:
    """What an offer that acts line by line does to each of its lines; rounded half up, like `portion`."""
    match offer.promotion.effect:
        case Percentage(rate_bp=rate_bp):
            step = (2 * rate_bp, WHOLE, 2 * WHOLE)
            return [(place, step) for place in offer.places]
        case Fixed(amount_minor=amount_minor, per_piece=per_piece):
            return [
                (place, (amount_minor * (lines[place].quantity if per_piece else 1), 0, 0)) for place in offer.places
            ]
        case BuyXGetY(rate_bp=rate_bp) as effect:
            free = free_pieces(effect, offer, offer.places, amounts, lines)
            return [
                (place, (2 * pieces * rate_bp, lines[place].quantity * WHOLE, 2 * lines[place].quantity * WHOLE))
                for place, pieces in free.items()
                if pieces
            ]
        case Bundle(items=items) as effect:
            (place,) = offer.places
            quantity = lines[place].quantity
            times = effect.times({items[0].product_id: quantity})
            price_minor = effect.price_minor * times
            return [(place, (2 * items[0].quantity * times, quantity - 2 * quantity * price_minor, 2 * quantity))]
