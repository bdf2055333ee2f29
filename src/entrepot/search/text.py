"""From text to words: what a product's text and a shopper's text have in common, whatever their spelling.

Index and query go through the same functions here, so that `T-Shirts`, `tshirt` and `t shirt`, `10mm` and `10 mm`,
`1-1/2"` and `1.5 inches` meet in one term each. Raise `schema.VERSION` when something here changes.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator
from functools import lru_cache
from typing import Final, NamedTuple

import tantivy

from entrepot.search import arabic
from entrepot.search.units import NUMBER, UNIT, number, unit_of, with_short_areas

SHOP_LANGUAGE: Final = "en"
"""Whose stemmer takes words in Latin letters that are said to be in no other language."""

WORD_LENGTH: Final = 40
"""Longer words are cut: they are nobody's words."""

FOLLOWING_WORDS: Final = 3
"""Words after a number that may belong to it: `4 ft. w x 8`."""

REMEMBERED_WORDS: Final = 20_000
"""How many words' analysis is kept: texts say the same words again and again."""

_STEMMERS: Final = {
    language: tantivy.TextAnalyzerBuilder(tantivy.Tokenizer.raw()).filter(tantivy.Filter.stemmer(name)).build()
    for language, name in {
        "da": "danish",
        "de": "german",
        "el": "greek",
        "en": "english",
        "es": "spanish",
        "fi": "finnish",
        "fr": "french",
        "hu": "hungarian",
        "it": "italian",
        "nb": "norwegian",
        "nl": "dutch",
        "no": "norwegian",
        "pt": "portuguese",
        "ro": "romanian",
        "ru": "russian",
        "sv": "swedish",
        "ta": "tamil",
        "tr": "turkish",
    }.items()
}
_SCRIPTS: Final = (
    ("\u0370", "\u03ff", "el"),
    ("\u0400", "\u04ff", "ru"),
    ("\u0600", "\u06ff", "ar"),
    ("\u0b80", "\u0bff", "ta"),
)
"""Scripts with one stemmer, whatever the language is said to be."""

_MARKS: Final = re.compile("[\u0300-\u0305\u0307-\u036f\u0591-\u05c7\u0640\u064b-\u065f\u0670]|(?<![иИ])\u0306")
_LETTERS: Final = str.maketrans(
    {
        "أ": "ا", "إ": "ا", "آ": "ا", "ٱ": "ا", "ى": "ي", "ة": "ه", "ؤ": "و", "ئ": "ي", "ک": "ك", "ی": "ي",
        "ё": "е", "ø": "o", "đ": "d", "ł": "l", "æ": "ae", "œ": "oe", "ı": "i",
        "×": "x", "⁄": "/", "″": '"', "“": '"', "”": '"', "„": '"', "′": "'", "’": "'", "‘": "'", "`": "'", "´": "'",
        "‐": "-", "‑": "-", "‒": "-", "–": "-", "—": "-", "−": "-", "\u00ad": None, "\u200b": None, "\u200c": None,
        "\u200d": None, "٫": ".", "٬": ",",
    }
    | {chr(zero + digit): str(digit) for zero in (0x660, 0x6F0, 0x966) for digit in range(10)}
)  # fmt: skip
_VULGAR: Final = re.compile("(?<=[0-9])(?=[¼-¾⅐-⅞])")
_POSSESSIVE: Final = re.compile(r"(?<=[^\W\d_])'s\b|(?<=[^\W\d_])'(?=[^\W\d_])|(?<=s)'(?![^\W_])")

_LETTER: Final = r"[^\W_\u0966-\u096f]|[\u0900-\u0963\u0970-\u0dff\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff]"
_MEASURE: Final = rf"{NUMBER}(?:\s?-?({UNIT})\.?(?![^\W_]))?"
_SIDE: Final = rf"{NUMBER}(?:\s?-?(?:{UNIT})\.?(?![^\W_]))?(?:\s?[whdlt]\b\.?)?"
_PIECE: Final = re.compile(
    rf"(?P<sides>(?<![\w.]){_SIDE}(?:\s?[x*]\s?{_SIDE})+(?![^\W_]))"
    rf"|(?P<inone>(?<![\w.])\d+[ -]in[ -]\d+(?![^\W_])(?!\s?-?(?:{UNIT})(?![^\W_])))"
    rf"|(?P<measure>(?<![\w.]){_MEASURE}(?![^\W_]|[-/.][^\W_]))"
    rf"|(?P<chain>(?:{_LETTER})+(?:[-./+&_'](?:{_LETTER})+)*)"
)
_ONE_MEASURE: Final = re.compile(rf"({NUMBER})(?:\s?-?({UNIT}))?")
_DIGIT: Final = re.compile(r"\d")
_RUNS: Final = re.compile(rf"\d+|(?:(?!\d)(?:{_LETTER}))+")
_GLUE: Final = re.compile(r"[-./+&_']")
_UNSPACED: Final = re.compile("[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff]{2,}")


class Piece(NamedTuple):
    """A stretch of text: its words one by one, and the one word that they are together.

    `t-shirt` has the parts `t` and `shirt` and the whole `tshirt`; `4 ft. x 8 ft.` the parts `4ft`, `8ft` and the whole
    `4x8`. A measure (`10 mm`) has its number as part and `10mm` as its whole.
    """

    parts: tuple[str, ...]
    whole: str | None = None
    is_measure: bool = False


def normal(text: str) -> str:
    """Lower case, without accents and vowel signs, one character for each of many alike."""
    if text.isascii():
        text = text.lower()
    else:
        text = unicodedata.normalize("NFKD", _VULGAR.sub(" ", text).translate(_LETTERS)).casefold()
        text = unicodedata.normalize("NFC", _MARKS.sub("", text)).translate(_LETTERS)
    return with_short_areas(_POSSESSIVE.sub("", text) if "'" in text else text)


def plain(text: str) -> str:
    """Text as its bare words, lower case, separated by one space: what two people who mean the same would both write."""
    return " ".join(
        word for piece in pieces(text) for word in (piece.parts if not piece.is_measure else (piece.whole or "",))
    )


def pieces(text: str) -> Iterator[Piece]:
    """The words of any text, in order; punctuation is gone."""
    for stretch, is_word in _stretches(normal(text)):
        yield from (_pieces_of_word(stretch) or ()) if is_word else _pieces_in(stretch)


def _stretches(normalised: str) -> Iterator[tuple[str, bool]]:
    """Words, each by itself; and not as words, numbers with what follows them: their unit perhaps, or other sides."""
    waiting: list[str] = []
    follow = 0
    for word in normalised.split():
        if _pieces_of_word(word) is None:
            waiting.append(word)
            follow = FOLLOWING_WORDS
        elif follow:
            waiting.append(word)
            follow -= 1
        else:
            if waiting:
                yield " ".join(waiting), False
                waiting = []
            yield word, True
    if waiting:
        yield " ".join(waiting), False


@lru_cache(maxsize=REMEMBERED_WORDS)
def _pieces_of_word(word: str) -> tuple[Piece, ...] | None:
    """Of a word without digits, which says the same wherever it stands; None for one that has some."""
    return None if _DIGIT.search(word) else tuple(_pieces_in(word))


def _pieces_in(normalised: str) -> Iterator[Piece]:
    for match in _PIECE.finditer(normalised):
        kind, found = match.lastgroup, match[0]
        if kind == "chain":
            yield from _chain(found)
        elif kind == "measure":
            yield _measure(found)
        elif kind == "sides":
            yield from _sides(found)
        else:
            first, _, second = found.replace("-", " ").split(" ")
            yield Piece((first, second), f"{first}in{second}")


class Analysed(NamedTuple):
    """What a text is found by (see `terms`), and its words as they are spelt, without numbers and codes."""

    terms: list[str]
    spelt: list[str]


def analysed(text: str, language: str = SHOP_LANGUAGE) -> Analysed:
    """Both at once: reading a text is what takes the time."""
    found = Analysed([], [])
    single = ""
    for stretch, is_word in _stretches(normal(text)):
        read = _read_word(stretch, language, single) if is_word else _read(_pieces_in(stretch), language, single)
        terms, spelt, single = read
        found.terms.extend(terms)
        found.spelt.extend(spelt)
    return found


def terms(text: str, language: str = SHOP_LANGUAGE) -> list[str]:
    """What a product's text is found by: stems of its words, and of compounds both the parts and the whole."""
    return analysed(text, language).terms


Read = tuple[tuple[str, ...], tuple[str, ...], str]
"""Terms, words as spelt, and the single letter that it ends with: `t shirt` is one word as well."""


@lru_cache(maxsize=REMEMBERED_WORDS)
def _read_word(word: str, language: str, single: str) -> Read:
    return _read(_pieces_of_word(word) or (), language, single)


def _read(found: Iterable[Piece], language: str, single: str) -> Read:
    """`single`: the letter that stands before it alone, if one does."""
    terms: list[str] = []
    spelt: list[str] = []
    for parts, whole, _ in found:
        terms += [stem(part, language) for part in parts]
        spelt += [part for part in parts if len(part) > 1 and part.isalpha()]
        if whole is not None:
            terms.append(stem(whole, language))
        if single and len(parts) == 1 and parts[0].isalpha():
            terms.append(stem(single + parts[0], language))  # `t shirt`, `x box`: found as `tshirt`, `xbox`
        single = parts[0] if len(parts) == 1 and len(parts[0]) == 1 and parts[0].isalpha() and whole is None else ""
    return tuple(terms), tuple(spelt), single


@lru_cache(maxsize=REMEMBERED_WORDS)
def stem(word: str, language: str) -> str:
    """A word without its endings, in the stemmer of its script, or for Latin letters of the language (else English)."""
    if not word.isalpha() or len(word) < 3:
        return word
    language = language[:2]
    if word.isascii():
        language = "en" if language == "ar" else language
    else:
        language = next((of for low, high, of in _SCRIPTS if low <= word[0] <= high), language)
    if language == "ar":
        return arabic.stem(word)
    found = _STEMMERS.get(language, _STEMMERS["en"]).analyze(word)
    return found[0] if found and found[0] else word


def code(text: str) -> str:
    """A SKU or barcode without what people write differently: `AB-12 x` -> `ab12x`."""
    return "".join(character for character in normal(text) if character.isalnum())


def _chain(found: str) -> Iterator[Piece]:
    """Words joined by hyphens and the like, or letters and digits run together."""
    if found.isascii() and found.isalpha():
        yield Piece((found[:WORD_LENGTH],))
        return
    if "/" in found:
        words = found.split("/")
        if all(word.isdigit() for word in words):
            yield Piece(tuple(words), "x".join(words))
            return
        for word in words:
            yield from _chain(word)
        return
    words = _GLUE.split(found)
    parts: list[str] = []
    for word in words:
        if _UNSPACED.search(word):
            parts += [word[at : at + 2] for at in range(len(word) - 1)]
        else:
            parts += _parts(word)
    if len(words) == 1 and len(parts) > 1 and _UNSPACED.search(found):
        yield from (Piece((part,)) for part in parts)
        return
    whole = "".join(words)[:WORD_LENGTH]
    if parts == [whole]:
        yield Piece((whole,))
    else:
        yield Piece(tuple(parts[:8]), whole)


def _parts(word: str) -> list[str]:
    """`4shelves` -> 4, shelves; `lw5200e` is a code and stays whole."""
    runs = _RUNS.findall(word)
    if len(runs) == 2 and any(len(run) > 2 and not run[0].isdigit() for run in runs):
        return [run[:WORD_LENGTH] for run in runs]
    return [word[:WORD_LENGTH]]


def _measure(found: str) -> Piece:
    match = _ONE_MEASURE.match(found)
    assert match is not None  # noqa: S101  (found by a pattern that contains this one)
    value = number(match[1])
    return Piece((value,), value + unit_of(match[2]), is_measure=True) if match[2] else Piece((value,))


def _sides(found: str) -> Iterator[Piece]:
    sides = [_measure(match[0]) for match in _ONE_MEASURE.finditer(found)]
    yield from (side for side in sides[:-1])
    yield sides[-1]
    yield Piece((), "x".join(side.parts[0] for side in sides)[:WORD_LENGTH])
