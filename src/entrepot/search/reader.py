"""Reading the index: the generation that is served, as of its last commit, and the words in it."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Final, TypeVar

import msgspec
import tantivy

from entrepot.kernel.errors import Unavailable
from entrepot.kernel.waiting import is_set_within
from entrepot.search import schema
from entrepot.search.answers import KeptAnswers
from entrepot.search.folder import Damaged, IndexFolder, mark_of, refuse_damaged
from entrepot.search.vocabulary import Vocabulary

log = logging.getLogger("entrepot.search")

LOOK_EVERY_S: Final = 0.1
WORDS_PAUSE: Final = 200
"""The words are read anew after a change, but then not for so many times as long as it took: seconds for a small catalog,
a minute for a large one. They serve corrections, which need no hurry."""
THREADS: Final = 2
FIRST_INDEX_TIMEOUT_S: Final = 10.0

Result = TypeVar("Result")


class NoIndexYet(Unavailable):
    code = "SEARCH_NOT_READY"
    message = "The search index is being made: try again in a moment"


class Opened(msgspec.Struct, frozen=True):
    """What one search reads from: nothing in it changes while it goes on. With it goes what was answered from it."""

    schema: tantivy.Schema
    searcher: tantivy.Searcher
    vocabulary: Vocabulary
    answers: KeptAnswers = msgspec.field(default_factory=KeptAnswers)


class IndexReader:
    """Looks ten times a second whether there is something new to read; that costs one look at a file."""

    def __init__(self) -> None:
        self._thread = ThreadPoolExecutor(THREADS, "search")
        self._look_now = asyncio.Event()
        self._ready = asyncio.Event()
        self._generation: Path | None = None
        self._mark: tuple[int, int] | None = None
        self._index: tantivy.Index | None = None
        self._opened: Opened | None = None
        self._words_of: tuple[int, int] | None = None
        self._words_due_at = 0.0

    def look(self) -> None:
        """There is something new: do not wait for the next look."""
        self._look_now.set()

    async def opened(self) -> Opened:
        """What there is to read. Raises NoIndexYet when there is nothing for long."""
        if self._opened is None and not await is_set_within(self._ready, FIRST_INDEX_TIMEOUT_S):
            raise NoIndexYet
        assert self._opened is not None  # noqa: S101  (what is ready is opened)
        return self._opened

    async def in_thread(self, work: Callable[..., Result], *args: object) -> Result:
        """Tantivy and Python work that takes milliseconds, beside the event loop."""
        return await asyncio.get_running_loop().run_in_executor(self._thread, lambda: work(*args))

    async def follow(self, folder: IndexFolder) -> None:
        """Follow what is written until cancelled."""
        try:
            while True:
                self._look_now.clear()
                try:
                    await self._look(folder)
                except (ValueError, OSError, Damaged) as error:
                    await self._cannot_read(folder, error)
                await is_set_within(self._look_now, LOOK_EVERY_S)
        finally:
            self._thread.shutdown()

    async def _look(self, folder: IndexFolder) -> None:
        generation = folder.current()
        if generation is None:
            return
        mark = mark_of(generation)
        if self._index is None or generation != self._generation:
            self._index = await self.in_thread(_open, generation)
        elif mark != self._mark:
            await self.in_thread(self._index.reload)
        elif mark == self._words_of or time.monotonic() < self._words_due_at:
            return
        searcher = self._index.searcher()
        words = await self._words(searcher, mark)
        self._opened = Opened(self._index.schema, searcher, words)
        self._ready.set()
        # The mark was taken before: a commit that came in between is looked at once more.
        self._generation, self._mark = generation, mark

    async def _words(self, searcher: tantivy.Searcher, mark: tuple[int, int] | None) -> Vocabulary:
        if self._opened is not None and time.monotonic() < self._words_due_at:
            return self._opened.vocabulary
        words, took_s = await self.in_thread(_words_in, searcher)
        self._words_of, self._words_due_at = mark, time.monotonic() + took_s * WORDS_PAUSE
        return words

    async def _cannot_read(self, folder: IndexFolder, error: Exception) -> None:
        """A generation may go while it is opened, because another has taken its place: that is no damage."""
        generation = folder.current()
        await asyncio.sleep(LOOK_EVERY_S)
        if generation is not None and generation == folder.current():
            log.warning("the search index cannot be read: %s", error)
            folder.report_damage(generation, str(error))


def _words_in(searcher: tantivy.Searcher) -> tuple[Vocabulary, float]:
    """With the seconds of work that they took; not the waiting of a busy machine, which says nothing of their number."""
    started_s = time.thread_time()
    words = Vocabulary.of(searcher)
    return words, time.thread_time() - started_s


def _open(generation: Path) -> tantivy.Index:
    refuse_damaged(generation, thorough=False)
    index = tantivy.Index(schema.build(), str(generation))
    index.config_reader("manual")
    schema.register(index)
    index.reload()
    return index
