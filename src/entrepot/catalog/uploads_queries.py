"""The SQL of uploads, and of files that nothing refers to any more."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Final

import msgspec

from entrepot.kernel import clock
from entrepot.kernel.db import Db, Tx

# Whatever shows uploads has a foreign key to them, and its line here: without the line, the key refuses to let go.
_IN_USE: Final = """
    (exists (select from product_images i where i.upload = u.key)
     or exists (select from products p where p.thumbnail_upload = u.key))
    """


class UploadRow(msgspec.Struct, frozen=True, kw_only=True):
    """A picture that was uploaded. Its files are named by `key`."""

    key: str
    owner_id: int | None
    width: int
    height: int
    size_bytes: int
    created_at: datetime


class UploadFile(msgspec.Struct, frozen=True):
    """A file that belongs to an upload."""

    key: str
    location: str


class Seen(msgspec.Struct, frozen=True):
    """An upload that the clean-up has come to."""

    key: str
    created_at: datetime
    is_idle: bool


async def lock_owner(tx: Tx, user_id: int) -> None:
    """Uploads of one person are counted one after the other."""
    await tx.value("select id from users where id = $1 for no key update", user_id)


async def insert_upload(tx: Tx, upload: UploadRow) -> None:
    """Write down what is going to be stored."""
    await tx.run(
        """
        insert into uploads (key, owner_id, width, height, size_bytes, created_at) values ($1, $2, $3, $4, $5, $6)
        """,
        upload.key,
        upload.owner_id,
        upload.width,
        upload.height,
        upload.size_bytes,
        upload.created_at,
    )


async def claim_upload(tx: Tx, upload: UploadRow, counted_since: datetime, max_idle: int, max_idle_bytes: int) -> bool:
    """The same, unless the owner has so many newer uploads that nothing shows. The owner is locked."""
    claimed = await tx.run(
        f"""
        insert into uploads (key, owner_id, width, height, size_bytes, created_at)
        select $1, $2, $3, $4, $5::integer, $6
        from (select count(*) as number, coalesce(sum(size_bytes), 0) as size_bytes from uploads u
              where u.owner_id = $2 and u.created_at > $7 and not {_IN_USE}) idle
        where idle.number < $8 and idle.size_bytes + $5::integer <= $9
        """,
        upload.key,
        upload.owner_id,
        upload.width,
        upload.height,
        upload.size_bytes,
        upload.created_at,
        counted_since,
        max_idle,
        max_idle_bytes,
    )
    return claimed == 1


async def claim_stored(tx: Tx, key: str) -> bool:
    """The files are there. False when the clean-up has given the upload up meanwhile."""
    stored = await tx.run("update uploads set stored_at = $2 where key = $1 and stored_at is null", key, clock.now())
    return stored == 1


async def lock_upload(tx: Tx, key: str, owner_id: int | None) -> UploadRow | None:
    """An upload, of this owner if one is given: nobody begins to show it until the transaction ends."""
    return await tx.maybe(
        UploadRow,
        """
        select key, owner_id, width, height, size_bytes, created_at from uploads
        where key = $1 and stored_at is not null and ($2::bigint is null or owner_id = $2)
        for update
        """,
        key,
        owner_id,
    )


async def lock_uploads(tx: Tx, keys: Sequence[str]) -> None:
    """Nobody begins to show them until the transaction ends; who has begun already is seen by the next statement."""
    await tx.values("select key from uploads where key = any($1::text[]) order by key for update", list(keys))


async def lock_uploads_of(tx: Tx, owner_id: int) -> list[str]:
    return await tx.values("select key from uploads where owner_id = $1 order by key for update", owner_id)


async def discard_idle(tx: Tx, files: Sequence[UploadFile]) -> list[str]:
    """Delete those of these uploads that nothing shows, with their files; returns the keys.

    They were locked by an earlier statement: this one sees whoever began to show them before.
    """
    return await tx.values(
        f"""
        with files as (
            select * from unnest($1::text[], $2::text[]) as file (key, location)
        ), deleted as (
            delete from uploads u where u.key in (select key from files) and not {_IN_USE} returning u.key
        ), discarded as (
            insert into discarded_files (location, discarded_at)
            select f.location, $3 from files f join deleted d on d.key = f.key
            on conflict (location) do nothing
        )
        select key from deleted
        """,
        [file.key for file in files],
        [file.location for file in files],
        clock.now(),
    )


async def forget_owner(tx: Tx, owner_id: int) -> None:
    await tx.run("update uploads set owner_id = null where owner_id = $1", owner_id)


async def lock_unfinished(tx: Tx, created_before: datetime, limit: int) -> list[str]:
    """Uploads whose files ought to be there by now, and are not: from here on they never will be."""
    return await tx.values(
        """
        select key from uploads where stored_at is null and created_at < $1
        order by created_at limit $2 for update skip locked
        """,
        created_before,
        limit,
    )


async def list_seen(db: Db, created_before: datetime, after: Seen | None, limit: int) -> list[Seen]:
    """The next uploads of this age, the oldest first, with whether anything shows them."""
    return await db.many(
        Seen,
        f"""
        with page as (
            select key, created_at from uploads
            where created_at < $1 and ($2::timestamptz is null or (created_at, key) > ($2, $3::text))
            order by created_at, key limit $4
        )
        select u.key, u.created_at, not {_IN_USE} as is_idle from page u order by u.created_at, u.key
        """,
        created_before,
        after.created_at if after is not None else None,
        after.key if after is not None else None,
        limit,
    )


async def list_discarded(db: Db, discarded_before: datetime, after: str, limit: int) -> list[str]:
    """The locations of files that are to be deleted, in their order."""
    return await db.values(
        """
        select location from discarded_files where discarded_at < $1 and location > $2 order by location limit $3
        """,
        discarded_before,
        after,
        limit,
    )


async def forget_discarded(tx: Tx, locations: Sequence[str]) -> None:
    """The files are gone."""
    await tx.run("delete from discarded_files where location = any($1::text[])", list(locations))
