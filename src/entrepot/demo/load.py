"""Loading the demo shop into an empty database: one transaction, all or nothing."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final, Protocol

import asyncpg
import msgspec

from entrepot.catalog import CatalogLoaded
from entrepot.demo.assortment import Assortment
from entrepot.demo.bare_tables import BareTables, bare_tables
from entrepot.demo.catalogue import Catalogue
from entrepot.demo.content import Content
from entrepot.demo.people import People, invite_people, password_hash
from entrepot.demo.pictures import Sketch, write_pictures
from entrepot.demo.prices import deals_of, enter_prices
from entrepot.demo.product_rows import ProductRows, enter_groups
from entrepot.demo.read_content import read_content
from entrepot.demo.seasons import Seasons
from entrepot.demo.shop_rows import enter_shop
from entrepot.demo.stockroom import Stockroom
from entrepot.demo.tables import COLUMNS, Batch, Books, jsonb, timestamptz
from entrepot.demo.year import Year
from entrepot.inventory import fold_past
from entrepot.kernel.db import Tx
from entrepot.payments import TABLES_OF_BOOKS, book_past

DEFAULT_ORDERS: Final = 6_000
DEFAULT_SEED: Final = 2025
FEWEST_PRODUCTS: Final = 40
"""With fewer, some zone or some kind of buyer would find nothing to buy."""

ACCOUNTS: Final[Mapping[str, str]] = {
    "admin@entrepot.test": "administers everything",
    "north@entrepot.test": "administers the zone north",
    "seller@entrepot.test": "sells for Citadel Electronics",
    "courier@entrepot.test": "drives deliveries",
    "shop@entrepot.test": "buys for a shop in the zone north",
    "buyer@entrepot.test": "buys",
}
"""The demo accounts, and what they do; all have the demo password."""

_BATCH_ROWS: Final = 20_000
_LINES_OF_AN_ORDER: Final = 2.5
_LINES_A_PRODUCT_STOCKS: Final = 300
"""The usual stock of a base product lasts a shop that sells so many lines of it in a year."""
_FOUNDED_DAYS_AGO: Final = 1200
_WITHOUT_COUNTED_ID: Final = frozenset({"payment_intents"})


class DemoError(Exception):
    """The demo data cannot be loaded; the message says why and what to do."""


class Progress(Protocol):
    """How a load says how far it is, task after task; what `rich.progress.Progress` can."""

    def add_task(self, description: str, *, total: float) -> Any: ...

    def advance(self, task_id: Any, advance: float) -> None: ...


class DemoSummary(msgspec.Struct, frozen=True, kw_only=True):
    """What was loaded."""

    companies: int
    users: int
    products: int
    pictures: int
    orders: int
    order_lines: int
    stock_movements: int
    reviews: int
    elapsed_s: float

    def __str__(self) -> str:
        return (
            f"Demo shop: {self.products:,} products of {self.companies} companies, {self.users:,} people, "
            f"{self.orders:,} orders, {self.reviews:,} reviews, in {self.elapsed_s:.1f} s"
        )


async def load(
    connection: asyncpg.Connection,
    media: Path,
    *,
    products: int | None = None,
    orders: int | None = None,
    seed: int = DEFAULT_SEED,
    now: datetime,
    progress: Progress | None = None,
) -> DemoSummary:
    """Fill an empty, migrated database with a shop and its year of trade that ends `now`, and `media` with its pictures.

    `products` None gives every base product, `orders` None DEFAULT_ORDERS; more products are models multiplied from the
    base ones. The same arguments give the same rows. The connection is the load's own while it lasts; its codecs of
    `jsonb` and `timestamptz` are the default ones afterwards.

    Raises:
        DemoError: there are users, companies or products already, or too few products for any orders.
    """
    began = time.monotonic()
    orders = DEFAULT_ORDERS if orders is None else orders
    await _refuse_unless_empty(connection)
    if orders and products is not None and products < FEWEST_PRODUCTS:
        raise DemoError(f"A year of orders needs at least {FEWEST_PRODUCTS} products: ask for more, or for no orders.")
    content = read_content()
    catalogue = Catalogue(content, products, seed)
    sketches = catalogue.sketches()
    await asyncio.to_thread(_draw, media, sketches, progress)
    shop = await asyncio.to_thread(Shop, content, catalogue, orders, seed, now.astimezone(UTC).replace(microsecond=0))
    await connection.set_type_codec("jsonb", schema="pg_catalog", encoder=jsonb, decoder=bytes, format="binary")
    await connection.set_type_codec(
        "timestamptz", schema="pg_catalog", encoder=timestamptz, decoder=bytes, format="binary"
    )
    try:
        async with connection.transaction():
            await connection.execute(_SETTINGS)
            shelves = [table for table in COLUMNS if table not in TABLES_OF_BOOKS]
            async with (
                bare_tables(connection, shelves) as tables,
                bare_tables(connection, TABLES_OF_BOOKS) as books,
            ):
                await _copy_all(connection, shop, progress)
                await _clothe(connection, tables, progress)
                await _keep_books(connection, books, orders, progress)
            await _set_sequences(connection, shop.books, orders)
            await _tell(connection)
    finally:
        await connection.reset_type_codec("jsonb", schema="pg_catalog")
        await connection.reset_type_codec("timestamptz", schema="pg_catalog")
    return DemoSummary(
        companies=shop.books.last_id("companies"),
        users=shop.books.last_id("users"),
        products=shop.books.last_id("products"),
        pictures=len(sketches),
        orders=shop.books.last_id("orders"),
        order_lines=shop.books.last_id("order_lines"),
        stock_movements=shop.books.last_id("stock_movements"),
        reviews=shop.books.last_id("reviews"),
        elapsed_s=time.monotonic() - began,
    )


# The pool's limits are for requests; one load may take minutes. Indexes are built with more memory than is usual.
_SETTINGS: Final = """
    set local statement_timeout = 0;
    set local lock_timeout = '10s';
    set local idle_in_transaction_session_timeout = 0;
    set local synchronous_commit = off;
    set local work_mem = '128MB';
    set local maintenance_work_mem = '512MB';
    """


class Shop:
    """Everything that the rows are made from."""

    def __init__(self, content: Content, catalogue: Catalogue, orders: int, seed: int, now: datetime) -> None:
        self.content = content
        self.catalogue = catalogue
        self.orders = orders
        self.seed = seed
        self.now = now
        self.books = Books()
        self.people: People = invite_people(content, orders, seed, now)
        assortment = Assortment(content, catalogue, Seasons(content.rhythm), seed, now)
        lines_of_a_product = orders * _LINES_OF_AN_ORDER / max(1, catalogue.size)
        self.stockroom = Stockroom(
            content, assortment, catalogue.size, seed, max(1.0, lines_of_a_product / _LINES_A_PRODUCT_STOCKS)
        )
        self.year = Year(content, catalogue, assortment, self.stockroom, self.people, orders=orders, seed=seed, now=now)

    def batches(self, progress: Progress | None) -> Iterator[Batch]:
        """All rows, a few tens of thousands at a time."""
        for name, total, work in self._stages():
            advance = _task(progress, name, total)
            for done in work:
                advance(done)
                if self.books.fullest() >= _BATCH_ROWS:
                    yield self.books.take()
        yield self.books.take()

    def _stages(self) -> Iterator[tuple[str, int, Iterable[int]]]:
        """What is entered into the books, with its name, how much it is, and the work itself, that yields as it goes."""
        content, catalogue, books = self.content, self.catalogue, self.books
        founded_at = self.now - timedelta(days=_FOUNDED_DAYS_AGO)
        yield "people", len(self.people.everybody), self._enter_shop(founded_at)
        yield "first stock", catalogue.size, self.year.open(books)
        yield "orders", self.orders, self.year.run(books)
        yield "groups", catalogue.count_groups(), enter_groups(books, content, catalogue, founded_at)
        products = ProductRows(content, catalogue, self.people, self.stockroom, self.year, self.now)
        yield "products", catalogue.size, products.enter(books)
        deals = deals_of(catalogue)
        yield "prices", len(deals), enter_prices(books, content, catalogue, deals, self.now)

    def _enter_shop(self, founded_at: datetime) -> Iterator[int]:
        enter_shop(
            self.books,
            self.content,
            self.people,
            password_hash=password_hash(self.seed),
            seed=self.seed,
            founded_at=founded_at,
        )
        yield len(self.people.everybody)


async def _refuse_unless_empty(connection: asyncpg.Connection) -> None:
    for table in ("users", "companies", "products"):
        if await connection.fetchval(f"select exists (select from {table})"):
            raise DemoError(
                f"The database has {table} already, and demo data goes into an empty one only: "
                "use another database, or another ENTREPOT_HOME."
            )


def _draw(media: Path, sketches: list[Sketch], progress: Progress | None) -> None:
    advance = _task(progress, "pictures", len(sketches))
    for _ in write_pictures(media, sketches):
        advance(1)


async def _copy_all(connection: asyncpg.Connection, shop: Shop, progress: Progress | None) -> None:
    """Copy batch after batch; the next one is made, in a thread, while the server takes the last one."""
    batches = shop.batches(progress)
    copying = asyncio.create_task(_copy(connection, []))
    try:
        while (batch := await asyncio.to_thread(next, batches, None)) is not None:
            await copying
            copying = asyncio.create_task(_copy(connection, batch))
    finally:
        await copying


async def _copy(connection: asyncpg.Connection, batch: Batch) -> None:
    for table, rows in batch:
        await connection.copy_records_to_table(table, records=rows, columns=COLUMNS[table])


async def _clothe(connection: asyncpg.Connection, tables: BareTables, progress: Progress | None) -> None:
    advance = _task(progress, "indexes", tables.pieces)
    await tables.clothe(advance, lambda: connection.execute(f"analyze {', '.join(COLUMNS)}"))


def _task(progress: Progress | None, description: str, total: int) -> Callable[[int], None]:
    """Announce a task; the answer is how to say that so much more of it is done."""
    if progress is None:
        return lambda _: None
    task_id = progress.add_task(description, total=total)
    return lambda done: progress.advance(task_id, done)


async def _set_sequences(connection: asyncpg.Connection, books: Books, orders: int) -> None:
    """The next id, and the next order number, come after those that were given here."""
    for table, columns in COLUMNS.items():
        last_id = books.last_id(table)
        if columns[0] == "id" and table not in _WITHOUT_COUNTED_ID and last_id:
            await connection.execute("select setval(pg_get_serial_sequence($1, 'id'), $2)", table, last_id)
    if orders:
        await connection.execute("select setval('order_numbers', $1)", orders)


async def _keep_books(
    connection: asyncpg.Connection, tables: BareTables, orders: int, progress: Progress | None
) -> None:
    """The ledger of the year, with its payments in cash, credits and refunds, and the sums of its history of stock."""
    total = max(1, orders)
    advance = _task(progress, "ledger", total + tables.pieces)
    done = 0
    async for share in book_past(Tx(connection)):
        advance(int(share * total) - done)
        done = int(share * total)
    await tables.clothe(advance, lambda: connection.execute(f"analyze {', '.join(TABLES_OF_BOOKS)}"))
    await fold_past(Tx(connection))


async def _tell(connection: asyncpg.Connection) -> None:
    """Servers that run already read the products anew."""
    await connection.execute(
        "insert into events (name, version, occurred_at, data) values ($1, $2, statement_timestamp(), '{}'::jsonb)",
        CatalogLoaded.name,
        CatalogLoaded.version,
    )
