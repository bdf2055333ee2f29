"""Numbers that may be a payment card's: their check digit, and how they are kept out of logs."""

from __future__ import annotations

import re
from typing import Final

_RUN: Final = re.compile(r"(?<!\d)\d(?:[ +-]?\d){12,18}(?!\d)")
_MASK: Final = "[card number]"


def without_card_numbers(text: str) -> str:
    """The text with a mask for each run of 13 to 19 digits that has a card's check digit. Other numbers may be masked, too."""
    return _RUN.sub(_masked, text) if len(text) >= 13 else text


def has_check_digit(digits: str) -> bool:
    """Luhn's check: ISO/IEC 7812-1, annex B."""
    doubled = (sum(divmod(2 * int(digit), 10)) for digit in digits[-2::-2])
    return (sum(map(int, digits[::-2])) + sum(doubled)) % 10 == 0


def _masked(run: re.Match[str]) -> str:
    return _MASK if has_check_digit(re.sub(r"\D", "", run.group())) else run.group()
