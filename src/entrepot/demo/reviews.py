"""What buyers think of what they bought: a rating that fits the product, and words that fit the rating."""

from __future__ import annotations

from random import Random
from typing import Final

from entrepot.demo.chance import Lottery, mixed, part_of
from entrepot.demo.content import Article, Phrases

_OWN_LANGUAGE: Final = 0.55
"""Of those who read another language, so many write in it."""

_OF_ITS_KIND: Final = 0.65
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
_PATTERNS: Final = (
    (True, True, False),
    (False, True, False),
    (True, True, True),
    (False, True, True),
    (True, False, True),
)
_PATTERN_LOTTERY: Final = Lottery((34, 24, 18, 16, 8))


def rate(random: Random, seed: int, model: int) -> int:
    """1 to 5 stars. Products of the same model are of the same quality."""
    quality = _QUALITIES[part_of(mixed(seed, model), 16, len(_QUALITIES))]
    return _RATINGS[quality].draw(random) + 1


def write_review(random: Random, phrases: Phrases, article: Article, *, rating: int, language: str) -> str:
    """A comment for this rating of an article, in the writer's own language or in English."""
    if language in phrases.languages and random.random() < _OWN_LANGUAGE:
        return random.choice(phrases.languages[language][rating])
    opening, goods, closing = _PATTERNS[_PATTERN_LOTTERY.draw(random)]
    sentences = []
    if opening:
        sentences.append(random.choice(phrases.openings[rating]))
    if goods:
        sentences.append(_about_the_goods(random, phrases, rating, article.branch))
    if closing:
        sentences.append(random.choice(phrases.closings[rating]))
    thing = article.noun.lower() if article.noun.istitle() else article.noun
    return " ".join(sentences).replace("{thing}", thing)


def _about_the_goods(random: Random, phrases: Phrases, rating: int, branch: tuple[str, ...]) -> str:
    """Mostly what can be said of just this kind of thing, sometimes what fits the whole shelf."""
    levels = [phrases.goods[slug] for slug in branch if slug in phrases.goods]
    words = levels[0] if random.random() < _OF_ITS_KIND else levels[-1]
    if rating == 5:
        return random.choice(words.praise)
    if rating == 4:
        return f"{random.choice(words.praise)} {random.choice(words.mild)}"
    return random.choice(words.mild if rating == 3 else words.fault)
