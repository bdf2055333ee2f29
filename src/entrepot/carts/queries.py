"""The SQL of carts. A cart is found by its user, by the hash of a guest's token, or by its id."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Final

import msgspec

from entrepot.carts.model import MAX_LINES, MAX_QUANTITY, Cart, Combining, Line, Owner
from entrepot.kernel import clock
from entrepot.kernel.db import Db, Tx

_OWNED: Final = "(c.user_id = $1 or c.token_hash = $2)"

_SHOWN: Final = """
    select c.id, c.user_id, coalesce((
        select jsonb_agg(jsonb_build_object(
            'product_id', i.product_id, 'quantity', i.quantity, 'company_id', p.company_id, 'title', p.title,
            'thumbnail', p.thumbnail, 'currency', p.currency) order by i.added_at, i.product_id)
        from cart_items i join products p on p.id = i.product_id where i.cart_id = c.id), '[]') as lines
    from carts c
    """

# Lines after a change that is made by a part of the same statement, which `select ... from cart_items` cannot see.
_LINES_AFTER: Final = """
    , lines as (
        select product_id, quantity, added_at from changed
        union all
        select product_id, quantity, added_at from cart_items
        where cart_id = $1 and product_id not in (select product_id from changed)
    )
    select l.product_id, l.quantity, p.company_id, p.title, p.thumbnail, p.currency
    from lines l join products p on p.id = l.product_id
    order by l.added_at, l.product_id
    """


class Locked(msgspec.Struct, frozen=True):
    """A cart whose row this transaction holds."""

    id: int
    user_id: int | None


class Claimed(msgspec.Struct, frozen=True):
    """A guest's cart whose row this transaction holds; `made` when it is new, under the new token."""

    id: int
    made: bool


async def find_cart(db: Db, owner: Owner) -> Cart | None:
    return await db.maybe(Cart, f"{_SHOWN} where {_OWNED}", owner.user_id, owner.token_hash)


async def find_cart_by_id(db: Db, cart_id: int) -> Cart | None:
    return await db.maybe(Cart, f"{_SHOWN} where c.id = $1", cart_id)


async def user_exists(db: Db, user_id: int) -> bool:
    exists: bool = await db.value("select exists (select from users where id = $1 and deleted_at is null)", user_id)
    return exists


async def claim_user_cart(tx: Tx, user_id: int) -> Locked | None:
    """The user's cart, locked; made when there is none. None when there is no such user."""
    return await tx.maybe(
        Locked,
        """
        insert into carts (user_id, created_at, updated_at)
        select id, $2, $2 from users where id = $1 and deleted_at is null
        on conflict (user_id) where user_id is not null do update set updated_at = excluded.updated_at
        returning id, user_id
        """,
        user_id,
        clock.now(),
    )


async def claim_guest_cart(tx: Tx, token_hash: bytes | None, new_token_hash: bytes) -> Claimed:
    """The cart under this token, locked; where there is none, a new one under the new token."""
    return await tx.one(
        Claimed,
        """
        with mine as (
            update carts set updated_at = $3 where token_hash = $1 returning id
        ), made as (
            insert into carts (token_hash, created_at, updated_at) select $2, $3, $3 where not exists (select from mine)
            returning id
        )
        select id, false as made from mine union all select id, true from made
        """,
        token_hash,
        new_token_hash,
        clock.now(),
    )


async def lock_cart(tx: Tx, owner: Owner) -> Locked | None:
    return await tx.maybe(
        Locked,
        f"update carts c set updated_at = $3 where {_OWNED} returning id, user_id",
        owner.user_id,
        owner.token_hash,
        clock.now(),
    )


async def lock_cart_by_id(tx: Tx, cart_id: int) -> Locked | None:
    return await tx.maybe(Locked, "select id, user_id from carts where id = $1 for update", cart_id)


async def list_lines(db: Db, cart_id: int) -> list[Line]:
    return await db.many(
        Line,
        """
        select i.product_id, i.quantity, p.company_id, p.title, p.thumbnail, p.currency
        from cart_items i join products p on p.id = i.product_id
        where i.cart_id = $1 order by i.added_at, i.product_id
        """,
        cart_id,
    )


class Pieces(msgspec.Struct, frozen=True):
    """So many of a product."""

    product_id: int
    quantity: int


async def lock_lines(tx: Tx, owner: Owner) -> list[Pieces]:
    """What is in the owner's cart, as it is once the cart's row is locked."""
    return await tx.many(
        Pieces,
        f"""
        with cart as materialized (
            update carts c set updated_at = $3 where {_OWNED} returning id
        )
        select l.product_id, l.quantity from cart cross join lateral cart_lines_now(cart.id) l
        """,
        owner.user_id,
        owner.token_hash,
        clock.now(),
    )


async def insert_guest_cart(tx: Tx, token_hash: bytes, product_id: int, quantity: int) -> Cart:
    """A new guest's cart with its first product, or none if that does not exist."""
    return await tx.one(
        Cart,
        """
        with made as (
            insert into carts (token_hash, created_at, updated_at) values ($1, $4, $4) returning id
        ), first as (
            insert into cart_items (cart_id, product_id, quantity, added_at)
            select made.id, p.id, $3, $4 from made, products p where p.id = $2 and p.deleted_at is null
            returning product_id, quantity
        )
        select made.id, null::bigint as user_id, coalesce((
            select jsonb_agg(jsonb_build_object(
                'product_id', first.product_id, 'quantity', first.quantity, 'company_id', p.company_id, 'title', p.title,
                'thumbnail', p.thumbnail, 'currency', p.currency))
            from first join products p on p.id = first.product_id), '[]') as lines
        from made
        """,
        token_hash,
        product_id,
        quantity,
        clock.now(),
    )


async def put_lines(tx: Tx, cart_id: int, quantities: Mapping[int, int], combining: Combining) -> list[Line]:
    """Put products into a locked cart, and give all its lines. Products that do not exist are left out."""
    return await tx.many(
        Line,
        f"""
        with changed as (
            insert into cart_items as i (cart_id, product_id, quantity, added_at)
            select $1, p.id, w.quantity, $4::timestamptz + w.place * interval '1 microsecond'
            from unnest($2::bigint[], $3::integer[]) with ordinality as w (product_id, quantity, place)
            join products p on p.id = w.product_id and p.deleted_at is null
            on conflict (cart_id, product_id) do update set quantity = case $5::text
                when 'sum' then least(i.quantity + excluded.quantity, {MAX_QUANTITY})
                when 'larger' then greatest(i.quantity, excluded.quantity)
                else excluded.quantity end
            returning product_id, quantity, added_at
        )
        {_LINES_AFTER}
        """,
        cart_id,
        list(quantities.keys()),
        list(quantities.values()),
        clock.now(),
        combining,
    )


async def set_quantity(tx: Tx, cart_id: int, product_id: int, quantity: int) -> list[Line]:
    """Change a line of a locked cart, if it is there, and give all lines."""
    return await tx.many(
        Line,
        f"""
        with changed as (
            update cart_items set quantity = $3 where cart_id = $1 and product_id = $2
            returning product_id, quantity, added_at
        )
        {_LINES_AFTER}
        """,
        cart_id,
        product_id,
        quantity,
    )


async def delete_line(tx: Tx, cart_id: int, product_id: int) -> int:
    return await tx.run("delete from cart_items where cart_id = $1 and product_id = $2", cart_id, product_id)


async def delete_other_lines(tx: Tx, cart_id: int, kept_product_ids: Sequence[int]) -> int:
    return await tx.run(
        "delete from cart_items where cart_id = $1 and product_id <> all($2::bigint[])", cart_id, list(kept_product_ids)
    )


def removal_of_bought(user: str, token: str) -> str:
    """Takes what was bought out of the buyer's cart, in the statement that makes the order: to be put among its CTEs after
    `new_lines` (product_id). `user` and `token` are the placeholders of whose cart it is."""
    return f"""
        cart as materialized (
            select c.id from carts c where {_OWNED.replace("$1", user).replace("$2", token)} for update
        ), removed as (
            delete from cart_items i using cart, new_lines l where i.cart_id = cart.id and i.product_id = l.product_id
        )
        """


async def delete_items(tx: Tx, owner: Owner, product_ids: Sequence[int] | None) -> int:
    """Take these products, or all, out of the owner's cart; locks the cart first. Returns how many lines there were."""
    return await tx.run(
        f"""
        with cart as materialized (
            select c.id from carts c where {_OWNED} for update
        )
        delete from cart_items i using cart
        where i.cart_id = cart.id and ($3::bigint[] is null or i.product_id = any($3))
        """,
        owner.user_id,
        owner.token_hash,
        list(product_ids) if product_ids is not None else None,
    )


async def delete_cart(tx: Tx, cart_id: int) -> None:
    await tx.run("delete from carts where id = $1", cart_id)


async def delete_cart_of(tx: Tx, user_id: int) -> None:
    await tx.run("delete from carts where user_id = $1", user_id)


class Pair(msgspec.Struct, frozen=True):
    """A guest's cart and a user's, both locked."""

    guest_cart_id: int
    user_cart_id: int


async def lock_pair(tx: Tx, token_hash: bytes, user_id: int) -> Pair | None:
    """The guest's cart, then the user's, which is made when there is none; None when the guest has no cart."""
    return await tx.maybe(
        Pair,
        """
        with guest as materialized (
            select id from carts where token_hash = $1 for update
        ), mine as (
            insert into carts (user_id, created_at, updated_at) select $2, $3, $3 from guest
            on conflict (user_id) where user_id is not null do update set updated_at = excluded.updated_at
            returning id
        )
        select guest.id as guest_cart_id, mine.id as user_cart_id from guest, mine
        """,
        token_hash,
        user_id,
        clock.now(),
    )


async def move_lines(tx: Tx, pair: Pair) -> None:
    """Put the guest's lines into the user's cart, both locked, and delete the guest's cart.

    Quantities add up. Where there are too many lines, those that were put in last come along.
    """
    await tx.run(
        f"""
        with moved as (
            insert into cart_items as i (cart_id, product_id, quantity, added_at)
            select $2, g.product_id, g.quantity, g.added_at
            from cart_items g left join cart_items m on m.cart_id = $2 and m.product_id = g.product_id
            where g.cart_id = $1
            order by m.product_id is null, g.added_at desc, g.product_id
            limit greatest(0, {MAX_LINES} - (
                select count(*) from cart_items o where o.cart_id = $2 and not exists (
                    select from cart_items where cart_id = $1 and product_id = o.product_id)))
            on conflict (cart_id, product_id) do update
            set quantity = least(i.quantity + excluded.quantity, {MAX_QUANTITY})
        )
        delete from carts where id = $1
        """,
        pair.guest_cart_id,
        pair.user_cart_id,
    )


async def forget_guest_carts(tx: Tx, before: datetime, limit: int) -> int:
    """Delete guests' carts that were last filled before then; those in use at this moment are left alone."""
    return await tx.run(
        """
        delete from carts where id in (
            select id from carts where token_hash is not null and updated_at < $1
            order by updated_at limit $2 for update skip locked
        )
        """,
        before,
        limit,
    )
