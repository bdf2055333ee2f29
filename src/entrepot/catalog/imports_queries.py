"""The SQL of imports: how far each has come, and what was wrong with its lines."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import msgspec

from entrepot.catalog.imports import MOST_ERRORS, Import, ImportActor, ImportedFile, LineError, Step
from entrepot.kernel import clock
from entrepot.kernel.actors import Actor, Role
from entrepot.kernel.db import Db, Tx


async def insert_import(tx: Tx, actor: Actor, company_id: int, file: ImportedFile) -> int:
    import_id: int = await tx.value(
        """
        insert into imports (company_id, actor_id, actor_role, file_name, file_key, size_bytes, create_categories,
                             created_at, moved_at)
        values ($1, $2, $3, $4, $5, $6, $7, $8, $8) returning id
        """,
        company_id,
        actor.user_id,
        actor.role or Role.ADMIN,
        file.name,
        file.key,
        file.size_bytes,
        file.create_categories,
        clock.now(),
    )
    return import_id


async def find_import(db: Db, import_id: int, owner_id: int | None) -> Import | None:
    """An import; of this person alone, if one is given."""
    return await db.maybe(
        Import,
        """
        select i.id, i.company_id, i.file_name, i.format, i.status, i.message, i.rows_total, i.rows_done, i.created,
               i.updated, i.unchanged, i.failed, i.created_at, i.started_at, i.finished_at,
               (select count(*) from import_errors e where e.import_id = i.id) as errors
        from imports i where i.id = $1 and ($2::bigint is null or i.actor_id = $2)
        """,
        import_id,
        owner_id,
    )


async def list_errors(db: Db, import_id: int, skip: int, limit: int) -> list[LineError]:
    return await db.many(
        LineError,
        """
        select line, column_name as "column", value, message from import_errors
        where import_id = $1 order by number offset $2 limit $3
        """,
        import_id,
        skip,
        limit,
    )


async def claim_import(tx: Tx, import_id: int) -> Step | None:
    """Begin, or go on with, an import that is not over; None when it is, or there is none."""
    return await tx.maybe(
        Step,
        """
        update imports set status = 'running', started_at = coalesce(started_at, $2), moved_at = $2
        where id = $1 and status in ('queued', 'running')
        returning id, company_id, actor_id, actor_role, file_key, create_categories, rows_done
        """,
        import_id,
        clock.now(),
    )


async def lock_running(tx: Tx, import_id: int, rows_done: int) -> bool:
    """Whether the import has come exactly so far, and goes on: if not, somebody else is at it, or it was cancelled."""
    found: bool = await tx.value(
        """
        select exists (
            select from imports where id = $1 and status = 'running' and rows_done = $2 for update)
        """,
        import_id,
        rows_done,
    )
    return found


async def find_actor(db: Db, user_id: int) -> ImportActor | None:
    """Who imports, with the rights of now; None when they may not sign in any more."""
    return await db.maybe(
        ImportActor,
        """
        select u.role, m.company_id,
               array(select zone_id from admin_zones z where z.user_id = u.id order by zone_id) as zone_ids
        from users u left join company_members m on m.user_id = u.id
        where u.id = $1 and u.status = 'active' and u.deleted_at is null
        """,
        user_id,
    )


async def find_company(db: Db, named: str) -> int | None:
    """By its slug or its id."""
    found: int | None = await db.value(
        "select id from companies where (slug = $1 or id::text = $1) and deleted_at is null order by slug <> $1 limit 1",
        named,
    )
    return found


async def set_format(tx: Tx, import_id: int, kind: str, rows_total: int) -> None:
    await tx.run("update imports set format = $2, rows_total = $3 where id = $1", import_id, kind, rows_total)


async def move_on(
    tx: Tx, import_id: int, *, created: int, updated: int, unchanged: int, failed: int, errors: Sequence[LineError]
) -> None:
    """So many rows more are done, on a locked import. Of the errors, the first thousand are kept."""
    await tx.run(
        """
        with errors as (
            insert into import_errors (import_id, number, line, column_name, value, message)
            select $1, kept.number + e.place, e.line, e.column_name, e.value, e.message
            from (select count(*)::integer as number from import_errors where import_id = $1) as kept,
                 unnest($7::integer[], $8::text[], $9::text[], $10::text[]) with ordinality
                     as e (line, column_name, value, message, place)
            where kept.number + e.place <= $11
        )
        update imports set rows_done = rows_done + $2 + $3 + $4 + $5, created = created + $2, updated = updated + $3,
               unchanged = unchanged + $4, failed = failed + $5, moved_at = $6
        where id = $1
        """,
        import_id,
        created,
        updated,
        unchanged,
        failed,
        clock.now(),
        [error.line for error in errors],
        [error.column for error in errors],
        [error.value for error in errors],
        [error.message for error in errors],
        MOST_ERRORS,
    )


async def count_anew(tx: Tx) -> None:
    """Let the planner see how much there is: it still thinks of the tables as they were before a file began to fill them.

    It would find a product by its SKU through all products of the company.
    """
    await tx.run("analyze products, product_groups, product_images, product_translations, product_stock, stock_levels")


async def set_over(tx: Tx, import_id: int, status: str, message: str | None) -> bool:
    """The import is over; False when it was already."""
    ended = await tx.run(
        """
        update imports set status = $2, message = $3, finished_at = $4, moved_at = $4
        where id = $1 and status in ('queued', 'running')
        """,
        import_id,
        status,
        message,
        clock.now(),
    )
    return ended == 1


async def claim_stalled(tx: Tx, moved_before: datetime, limit: int) -> list[Stalled]:
    """Imports that ought to be under way, and have not come forward since then: the next look at them is that much later."""
    return await tx.many(
        Stalled,
        """
        update imports set moved_at = $3 where id in (
            select id from imports where status in ('queued', 'running') and moved_at < $1
            order by moved_at limit $2 for update skip locked)
        returning id, created_at
        """,
        moved_before,
        limit,
        clock.now(),
    )


async def list_old_files(db: Db, created_before: datetime, limit: int) -> list[ImportKey]:
    """Imports that were over long ago, with their files."""
    return await db.many(
        ImportKey,
        """
        select id, file_key from imports
        where created_at < $1 and status not in ('queued', 'running') order by created_at limit $2
        """,
        created_before,
        limit,
    )


async def delete_imports(tx: Tx, import_ids: Sequence[int]) -> None:
    await tx.run("delete from imports where id = any($1::bigint[])", list(import_ids))


class Stalled(msgspec.Struct, frozen=True):
    id: int
    created_at: datetime


class ImportKey(msgspec.Struct, frozen=True):
    id: int
    file_key: str
