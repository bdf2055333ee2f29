"""The ledger: double entry, in integer minor units of each currency. Each step of business is posted once, in one statement.

The database refuses what does not sum to zero, and any change of what was posted. See docs/decisions/0026-ledger.md.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Final

from entrepot.kernel.db import Tx
from entrepot.payments import ledger_queries as queries
from entrepot.payments.credit_model import Credit, Piece
from entrepot.payments.ledger_model import Entry, Posting

BUYERS: Final = "buyers"
COMMISSION: Final = "commission"
TAX: Final = "tax"
DELIVERY: Final = "delivery"
REFUNDS: Final = "refunds"
PAYOUTS: Final = "payouts"


def payable(company_id: int) -> str:
    """The account of what a company is owed."""
    return f"payable:{company_id}"


def clearing(provider: str) -> str:
    """The account of what a provider holds for the shop."""
    return f"clearing:{provider}"


async def record_credit(tx: Tx, credit: Credit, actor_id: int | None) -> None:
    """Book what is taken back of a sale: its entries the other way round, in proportion."""
    await post(
        tx,
        Posting(
            reference=f"credit:{credit.id}",
            currency=credit.currency,
            entries=credit_entries(credit.pieces),
            order_id=credit.order_id,
            actor_id=actor_id,
        ),
    )


async def post(tx: Tx, posting: Posting) -> bool:
    """Book a step in one statement. False when it was booked before, or moves nothing.

    Raises:
        ValueError: it does not sum to zero. The database would refuse it as well.
    """
    entries = _netted(posting.entries)
    if sum(entry.amount_minor for entry in entries):
        raise ValueError(f"{posting.reference} does not sum to zero")
    return bool(entries) and await queries.insert_transaction(tx, posting, entries) > 0


def credit_entries(pieces: Iterable[Piece]) -> list[Entry]:
    """What a credit moves: what the sale of the same moved, the other way round (see ledger_queries.SALE_OF_PART)."""
    entries = []
    for piece in pieces:
        amounts = {
            payable(piece.company_id): piece.goods_minor - piece.tax_included_minor - piece.commission_minor,
            COMMISSION: piece.commission_minor,
            TAX: piece.tax_minor + piece.tax_included_minor,
            DELIVERY: piece.shipping_minor,
        }
        entries += [Entry(account=BUYERS, amount_minor=-piece.total_minor)]
        entries += [
            Entry(account=account, amount_minor=amount_minor, company_id=piece.company_id)
            for account, amount_minor in amounts.items()
        ]
    return entries


def _netted(entries: Sequence[Entry]) -> list[Entry]:
    """One entry for each account, company and order, and none of nothing."""
    sums: Counter[tuple[str, int | None, int | None]] = Counter()
    for entry in entries:
        sums[entry.account, entry.company_id, entry.order_id] += entry.amount_minor
    return [
        Entry(account=account, amount_minor=amount_minor, company_id=company_id, order_id=order_id)
        for (account, company_id, order_id), amount_minor in sums.items()
        if amount_minor
    ]
