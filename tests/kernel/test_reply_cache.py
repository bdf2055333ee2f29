"""The cache of replies on its own: bounded in bytes, and never keeping what changed while it was made."""

from __future__ import annotations

import pytest

from entrepot.kernel.reply_cache import OVERHEAD_BYTES, ReplyCache

TAGS = frozenset({"product:1"})


async def filled(cache: ReplyCache, key: str, size: int = 100, tags: frozenset[str] = TAGS) -> None:
    cache.start(key).keep(b"x" * size, tags, 60)


async def test_what_is_used_least_goes_first() -> None:
    cache = ReplyCache(5 * (OVERHEAD_BYTES + 101))
    for key in "abcde":
        await filled(cache, key)
    cache.get("a")
    await filled(cache, "f")

    assert [key for key in "abcdef" if cache.get(key) is not None] == ["a", "c", "d", "e", "f"]


async def test_the_bound_in_bytes_holds_whatever_is_put_in() -> None:
    cache = ReplyCache(20_000)
    for n in range(500):
        await filled(cache, f"key {n % 60}", size=n * 37 % 5000)
        if (entry := cache.get(f"key {n % 13}")) is not None and "br" not in entry.compressed:
            entry.compressed["br"] = b"x" * 300
            cache.grew(entry, 300)

        kept = [entry for k in range(60) if (entry := cache.get(f"key {k}")) is not None]
        assert sum(entry.size_bytes for entry in kept) == cache._bytes <= 20_000


async def test_what_has_expired_leaves_when_something_new_comes() -> None:
    cache = ReplyCache(1_000_000)
    for n in range(30):
        cache.start(f"gone {n}").keep(b"x" * 100, TAGS, -1)
    await filled(cache, "kept")

    cache.start("short").keep(b"x", TAGS, 1)
    await filled(cache, "another")

    assert [*cache._entries] == ["kept", "short", "another"]
    assert cache._bytes == sum(entry.size_bytes for entry in cache._entries.values())


async def test_what_is_larger_than_the_whole_cache_is_not_kept() -> None:
    cache = ReplyCache(1_000)
    await filled(cache, "small", size=10)
    await filled(cache, "large", size=2_000)

    assert (cache.get("large"), cache.get("small") is None) == (None, False)


async def test_an_invalidated_tag_takes_its_entries_along() -> None:
    cache = ReplyCache(100_000)
    await filled(cache, "one", tags=frozenset({"product:1", "catalog"}))
    await filled(cache, "two", tags=frozenset({"product:2", "catalog"}))
    await filled(cache, "three", tags=frozenset({"product:3"}))

    cache.invalidate(["product:1"])
    assert [key for key in ("one", "two", "three") if cache.get(key)] == ["two", "three"]
    cache.invalidate(["catalog", "nothing"])
    assert [key for key in ("one", "two", "three") if cache.get(key)] == ["three"]
    cache.clear()
    assert cache.get("three") is None
    assert cache._bytes == 0


@pytest.mark.parametrize("clear", [False, True], ids=["invalidated", "cleared"])
async def test_what_changed_while_it_was_made_is_not_kept(clear: bool) -> None:
    cache = ReplyCache(100_000)
    old = cache.start("a")
    waiting = cache.filling("a")
    cache.clear() if clear else cache.invalidate(TAGS)
    old.keep(b"old", TAGS, 60)

    assert cache.get("a") is None
    assert waiting is not None
    assert waiting.result() is None
    await filled(cache, "a")
    assert cache.get("a") is not None, "what is made afterwards is kept"


async def test_another_change_does_not_matter_to_a_fill() -> None:
    cache = ReplyCache(100_000)
    fill = cache.start("a")
    cache.invalidate(["product:2"])
    fill.keep(b"fresh", TAGS, 60)

    assert cache.get("a") is not None


async def test_a_fill_that_ends_with_nothing_lets_the_next_one_begin() -> None:
    cache = ReplyCache(100_000)
    fill = cache.start("a")
    waiting = cache.filling("a")
    fill.end()

    assert waiting is not None
    assert waiting.result() is None
    assert cache.filling("a") is None


async def test_an_entry_past_its_time_is_gone() -> None:
    cache = ReplyCache(100_000)
    cache.start("a").keep(b"x", TAGS, -1)

    assert cache.get("a") is None
    assert cache._bytes == 0
