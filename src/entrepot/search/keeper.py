"""Keeping the index: one process builds it, follows what happens, and takes over when the one that did it before is gone."""

from __future__ import annotations

import asyncio
import functools
import logging
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, Final

from entrepot import catalog
from entrepot.kernel.db import TROUBLE, Database
from entrepot.kernel.events import Recorded
from entrepot.kernel.waiting import is_set_within
from entrepot.search import queries
from entrepot.search.build import build
from entrepot.search.build_alone import build_alone
from entrepot.search.documents import CategoryTree, different
from entrepot.search.folder import (
    Damaged,
    IndexFolder,
    Position,
    keep_position,
    position_of,
    refuse_damaged,
    reported_damage,
    want_rebuild,
    wanted_rebuild,
)
from entrepot.search.written import FOLLOWING_BYTES, WrittenIndex

log = logging.getLogger("entrepot.search")

LOOK_AGAIN_S: Final = 1.0
"""How long nothing is looked at, when nobody says that something happened."""
COMMIT_INTERVAL_S: Final = 0.25
TAKE_OVER_S: Final = 0.5
"""How often a process that does not write asks whether it may."""
COMPARE_EVERY_S: Final = 3600.0
COMPARED_TIMES: Final = 5
ALONE_FROM: Final = 20_000
"""From so many products on, an index is built in a process of its own."""
AFTER_DAMAGE_S: Final = 2.0
AFTER_MISTAKE_S: Final = 10.0
BATCH: Final = 500
EVENTS_AT_ONCE: Final = 2_000
POSITION_EVERY_S: Final = 30.0

CATEGORIES_CHANGED: Final = catalog.CategoriesChanged.name
LOADED: Final = catalog.CatalogLoaded.name
FOLLOWED: Final = (*catalog.CHANGED_PRODUCTS, CATEGORIES_CHANGED, LOADED)


class Stale(Exception):
    """The index is whole, but it cannot be brought up to date: it must be built anew."""


class IndexKeeper:
    """Runs in every process; in one of them at a time it writes."""

    def __init__(self, database: Database, committed: Callable[[], None], *, alone_from: int = ALONE_FROM) -> None:
        """`committed` is called when there is something new to read. `alone_from`: see `ALONE_FROM`."""
        self._database = database
        self._db = database.reader
        self._committed = committed
        self._alone_from = alone_from
        self._thread = ThreadPoolExecutor(1, "search-writer")
        self._woken = asyncio.Event()
        self.documents_added = 0
        """By this process, in building and following."""
        self.builds = 0

    def hear(self, event: Recorded) -> None:
        """Look at once, rather than in a second."""
        if event.name in FOLLOWED:
            self._woken.set()

    async def run(self, folder: IndexFolder) -> None:
        """Keep the index until cancelled; outages of the database are waited out."""
        try:
            while True:
                try:
                    if folder.lock.acquire():
                        await self._keep(folder)
                    await asyncio.sleep(TAKE_OVER_S)
                except TROUBLE as error:
                    log.warning("the search index cannot be kept, trying again: %s", error)
                    await asyncio.sleep(TAKE_OVER_S)
                except Exception:
                    # One product that nobody thought of must not end search for all the others.
                    log.exception("the search index cannot be kept, trying again")
                    await asyncio.sleep(AFTER_MISTAKE_S)
        finally:
            folder.lock.release()
            self._thread.shutdown()

    async def _keep(self, folder: IndexFolder) -> None:
        """Build what is not to be trusted, then follow, until something is found to be wrong."""
        generation = folder.current()
        fault = Damaged("there is none") if generation is None else await self._fault_of(generation)
        try:
            if fault is not None or generation is None:
                log.warning("the search index is built: %s", fault)
                generation = await self._build(folder, early=isinstance(fault, Damaged))
            await self._follow(generation)
        except Damaged as damage:
            log.error("the search index is damaged: %s", damage)
            if generation is not None:
                folder.report_damage(generation, str(damage))
            await asyncio.sleep(AFTER_DAMAGE_S)
        except Stale as stale:
            if generation is not None:
                want_rebuild(generation, str(stale))

    async def _build(self, folder: IndexFolder, *, early: bool) -> Path:
        self.builds += 1
        if (await queries.get_totals(self._db)).count < self._alone_from:
            generation = await build(self._db, folder, self._thread, early=early)
        else:
            generation = await build_alone(self._database.dsn, folder, early=early)
        self._committed()
        return generation

    async def _fault_of(self, generation: Path) -> Damaged | Stale | None:
        """What is wrong with an index that somebody else has left, if anything is."""
        position = position_of(generation)
        if position is None or not position.complete:
            return Damaged("it was not finished")
        if (reason := reported_damage(generation)) is not None:
            return Damaged(reason)
        if (reason := wanted_rebuild(generation)) is not None:
            return Stale(reason)
        try:
            await self._in_thread(refuse_damaged, generation)
        except Damaged as damage:
            return damage
        if not await queries.is_known_past(self._db, position.snapshot, position.event_id):
            return Stale("the database does not know the moment that it stands at")
        return None

    async def _follow(self, generation: Path) -> None:
        position = position_of(generation)
        if position is None:
            raise Damaged("its position is gone")
        index = await self._in_thread(functools.partial(WrittenIndex, generation, memory_bytes=FOLLOWING_BYTES))
        compare_at = 0.0
        kept_at = time.monotonic()
        try:
            while True:
                self._woken.clear()
                position, changed = await self._catch_up(index, position)
                if changed or time.monotonic() - kept_at > POSITION_EVERY_S:
                    keep_position(generation, position)
                    kept_at = time.monotonic()
                if changed:
                    self._committed()
                elif time.monotonic() >= compare_at:
                    compare_at = time.monotonic() + COMPARE_EVERY_S
                    position = await self._compare(index, position)
                self._refuse_unwanted(generation)
                await asyncio.sleep(COMMIT_INTERVAL_S if changed else 0)
                await is_set_within(self._woken, LOOK_AGAIN_S)
        finally:
            await self._in_thread(index.close)

    def _refuse_unwanted(self, generation: Path) -> None:
        if (reason := reported_damage(generation)) is not None:
            raise Damaged(reason)
        if (reason := wanted_rebuild(generation)) is not None:
            raise Stale(reason)

    async def _catch_up(self, index: WrittenIndex, position: Position) -> tuple[Position, bool]:
        """Put in what happened since; returns the new position, and whether anything was committed."""
        now = await queries.get_now(self._db)
        dirty, categories_changed = await self._changed_between(position.snapshot, now.snapshot)
        tree = CategoryTree(await queries.list_categories(self._db)) if dirty or categories_changed else None
        marks = position.categories
        if tree is not None:
            await self._replace(index, sorted(dirty), tree)
            if categories_changed:
                marks = tree.marks()
                await self._replace_in(index, different(position.categories, marks), tree)
            await self._in_thread(index.commit)
        reached = Position(snapshot=now.snapshot, event_id=now.event_id, complete=True, categories=marks)
        return reached, tree is not None

    async def _changed_between(self, since: str, until: str) -> tuple[set[int], bool]:
        """The products that something happened to, and whether something did to the categories.

        Raises Stale when everything is another.
        """
        dirty: set[int] = set()
        categories_changed = False
        after = (0, 0)
        while happened := await queries.list_happened(self._db, since, until, FOLLOWED, *after, EVENTS_AT_ONCE):
            for event in happened:
                if event.name == LOADED:
                    raise Stale("the whole catalog was loaded")
                dirty.update(_products_of(event.name, event.data))
                categories_changed |= event.name == CATEGORIES_CHANGED
            after = (happened[-1].xid, happened[-1].id)
            if len(happened) < EVENTS_AT_ONCE:
                break
        return dirty, categories_changed

    async def _replace(self, index: WrittenIndex, product_ids: Sequence[int], tree: CategoryTree) -> None:
        for ids in _batches(product_ids):
            texts = await queries.list_texts(self._db, ids)
            await self._in_thread(index.replace, ids, texts, tree)
            self.documents_added += len(texts)

    async def _replace_in(self, index: WrittenIndex, category_ids: Iterable[int], tree: CategoryTree) -> None:
        """All products of these categories: what they are found by has changed, though they have not."""
        categories, after_id = sorted(category_ids), 0
        while ids := await queries.list_ids_in_categories(self._db, categories, after_id, BATCH):
            await self._replace(index, ids, tree)
            after_id = ids[-1]

    async def _compare(self, index: WrittenIndex, position: Position) -> Position:
        """Count. Raises Stale when index and database do not agree, at several moments."""
        for _ in range(COMPARED_TIMES):
            in_database = await queries.get_totals(self._db)
            position, changed = await self._catch_up(index, position)
            in_index = await self._in_thread(index.totals)
            if in_index == in_database:
                return position
            if changed:
                self._committed()
            await asyncio.sleep(COMMIT_INTERVAL_S)
        raise Stale(f"it has {in_index.count} products where the database has {in_database.count}")

    async def _in_thread(self, work: Callable[..., Any], *args: Any) -> Any:
        return await asyncio.get_running_loop().run_in_executor(self._thread, work, *args)


def _products_of(name: str, data: Mapping[str, Any]) -> Sequence[int]:
    products = catalog.CHANGED_PRODUCTS.get(name)
    return products(dict(data)) if products is not None else ()


def _batches(ids: Sequence[int]) -> Iterable[list[int]]:
    return (list(ids[at : at + BATCH]) for at in range(0, len(ids), BATCH))
