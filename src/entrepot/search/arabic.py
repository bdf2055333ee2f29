"""Stems of Arabic words: the light stemmer light10 (Larkey, Ballesteros, Connell 2002), which takes off articles and endings.

Snowball's takes the plural ending apart differently from the singular's (`ثلاجات`, `ثلاجة`), so they would not meet.
"""

from __future__ import annotations

from typing import Final

ARTICLES: Final = ("وال", "بال", "كال", "فال", "ال", "لل")
ENDINGS: Final = ("ها", "ان", "ات", "ون", "ين", "يه", "ه", "ي")
"""`ة` is `ه` and `ى` is `ي` in normal text."""

AND: Final = "و"


def stem(word: str) -> str:
    """Of a word in normal text (see `text.normal`). At least two letters are left, three after `and`."""
    if word.startswith(AND) and len(word) > 3:
        word = word.removeprefix(AND)
    word = next((word[len(one) :] for one in ARTICLES if word.startswith(one) and len(word) - len(one) >= 2), word)
    for ending in ENDINGS:
        if word.endswith(ending) and len(word) - len(ending) >= 2:
            word = word.removesuffix(ending)
    return word
