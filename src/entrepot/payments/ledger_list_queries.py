"""The SQL that reads the ledger."""

from __future__ import annotations

from datetime import datetime

import msgspec

from entrepot.kernel.db import Db
from entrepot.kernel.filters import Filters
from entrepot.payments.ledger_model import AccountKind, Balance, LedgerEntry


class EntryFilter(msgspec.Struct, frozen=True, kw_only=True):
    """Which entries; what is None does not matter. `account` is a code (`payable:17`) or a kind (`payable`)."""

    account: str | None = None
    order_number: str | None = None
    company_id: int | None = None
    since: datetime | None = None
    until: datetime | None = None


class BalanceFilter(msgspec.Struct, frozen=True, kw_only=True):
    """Which balances; what is None does not matter."""

    kind: AccountKind | None = None
    company_id: int | None = None
    currency: str | None = None


async def list_entries(db: Db, wanted: EntryFilter, before_id: int | None, skip: int, limit: int) -> list[LedgerEntry]:
    """Entries, the newest first."""
    filters = _entry_filters(wanted)
    if before_id is not None:
        filters.add("e.id < {}", before_id)
    where = filters.sql
    offset, most = filters.arg(skip), filters.arg(limit)
    return await db.many(
        LedgerEntry,
        f"""
        select e.id, e.transaction_id, t.reference, a.code as account, a.kind, e.amount_minor, e.currency,
               (select number from orders where id = e.order_id) as order_number, e.company_id, t.actor_id, e.occurred_at
        from (select * from ledger_entries e where {where} order by e.id desc offset {offset} limit {most}) e
        join ledger_transactions t on t.id = e.transaction_id
        join ledger_accounts a on a.id = e.account_id
        order by e.id desc
        """,
        *filters.args,
    )


async def count_entries(db: Db, wanted: EntryFilter) -> int:
    """How many there are. Of all, and of accounts alone, those that are closed were counted before."""
    total: int
    if wanted.order_number is None and wanted.company_id is None and wanted.since is None and wanted.until is None:
        total = await db.value(
            f"select coalesce(sum(entries), 0)::bigint from ({_SUMS}) s join ledger_accounts a on a.id = s.account_id"
            " where $1::text is null or $1 in (a.code, a.kind)",
            wanted.account,
        )
    else:
        filters = _entry_filters(wanted)
        total = await db.value(f"select count(*) from ledger_entries e where {filters.sql}", *filters.args)
    return total


def _entry_filters(wanted: EntryFilter) -> Filters:
    filters = Filters()
    if wanted.account is not None:
        filters.add(
            "e.account_id = any(array(select id from ledger_accounts where {} in (code, kind)))",
            wanted.account,
        )
    if wanted.order_number is not None:
        filters.add("e.order_id = (select id from orders where number = {})", wanted.order_number)
    if wanted.company_id is not None:
        filters.add("e.company_id = {}", wanted.company_id)
    if wanted.since is not None:
        filters.add("e.occurred_at >= {}", wanted.since)
    if wanted.until is not None:
        filters.add("e.occurred_at < {}", wanted.until)
    return filters


# Of one statement, hence of one snapshot: what is closed, and what came since.
_SUMS = """
    select account_id, currency, sum(amount_minor) as amount_minor, sum(entries) as entries
    from (
        select account_id, currency, amount_minor, entries from ledger_closed
        union all
        select account_id, currency, sum(amount_minor), count(*) from ledger_entries
        where id > (select closed_id from ledger_closing)
        group by account_id, currency
    ) both_sums
    group by account_id, currency
    """


async def list_balances(db: Db, wanted: BalanceFilter, skip: int, limit: int) -> list[Balance]:
    """What stands on the accounts, in each currency that was ever posted to them; those of companies last, by company."""
    filters = _balance_filters(wanted)
    where = filters.sql
    offset, most = filters.arg(skip), filters.arg(limit)
    return await db.many(
        Balance,
        f"""
        select a.code as account, a.kind, a.provider, a.company_id, s.currency, s.amount_minor::bigint as amount_minor,
               s.entries::bigint as entries
        from ({_SUMS}) s join ledger_accounts a on a.id = s.account_id
        where {where}
        order by a.company_id nulls first, a.code, s.currency offset {offset} limit {most}
        """,
        *filters.args,
    )


async def count_balances(db: Db, wanted: BalanceFilter) -> int:
    filters = _balance_filters(wanted)
    total: int = await db.value(
        f"select count(*) from ({_SUMS}) s join ledger_accounts a on a.id = s.account_id where {filters.sql}",
        *filters.args,
    )
    return total


class CurrencySum(msgspec.Struct, frozen=True):
    """What all accounts together come to in a currency: nothing."""

    currency: str
    amount_minor: int


async def list_sums(db: Db) -> list[CurrencySum]:
    return await db.many(
        CurrencySum,
        f"select currency, sum(amount_minor)::bigint as amount_minor from ({_SUMS}) s group by currency order by currency",
    )


def _balance_filters(wanted: BalanceFilter) -> Filters:
    filters = Filters()
    if wanted.kind is not None:
        filters.add("a.kind = {}", wanted.kind)
    if wanted.company_id is not None:
        filters.add("a.company_id = {}", wanted.company_id)
    if wanted.currency is not None:
        filters.add("s.currency = {}", wanted.currency.upper())
    return filters
