"""Chance that is the same every time: numbers mixed from a seed, and drawing by weight."""

from __future__ import annotations

from array import array
from bisect import bisect_right
from collections.abc import Iterable
from random import Random
from typing import Final, TypeVar

Thing = TypeVar("Thing")

_MASK: Final = 0xFFFF_FFFF_FFFF_FFFF


def mixed(seed: int, number: int) -> int:
    """64 bits that look random and depend on both numbers alone (the finaliser of SplitMix64)."""
    bits = (seed * 0xD1342543DE82EF95 + number * 0x9E3779B97F4A7C15 + 0x632BE59BD9B4E019) & _MASK
    bits = ((bits ^ (bits >> 30)) * 0xBF58476D1CE4E5B9) & _MASK
    bits = ((bits ^ (bits >> 27)) * 0x94D049BB133111EB) & _MASK
    return bits ^ (bits >> 31)


def part_of(bits: int, shift: int, choices: int) -> int:
    """A number below `choices` from 16 of the 64 bits, those above `shift`."""
    return ((bits >> shift) & 0xFFFF) * choices >> 16


class Lottery:
    """Places 0, 1, 2 ... that are drawn in proportion to their weights."""

    __slots__ = ("_last", "_sums", "total")

    def __init__(self, weights: Iterable[float]) -> None:
        self._sums = array("d")
        self.total = 0.0
        for weight in weights:
            self.total += weight
            self._sums.append(self.total)
        self._last = len(self._sums) - 1

    def draw(self, random: Random) -> int:
        return self.at(random.random())

    def at(self, share: float) -> int:
        """The place where this share (0 to 1) of all weight is reached."""
        return bisect_right(self._sums, share * self.total, 0, self._last)
