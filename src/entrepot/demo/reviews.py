"""What buyers think of what they bought: a rating that fits the product, and words that fit the rating."""

from __future__ import annotations

from random import Random
from typing import Final

from entrepot.demo.chance import Lottery, mixed, part_of
from entrepot.demo.content import Phrases

_OWN_LANGUAGE: Final = 0.55
"""Of those who read another language, so many write in it."""

_RATINGS: Final = tuple(
    Lottery(weights)
    for weights in (
        (12, 12, 20, 30, 26),  # what disappoints
        (6, 8, 15, 36, 35),
        (4, 5, 10, 34, 47),
        (2, 3, 7, 28, 60),
        (1, 2, 4, 20, 73),  # what everybody loves
    )
)
_QUALITIES: Final = (0, 1, 1, 2, 2, 2, 2, 3, 3, 3, 3, 4, 4)
# Which parts an English review has: opening, goods, closing.
_PATTERNS: Final = ((True, True, False), (False, True, False), (True, True, True), (False, True, True), (True, False, True))
_PATTERN_LOTTERY: Final = Lottery((34, 24, 18, 16, 8))


def rate(random: Random, seed: int, model: int) -> int:
    """1 to 5 stars. Products of the same model are of the same quality."""
    quality = _QUALITIES[part_of(mixed(seed, model), 16, len(_QUALITIES))]
    return _RATINGS[quality].draw(random) + 1


def write_review(random: Random, phrases: Phrases, *, rating: int, shelf: str, thing: str, language: str) -> str:
    """A comment for this rating; `thing` is what the product is called without its brand."""
    if language in phrases.languages and random.random() < _OWN_LANGUAGE:
        return random.choice(phrases.languages[language][rating])
    opening, goods, closing = _PATTERNS[_PATTERN_LOTTERY.draw(random)]
    sentences = []
    if opening:
        sentences.append(random.choice(phrases.openings[rating]))
    if goods:
        sentences.append(_about_the_goods(random, phrases, rating, shelf))
    if closing:
        sentences.append(random.choice(phrases.closings[rating]))
    return " ".join(sentences).replace("{thing}", thing.lower() if thing.istitle() else thing)


def _about_the_goods(random: Random, phrases: Phrases, rating: int, shelf: str) -> str:
    words = phrases.shelves[shelf]
    if rating == 5:
        return random.choice(words.praise)
    if rating == 4:
        return f"{random.choice(words.praise)} {random.choice(words.mild)}"
    return random.choice(words.mild if rating == 3 else words.fault)
