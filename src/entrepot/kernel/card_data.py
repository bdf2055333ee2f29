"""Card numbers, recognised so that they are refused: they must never come near us."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, Final

from pydantic import model_validator

from entrepot.kernel.bodies import Body
from entrepot.kernel.card_numbers import has_check_digit
from entrepot.kernel.errors import Invalid

CARD_FIELDS: Final = frozenset(
    {
        "cardcid", "cardcode", "cardcsc", "cardcvc", "cardcvv", "cardnumber", "cardpan", "cardsecuritycode", "ccnumber",
        "creditcard", "creditcardnumber", "csc", "cvc", "cvc2", "cvv", "cvv2", "securitycode", "track1", "track2",
    }
)  # fmt: skip
"""Names of fields that only card data have, written without anything but letters and digits: `card[cvc]` is `cardcvc`."""

_DIGITS: Final = re.compile(r"(?<![A-Za-z0-9])\d(?:[ -]{0,2}\d){12,18}(?![A-Za-z0-9])")
_NETWORKS: Final = re.compile(
    r"4(?:\d{12}|\d{15}|\d{18})"  # Visa
    r"|(?:5[1-5]\d\d|222[1-9]|22[3-9]\d|2[3-6]\d\d|27[01]\d|2720)\d{12}"  # Mastercard
    r"|3[47]\d{13}"  # American Express
    r"|3(?:0[0-5]|[689]\d)\d{11,16}"  # Diners Club
    r"|35\d{14,17}"  # JCB
    r"|(?:5[0678]|6\d)\d{10,17}"  # Maestro, Discover, UnionPay, RuPay
    r"|220[0-4]\d{12,15}"  # Mir
    r"|9792\d{12}"  # Troy
)


class CardDataSent(Invalid):
    """The body is dropped: nothing of it is stored or logged."""


class CardlessBody(Body):
    """A body in which no card data may be. It is refused before anything of it is read, stored or logged."""

    @model_validator(mode="before")
    @classmethod
    def _no_card_data(cls, body: Any) -> Any:
        refuse_card_data(body)
        return body


def refuse_card_data(body: Any) -> None:
    """Refuse a decoded body that carries card data anywhere: a field that is called so, or a card's number in any text or number.

    Raises:
        CardDataSent: naming the fields, not what is in them.
    """
    if faults := {path or "body": ["holds card data, which must never be sent here: send the provider's token (pm_...)"]
                  for path in card_data_in(body)}:  # fmt: skip
        raise CardDataSent(faults)


def card_data_in(value: Any, path: str = "") -> Iterator[str]:
    """Where in a decoded JSON value there are card data, as paths: `metadata.card.number`, `cards.0`."""
    if isinstance(value, dict):
        for name, inner in value.items():
            below = f"{path}.{name}" if path else str(name)
            if _plain(f"{path.rpartition('.')[2]}{name}") in CARD_FIELDS or _plain(str(name)) in CARD_FIELDS:
                yield _shown(below)
            elif is_card_number(str(name)):
                yield path or "body"
            else:
                yield from card_data_in(inner, below)
    elif isinstance(value, list | tuple):
        for index, inner in enumerate(value):
            yield from card_data_in(inner, f"{path}.{index}" if path else str(index))
    elif (isinstance(value, str) or (isinstance(value, int) and not isinstance(value, bool))) and is_card_number(
        str(value)
    ):
        yield _shown(path)


def is_card_number(text: str) -> bool:
    """Whether somewhere in it stands what may be a card's number: of a network's form, and with the right check digit."""
    if len(text) < 13:
        return False
    found = (re.sub(r"[ -]", "", match.group()) for match in _DIGITS.finditer(text))
    return any(_NETWORKS.fullmatch(digits) is not None and has_check_digit(digits) for digits in found)


def _plain(name: str) -> str:
    return re.sub(r"[^a-z0-9]", "", name.lower())


def _shown(path: str) -> str:
    return path if len(path) <= 100 and not is_card_number(path) else "body"
