"""The SQL of synonyms."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import msgspec

from entrepot.kernel import clock
from entrepot.kernel.db import Db, Tx


class SynonymRow(msgspec.Struct, frozen=True, kw_only=True):
    """Words that mean the same; with `also`, those of `terms` are looked for as `also` too, but not the other way round."""

    id: int
    language: str | None
    terms: list[str]
    also: list[str]
    created_at: datetime
    updated_at: datetime


_COLUMNS = "id, language, terms, also, created_at, updated_at"


async def list_synonyms(db: Db, skip: int, limit: int, after_id: int | None) -> list[SynonymRow]:
    """The oldest first."""
    return await db.many(
        SynonymRow,
        f"""
        select {_COLUMNS} from search_synonyms where $3::bigint is null or id > $3 order by id offset $1 limit $2
        """,
        skip,
        limit,
        after_id,
    )


async def count_synonyms(db: Db) -> int:
    total: int = await db.value("select count(*) from search_synonyms")
    return total


async def lock_for_more(tx: Tx) -> int:
    """How many there are, while nobody else adds any."""
    await tx.run("lock table search_synonyms in share row exclusive mode")
    total: int = await tx.value("select count(*) from search_synonyms")
    return total


async def insert_synonym(tx: Tx, language: str | None, terms: Sequence[str], also: Sequence[str]) -> SynonymRow:
    return await tx.one(
        SynonymRow,
        f"""
        insert into search_synonyms (language, terms, also, created_at, updated_at) values ($1, $2, $3, $4, $4)
        returning {_COLUMNS}
        """,
        language,
        list(terms),
        list(also),
        clock.now(),
    )


async def lock_synonym(tx: Tx, synonym_id: int) -> SynonymRow | None:
    return await tx.maybe(SynonymRow, f"select {_COLUMNS} from search_synonyms where id = $1 for update", synonym_id)


async def set_synonym(
    tx: Tx, synonym_id: int, language: str | None, terms: Sequence[str], also: Sequence[str]
) -> SynonymRow:
    return await tx.one(
        SynonymRow,
        f"""
        update search_synonyms set language = $2, terms = $3, also = $4, updated_at = $5 where id = $1
        returning {_COLUMNS}
        """,
        synonym_id,
        language,
        list(terms),
        list(also),
        clock.now(),
    )


async def delete_synonym(tx: Tx, synonym_id: int) -> SynonymRow | None:
    return await tx.maybe(SynonymRow, f"delete from search_synonyms where id = $1 returning {_COLUMNS}", synonym_id)
