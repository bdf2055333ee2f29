"""The life of the index: it is built, followed, left and taken up again, damaged and made anew."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any, Final

import asyncpg
import msgspec
import pytest
import tantivy

from entrepot.search import folder as folders
from entrepot.search.build_alone import PROGRAM, Orders
from entrepot.search.folder import PARTS, IndexFolder, position_of
from entrepot.search.queries import get_database_name
from tests.conftest import database, database_url
from tests.search.keeping import Kept, Shelf, finds, keeping, opened_database, until


@pytest.fixture(scope="module")
async def own_database(server: str, template: str, worker_name: str) -> AsyncIterator[str]:
    async with database(server, template, f"search_{worker_name}") as address:
        yield address


@pytest.fixture
async def shelf(own_database: str) -> AsyncIterator[Shelf]:
    """A database with a company and a category, and no products yet."""
    opened = await opened_database(own_database)
    shelf = Shelf(opened)
    await shelf.set_up()
    yield shelf
    await opened.close()


async def test_what_was_there_before_is_found(shelf: Shelf, tmp_path: Path) -> None:
    ids = await shelf.products("red lamp", "green lamp", "chair")
    async with keeping(shelf.database, tmp_path) as kept:
        await finds(kept, "lamp", ids[:2])
        assert await kept.documents() == 3


async def test_an_empty_shop_has_an_empty_index(shelf: Shelf, tmp_path: Path) -> None:
    async with keeping(shelf.database, tmp_path) as kept:
        assert await kept.documents() == 0
        ids = await shelf.add("lamp")
        await finds(kept, "lamp", ids)


async def test_it_follows_what_happens(shelf: Shelf, tmp_path: Path) -> None:
    async with keeping(shelf.database, tmp_path) as kept:
        red, green = await shelf.add("red lamp", "green lamp")
        await finds(kept, "lamp", [red, green])
        await shelf.rename(red, "red stool")
        await finds(kept, "lamp", [green])
        await finds(kept, "stool", [red])
        await shelf.delete(green)
        await finds(kept, "lamp", [])
        assert kept.keeper.builds == 1


async def test_a_commit_that_overtakes_a_long_transaction_is_seen_and_so_is_the_late_one(
    shelf: Shelf, tmp_path: Path
) -> None:
    async with keeping(shelf.database, tmp_path) as kept:
        await kept.reader.opened()
        late = await shelf.database.pool.acquire()
        transaction = late.transaction()
        await transaction.start()
        await late.execute("update products set title = title")
        [slow] = await shelf.products("late lamp")
        await late.execute(
            """
            insert into events (name, occurred_at, data)
            values ('product.created', now(), jsonb_build_object('productId', $1::bigint))
            """,
            slow,
        )
        await late.execute("select pg_current_xact_id()")
        [quick] = await shelf.add("quick lamp")
        await finds(kept, "quick", [quick])
        await shelf.value("update products set title = 'belated lamp' where id = $1", slow)
        await transaction.commit()
        await shelf.database.pool.release(late)
        await finds(kept, "belat", [slow])


async def test_a_restart_reads_nothing_twice(shelf: Shelf, tmp_path: Path) -> None:
    ids = await shelf.products(*(f"lamp {number}" for number in range(50)))
    async with keeping(shelf.database, tmp_path) as kept:
        await finds(kept, "lamp", ids)
    [more] = await shelf.add("late lamp")

    async with keeping(shelf.database, tmp_path) as again:
        await finds(again, "lamp", [*ids, more])
        assert again.keeper.builds == 0
        assert again.keeper.documents_added == 1


async def test_a_renamed_category_takes_its_products_along(shelf: Shelf, tmp_path: Path) -> None:
    below = await shelf.a_category("below", shelf.category_id)
    ids = await shelf.products("lamp", "chair", "stool")
    await shelf.value("update products set category_id = $1 where id = $2", below, ids[0])
    async with keeping(shelf.database, tmp_path) as kept:
        await finds(kept, "lamp", ids[:1])
        await shelf.rename_category(below, "Luminaires")

        async def found() -> bool:
            return await _labelled(kept, "luminair") == ids[:1]

        await until(found)
        assert kept.keeper.documents_added == 1, "only what is in the category that was renamed"
        await shelf.rename_category(shelf.category_id, "Furnishing")

        async def all_found() -> bool:
            return await _labelled(kept, "furnish") == sorted(ids)

        await until(all_found)


async def _labelled(kept: Kept, word: str) -> list[int]:
    opened = await kept.reader.opened()
    query = tantivy.Query.term_query(opened.schema, "labels", word, "freq")
    hits = opened.searcher.search(query, 1000).hits
    ids: list[Any] = opened.searcher.fast_field_values("id", [address for _, address in hits])
    return sorted(ids)


HARMS: Final = ("missing", "cut", "changed")
FILES: Final = (*PARTS, "meta", "position")


@pytest.mark.parametrize(("part", "harm"), [(part, HARMS[place % 3]) for place, part in enumerate(FILES)])
async def test_damage_is_noticed_and_made_good(shelf: Shelf, tmp_path: Path, part: str, harm: str) -> None:
    ids = await shelf.products("red lamp", "green lamp")
    async with keeping(shelf.database, tmp_path) as kept:
        await finds(kept, "lamp", ids)
    generation = IndexFolder(tmp_path).current()
    assert generation is not None
    [path] = generation.glob(f"{part}.json" if part in ("meta", "position") else f"*.{part}")
    _harm(path, harm)

    async with keeping(shelf.database, tmp_path) as again:

        async def is_another() -> bool:
            return again.keeper.builds == 1 and again.folder.current() not in (None, generation)

        await until(is_another)
        await finds(again, "lamp", ids)


async def test_every_harm_to_every_file_is_seen(shelf: Shelf, tmp_path: Path) -> None:
    await shelf.products("red lamp", "green lamp")
    async with keeping(shelf.database, tmp_path) as kept:
        await kept.reader.opened()
    generation = IndexFolder(tmp_path).current()
    assert generation is not None
    folders.refuse_damaged(generation)
    for path in [path for part in PARTS for path in generation.glob(f"*.{part}")]:
        content = path.read_bytes()
        for harm in HARMS:
            _harm(path, harm)
            with pytest.raises(folders.Damaged, match=path.name):
                folders.refuse_damaged(generation)
            path.write_bytes(content)
    folders.refuse_damaged(generation)


def _harm(path: Path, harm: str) -> None:
    content = path.read_bytes()
    if harm == "missing":
        path.unlink()
    elif harm == "cut":
        path.write_bytes(content[: len(content) // 2])
    else:
        path.write_bytes(bytes([content[0] ^ 0xFF]) + content[1:])


async def test_what_nobody_told_of_is_noticed(shelf: Shelf, tmp_path: Path) -> None:
    ids = await shelf.products("red lamp")
    async with keeping(shelf.database, tmp_path) as kept:
        await finds(kept, "lamp", ids)
    ids += await shelf.products("green lamp")  # written without an event, as a restored backup would be

    async with keeping(shelf.database, tmp_path) as again:
        await finds(again, "lamp", ids)
        assert again.keeper.builds == 1


async def test_an_index_of_a_later_moment_is_not_trusted(shelf: Shelf, tmp_path: Path) -> None:
    ids = await shelf.products("red lamp")
    async with keeping(shelf.database, tmp_path) as kept:
        await finds(kept, "lamp", ids)
    generation = IndexFolder(tmp_path).current()
    assert generation is not None
    position = position_of(generation)
    assert position is not None
    low = int(position.snapshot.split(":")[0]) + 1_000_000
    later = folders.Position(
        snapshot=f"{low}:{low}:", event_id=position.event_id, complete=True, categories=position.categories
    )
    folders.keep_position(generation, later)
    [more] = await shelf.add("green lamp")

    async with keeping(shelf.database, tmp_path) as again:
        await finds(again, "lamp", [*ids, more])
        assert again.keeper.builds == 1


async def test_events_that_are_gone_are_missed(shelf: Shelf, tmp_path: Path) -> None:
    [red] = await shelf.add("red lamp")
    async with keeping(shelf.database, tmp_path) as kept:
        await finds(kept, "lamp", [red])
    await shelf.rename(red, "red stool")
    await shelf.value("delete from events")
    await shelf.add("chair")

    async with keeping(shelf.database, tmp_path) as again:
        await finds(again, "stool", [red])
        assert again.keeper.builds == 1


async def test_a_rebuild_leaves_the_old_index_until_it_is_done(shelf: Shelf, tmp_path: Path) -> None:
    ids = await shelf.products("red lamp")
    async with keeping(shelf.database, tmp_path) as kept:
        await finds(kept, "lamp", ids)
        generation = kept.folder.current()
        assert generation is not None
        folders.want_rebuild(generation, "a test wants it")

        async def is_another() -> bool:
            assert await kept.titles_with("lamp") == ids, "at no moment is anything missing"
            return kept.folder.current() != generation

        await until(is_another)
        assert not generation.exists()


async def test_a_large_index_is_built_in_a_process_of_its_own(shelf: Shelf, tmp_path: Path) -> None:
    ids = await shelf.products(*(f"lamp {number}" for number in range(1_200)))
    async with keeping(shelf.database, tmp_path, alone_from=1_000) as kept:
        assert await kept.documents() == len(ids)
        assert kept.keeper.builds == 1
        [more] = await shelf.add("late stool")
        await finds(kept, "stool", [more])


async def test_a_build_ends_with_who_wanted_it(shelf: Shelf, tmp_path: Path) -> None:
    """Also when that one was killed: the other process sees its input end."""
    orders = Orders(shelf.database.dsn, str(tmp_path), early=True)
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-c",
        PROGRAM,
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
    )
    assert process.stdin is not None
    lock = await shelf.database.pool.acquire()
    transaction = lock.transaction()
    await transaction.start()
    await lock.execute("lock table products")  # so that it cannot finish
    process.stdin.write(msgspec.json.encode(orders) + b"\n")
    await process.stdin.drain()

    async def waits() -> bool:
        waiting: bool = await shelf.value(
            "select exists (select from pg_stat_activity where application_name = 'entrepot search' and wait_event_type = 'Lock')"
        )
        return waiting

    await until(waits)
    process.stdin.close()
    async with asyncio.timeout(10):
        assert await process.wait() == 1
    await transaction.rollback()
    await shelf.database.pool.release(lock)


async def test_two_processes_share_an_index_and_one_takes_over(shelf: Shelf, tmp_path: Path) -> None:
    [red] = await shelf.products("red lamp")
    async with keeping(shelf.database, tmp_path) as second:
        async with keeping(shelf.database, tmp_path) as first:
            await finds(first, "lamp", [red])
            await finds(second, "lamp", [red])
            writers = [kept for kept in (first, second) if kept.keeper.builds]
            assert len(writers) == 1, "one of them built it"
            [green] = await shelf.add("green lamp")
            await finds(first, "lamp", [red, green])
            await finds(second, "lamp", [red, green])
        [blue] = await shelf.add("blue lamp")
        await finds(second, "lamp", [red, green, blue])
        assert first.keeper.builds + second.keeper.builds == 1, "who takes over goes on where the other was"


async def test_a_process_that_is_killed_loses_nothing(
    shelf: Shelf, tmp_path: Path, server: str, worker_name: str
) -> None:
    address = database_url(server, f"search_{worker_name}")
    script = (
        "import asyncio, sys\n"
        "from pathlib import Path\n"
        "from tests.search.keeping import keeping, opened_database\n"
        "async def main():\n"
        "    database = await opened_database(sys.argv[1])\n"
        "    async with keeping(database, Path(sys.argv[2])) as kept:\n"
        "        await kept.reader.opened()\n"
        "        print('ready', flush=True)\n"
        "        await asyncio.sleep(60)\n"
        "asyncio.run(main())\n"
    )
    titles = 0
    for _ in range(3):
        process = subprocess.Popen(  # noqa: ASYNC220  it is killed, not waited for
            [sys.executable, "-c", script, address, str(tmp_path)],
            stdout=subprocess.PIPE,
            cwd=Path(__file__).parents[2],
        )
        assert process.stdout is not None
        await asyncio.to_thread(process.stdout.readline)
        for _ in range(30):
            await shelf.add(f"lamp {titles}")
            titles += 1
        os.kill(process.pid, signal.SIGKILL)
        await asyncio.to_thread(process.wait)

    expected = await shelf.database.reader.values("select id from products")
    assert len(expected) == titles
    async with keeping(shelf.database, tmp_path) as again:
        await finds(again, "lamp", expected)


async def test_another_database_has_another_index(shelf: Shelf) -> None:
    connection = await asyncpg.connect(shelf.database.dsn)
    oid = await connection.fetchval("select oid from pg_database where datname = current_database()")
    await connection.close()
    assert (await get_database_name(shelf.database.reader)).endswith(f"-{oid}")
