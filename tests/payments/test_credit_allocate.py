"""What is taken back of a sale: never negative, never more than is left, and all pieces together are exactly the whole."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from entrepot.kernel.money import portion, share
from entrepot.payments.credit_allocate import by_amount, by_quantity, the_rest
from entrepot.payments.credit_model import LineCredit, NothingLeft, Piece, Sold, SoldLine, SoldShare
from entrepot.payments.ledger import credit_entries

amounts = st.integers(0, 100_000)


@st.composite
def sold_orders(draw: st.DrawFn) -> Sold:
    lines: list[SoldLine] = []
    shares: list[SoldShare] = []
    for part_id in range(1, draw(st.integers(1, 3)) + 1):
        goods = []
        for _ in range(draw(st.integers(1, 3))):
            goods_minor = draw(amounts)
            goods.append(goods_minor)
            lines.append(
                SoldLine(
                    id=len(lines) + 1,
                    part_id=part_id,
                    quantity=draw(st.integers(1, 9)),
                    goods_minor=goods_minor,
                    tax_minor=draw(st.integers(0, 20_000)),
                    tax_included_minor=draw(st.integers(0, goods_minor)),
                )
            )
        shares.append(
            SoldShare(
                id=part_id,
                company_id=part_id * 10,
                goods_minor=sum(goods),
                shipping_minor=draw(amounts),
                commission_minor=share(sum(goods), draw(st.integers(0, 10_000))),
            )
        )
    return Sold(order_id=1, number="ORD-1", currency="USD", shares=shares, lines=lines)


@st.composite
def steps(draw: st.DrawFn) -> list[tuple[str, int, int]]:
    """What is done one after the other: a kind, which line or part, and how much of what is left (in percent)."""
    kinds = st.sampled_from(["pieces", "amount", "delivery"])
    return draw(st.lists(st.tuples(kinds, st.integers(0, 8), st.integers(1, 100)), max_size=8))


@given(sold_orders(), steps())
def test_all_that_is_taken_back_is_exactly_what_was_sold(sold: Sold, taken: list[tuple[str, int, int]]) -> None:
    before, pieces = sold, []
    for kind, place, percent in taken:
        made = _do(sold, kind, place, percent)
        _check(sold, made)
        sold = _after(sold, made)
        pieces += made
    rest = the_rest(sold)
    _check(sold, rest)
    assert _after(sold, rest).left_minor == 0
    assert sum(piece.total_minor for piece in [*pieces, *rest]) == before.left_minor
    for line in _after(sold, rest).lines:
        assert (line.left_quantity, line.left_goods_minor, line.left_tax_minor) == (0, 0, 0)
        assert line.left_tax_included_minor == 0
    for one in _after(sold, rest).shares:
        assert one.credited_commission_minor == one.commission_minor
    assert the_rest(_after(sold, rest)) == []


@given(sold_orders(), steps())
def test_commission_goes_back_in_proportion(sold: Sold, taken: list[tuple[str, int, int]]) -> None:
    for kind, place, percent in taken:
        sold = _after(sold, _do(sold, kind, place, percent))
    for one in sold.shares:
        due = portion(one.commission_minor, one.credited_goods_minor, one.goods_minor) if one.goods_minor else 0
        assert one.credited_commission_minor == due


@given(sold_orders(), steps())
def test_the_ledger_is_empty_when_all_is_taken_back(sold: Sold, taken: list[tuple[str, int, int]]) -> None:
    balances: dict[str, int] = {}
    entries = []
    for entry in credit_entries(the_rest(sold)):  # a sale is what takes all of it back, the other way round
        balances[entry.account] = balances.get(entry.account, 0) - entry.amount_minor
    for kind, place, percent in taken:
        made = _do(sold, kind, place, percent)
        assert sum(entry.amount_minor for entry in credit_entries(made)) == 0
        entries += credit_entries(made)
        sold = _after(sold, made)
    for entry in [*entries, *credit_entries(the_rest(sold))]:
        balances[entry.account] = balances.get(entry.account, 0) + entry.amount_minor
    assert not any(balances.values())


@given(sold_orders(), st.data())
def test_one_by_one_is_the_same_as_all_at_once(sold: Sold, data: st.DataObject) -> None:
    line = data.draw(st.sampled_from(sold.lines))
    at_once = by_quantity(sold, [LineCredit(line.id, line.quantity)])
    total_minor = 0
    for _ in range(line.quantity):
        made = by_quantity(sold, [LineCredit(line.id, 1)])
        total_minor += sum(piece.total_minor for piece in made)
        sold = _after(sold, made)
    assert total_minor == sum(piece.total_minor for piece in at_once)


@given(sold_orders(), st.integers(-5, 500_000))
def test_an_amount_is_taken_back_exactly_or_not_at_all(sold: Sold, amount_minor: int) -> None:
    if 0 < amount_minor <= sold.left_minor:
        assert sum(piece.total_minor for piece in by_amount(sold, amount_minor)) == amount_minor
    else:
        with pytest.raises(NothingLeft):
            by_amount(sold, amount_minor)


@given(sold_orders(), st.integers(1, 12))
def test_more_pieces_than_are_left_are_refused(sold: Sold, more: int) -> None:
    line = sold.lines[0]
    with pytest.raises(NothingLeft):
        by_quantity(sold, [LineCredit(line.id, line.quantity), LineCredit(line.id, more)])
    with pytest.raises(NothingLeft):
        by_quantity(sold, [LineCredit(99, 1)])
    with pytest.raises(NothingLeft):
        by_quantity(sold, [], [99])


def test_thirds_are_rounded_so_that_the_last_one_is_the_rest() -> None:
    line = SoldLine(id=1, part_id=1, quantity=3, goods_minor=1000, tax_minor=80, tax_included_minor=0)
    part = SoldShare(id=1, company_id=7, goods_minor=1000, shipping_minor=500, commission_minor=100)
    sold = Sold(order_id=1, number="ORD-1", currency="USD", shares=[part], lines=[line])
    given_back = []
    for _ in range(3):
        made = by_quantity(sold, [LineCredit(1, 1)])
        given_back += [(piece.goods_minor, piece.tax_minor, piece.commission_minor) for piece in made]
        sold = _after(sold, made)
    assert given_back == [(333, 27, 33), (334, 27, 34), (333, 26, 33)]


def _do(sold: Sold, kind: str, place: int, percent: int) -> list[Piece]:
    if kind == "amount":
        amount_minor = sold.left_minor * percent // 100
        return by_amount(sold, amount_minor) if amount_minor else []
    if kind == "delivery":
        return by_quantity(sold, [], [sold.shares[place % len(sold.shares)].id])
    line = sold.lines[place % len(sold.lines)]
    return by_quantity(
        sold, [LineCredit(line.id, max(1, line.left_quantity * percent // 100))] if line.left_quantity else []
    )


def _check(sold: Sold, pieces: Sequence[Piece]) -> None:
    for piece in pieces:
        numbers = [value for value in msgspec.structs.asdict(piece).values() if value is not None]
        assert min(numbers) >= 0
        assert piece.tax_included_minor <= piece.goods_minor
        assert piece.commission_minor <= piece.goods_minor
    after = _after(sold, pieces)
    for line in after.lines:
        assert min(line.left_quantity, line.left_goods_minor, line.left_tax_minor, line.left_tax_included_minor) >= 0
    for one in after.shares:
        assert one.left_shipping_minor >= 0
        assert one.credited_commission_minor <= one.commission_minor


def _after(sold: Sold, pieces: Sequence[Piece]) -> Sold:
    lines = {line.id: line for line in sold.lines}
    shares = {one.id: one for one in sold.shares}
    for piece in pieces:
        one = shares[piece.part_id]
        shares[one.id] = msgspec.structs.replace(
            one,
            credited_goods_minor=one.credited_goods_minor + piece.goods_minor,
            credited_shipping_minor=one.credited_shipping_minor + piece.shipping_minor,
            credited_commission_minor=one.credited_commission_minor + piece.commission_minor,
        )
        if piece.line_id is not None:
            line = lines[piece.line_id]
            lines[line.id] = msgspec.structs.replace(
                line,
                credited_quantity=line.credited_quantity + piece.quantity,
                credited_goods_minor=line.credited_goods_minor + piece.goods_minor,
                credited_tax_minor=line.credited_tax_minor + piece.tax_minor,
                credited_tax_included_minor=line.credited_tax_included_minor + piece.tax_included_minor,
            )
    return msgspec.structs.replace(sold, lines=list(lines.values()), shares=list(shares.values()))
