"""A bounded, in-process cache of encoded replies, cleared by tags when events say that something changed.

Entries are the bytes that go out, with their ETag and compressed forms. While one request makes an entry, others for the
same thing wait for it, once; if it cannot be kept, each then makes its own.
"""

from __future__ import annotations

import asyncio
import hashlib
import time
from collections import OrderedDict, defaultdict, deque
from collections.abc import Iterable

OVERHEAD_BYTES = 500  # an entry's share of dictionaries, keys and tags
SHORT_S = 5.0
"""Entries that live no longer leave once they have expired; others when they are asked for, or when room is needed."""
SWEPT_AT_ONCE = 20
"""Expired entries that one new entry sweeps out at most."""


class Entry:
    """An encoded reply: JSON bytes, their weak ETag, and compressed forms as they are first asked for."""

    __slots__ = ("body", "compressed", "etag", "expires_at", "key", "tags")

    def __init__(self, key: str, body: bytes, tags: frozenset[str], expires_at: float) -> None:
        self.key = key
        self.body = body
        self.tags = tags
        self.expires_at = expires_at
        self.etag = etag_of(body)
        self.compressed: dict[str, bytes] = {}

    @property
    def size_bytes(self) -> int:
        return len(self.body) + sum(map(len, self.compressed.values())) + OVERHEAD_BYTES + len(self.key)


def etag_of(body: bytes) -> bytes:
    """A weak ETag: the same content, whatever its compression."""
    return b'W/"' + hashlib.blake2b(body, digest_size=12).hexdigest().encode() + b'"'


class ReplyCache:
    """Least recently used entries go when the bound in bytes is reached."""

    def __init__(self, max_bytes: int) -> None:
        self._max_bytes = max_bytes
        self._bytes = 0
        self._entries: OrderedDict[str, Entry] = OrderedDict()
        self._short_lived: deque[tuple[float, str]] = deque()
        """When each expires, and its key; about in that order."""
        self._keys_by_tag: defaultdict[str, set[str]] = defaultdict(set)
        self._filling: dict[str, asyncio.Future[Entry | None]] = {}
        self._invalidated_at: dict[str, int] = {}
        self._cleared_at = 0
        self._turn = 0
        self.hits = 0
        self.misses = 0

    def get(self, key: str) -> Entry | None:
        entry = self._entries.get(key)
        if entry is None:
            return None
        if entry.expires_at < time.monotonic():
            self._drop(key)
            return None
        self._entries.move_to_end(key)
        self.hits += 1
        return entry

    def filling(self, key: str) -> asyncio.Future[Entry | None] | None:
        """The fill that another request is doing for this key; its result is None when nothing could be kept."""
        return self._filling.get(key)

    def start(self, key: str) -> Fill:
        """Say that this request makes the entry. The caller must end the fill, whatever happens."""
        self.misses += 1
        self._turn += 1
        future: asyncio.Future[Entry | None] = asyncio.get_running_loop().create_future()
        self._filling[key] = future
        return Fill(self, key, future, self._turn)

    def invalidate(self, tags: Iterable[str]) -> None:
        """Forget what was made from any of these, and do not keep what is being made from them now."""
        self._turn += 1
        for tag in tags:
            if self._filling:
                self._invalidated_at[tag] = self._turn
            for key in list(self._keys_by_tag.get(tag, ())):
                self._drop(key)

    def clear(self) -> None:
        """Forget everything: used when events may have been missed."""
        self._turn += 1
        self._cleared_at = self._turn
        self._entries.clear()
        self._short_lived.clear()
        self._keys_by_tag.clear()
        self._bytes = 0

    def grew(self, entry: Entry, by_bytes: int) -> None:
        """Account for a compressed form that was added to an entry."""
        if self._entries.get(entry.key) is entry:
            self._bytes += by_bytes
            self._shrink()

    def _keep(self, key: str, body: bytes, tags: frozenset[str], max_age_s: float, started: int) -> Entry | None:
        if self._cleared_at > started or any(self._invalidated_at.get(tag, 0) > started for tag in tags):
            return None
        entry = Entry(key, body, tags, time.monotonic() + max_age_s)
        if entry.size_bytes > self._max_bytes:
            return None
        self._drop(key)
        self._entries[key] = entry
        self._bytes += entry.size_bytes
        for tag in tags:
            self._keys_by_tag[tag].add(key)
        if max_age_s <= SHORT_S:
            self._short_lived.append((entry.expires_at, key))
        self._sweep()
        self._shrink()
        return entry

    def _sweep(self) -> None:
        """Lists are asked for in ever new ways: what nobody will ask for again must not fill the memory."""
        now = time.monotonic()
        for _ in range(SWEPT_AT_ONCE):
            if not self._short_lived or self._short_lived[0][0] >= now:
                return
            _, key = self._short_lived.popleft()
            if (entry := self._entries.get(key)) is not None and entry.expires_at < now:
                self._drop(key)

    def _end(self, key: str, future: asyncio.Future[Entry | None], entry: Entry | None) -> None:
        if self._filling.get(key) is future:
            del self._filling[key]
        if not self._filling:
            self._invalidated_at.clear()
        if not future.done():
            future.set_result(entry)

    def _drop(self, key: str) -> None:
        entry = self._entries.pop(key, None)
        if entry is None:
            return
        self._bytes -= entry.size_bytes
        for tag in entry.tags:
            keys = self._keys_by_tag[tag]
            keys.discard(key)
            if not keys:
                del self._keys_by_tag[tag]

    def _shrink(self) -> None:
        while self._bytes > self._max_bytes and self._entries:
            self._drop(next(iter(self._entries)))


class Fill:
    """One request making one entry."""

    def __init__(self, cache: ReplyCache, key: str, future: asyncio.Future[Entry | None], started: int) -> None:
        self._cache = cache
        self._key = key
        self._future = future
        self._started = started

    def keep(self, body: bytes, tags: frozenset[str], max_age_s: float) -> Entry | None:
        """Keep the reply, unless something that it was made from changed meanwhile; returns what is kept."""
        entry = self._cache._keep(self._key, body, tags, max_age_s, self._started)
        self._cache._end(self._key, self._future, entry)
        return entry

    def end(self) -> None:
        """Nothing can be kept (or `keep` was called): whoever waits makes its own."""
        self._cache._end(self._key, self._future, None)
