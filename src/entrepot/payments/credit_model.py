"""What a credit is: something of a sale, taken back."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from enum import StrEnum

import msgspec

from entrepot.kernel.errors import Unprocessable


class CreditKind(StrEnum):
    CANCELLATION = "cancellation"
    EXPIRY = "expiry"
    RETURN = "return"
    REFUND = "refund"
    GOODWILL = "goodwill"


class LineCredit(msgspec.Struct, frozen=True):
    """So many pieces of an order's line."""

    line_id: int
    quantity: int


class Piece(msgspec.Struct, frozen=True, kw_only=True):
    """What is taken back of one line; without a line, of the delivery of a part. `goods_minor` contains
    `tax_included_minor`."""

    part_id: int
    company_id: int
    line_id: int | None = None
    quantity: int = 0
    goods_minor: int = 0
    tax_minor: int = 0
    tax_included_minor: int = 0
    commission_minor: int = 0
    shipping_minor: int = 0

    @property
    def total_minor(self) -> int:
        return self.goods_minor + self.tax_minor + self.shipping_minor


class Credit(msgspec.Struct, frozen=True, kw_only=True):
    """A credit as it was made. What was paid for it is given back by `refund_ids`, if anything was."""

    id: int
    order_id: int
    kind: CreditKind
    reason: str
    currency: str
    total_minor: int
    created_at: datetime
    pieces: Sequence[Piece]
    refund_ids: Sequence[str] = ()


class SoldLine(msgspec.Struct, frozen=True, kw_only=True):
    """A line as it was sold, and what was taken back of it before."""

    id: int
    part_id: int
    quantity: int
    goods_minor: int
    tax_minor: int
    tax_included_minor: int
    credited_quantity: int = 0
    credited_goods_minor: int = 0
    credited_tax_minor: int = 0
    credited_tax_included_minor: int = 0

    @property
    def left_quantity(self) -> int:
        return self.quantity - self.credited_quantity

    @property
    def left_goods_minor(self) -> int:
        return self.goods_minor - self.credited_goods_minor

    @property
    def left_tax_minor(self) -> int:
        return self.tax_minor - self.credited_tax_minor

    @property
    def left_tax_included_minor(self) -> int:
        return self.tax_included_minor - self.credited_tax_included_minor

    @property
    def left_minor(self) -> int:
        return self.left_goods_minor + self.left_tax_minor


class SoldShare(msgspec.Struct, frozen=True, kw_only=True):
    """A company's part of an order as it was sold, and what was taken back of it before."""

    id: int
    company_id: int
    goods_minor: int
    shipping_minor: int
    commission_minor: int
    credited_goods_minor: int = 0
    credited_shipping_minor: int = 0
    credited_commission_minor: int = 0

    @property
    def left_shipping_minor(self) -> int:
        return self.shipping_minor - self.credited_shipping_minor


class Sold(msgspec.Struct, frozen=True, kw_only=True):
    """An order as it was sold, and what was taken back of it before."""

    order_id: int
    number: str
    currency: str
    shares: list[SoldShare]
    lines: list[SoldLine]

    @property
    def left_minor(self) -> int:
        return sum(line.left_minor for line in self.lines) + sum(share.left_shipping_minor for share in self.shares)


class NothingLeft(Unprocessable):
    code = "CREDIT_EXCEEDS_SALE"
    message = "More cannot be taken back than was sold, and not taken back before"
