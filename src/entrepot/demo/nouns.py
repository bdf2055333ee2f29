"""What a product is called without its brand and pack size."""

from __future__ import annotations

import re
from typing import Final

_SIZE: Final = re.compile(
    r",? (?:(?:Carton|Sack|Shrink|Tray of|Pack of|Box of|Set of|Tin|Bottle|Bag|Roll|Box|CEM I) ?)?\d.*$"
    r"|,? (?:Carton|Sack|Shrink|Tray|Pack|Box)(?: of.*)?$"
)


def noun_of(title: str, brand: str) -> str:
    """`"Aldermoor Oxford Shirt"` is an Oxford Shirt, `"Tomato Paste Carton 24 x 400 g"` is Tomato Paste."""
    for name in (brand, brand.split()[0]):
        title = title.removeprefix(f"{name} ")
    return _SIZE.sub("", title) or title
