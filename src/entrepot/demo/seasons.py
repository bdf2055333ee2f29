"""The year's rhythm: how much of what is bought on which day."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Final

from entrepot.demo.content import Occasion, Rhythm

_MIDDLE_OF_A_MONTH: Final = 15
_EVERYTHING: Final = "all"


class Seasons:
    """How many times an ordinary day's sales each season has on a day."""

    def __init__(self, rhythm: Rhythm) -> None:
        self._rhythm = rhythm
        self._occasions: dict[int, list[tuple[date, date, dict[str, float]]]] = {}
        self._factors: dict[tuple[str, date], float] = {}

    def factor(self, season: str, day: date) -> float:
        """Months flow into each other; occasions come on top."""
        known = self._factors.get((season, day))
        if known is None:
            known = self._factors[season, day] = self._factor(season, day)
        return known

    def _factor(self, season: str, day: date) -> float:
        factor = self._monthly(season, day)
        for first, last, lift in self._of_year(day.year):
            if first <= day <= last:
                factor *= lift.get(season, lift.get(_EVERYTHING, 1.0))
        return factor

    def _monthly(self, season: str, day: date) -> float:
        months = self._rhythm.seasons[season]
        share = (day.day - _MIDDLE_OF_A_MONTH) / 30
        neighbour = months[(day.month - 1 + (1 if share > 0 else -1)) % 12]
        return months[day.month - 1] * (1 - abs(share)) + neighbour * abs(share)

    def _of_year(self, year: int) -> list[tuple[date, date, dict[str, float]]]:
        if year not in self._occasions:
            self._occasions[year] = [
                (first, first + timedelta(days=occasion.days - 1), occasion.lift)
                for occasion in self._rhythm.events
                for first in _first_days(occasion, year)
            ]
        return self._occasions[year]


def _first_days(occasion: Occasion, year: int) -> Iterator[date]:
    if occasion.on is not None:
        month, day = occasion.on.split("-")
        yield date(year, int(month), int(day))
    elif occasion.ramadan is not None:
        for ramadan in ramadans_around(year):
            yield ramadan + timedelta(days=occasion.ramadan)


def ramadans_around(year: int) -> list[date]:
    """First days of Ramadan in this year and its neighbours, by the tabular Islamic calendar (a day off at most).

    The calendar counts 10,631 days to 30 years from 16 July 622; Ramadan is its ninth month.
    """
    epoch = date(622, 7, 19).toordinal()  # 16 July 622 in the Julian calendar
    firsts = []
    for hijri in range(int((year - 623) * 1.0306), int((year - 620) * 1.0307) + 2):
        days = (hijri - 1) * 354 + (3 + 11 * hijri) // 30 + 236
        firsts.append(date.fromordinal(epoch + days))
    return [first for first in firsts if abs(first.year - year) <= 1]
