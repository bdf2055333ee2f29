"""The SQL of exchange rates. All are counted from `base`, the shop's own currency."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal

import msgspec

from entrepot.kernel.db import Db, Tx


class ExchangeRate(msgspec.Struct, frozen=True):
    """What one unit of the shop's own currency is worth in this one, from a time on."""

    currency: str
    rate: Decimal
    valid_from: datetime


class WrittenRate(msgspec.Struct, frozen=True):
    """As `ExchangeRate`; without `rate`, the currency is not dealt in from then on."""

    currency: str
    rate: Decimal | None
    valid_from: datetime


async def list_current_and_upcoming(db: Db, base: str, at: datetime) -> list[WrittenRate]:
    """For each currency the rate that counts, then those to come; without currencies that have neither."""
    return await db.many(
        WrittenRate,
        """
        select currency, rate, valid_from from currency_rates r
        where base = $1
          and valid_from >= coalesce((select max(valid_from) from currency_rates
                                      where base = $1 and currency = r.currency and valid_from <= $2), '-infinity')
          and (rate is not null or valid_from > $2)
        order by currency, valid_from
        """,
        base,
        at,
    )


async def find_rate_at(db: Db, base: str, currency: str, at: datetime) -> WrittenRate | None:
    return await db.maybe(
        WrittenRate,
        """
        select currency, rate, valid_from from currency_rates
        where base = $1 and currency = $2 and valid_from <= $3 order by valid_from desc limit 1
        """,
        base,
        currency,
        at,
    )


async def lock_rates(tx: Tx) -> None:
    """Who sets rates takes turns; they are read meanwhile."""
    await tx.run("lock table currency_rates in share row exclusive mode")


async def claim_rate(tx: Tx, base: str, rate: WrittenRate, actor_id: int, now: datetime) -> int:
    """Set the rate from a time on; 0 when one has begun then already. One that has not begun is replaced."""
    return await tx.run(
        """
        insert into currency_rates as r (base, currency, valid_from, rate, set_by, created_at)
        values ($1, $2, $3, $4, $5, $6)
        on conflict (base, currency, valid_from) do update set rate = excluded.rate, set_by = excluded.set_by
            where r.valid_from > $6
        """,
        base,
        rate.currency,
        rate.valid_from,
        rate.rate,
        actor_id,
        now,
    )


async def count_upcoming(db: Db, base: str, currency: str, now: datetime) -> int:
    total: int = await db.value(
        "select count(*) from currency_rates where base = $1 and currency = $2 and valid_from > $3", base, currency, now
    )
    return total
