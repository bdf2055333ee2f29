"""Statements that no call of a single query reaches: the kernel's own, and lists whose conditions are chosen elsewhere."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable
from datetime import datetime, timedelta
from typing import Any, ClassVar, Final

from entrepot.companies import queries as company_queries
from entrepot.companies.list_companies import CompanyFilter, list_companies
from entrepot.companies.model import CompanyStatus
from entrepot.identity.list_admins import (
    AdminFilter,
    ChangeFilter,
    ShopOwnerFilter,
    list_admins,
    list_changes,
    list_shop_owners,
)
from entrepot.identity.list_users import UserFilter, list_users
from entrepot.identity.model import UserStatus
from entrepot.inventory.list_stock import (
    HistoryFilter,
    StockFilter,
    list_history,
    list_low_stock,
    list_sold_out,
    list_stock,
)
from entrepot.inventory.list_warehouses import WarehouseFilter, list_warehouses
from entrepot.inventory.model import Reason
from entrepot.kernel import admin_log, events, idempotency, rate_limits
from entrepot.kernel.actors import Actor, Role
from entrepot.kernel.admin_log import Subject
from entrepot.kernel.events import Event, Position, Tail
from entrepot.kernel.idempotency import KeptReply, Key
from entrepot.kernel.pages import Page
from entrepot.kernel.rate_limits import RateLimiter, Rule
from entrepot.pricing.coupons_list import CouponFilter, list_coupons
from entrepot.pricing.model import Kind
from entrepot.pricing.promotions import PromotionStatus
from entrepot.pricing.promotions_list import PromotionFilter, list_promotions
from tests.architecture.recording import RecordingDatabase, RecordingTx
from tests.architecture.samples import SAMPLES, sample_of

Calls = Iterable[Awaitable[Any]]


class Happened(Event, frozen=True):
    name: ClassVar[str] = "architecture.happened"


async def _handle(*_: Any) -> None:
    return None


async def _published(tx: RecordingTx) -> None:
    await events.publish(tx, Happened())
    assert tx.write_facts is not None
    await tx.write_facts(tx)


def kernel_events(tx: RecordingTx, database: RecordingDatabase) -> Calls:
    yield _published(tx)
    yield events.erase_emails(tx, 1)
    yield events.read_after(tx, Position())
    yield events.read_stretch(tx, Position(), 1)
    yield events.consume(database, "consumer", _handle)
    tail = Tail(database)
    yield tail.poll()
    yield tail.poll()


def kernel_idempotency(tx: RecordingTx, _: RecordingDatabase) -> Calls:
    key = Key("user:1", "key", b"hash")
    yield idempotency.claim(tx, key)
    yield idempotency.keep(tx, key, sample_of(KeptReply))
    yield idempotency.release(tx, key)
    yield idempotency.forget_old(tx)


def kernel_rate_limits(tx: RecordingTx, database: RecordingDatabase) -> Calls:
    rule = Rule("shared", "/", 1, 60, shared=True)
    yield RateLimiter([rule], database).hit(rule, "address:192.0.2.1")
    yield rate_limits.forget_old(tx)


def kernel_admin_log(tx: RecordingTx, _: RecordingDatabase) -> Calls:
    for before, after in ((None, {"a": 1}), ({"a": 1}, {"a": 2}), ({"a": 1}, None), (None, None)):
        yield admin_log.record_change(tx, Actor(user_id=1), "thing.changed", Subject("thing", 7), before, after)


def lists_of_companies(tx: RecordingTx, _: RecordingDatabase) -> Calls:
    """Every filter, every sort key in both directions, the first page and the one after a cursor."""
    for actor in SAMPLES[Actor]:
        yield list_companies(tx, actor, CompanyFilter(q="q", zone="z", status=CompanyStatus.ACTIVE), Page(0, 10))
    for sort_by in company_queries.SORT_KEYS:
        for order in ("asc", "desc"):
            yield list_companies(tx, Actor(), CompanyFilter(sort_by=sort_by, order=order), Page(0, 10))


def lists_of_administration(tx: RecordingTx, _: RecordingDatabase) -> Calls:
    """Every filter, the first page and the one after a cursor."""
    moment = sample_of(datetime)
    later = moment + timedelta(days=1)
    for page in (Page(0, 10), Page(0, 10, (7,))):
        yield list_admins(tx, AdminFilter(q="q", role=Role.ADMIN, zone="z", active=True), page)
        yield list_changes(tx, ChangeFilter(actor=1, action="a.b", subject="c:1", since=moment, until=later), page)
        for actor in SAMPLES[Actor]:
            yield list_shop_owners(tx, actor, ShopOwnerFilter(q="q", zone="z", status=UserStatus.ACTIVE), page)


def lists_of_users(tx: RecordingTx, _: RecordingDatabase) -> Calls:
    """Every filter, the first page and the one after a cursor."""
    yield list_users(tx, UserFilter(), Page(0, 10))
    yield list_users(tx, UserFilter(role=Role.SELLER, zone="z", status=UserStatus.ACTIVE, q="q"), Page(0, 10, (7,)))


def lists_of_promotions(tx: RecordingTx, _: RecordingDatabase) -> Calls:
    """Every filter, the first page and the one after a cursor."""
    for page in (Page(0, 10), Page(0, 10, (7,))):
        yield list_coupons(tx, CouponFilter(q="q", promotion=1), page)
        for actor in SAMPLES[Actor]:
            yield list_promotions(tx, actor, PromotionFilter(q="q", kind=Kind.FIXED, zone="z", company=1), page)
            for status in PromotionStatus:
                yield list_promotions(tx, actor, PromotionFilter(status=status), page)


def lists_of_stock(tx: RecordingTx, _: RecordingDatabase) -> Calls:
    """Every filter, the first page and the one after a cursor, now and at a moment."""
    moment = sample_of(datetime)
    wanted = StockFilter(product=1, warehouse=2, company=3, zone="z", q="q")
    for actor in SAMPLES[Actor]:
        yield list_warehouses(tx, actor, WarehouseFilter(company=1, zone="z", q="q"), Page(0, 10, (7,)))
        yield list_stock(tx, actor, StockFilter(), None, Page(0, 10))
        yield list_stock(tx, actor, wanted, moment, Page(0, 10, (7, 8)))
        yield list_low_stock(tx, actor, wanted, Page(0, 10, (7, 8, 9)))
        yield list_sold_out(tx, actor, wanted, Page(0, 10, (7,)))
        history = HistoryFilter(
            product=1,
            warehouse=2,
            reason=Reason.SALE,
            actor=3,
            order="o",
            transfer=4,
            since=moment,
            until=moment + timedelta(days=1),
        )
        yield list_history(tx, actor, history, Page(0, 10, (7,)))


ASKING: Final[tuple[Callable[[RecordingTx, RecordingDatabase], Calls], ...]] = (
    kernel_admin_log,
    kernel_events,
    kernel_idempotency,
    kernel_rate_limits,
    lists_of_administration,
    lists_of_companies,
    lists_of_promotions,
    lists_of_stock,
    lists_of_users,
)
