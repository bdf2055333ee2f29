"""Keeping the columns true: read everything once, then what events name, without ever stopping the service."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable, Mapping
from typing import Any, Final

import numpy as np

from entrepot import companies, inventory, zones
from entrepot.catalog import columns_queries
from entrepot.catalog.columns import Columns
from entrepot.catalog.columns_chunk import Chunk, ProductChunk
from entrepot.catalog.columns_table import Table
from entrepot.catalog.documents import Documents
from entrepot.catalog.events import CHANGED_PRODUCTS, CatalogLoaded, CategoriesChanged, GroupChanged
from entrepot.kernel.db import TROUBLE, Database
from entrepot.kernel.errors import Unavailable
from entrepot.kernel.events import Recorded, Tail
from entrepot.kernel.memory import give_back

log = logging.getLogger("entrepot.catalog")

CHUNK: Final = 20_000
"""Products that are read at once in the beginning."""

READ_AT_ONCE: Final = 500
"""Changed products that are read with one statement."""

AT_ONCE: Final = 50
"""Products that are applied between two requests: some milliseconds."""

COMPARED_AT_ONCE: Final = 200
"""Products that are compared between two requests, when events were missed: most are what they were."""

FIRST_LOAD_S: Final = 20
"""What a request waits for the first load, and is told to come back."""

CATCH_UP_S: Final = 0.25
"""What a request waits for changes that happened before it. In the middle of an import, it sees what is there."""

PAUSE_S: Final = 1.0
"""Between two tries while the database is away."""

PRODUCTS: Final[Mapping[str, Callable[[dict[str, Any]], list[int]]]] = {
    **CHANGED_PRODUCTS,
    inventory.StockChanged.name: lambda data: data["productIds"],
}
"""Which products an event is about."""

COMPANIES: Final = frozenset(
    {
        companies.CompanyCreated.name,
        companies.CompanyChanged.name,
        companies.CompanyStatusChanged.name,
        companies.CompanyDeleted.name,
    }
)
ZONES: Final = frozenset({zones.ZoneCreated.name, zones.ZoneChanged.name, zones.ZoneDeleted.name})


class Following:
    """The columns of this process, made once by the composition root. The tail tells `hear` and `gap`; `run` runs.

    Nothing is read before the first `gap`: the tail tells it when it has begun to listen, so that no change falls between.
    """

    def __init__(self, database: Database, tail: Tail) -> None:
        self._db = database.reader
        self._tail = tail
        self._columns: Columns | None = None
        self.documents = Documents()
        """To be cleared by whoever changes what products look like, but no product."""
        self._loaded = asyncio.Event()
        self._wake = asyncio.Event()
        self._applied = asyncio.Condition()
        self._everything = False
        self._products: dict[int, None] = {}
        self._companies: set[int] = set()
        self._zones = False
        self._categories = False
        self._heard = 0
        self._done = 0

    async def current(self) -> Columns:
        """The columns with everything that this process has committed, and all that it has heard of.

        Raises:
            Unavailable: everything is being read for the first time, and it takes long.
        """
        if self._columns is None or self._tail.is_behind or self._done < self._heard:
            await self._wait()
        if self._columns is None:
            raise Unavailable
        return self._columns

    async def _wait(self) -> None:
        try:
            async with asyncio.timeout(FIRST_LOAD_S):
                await self._loaded.wait()
        except TimeoutError:
            raise Unavailable from None
        try:
            async with asyncio.timeout(CATCH_UP_S):
                await self._tail.catch_up()
                heard = self._heard
                async with self._applied:
                    await self._applied.wait_for(lambda: self._done >= heard)
        except TimeoutError:
            log.debug("a list did not wait for the last changes: they are too many")

    def hear(self, event: Recorded) -> None:
        """Note what an event changes; it is read at once."""
        if (ids_of := PRODUCTS.get(event.name)) is not None:
            ids = ids_of(event.data)
            self._products.update(dict.fromkeys(ids))
            self.documents.change(ids)
        elif event.name in COMPANIES:
            self._companies.add(event.data["companyId"])
        elif event.name in ZONES:
            self._zones = True
            self.documents.clear()
        elif event.name == CategoriesChanged.name:
            self._categories = True
            self.documents.clear()
        elif event.name == GroupChanged.name:
            self.documents.regroup(event.data["groupId"])
            return
        elif event.name == CatalogLoaded.name:
            self._everything = True
            self.documents.clear()
        else:
            return
        self._heard += 1
        self._wake.set()

    def gap(self) -> None:
        """Events may have been missed: compare everything. Lists are served meanwhile, and nobody waits for it."""
        self._everything = True
        self.documents.clear()
        self._wake.set()

    async def run(self) -> None:
        """Until cancelled; outages of the database are waited out."""
        while True:
            await self._wake.wait()
            self._wake.clear()
            try:
                if self._columns is None:
                    await self._load()
                await self._apply_noted()
                if self._everything:
                    await self._read_everything()
            except TROUBLE as error:
                log.warning("product lists cannot follow, trying again: %s", error)
                self.gap()
                await asyncio.sleep(PAUSE_S)
            except Exception:
                # Lists that silently stay as they were would be worse than a second load.
                log.exception("product lists could not follow, reading everything anew")
                self._columns = None
                self.gap()
                await asyncio.sleep(PAUSE_S)

    async def _apply_noted(self) -> None:
        assert self._columns is not None  # noqa: S101  loaded by the caller
        table, heard = self._columns.table, self._heard
        if self._zones:
            self._zones = False
            table.set_zones(await columns_queries.list_zone_slugs(self._db))
        if self._categories:
            self._categories = False
            table.set_categories(await columns_queries.list_nodes(self._db))
        if self._companies:
            changed, self._companies = self._companies, set()
            await self._read_companies(table, sorted(changed))
        noted, self._products = list(self._products), {}
        for at in range(0, len(noted), READ_AT_ONCE):
            await self._refresh(table, noted[at : at + READ_AT_ONCE])
        for tidy in table.untidy():
            adopt = await asyncio.to_thread(tidy)
            adopt()
        async with self._applied:
            self._done = heard
            self._applied.notify_all()

    async def _refresh(self, table: Table, ids: list[int]) -> None:
        chunk = Chunk(await columns_queries.chunk_of(self._db, ids))
        await self._know_around(table, chunk)
        for part in chunk.parts(AT_ONCE):
            table.apply(part)
            await asyncio.sleep(0)
        gone = np.setdiff1d(np.array(ids, dtype=np.int64), chunk.ids)
        for at in range(0, len(gone), AT_ONCE):
            table.remove(gone[at : at + AT_ONCE])
            await asyncio.sleep(0)

    async def _know_around(self, table: Table, chunk: Chunk) -> None:
        """What products refer to is there before them."""
        if unknown := table.companies.unknown(chunk.company_ids):
            await self._read_companies(table, unknown)
        if unknown := table.brands.unknown(chunk.brand_ids):
            table.set_brands(await columns_queries.list_brand_names(self._db, unknown))
        if table.categories.unknown(chunk.category_ids):
            table.set_categories(await columns_queries.list_nodes(self._db))

    async def _read_companies(self, table: Table, ids: list[int]) -> None:
        read = await columns_queries.list_companies(self._db, ids)
        if not table.zones.know(read):
            table.set_zones(await columns_queries.list_zone_slugs(self._db))
        table.set_companies(read)

    async def _read_everything(self) -> None:
        """Compare all with what there is; or begin anew, where there is little yet."""
        assert self._columns is not None  # noqa: S101  loaded by the caller
        if await columns_queries.count_live_products(self._db) > 2 * self._columns.table.size + CHUNK:
            await self._load()
        else:
            self._everything = False
            await self._reconcile(self._columns.table)

    async def _load(self) -> None:
        self._everything = False
        began = time.monotonic()
        table = Table()
        table.reserve(await columns_queries.count_live_products(self._db))
        await self._read_around(table)
        after = 0
        while True:
            raw = await columns_queries.next_chunk(self._db, after, CHUNK)
            chunk = await asyncio.to_thread(Chunk, raw)
            if not len(chunk):
                break
            await self._know_around(table, chunk)
            await asyncio.to_thread(table.apply, chunk)
            after = int(chunk.ids[-1])
        await asyncio.to_thread(table.settle)
        self._columns = Columns(table, self.documents)
        self._loaded.set()
        await asyncio.to_thread(give_back)
        log.info("%s products read in %.1f s: %.0f MB", table.size, time.monotonic() - began, table.size_bytes / 1e6)

    async def _reconcile(self, table: Table) -> None:
        await self._read_around(table)
        known = table.column("id")[table.live].copy()
        after, there = 0, [np.empty(0, dtype=np.int64)]
        while True:
            raw: ProductChunk = await columns_queries.next_chunk(self._db, after, 10 * COMPARED_AT_ONCE)
            chunk = Chunk(raw)
            if not len(chunk):
                break
            await self._know_around(table, chunk)
            for part in chunk.parts(COMPARED_AT_ONCE):
                table.apply(part)
                await asyncio.sleep(0)
            await self._apply_noted()
            there.append(chunk.ids)
            after = int(chunk.ids[-1])
        gone = np.setdiff1d(known, np.concatenate(there))
        for at in range(0, len(gone), READ_AT_ONCE):
            await self._refresh(table, gone[at : at + READ_AT_ONCE].tolist())
            await self._apply_noted()
        await asyncio.to_thread(give_back)

    async def _read_around(self, table: Table) -> None:
        table.set_zones(await columns_queries.list_zone_slugs(self._db))
        table.set_categories(await columns_queries.list_nodes(self._db))
        table.set_companies(await columns_queries.list_companies(self._db, None))
        table.set_brands(await columns_queries.list_brand_names(self._db, None))
