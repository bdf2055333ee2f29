"""The SQL of addresses. Whoever changes which one is the default holds the owner's row."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Final

import msgspec

from entrepot.kernel import clock
from entrepot.kernel.db import Db, Tx


class Address(msgspec.Struct, frozen=True, rename="camel", kw_only=True):
    """An address that a user keeps; `isDefault` is true for exactly one of them."""

    id: int
    user_id: int
    label: str
    first_name: str
    last_name: str
    address: str
    city: str
    state: str
    zip_code: str
    country: str
    phone: str
    latitude: float | None
    longitude: float | None
    is_default: bool
    created_at: datetime
    updated_at: datetime


_ADDRESS: Final = """
    id, user_id, label, first_name, last_name, address, city, state, zip_code, country, phone, latitude, longitude,
    is_default, created_at, updated_at
    """


async def list_addresses(db: Db, user_id: int) -> list[Address]:
    """The default first, then the newest; a user has few."""
    return await db.many(
        Address,
        f"""
        select {_ADDRESS} from addresses where user_id = $1 and deleted_at is null order by is_default desc, id desc
        """,
        user_id,
    )


async def find_address(db: Db, user_id: int, address_id: int) -> Address | None:
    return await db.maybe(
        Address,
        f"select {_ADDRESS} from addresses where id = $2 and user_id = $1 and deleted_at is null",
        user_id,
        address_id,
    )


async def lock_owner(tx: Tx, user_id: int) -> None:
    """Changes of one user's addresses take turns; statements after this one see what the one before has done."""
    await tx.run("select from users where id = $1 for no key update", user_id)


async def insert_address(tx: Tx, user_id: int, address: dict[str, Any], limit: int) -> Address | None:
    """`address` holds the columns by name. The first one is the default. None when the user has `limit` already."""
    return await tx.maybe(
        Address,
        f"""
        with kept as (
            select count(*) as total, coalesce(bool_or(is_default), false) as has_default from addresses
            where user_id = $1 and deleted_at is null
        )
        insert into addresses (user_id, label, first_name, last_name, address, city, state, zip_code, country, phone,
                               latitude, longitude, is_default, created_at, updated_at)
        select $1, n.label, n.first_name, n.last_name, n.address, n.city, n.state, n.zip_code, n.country, n.phone,
               n.latitude, n.longitude, n.is_default or not kept.has_default, $4, $4
        from kept, jsonb_populate_record(null::addresses, $2::jsonb) n where kept.total < $3
        returning {_ADDRESS}
        """,
        user_id,
        address,
        limit,
        clock.now(),
    )


async def set_address(tx: Tx, user_id: int, address_id: int, changes: dict[str, Any]) -> Address | None:
    """Change the columns that are named in `changes`; the others stay as they are."""
    return await tx.maybe(
        Address,
        f"""
        update addresses a set (label, first_name, last_name, address, city, state, zip_code, country, phone, latitude,
                                longitude, is_default, updated_at) = (
            select n.label, n.first_name, n.last_name, n.address, n.city, n.state, n.zip_code, n.country, n.phone,
                   n.latitude, n.longitude, n.is_default, $4::timestamptz
            from jsonb_populate_record(a, $3::jsonb) n)
        where id = $2 and user_id = $1 and deleted_at is null
        returning {_ADDRESS}
        """,
        user_id,
        address_id,
        changes,
        clock.now(),
    )


async def clear_default(tx: Tx, user_id: int, except_id: int | None) -> None:
    """In a statement of its own: the database allows no second default, not even until the statement ends."""
    await tx.run(
        """
        update addresses set is_default = false, updated_at = $3
        where user_id = $1 and is_default and deleted_at is null and id is distinct from $2::bigint
        """,
        user_id,
        except_id,
        clock.now(),
    )


async def delete_address(tx: Tx, user_id: int, address_id: int) -> bool | None:
    """Whether the one that is gone was the default; None when there was none. Orders keep a copy of their own."""
    was_default: bool | None = await tx.value(
        "delete from addresses where id = $2 and user_id = $1 and deleted_at is null returning is_default",
        user_id,
        address_id,
    )
    return was_default


async def promote_newest(tx: Tx, user_id: int) -> None:
    await tx.run(
        """
        update addresses set is_default = true, updated_at = $2
        where id = (select max(id) from addresses where user_id = $1 and deleted_at is null)
        """,
        user_id,
        clock.now(),
    )
