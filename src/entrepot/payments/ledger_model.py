"""What the ledger is made of: accounts, and the steps that are posted to them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from enum import StrEnum

import msgspec


class AccountKind(StrEnum):
    CLEARING = "clearing"
    BUYERS = "buyers"
    PAYABLE = "payable"
    COMMISSION = "commission"
    TAX = "tax"
    DELIVERY = "delivery"
    REFUNDS = "refunds"
    PAYOUTS = "payouts"


class Entry(msgspec.Struct, frozen=True, kw_only=True):
    """So much to an account: positive is debit. `account` is its code, such as `buyers` or `payable:17`.

    `company_id`: whose trade it is, on whatever account. `order_id`: of which order, if not that of the whole step.
    """

    account: str
    amount_minor: int
    company_id: int | None = None
    order_id: int | None = None


class Posting(msgspec.Struct, frozen=True, kw_only=True):
    """One step of business: its entries sum to zero. `reference` is its own, so that it is posted once."""

    reference: str
    currency: str
    entries: Sequence[Entry]
    order_id: int | None = None
    actor_id: int | None = None


class LedgerEntry(msgspec.Struct, frozen=True, kw_only=True):
    """An entry as it stands in the ledger."""

    id: int
    transaction_id: int
    reference: str
    account: str
    kind: AccountKind
    amount_minor: int
    currency: str
    order_number: str | None
    company_id: int | None
    actor_id: int | None
    occurred_at: datetime


class Balance(msgspec.Struct, frozen=True, kw_only=True):
    """What stands on an account in one currency: positive is debit."""

    account: str
    kind: AccountKind
    provider: str | None
    company_id: int | None
    currency: str
    amount_minor: int
    entries: int
