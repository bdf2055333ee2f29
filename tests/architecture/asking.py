"""Statements that no call of a single query reaches: the kernel's own, and lists whose conditions are chosen elsewhere."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable
from typing import Any, ClassVar, Final

from entrepot.catalog import queries as catalog_queries
from entrepot.catalog.list_products import ProductFilter, list_products
from entrepot.kernel import events, idempotency, rate_limits
from entrepot.kernel.events import Event, Position, Tail
from entrepot.kernel.idempotency import KeptReply, Key
from entrepot.kernel.pages import Page
from entrepot.kernel.rate_limits import RateLimiter, Rule
from tests.architecture.recording import RecordingDatabase, RecordingTx
from tests.architecture.samples import sample_of

Calls = Iterable[Awaitable[Any]]


class Happened(Event, frozen=True):
    name: ClassVar[str] = "architecture.happened"


async def _handle(*_: Any) -> None:
    return None


def kernel_events(tx: RecordingTx, database: RecordingDatabase) -> Calls:
    yield events.publish(tx, Happened())
    yield events.read_after(tx, Position())
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


def lists_of_products(tx: RecordingTx, _: RecordingDatabase) -> Calls:
    """Every filter, every sort key in both directions, the first page and the one after a cursor."""
    filters: list[dict[str, Any]] = [
        {},
        {"min_price_minor": 1, "max_price_minor": 2},
        {"brand": "b", "category": "c", "zone": "z", "tag": "t"},
        {"seller": 1, "company": 2, "warehouse": 3},
        {"in_stock": True},
        {"in_stock": False},
    ]
    for wanted in filters:
        yield list_products(tx, ProductFilter(**wanted), Page(0, 10), "pt-br")
    for sort_by in catalog_queries.SORT_KEYS:
        for order in ("asc", "desc"):
            yield list_products(tx, ProductFilter(sort_by=sort_by, order=order), Page(0, 10, ("1", 1)), "en")


ASKING: Final[tuple[Callable[[RecordingTx, RecordingDatabase], Calls], ...]] = (
    kernel_events,
    kernel_idempotency,
    kernel_rate_limits,
    lists_of_products,
)
