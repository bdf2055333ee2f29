"""The HTTP surface of the ledger."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

import msgspec
from litestar import Controller
from litestar.params import QueryParameter

from entrepot.kernel.actors import admin
from entrepot.kernel.db import Db
from entrepot.kernel.fields import Since, Until, aware
from entrepot.kernel.pages import Page, encode_cursor, id_after
from entrepot.kernel.routes import get
from entrepot.kernel.types import MAX_ID
from entrepot.payments import ledger_list_queries as queries
from entrepot.payments.ledger_list_queries import BalanceFilter, EntryFilter
from entrepot.payments.ledger_model import AccountKind, Balance, LedgerEntry
from entrepot.shop import Shop


class EntryView(msgspec.Struct, frozen=True, rename="camel", kw_only=True, omit_defaults=True):
    """An entry: a positive `amount` is debit, a negative one credit. `reference` says which step of business it is of; the
    entries of one `transactionId` sum to zero."""

    id: int
    transaction_id: int
    reference: str
    account: str
    kind: AccountKind
    amount: int | float
    currency: str
    occurred_at: datetime
    order_id: str | None = None
    company_id: int | None = None
    actor_id: int | None = None

    @classmethod
    def of(cls, entry: LedgerEntry, shop: Shop) -> EntryView:
        return cls(
            id=entry.id,
            transaction_id=entry.transaction_id,
            reference=entry.reference,
            account=entry.account,
            kind=entry.kind,
            amount=shop.currency_of(entry.currency).major(entry.amount_minor),
            currency=entry.currency,
            occurred_at=entry.occurred_at,
            order_id=entry.order_number,
            company_id=entry.company_id,
            actor_id=entry.actor_id,
        )


class EntryPage(msgspec.Struct, frozen=True, rename="camel", kw_only=True, omit_defaults=True):
    """A page of entries, the newest first."""

    entries: list[EntryView]
    total: int
    skip: int
    limit: int
    next_cursor: str | None = None


class BalanceView(msgspec.Struct, frozen=True, rename="camel", kw_only=True, omit_defaults=True):
    """What stands on an account in one currency: positive is debit."""

    account: str
    kind: AccountKind
    currency: str
    balance: int | float
    entries: int
    provider: str | None = None
    company_id: int | None = None

    @classmethod
    def of(cls, balance: Balance, shop: Shop) -> BalanceView:
        return cls(
            account=balance.account,
            kind=balance.kind,
            currency=balance.currency,
            balance=shop.currency_of(balance.currency).major(balance.amount_minor),
            entries=balance.entries,
            provider=balance.provider,
            company_id=balance.company_id,
        )


class SumView(msgspec.Struct, frozen=True):
    """What all accounts come to in a currency: always nothing."""

    currency: str
    balance: int | float


class BalancePage(msgspec.Struct, frozen=True):
    """A page of balances; `sums` are over all accounts, whatever was asked for."""

    balances: list[BalanceView]
    sums: list[SumView]
    total: int
    skip: int
    limit: int


CompanyFilter = Annotated[
    int | None, QueryParameter(name="companyId", ge=1, le=MAX_ID, description="Only of this company.")
]


class LedgerController(Controller):
    path = "/ledger"
    tags = ["Payments"]

    @get("/entries", guard=admin)
    async def list_entries(
        self,
        db: Db,
        shop: Shop,
        page: Page,
        account: Annotated[
            str | None,
            QueryParameter(max_length=60, description="An account such as `payable:17`, or a kind such as `payable`."),
        ] = None,
        order_id: Annotated[
            str | None, QueryParameter(name="orderId", max_length=40, description="Only of this order.")
        ] = None,
        company_id: CompanyFilter = None,
        since: Since = None,
        until: Until = None,
    ) -> EntryPage:
        """Every movement of money, the newest first: sales, payments, credits, refunds, commission, tax, delivery."""
        wanted = EntryFilter(
            account=account,
            order_number=order_id,
            company_id=company_id,
            since=aware("since", since),
            until=aware("until", until),
        )
        entries = await queries.list_entries(db, wanted, id_after(page), page.skip, page.limit)
        return EntryPage(
            entries=[EntryView.of(entry, shop) for entry in entries],
            total=await queries.count_entries(db, wanted),
            skip=page.skip,
            limit=len(entries),
            next_cursor=encode_cursor(entries[-1].id) if entries and len(entries) == page.limit else None,
        )

    @get("/balances", guard=admin)
    async def list_balances(
        self,
        db: Db,
        shop: Shop,
        page: Page,
        kind: Annotated[AccountKind | None, QueryParameter(description="Such as payable or commission.")] = None,
        company_id: CompanyFilter = None,
        currency: Annotated[
            str | None, QueryParameter(pattern="^[A-Za-z]{3}$", description="Only in this currency.")
        ] = None,
    ) -> BalancePage:
        """What stands on each account in each currency. All of them together are zero, at every moment."""
        wanted = BalanceFilter(kind=kind, company_id=company_id, currency=currency)
        balances = await queries.list_balances(db, wanted, page.skip, page.limit)
        sums = await queries.list_sums(db)
        return BalancePage(
            balances=[BalanceView.of(balance, shop) for balance in balances],
            sums=[SumView(one.currency, shop.currency_of(one.currency).major(one.amount_minor)) for one in sums],
            total=await queries.count_balances(db, wanted),
            skip=page.skip,
            limit=len(balances),
        )
