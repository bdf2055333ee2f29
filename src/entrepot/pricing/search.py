"""Looking for the cheapest choice of promotions for lines that are tied together: branch and bound.

First from some sensible beginnings, changing line by line what makes it cheaper. Then line by line, the option is decided
that promises most; what cannot become cheaper than the best so far is not looked into. Carried through, this finds the
best. It is given up when nothing better was found for so many steps: then the best so far counts, which is the same every
time, as steps are counted and time is not.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import prod
from typing import Final

from entrepot.pricing.offers import Offer
from entrepot.pricing.tied_lines import Sums, Tie

PATIENCE: Final = 700
"""For so many steps (one promotion on one line) something better is looked for at least, and again when it was found,"""

PROOF: Final = 150
"""So many of them are spent at most on proving that the best is found, where trying everything would take too many;"""

FEWEST_TRIES: Final = 2
"""and always for so many choices of all lines."""

ALWAYS_EXACT: Final = 128
"""So few choices of all lines are always looked through, however many steps that takes."""

FEW: Final = 12
"""A bound is made anew, line by line, for promotions over so many lines at most."""

Options = Sequence[tuple[int, Offer | None]]
"""What a line may get, with the least that it then costs (weighed) beyond the cheapest of them, which comes first."""


class Search:
    """One group of lines that are tied to each other; changes the choice that it is given for the better."""

    def __init__(
        self, sums: Sums, places: Sequence[int], ties: Sequence[Tie], choice: list[Offer | None], steps: int
    ) -> None:
        self._sums: Final = sums
        self._places: Final = places
        self._ties: Final = ties
        self._choice: Final = choice
        self._size: Final = len(places) + sum(len(tie.offer.places) for tie in ties)
        self._patience: Final = max(PATIENCE, FEWEST_TRIES * self._size)
        self._reserve = max(0, steps - self._patience)
        self._steps = self._patience
        self.made = 0
        self._options: Final = {place: self._options_of(place) for place in places}
        undecided = [place for place in places if len(self._options[place]) > 1]
        # What matters most is decided first: the rest is then often ruled out at once.
        self._order: Final = sorted(undecided, key=lambda place: (-self._options[place][-1][0], place))
        self._ties_of: Final[dict[int, list[Tie]]] = {place: [] for place in places}
        for tie in ties:
            tie.places = tie.offer.places
            for place in tie.offer.places:
                self._ties_of[place].append(tie)
        self._best = sums.cost(places, ties, choice)
        self._net = sums.net
        self._tried = list(choice)
        self.exact = True

    def _options_of(self, place: int) -> Options:
        found = self._sums.options(place)
        if len(found) == 1:
            return [(0, found[0])]
        options = [(self._sums.at_least(place, option), option) for option in found]
        least = min(cost for cost, _ in options)
        return sorted([(cost - least, option) for cost, option in options], key=lambda option: option[0])

    def run(self, *starts: Sequence[Offer | None]) -> None:
        """Begin from the best of these and of some sensible ones, then branch and bound."""
        if not self._order:
            return
        most = {id(tie): self._sums.most_off(tie, tie.places) for tie in self._ties}
        cheapest = sum(self._sums.at_least(place, self._options[place][0][1]) for place in self._places)
        least = cheapest - sum(most.values())
        for start in starts:
            for place in self._order:
                self._tried[place] = start[place]
            self._try_it()
        if least < self._best:
            self._begin()
            self._improve()
        worst = sum(self._options[place][-1][0] for place in self._order)
        combinations = self._combinations()
        if combinations <= ALWAYS_EXACT:
            self._steps = 4 * combinations * (self._size + len(self._ties))  # more than there can be
        elif combinations * self._size > self._steps:
            # Where the bound rules nothing out, there is nothing to prove.
            self._steps = 0 if self._best - least > worst else min(self._steps, PROOF)
        self._decide(0, least, most)

    def _combinations(self) -> int:
        return prod(len(self._options[place]) for place in self._order)

    def _begin(self) -> None:
        """Each promotion over several lines on all of them, and all that stack; the others as they are so far."""
        about: dict[Offer | None, list[int]] = {}
        for place in self._order:
            for _, option in self._options[place]:
                about.setdefault(option, []).append(place)
        for option, places in about.items():
            if option is not None and option.line_by_line:
                continue
            for place in self._order:
                self._tried[place] = self._choice[place]
            for place in places:
                self._tried[place] = option
            self._try_it()

    def _improve(self) -> None:
        """Change one line after the other, as long as it gets cheaper."""
        for place in self._order:
            self._tried[place] = self._choice[place]
        cheaper = True
        while cheaper and self._steps > 0:
            cheaper = False
            for place in self._order:
                for _, option in self._options[place]:
                    if option is not self._choice[place] and not self._is_hopeless(place, option):
                        self._tried[place] = option
                        cheaper = self._try_it() or cheaper
                self._tried[place] = self._choice[place]

    def _is_hopeless(self, place: int, option: Offer | None) -> bool:
        """Whether the line alone would cost more by this than amounts off several lines that leave it may take off others."""
        if option is None or not option.line_by_line or self._choice[place] is not None:
            return False
        beyond = self._sums.alone[place][0] - self._net[place]
        return beyond >= self._sums.off_by_amounts(self._ties_of[place], place)

    def _decide(self, depth: int, least: int, most: dict[int, int]) -> None:
        """Decide the lines from this depth on, when the whole costs at least so much; `most` is what ties may take off."""
        if least >= self._best or self._steps <= 0:
            self.exact = self.exact and least >= self._best
            return
        if depth == len(self._order):
            self._try_it()
            return
        place = self._order[depth]
        for beyond, option in self._options[place]:
            if least + beyond >= self._best:
                break
            self._tried[place] = option
            # What a tie over many lines may take off hardly depends on one of them.
            lost = [tie for tie in self._ties_of[place] if tie.chosen is not option and len(tie.places) <= FEW]
            kept = {id(tie): (tie.places, most[id(tie)]) for tie in lost}
            at_least = least + beyond
            for tie in lost:
                tie.places = [other for other in tie.places if other != place]
                self._spend(len(tie.places) + 1)
                at_least += most[id(tie)]
                most[id(tie)] = self._sums.most_off(tie, tie.places)
                at_least -= most[id(tie)]
            self._decide(depth + 1, at_least, most)
            for tie in lost:
                tie.places, most[id(tie)] = kept[id(tie)]

    def _try_it(self) -> bool:
        """Whether what is tried is better than the best so far, which it then is."""
        if self._steps <= 0:
            self.exact = False
            return False
        self._spend(self._size)
        cost = self._sums.cost(self._places, self._ties, self._tried)
        if cost >= self._best:
            return False
        self._best, self._net = cost, self._sums.net
        for place in self._order:
            self._choice[place] = self._tried[place]
        more = min(self._reserve, self._patience - self._steps)
        self._reserve -= more
        self._steps += more
        return True

    def _spend(self, steps: int) -> None:
        self._steps -= steps
        self.made += steps
