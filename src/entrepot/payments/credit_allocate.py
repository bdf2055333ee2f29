"""How much is taken back of a line, of an amount, of all that is left: pure arithmetic in integer minor units.

Nothing is ever negative or more than is left, and all pieces together give exactly what was sold. Everything is worked out
from what is *left*, so rounding never adds up: the last piece is the rest.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import msgspec

from entrepot.kernel.money import allocate, portion
from entrepot.payments.credit_model import LineCredit, NothingLeft, Piece, Sold, SoldLine, SoldShare


def by_quantity(sold: Sold, chosen: Iterable[LineCredit], shipping_of: Iterable[int] = ()) -> list[Piece]:
    """So many pieces of lines, each for its share of what is left of its line; and the delivery of parts.

    Raises:
        NothingLeft: more pieces than are left, or lines and parts that are not of this order.
    """
    lines = {line.id: line for line in sold.lines}
    wanted: dict[int, int] = {}
    for credit in chosen:
        wanted[credit.line_id] = wanted.get(credit.line_id, 0) + credit.quantity
    for line_id, quantity in wanted.items():
        left = lines[line_id].left_quantity if line_id in lines else 0
        if not 0 < quantity <= left:
            raise NothingLeft(details={f"lines.{line_id}": [f"{left} are left of it"]})
    pieces = [_of_line(lines[line_id], quantity) for line_id, quantity in wanted.items()]
    return _commissioned(sold, [*pieces, *_deliveries(sold, shipping_of)])


def by_amount(sold: Sold, amount_minor: int) -> list[Piece]:
    """An amount, spread over all that is left in proportion to it (largest remainder); no pieces come back with it.

    Raises:
        NothingLeft: it is more than is left.
    """
    if not 0 < amount_minor <= sold.left_minor:
        raise NothingLeft(details={"amount": [f"{sold.left_minor} {sold.currency.lower()} are left"]})
    weights = [*(line.left_minor for line in sold.lines), *(share.left_shipping_minor for share in sold.shares)]
    amounts = allocate(amount_minor, weights)
    pieces = [_of_amount(line, amount) for line, amount in zip(sold.lines, amounts, strict=False)]
    deliveries = [
        _delivery(share, amount) for share, amount in zip(sold.shares, amounts[len(sold.lines) :], strict=True)
    ]
    return _commissioned(sold, [*pieces, *deliveries])


def the_rest(sold: Sold, part_ids: Iterable[int] | None = None) -> list[Piece]:
    """All that is left, of these parts or of all: goods, tax and delivery."""
    chosen = {share.id for share in sold.shares} if part_ids is None else set(part_ids)
    pieces = [_of_line(line, line.left_quantity) for line in sold.lines if line.part_id in chosen]
    return _commissioned(sold, [*pieces, *_deliveries(sold, chosen)])


def _of_line(line: SoldLine, quantity: int) -> Piece:
    """`quantity` of the pieces that are left, for their share of what is left; all of them for all of it."""
    left = line.left_quantity
    if quantity == left:
        goods_minor, tax_minor, included_minor = (
            line.left_goods_minor,
            line.left_tax_minor,
            line.left_tax_included_minor,
        )
    else:
        goods_minor = portion(line.left_goods_minor, quantity, left)
        tax_minor = portion(line.left_tax_minor, quantity, left)
        included_minor = _included(line, goods_minor)
    return Piece(
        part_id=line.part_id,
        company_id=0,
        line_id=line.id,
        quantity=quantity,
        goods_minor=goods_minor,
        tax_minor=tax_minor,
        tax_included_minor=included_minor,
    )


def _of_amount(line: SoldLine, amount_minor: int) -> Piece:
    """An amount of what is left of a line: its goods and their tax in the proportion in which they are left."""
    goods_minor, tax_minor = allocate(amount_minor, [line.left_goods_minor, line.left_tax_minor])
    return Piece(
        part_id=line.part_id,
        company_id=0,
        line_id=line.id,
        goods_minor=goods_minor,
        tax_minor=tax_minor,
        tax_included_minor=_included(line, goods_minor),
    )


def _included(line: SoldLine, goods_minor: int) -> int:
    return portion(line.left_tax_included_minor, goods_minor, line.left_goods_minor) if line.left_goods_minor else 0


def _deliveries(sold: Sold, part_ids: Iterable[int]) -> list[Piece]:
    chosen = set(part_ids)
    if unknown := chosen - {share.id for share in sold.shares}:
        raise NothingLeft(details={f"parts.{part_id}": ["is not of this order"] for part_id in sorted(unknown)})
    return [_delivery(share, share.left_shipping_minor) for share in sold.shares if share.id in chosen]


def _delivery(share: SoldShare, amount_minor: int) -> Piece:
    return Piece(part_id=share.id, company_id=share.company_id, shipping_minor=amount_minor)


def _commissioned(sold: Sold, pieces: Sequence[Piece]) -> list[Piece]:
    """The pieces that are anything, with their company and the commission that is taken back with them.

    Of each part as much commission is taken back, all in all, as is in proportion to the goods taken back of it.
    """
    shares = {share.id: share for share in sold.shares}
    goods = {share.id: share.credited_goods_minor for share in sold.shares}
    commissions = {share.id: share.credited_commission_minor for share in sold.shares}
    commissioned = []
    for piece in pieces:
        share = shares[piece.part_id]
        goods[share.id] += piece.goods_minor
        due = _commission_of(share, goods[share.id])
        commission_minor = min(max(0, due - commissions[share.id]), piece.goods_minor)
        commissions[share.id] += commission_minor
        if piece.quantity or piece.total_minor:
            commissioned.append(
                msgspec.structs.replace(piece, company_id=share.company_id, commission_minor=commission_minor)
            )
    return commissioned


def _commission_of(share: SoldShare, goods_minor: int) -> int:
    return portion(share.commission_minor, goods_minor, share.goods_minor) if share.goods_minor else 0
