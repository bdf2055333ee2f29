"""What can be printed of a text that anybody may have written."""

import re
import struct
import unicodedata
from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path
from typing import Final, NamedTuple

FONTS: Final = Path(__file__).with_name("fonts")

TEXT_LIMIT: Final = 10_000
MARKS_LIMIT: Final = 4  # on one letter; more of them run over the lines above and below
MISSING: Final = "\N{REPLACEMENT CHARACTER}"

_LINE_ENDS: Final = re.compile("\r\n|[\r\v\f\x1c-\x1e\x85\u2028\u2029]")
_SPACES: Final = re.compile("[ \t\x1f\u1680\u2000-\u200a\u205f\u3000]+")
_STRAY_JOINERS: Final = re.compile("(?:(?<=\\s)|^)[\u200c\u200d]+")  # what is left of a composed emoji
_SPACES_AT_LINE_ENDS: Final = re.compile("^ | $", re.MULTILINE)

# Symbols of product titles that the fonts lack, and which cannot be left out without changing what is said.
_SPELLED: Final = {
    "\N{MINUS SIGN}": "-",
    "\N{LESS-THAN OR EQUAL TO}": "<=",
    "\N{GREATER-THAN OR EQUAL TO}": ">=",
    "\N{ALMOST EQUAL TO}": "~",
    "\N{RIGHTWARDS ARROW}": "->",
    "\N{LEFT RIGHT ARROW}": "<->",
    "\N{DIAMETER SIGN}": "\N{LATIN CAPITAL LETTER O WITH STROKE}",
    "\N{EMPTY SET}": "\N{LATIN CAPITAL LETTER O WITH STROKE}",
}

# Of the format characters only those that spelling needs: joiners, and the plain direction marks. Embeddings, overrides
# and isolates would let one text rearrange its surroundings.
_FORMAT_KEPT: Final = "\N{ZERO WIDTH NON-JOINER}\N{ZERO WIDTH JOINER}\u200e\u200f\u061c"


class _Drawable(NamedTuple):
    other: re.Pattern[str]
    too_many_marks: re.Pattern[str]


def printable(text: str) -> str:
    """The part of `text` that the fonts can draw, in normal form C, with single spaces and `\\n` as the only line end.

    Control characters, emoji and marks without a glyph are left out. A letter, digit or sign without one is replaced by
    its compatibility form where that can be drawn ("㎡" becomes "m2") and otherwise by U+FFFD, so that a reader
    sees that something is missing.
    """
    if text.isascii() and text.isprintable() and "  " not in text:
        return text.strip()[:TEXT_LIMIT]
    drawable = _drawable()
    text = unicodedata.normalize("NFC", text[:TEXT_LIMIT])
    text = _LINE_ENDS.sub("\n", text)
    text = _SPACES.sub(" ", text)
    text = drawable.other.sub(lambda found: _substitute(found[0], drawable.other), text)
    text = drawable.too_many_marks.sub(r"\1", text)
    text = _STRAY_JOINERS.sub("", text)
    text = _SPACES.sub(" ", text)
    return _SPACES_AT_LINE_ENDS.sub("", text).strip()


def _substitute(char: str, other: re.Pattern[str]) -> str:
    if char in _SPELLED:
        return _SPELLED[char]
    plain = unicodedata.normalize("NFKC", char)
    if plain != char and not other.search(plain):
        return plain
    category = unicodedata.category(char)
    return MISSING if category[0] in "LNP" or category in {"Sm", "Sc"} else ""


@cache
def _drawable() -> _Drawable:
    kept = {code for path in sorted(FONTS.glob("*.[to]tf")) for code in _codes_with_glyph(path.read_bytes())}
    kept = {code for code in kept if _is_text(chr(code))} | {ord("\n")}
    marks = {code for code in kept if unicodedata.category(chr(code)) in {"Mn", "Me"}}
    mark = _character_class(marks)
    return _Drawable(
        other=re.compile(f"[^{_character_class(kept)}]"),
        too_many_marks=re.compile(f"([{mark}]{{{MARKS_LIMIT}}})[{mark}]+"),
    )


def _is_text(char: str) -> bool:
    return char in _FORMAT_KEPT or (unicodedata.category(char)[0] != "C" and char != "\N{OBJECT REPLACEMENT CHARACTER}")


def _character_class(codes: Iterable[int]) -> str:
    return "".join(re.escape(chr(code)) for code in sorted(codes))


def _codes_with_glyph(font: bytes) -> Iterator[int]:
    """The code points in a font file's `cmap` table, formats 4 and 12.

    https://learn.microsoft.com/typography/opentype/spec/cmap
    """
    (table_count,) = struct.unpack_from(">H", font, 4)
    directory = {font[at : at + 4]: at for at in range(12, 12 + 16 * table_count, 16)}
    (cmap,) = struct.unpack_from(">I", font, directory[b"cmap"] + 8)
    (encoding_count,) = struct.unpack_from(">H", font, cmap + 2)
    for index in range(encoding_count):
        (offset,) = struct.unpack_from(">I", font, cmap + 8 + 8 * index)
        table = cmap + offset
        (table_format,) = struct.unpack_from(">H", font, table)
        if table_format == 4:
            yield from _segments(font, table)
        elif table_format == 12:
            yield from _groups(font, table)


def _segments(font: bytes, table: int) -> Iterator[int]:
    (double_count,) = struct.unpack_from(">H", font, table + 6)
    ends = struct.unpack_from(f">{double_count // 2}H", font, table + 14)
    starts = struct.unpack_from(f">{double_count // 2}H", font, table + 16 + double_count)
    for first, last in zip(starts, ends, strict=True):
        yield from range(first, last + 1)


def _groups(font: bytes, table: int) -> Iterator[int]:
    (group_count,) = struct.unpack_from(">I", font, table + 12)
    for index in range(group_count):
        first, last, _glyph = struct.unpack_from(">III", font, table + 16 + 12 * index)
        yield from range(first, last + 1)
