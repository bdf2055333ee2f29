"""The search index as a process has it: what handlers ask, and what runs beside them to keep it true."""

from __future__ import annotations

import asyncio
import logging
from pathlib import Path
from typing import Final

from entrepot import catalog
from entrepot.kernel.db import TROUBLE, Database
from entrepot.kernel.errors import Unavailable
from entrepot.kernel.events import Recorded
from entrepot.kernel.waiting import is_set_within
from entrepot.search import queries, synonym_queries
from entrepot.search.asked import AskedQueries
from entrepot.search.completions import Completions, read_completions
from entrepot.search.events import PopularityChanged, SynonymsChanged
from entrepot.search.folder import IndexFolder
from entrepot.search.keeper import IndexKeeper
from entrepot.search.model import Synonyms
from entrepot.search.popularity import Popularity, read_popularity
from entrepot.search.reader import IndexReader
from entrepot.search.synonyms import MOST, compiled

log = logging.getLogger("entrepot.search")

COMPLETIONS_EVERY_S: Final = 60.0
WRITE_ASKED_EVERY_S: Final = 30.0
TRY_AGAIN_S: Final = 1.0

COMPLETED_BY: Final = frozenset({catalog.CategoriesChanged.name})


class SearchIndex:
    """Made once, by the composition root. Everything in it is read on the event loop, and replaced as a whole."""

    def __init__(self, database: Database, home: Path) -> None:
        """`home` is the folder that indexes lie in, one for each database."""
        self._database = database
        self._home = home
        self.reader = IndexReader()
        self.keeper = IndexKeeper(database, self.reader.look)
        self.asked = AskedQueries()
        self.synonyms = Synonyms()
        self.popularity = Popularity.none()
        self.completions = Completions((), (), ())
        self._synonyms_wanted = _wanted()
        self._popularity_wanted = _wanted()
        self._completions_wanted = _wanted()

    def hear(self, event: Recorded) -> None:
        """Of every event, from the tail."""
        self.keeper.hear(event)
        if event.name == SynonymsChanged.name:
            self._synonyms_wanted.set()
        elif event.name == PopularityChanged.name:
            self._popularity_wanted.set()
        elif event.name in COMPLETED_BY:
            self._completions_wanted.set()

    def gap(self) -> None:
        """Events may have been missed. The index follows a position of its own; the rest is read anew."""
        for wanted in (self._synonyms_wanted, self._popularity_wanted, self._completions_wanted):
            wanted.set()

    async def run(self) -> None:
        """Until cancelled: build, follow, read, and write down what was asked."""
        folder = await self._folder()
        tasks = [
            asyncio.create_task(work, name=name)
            for name, work in (
                ("search keeper", self.keeper.run(folder)),
                ("search reader", self.reader.follow(folder)),
                ("search synonyms", self._follow_synonyms()),
                ("search popularity", self._follow_popularity()),
                ("search completions", self._follow_completions()),
                ("search queries", self._write_asked()),
            )
        ]
        try:
            await asyncio.gather(*tasks)
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    async def _folder(self) -> IndexFolder:
        while True:
            try:
                return IndexFolder(self._home / await queries.get_database_name(self._database.reader))
            except TROUBLE as error:
                log.warning("search waits for the database: %s", error)
                await asyncio.sleep(TRY_AGAIN_S)

    async def _follow_synonyms(self) -> None:
        while True:
            await self._synonyms_wanted.wait()
            self._synonyms_wanted.clear()
            try:
                self.synonyms = compiled(await synonym_queries.list_synonyms(self._database.reader, 0, MOST, None))
            except TROUBLE:
                await _again(self._synonyms_wanted)

    async def _follow_popularity(self) -> None:
        while True:
            await self._popularity_wanted.wait()
            self._popularity_wanted.clear()
            try:
                self.popularity = await read_popularity(self._database.reader)
            except TROUBLE:
                await _again(self._popularity_wanted)

    async def _follow_completions(self) -> None:
        while True:
            await is_set_within(self._completions_wanted, COMPLETIONS_EVERY_S)
            self._completions_wanted.clear()
            try:
                self.completions = await read_completions(self._database.reader)
            except TROUBLE:
                await _again(self._completions_wanted)

    async def _write_asked(self) -> None:
        while True:
            await asyncio.sleep(WRITE_ASKED_EVERY_S)
            try:
                await self.asked.write(self._database)
            except (*TROUBLE, Unavailable) as error:
                log.warning("past queries were not written down: %s", error)


def _wanted() -> asyncio.Event:
    event = asyncio.Event()
    event.set()
    return event


async def _again(wanted: asyncio.Event) -> None:
    wanted.set()
    await asyncio.sleep(TRY_AGAIN_S)
