"""Favourites: products that a user keeps for later."""

from __future__ import annotations

from typing import Final

import msgspec

from entrepot.catalog import favourites_queries, queries
from entrepot.catalog.favourites_queries import Kept
from entrepot.catalog.model import ListedRow, ProductNotFound
from entrepot.kernel import languages
from entrepot.kernel.actors import Actor
from entrepot.kernel.db import Db, Tx
from entrepot.kernel.errors import Unprocessable
from entrepot.kernel.pages import Page, WrongCursor, a_cursor_id, a_cursor_moment

MAX_FAVOURITES: Final = 1_000


class Listed(msgspec.Struct, frozen=True):
    """A page of products, and how many there are in all."""

    products: list[ListedRow]
    total: int


class TooManyFavourites(Unprocessable):
    code = "TOO_MANY_FAVOURITES"
    message = f"You keep {MAX_FAVOURITES:,} products: remove one first"


async def list_favourites(db: Db, actor: Actor, page: Page, language: str) -> tuple[Listed, tuple[object, ...] | None]:
    """A page of products, the last added first, with the total, and the cursor of the next page if there is one.

    What is deleted, or of a company that sells no more, is neither shown nor counted. Raises Invalid for a wrong cursor.
    """
    kept = await favourites_queries.list_kept(db, actor.id, page.skip, page.limit, _after(page))
    total = await favourites_queries.count_kept(db, actor.id)
    ids = [one.product_id for one in kept]
    products = await queries.list_in_order(db, ids, languages.candidates(language), False) if ids else []
    following = (kept[-1].added_at.isoformat(), kept[-1].product_id) if kept and len(kept) == page.limit else None
    return Listed(products, total), following


async def add_favourite(tx: Tx, actor: Actor, product_id: int) -> Kept:
    """Keep a product, or leave it kept.

    Raises:
        ProductNotFound: no such product, or nobody sells it any more.
        TooManyFavourites
    """
    kept = await favourites_queries.claim_favourite(tx, actor.id, product_id, MAX_FAVOURITES)
    if kept is None:
        raise TooManyFavourites if await favourites_queries.is_on_sale(tx, product_id) else ProductNotFound
    return kept


def _after(page: Page) -> Kept | None:
    """The place in a cursor. Raises WrongCursor for that of another list."""
    if page.after is None:
        return None
    if len(page.after) != 2:
        raise WrongCursor
    return Kept(a_cursor_id(page.after[1]), a_cursor_moment(page.after[0]))
