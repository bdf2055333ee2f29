"""Carrying an import out: batch after batch, each with its progress in one transaction, so that it can end anywhere and go on.

A job that is killed is started again, and goes on behind the last batch that was committed; of two that run at once, the
second notices it and leaves. A SKU that comes again in a file waits for the next batch: a later line changes what an earlier
one made.
"""

from __future__ import annotations

import asyncio
import tempfile
from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import islice
from pathlib import Path
from typing import Any, Final

import asyncpg
import msgspec

from entrepot.catalog import imports_queries, upsert_queries
from entrepot.catalog.categories import CategoryFields
from entrepot.catalog.create_category import create_category
from entrepot.catalog.import_records import Record
from entrepot.catalog.import_rules import FILE_RULES
from entrepot.catalog.import_sources import Source, open_source
from entrepot.catalog.import_table import Unreadable
from entrepot.catalog.imports import ImportStatus, LineError, Step
from entrepot.catalog.upsert import upsert_products
from entrepot.catalog.upsert_rows import Given, Outcome, RowStatus
from entrepot.inventory import Reason
from entrepot.kernel.actors import Actor, Role
from entrepot.kernel.db import Database, Tx
from entrepot.kernel.errors import Unprocessable
from entrepot.kernel.files import FileMissing, Files
from entrepot.kernel.routes import RETRIES, RETRYABLE
from entrepot.kernel.slugs import slug_of
from entrepot.shop import Shop

BATCH: Final = 500
MAX_NAME: Final = 100
MAX_VALUE: Final = 100
"""Characters of a wrong cell that are shown."""


class Asked(msgspec.Struct, frozen=True, rename="camel"):
    """What the job is given."""

    import_id: int


async def run_import(shop: Shop, payload: dict[str, Any]) -> None:
    """The job: begin an import or go on with it. One that is over stays as it is."""
    import_id = msgspec.convert(payload, Asked).import_id
    async with shop.database.transaction() as tx:
        step = await imports_queries.claim_import(tx, import_id)
    if step is None:
        return
    try:
        await _carry_out(shop, step)
    except Unreadable as error:
        await _end(shop.database, import_id, ImportStatus.FAILED, error.message)
    except FileMissing:
        await _end(shop.database, import_id, ImportStatus.FAILED, "The file did not arrive: send it again")


async def _end(database: Database, import_id: int, status: ImportStatus, message: str | None = None) -> None:
    async with database.transaction() as tx:
        await imports_queries.set_over(tx, import_id, status, message)


async def _carry_out(shop: Shop, step: Step) -> None:
    with tempfile.TemporaryDirectory(prefix="entrepot-import-") as name:
        folder = Path(name)
        path = await _fetched(shop.files, step.file_key, folder / "file")
        source = await open_source(path, folder, shop.currency)
        async with shop.database.transaction() as tx:
            actor = await _actor_of(tx, step)
            await imports_queries.set_format(tx, step.id, source.format, source.total)
        if actor is None:
            await _end(shop.database, step.id, ImportStatus.CANCELLED, "Whoever sent the file has no account any more")
            return
        await _batches(shop, actor, step, source)


async def _fetched(files: Files, key: str, path: Path) -> Path:
    """A copy on this machine: the file may lie in a bucket, and is read more than once."""
    content = await files.open(key)
    with path.open("wb") as file:
        async for chunk in content.chunks:
            file.write(chunk)
    return path


async def _actor_of(tx: Tx, step: Step) -> Actor | None:
    if step.actor_id is None:
        return Actor(role=step.actor_role)
    found = await imports_queries.find_actor(tx, step.actor_id)
    if found is None:
        return None
    return Actor(user_id=step.actor_id, role=found.role, company_id=found.company_id, zone_ids=tuple(found.zone_ids))


async def _batches(shop: Shop, actor: Actor, step: Step, source: Source) -> None:
    done = step.rows_done
    records = islice(source.records(), done, None)
    waiting: list[Record] = []
    counted_at = done + 2 * BATCH
    while True:
        batch = await asyncio.to_thread(next_batch, records, waiting)
        if not batch:
            break
        if not await _write(shop, actor, step, batch, done):
            return
        done += len(batch)
        if done >= counted_at:
            counted_at = 2 * done
            await _count_anew(shop.database)
    await _end(shop.database, step.id, ImportStatus.DONE)


async def _count_anew(database: Database) -> None:
    """Whenever the file has come twice as far. Where somebody else looks after the tables just now, it can wait."""
    try:
        async with database.transaction() as tx:
            await imports_queries.count_anew(tx)
    except (asyncpg.LockNotAvailableError, asyncpg.QueryCanceledError):
        return


def next_batch(records: Iterator[Record], waiting: list[Record]) -> list[Record]:
    """The next records, each SKU once: what begins with one that is there already waits for the next batch."""
    batch: list[Record] = []
    seen: set[str] = set()
    while len(batch) < BATCH:
        record = waiting.pop() if waiting else next(records, None)
        if record is None:
            break
        if record.sku is not None and record.sku in seen:
            waiting.append(record)
            break
        if record.sku is not None:
            seen.add(record.sku)
        batch.append(record)
    return batch


async def _write(shop: Shop, actor: Actor, step: Step, batch: Sequence[Record], done: int) -> bool:
    """Write a batch, or, if the database refuses it, its halves, down to the line that is at fault; False to stop."""
    for attempt in range(RETRIES + 1):
        try:
            async with shop.database.transaction() as tx:
                return await _write_in(tx, shop, actor, step, batch, done)
        except RETRYABLE:
            if attempt == RETRIES:
                raise
        except asyncpg.IntegrityConstraintViolationError:
            if len(batch) == 1:
                return await _refuse(shop.database, step, batch[0], done)
            middle = len(batch) // 2
            return await _write(shop, actor, step, batch[:middle], done) and await _write(
                shop, actor, step, batch[middle:], done + middle
            )
    return False


async def _write_in(tx: Tx, shop: Shop, actor: Actor, step: Step, batch: Sequence[Record], done: int) -> bool:
    if not await imports_queries.lock_running(tx, step.id, done):
        return False
    if step.create_categories and actor.role is Role.ADMIN:
        await _create_categories(tx, actor, batch)
    given = [
        Given({**record.fields, "companyId": step.company_id}, record.faults, record.all_translations)
        for record in batch
    ]
    outcomes = await upsert_products(tx, shop, actor, given, rules=FILE_RULES, reason=Reason.IMPORT)
    counts = Counter(outcome.status for outcome in outcomes)
    await imports_queries.move_on(
        tx,
        step.id,
        created=counts[RowStatus.CREATED],
        updated=counts[RowStatus.UPDATED],
        unchanged=counts[RowStatus.UNCHANGED],
        failed=counts[RowStatus.FAILED],
        errors=[
            error
            for record, outcome in zip(batch, outcomes, strict=True)
            if outcome.status is RowStatus.FAILED
            for error in errors_of(record, outcome)
        ],
    )
    return True


async def _create_categories(tx: Tx, actor: Actor, batch: Sequence[Record]) -> None:
    """Those that the batch names and that there are not, at the top of the tree; what cannot be one stays a line's fault."""
    named = {str(record.fields["category"]): record for record in batch if record.fields.get("category")}
    there = {one.name for one in await upsert_queries.list_categories(tx, sorted(named))}
    for slug in sorted(named.keys() - there):
        if slug != slug_of(slug) or len(slug) > MAX_NAME:
            continue
        try:
            await create_category(tx, actor, CategoryFields(slug=slug, name=_category_name(slug, named[slug])), {})
        except Unprocessable:
            return  # there are too many already


def _category_name(slug: str, record: Record) -> str:
    """As the file has it, where that is more than the slug."""
    written = record.cells.get(record.column_of("category") or "", "").rpartition(">")[2].strip()
    is_name = slug_of(written) == slug and written != slug and len(written) <= MAX_NAME if written else False
    return written if is_name else slug.replace("-", " ").capitalize()


def errors_of(record: Record, outcome: Outcome) -> list[LineError]:
    """What is wrong with a line, with the columns that it is wrong in."""
    return [
        LineError(
            line=record.line,
            column=(column := record.column_of(field)) or (field or None),
            value=_short(record.cells.get(column or "")),
            message=message,
        )
        for field, messages in outcome.faults.items()
        for message in messages
    ]


def _short(value: str | None) -> str | None:
    return value if value is None or len(value) <= MAX_VALUE else f"{value[: MAX_VALUE - 1]}…"


async def _refuse(database: Database, step: Step, record: Record, done: int) -> bool:
    """A line that the database itself refuses, since somebody wrote something that forbids it at the same moment."""
    async with database.transaction() as tx:
        if not await imports_queries.lock_running(tx, step.id, done):
            return False
        message = "cannot be written as things stand now: import the file again"
        error = LineError(line=record.line, column=None, value=None, message=message)
        await imports_queries.move_on(tx, step.id, created=0, updated=0, unchanged=0, failed=1, errors=[error])
    return True
