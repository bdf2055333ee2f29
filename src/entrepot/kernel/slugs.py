"""Slugs: names as they stand in addresses."""

from __future__ import annotations

import hashlib
import re
import unicodedata
from typing import Final

_UNTAKEN: Final = str.maketrans({"æ": "ae", "ð": "d", "ø": "o", "þ": "th", "đ": "d", "ı": "i", "ł": "l", "œ": "oe"})
"""Latin letters that do not come apart into a plain one and a mark."""


def slug_of(name: str) -> str:
    """Lower case letters, digits and single hyphens.

    A hash stands for what is in another script, so that names which differ only there have slugs that differ.
    """
    letters = unicodedata.normalize("NFKD", name.casefold().translate(_UNTAKEN))
    slug = re.sub(r"[^a-z0-9]+", "-", letters.encode("ascii", "ignore").decode().lower()).strip("-")
    digest = hashlib.sha256(letters.encode()).hexdigest()
    if not slug:
        return digest[:12]
    return f"{slug}-{digest[:8]}" if any(one.isalnum() and not one.isascii() for one in letters) else slug
