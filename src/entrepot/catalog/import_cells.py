"""Cells: what their text means, and what is wrong with it, in words for whoever made the file."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Any, Final

import msgspec

_NUMBER: Final = re.compile(r"[+-]?\d{1,15}(\.\d{1,15})?")
_DECIMAL_COMMA: Final = re.compile(r"([+-]?\d{1,15}),(\d{1,2})")
_WHOLE: Final = re.compile(r"[+-]?\d{1,18}(\.0+)?")


def number(text: str) -> Decimal:
    """An amount. A lone comma counts as a decimal one where at most two digits follow, so that it can be no other.

    Raises:
        ValueError
    """
    if _NUMBER.fullmatch(text):
        return Decimal(text)
    if match := _DECIMAL_COMMA.fullmatch(text):
        return Decimal(f"{match[1]}.{match[2]}")
    if "," in text and text.replace(",", "").replace(".", "").lstrip("+-").isdigit():
        raise ValueError("can be read in two ways: write 1234.50, with a point before the decimals and nothing else")
    raise ValueError("must be a number such as 1234.50, without a currency")


def whole(text: str) -> int:
    """Raises ValueError."""
    if not _WHOLE.fullmatch(text):
        raise ValueError("must be a whole number such as 12")
    return int(text.partition(".")[0])


def items(text: str) -> list[str]:
    """Several texts: `a|b`, or a JSON list. Raises ValueError."""
    if not text.startswith("["):
        return [part.strip() for part in text.split("|") if part.strip()]
    found = _json(text)
    if not isinstance(found, list) or not all(isinstance(item, str) for item in found):
        raise ValueError('must be texts with | between them, or a JSON list such as ["a", "b"]')
    return found


def names(text: str) -> dict[str, Any]:
    """Names and values: `colour=blue|size=M`, or a JSON object. Raises ValueError."""
    if text.startswith("{"):
        found = _json(text)
        if isinstance(found, dict):
            return found
    pairs = [part.partition("=") for part in text.split("|") if part.strip()]
    if not all(sign for _, sign, _ in pairs):
        raise ValueError('must be like colour=blue|size=M, or a JSON object such as {"colour": "blue"}')
    return {name.strip(): value.strip() for name, _, value in pairs}


def _json(text: str) -> Any:
    try:
        return msgspec.json.decode(text)
    except (msgspec.DecodeError, RecursionError):
        raise ValueError("is not valid JSON") from None
