"""What a quote said, in a token that goes out with it and comes back with the order, so that the order can say what changed.

Nothing is trusted that stands in it: it is only compared with what the order costs now.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Mapping
from typing import Final

import msgspec

from entrepot.kernel.errors import Invalid
from entrepot.kernel.money import Currency
from entrepot.pricing.priced import PricedBasket

MAX_QUOTE_LENGTH: Final = 30_000
MAX_CHANGES: Final = 100


class QuotedAmounts(msgspec.Struct, frozen=True, array_like=True):
    """Amounts of a quote in minor units; by product: price, quantity, what remains after discounts, and its tax."""

    currency: str
    lines: dict[int, tuple[int, int, int, int]]
    shipping_minor: int
    tax_minor: int
    total_minor: int


def quoted_amounts(basket: PricedBasket, currency: str) -> QuotedAmounts:
    lines = {
        line.product_id: (line.price_minor, line.quantity, line.discounted_minor, line.tax_minor)
        for part in basket.parts
        for line in part.lines
    }
    return QuotedAmounts(currency, lines, basket.shipping_minor, basket.tax_minor, basket.total_minor)


def write_quote(quoted: QuotedAmounts) -> str:
    """Amounts that are too large to be ordered do not fit; the token of such a quote is no other's."""
    try:
        encoded = msgspec.msgpack.encode(quoted)
    except OverflowError:
        encoded = msgspec.msgpack.encode(QuotedAmounts(quoted.currency, {}, 0, 0, -1))
    return base64.urlsafe_b64encode(encoded).decode().rstrip("=")


def read_quote(token: str) -> QuotedAmounts:
    """Raises Invalid for what is no token of a quote."""
    try:
        return msgspec.msgpack.decode(base64.urlsafe_b64decode(token + "=" * (-len(token) % 4)), type=QuotedAmounts)
    except (msgspec.DecodeError, binascii.Error, ValueError):
        raise Invalid({"quote": ["is not a quote: send what POST /checkout/quote answered, or leave it out"]}) from None


def changes_since(before: QuotedAmounts, now: QuotedAmounts, currency: Currency) -> Mapping[str, list[str]]:
    """What is not as it was said, by field; at most `MAX_CHANGES`. Empty when the order costs exactly what was said."""
    if before.currency != now.currency:
        return {"currency": [f"was {before.currency}, is {now.currency}"]}
    found: dict[str, list[str]] = {}
    for product_id in sorted(before.lines.keys() | now.lines.keys()):
        old, new = before.lines.get(product_id), now.lines.get(product_id)
        if old == new:
            continue
        if old is None or new is None:
            found[f"products.{product_id}"] = ["was not in the quote" if old is None else "is not in the order"]
            continue
        names = ("price", "quantity", "discountedTotal", "tax")
        for name, was, is_ in zip(names, old, new, strict=True):
            if was != is_:
                shown = (was, is_) if name == "quantity" else (currency.major(was), currency.major(is_))
                found[f"products.{product_id}.{name}"] = [f"was {shown[0]}, is {shown[1]}"]
    for name, was, is_ in (
        ("shipping", before.shipping_minor, now.shipping_minor),
        ("tax", before.tax_minor, now.tax_minor),
        ("total", before.total_minor, now.total_minor),
    ):
        if was != is_:
            found[name] = [f"was {currency.major(was)}, is {currency.major(is_)}"]
    items = list(found.items())
    return dict(items if len(items) <= MAX_CHANGES else [*items[: MAX_CHANGES - 3], *items[-3:]])
