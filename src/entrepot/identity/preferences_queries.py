"""The SQL of preferences."""

from __future__ import annotations

from enum import StrEnum
from typing import Final

import msgspec

from entrepot.kernel import clock
from entrepot.kernel.db import Db, Tx


class Theme(StrEnum):
    LIGHT = "light"
    DARK = "dark"


class Preferences(msgspec.Struct, frozen=True, rename="camel"):
    """What a user has chosen, and the shop's defaults where it has not."""

    theme: Theme
    notifications: bool
    email_notifications: bool
    currency: str
    language: str


_CHOSEN: Final = """
    coalesce(p.theme, 'light') as theme, coalesce(p.notifications, true) as notifications,
    coalesce(p.email_notifications, true) as email_notifications
    """


async def get_preferences(db: Db, user_id: int, shop_currency: str) -> Preferences:
    return await db.one(
        Preferences,
        f"""
        select {_CHOSEN}, coalesce(p.currency, $2) as currency, u.language
        from users u left join preferences p on p.user_id = u.id where u.id = $1
        """,
        user_id,
        shop_currency,
    )


async def put_preferences(
    tx: Tx,
    user_id: int,
    shop_currency: str,
    *,
    theme: Theme | None,
    notifications: bool | None,
    email_notifications: bool | None,
    currency: str | None,
    language: str | None,
) -> Preferences:
    """Choose what is given; None keeps what was chosen before."""
    return await tx.one(
        Preferences,
        f"""
        with spoken as (
            update users set language = $7, updated_at = $8 where id = $1 and language is distinct from $7::text
                and $7 is not null
        ), p as (
            insert into preferences as old (user_id, theme, notifications, email_notifications, currency, updated_at)
            values ($1, $3, $4, $5, $6, $8)
            on conflict (user_id) do update set
                theme = coalesce($3, old.theme), notifications = coalesce($4, old.notifications),
                email_notifications = coalesce($5, old.email_notifications), currency = coalesce($6, old.currency),
                updated_at = $8
            returning *
        )
        select {_CHOSEN}, coalesce(p.currency, $2) as currency, coalesce($7, u.language) as language
        from p join users u on u.id = p.user_id
        """,
        user_id,
        shop_currency,
        theme,
        notifications,
        email_notifications,
        currency,
        language,
        clock.now(),
    )
