"""The HTTP surface of favourites, which are also called the wishlist."""

from __future__ import annotations

from typing import Annotated

from litestar import Controller
from litestar.params import QueryParameter
from pydantic import Field

from entrepot.catalog.favourites import TooManyFavourites, add_favourite, list_favourites
from entrepot.catalog.favourites_queries import Kept, delete_favourite
from entrepot.catalog.model import ProductNotFound
from entrepot.catalog.views import ProductPage, ProductView
from entrepot.kernel.actors import Actor, signed_in
from entrepot.kernel.bodies import Body
from entrepot.kernel.db import Db, Tx
from entrepot.kernel.languages import chosen_language
from entrepot.kernel.pages import Page, encode_cursor
from entrepot.kernel.routes import delete, get, post
from entrepot.kernel.types import MAX_ID, Id
from entrepot.shop import Shop

Lang = Annotated[str | None, QueryParameter(name="lang", description="Language of titles; one's own if not given.")]


class Wish(Body):
    """A product to keep for later."""

    product_id: Annotated[int, Field(ge=1, le=MAX_ID)]


class FavouritesController(Controller):
    path = "/users/favorites"
    tags = ["Favourites"]

    @get("/", guard=signed_in)
    async def list_favourites(self, db: Db, actor: Actor, shop: Shop, page: Page, lang: Lang = None) -> ProductPage:
        """The products that one keeps for later, the last added first. What is not sold any more is not shown."""
        return await _page(db, actor, shop, page, lang)

    @post("/{product_id:int}", guard=signed_in, refuses=(ProductNotFound, TooManyFavourites))
    async def add_favourite(self, tx: Tx, actor: Actor, product_id: Id) -> Kept:
        """Keep a product for later, up to 1,000. Keeping it again changes nothing."""
        return await add_favourite(tx, actor, product_id)

    @delete("/{product_id:int}", guard=signed_in)
    async def remove_favourite(self, tx: Tx, actor: Actor, product_id: Id) -> None:
        """Keep a product no longer. Nothing happens when it is not kept."""
        await delete_favourite(tx, actor.id, product_id)


class WishlistController(Controller):
    path = "/wishlist"
    tags = ["Favourites"]

    @get("/", guard=signed_in)
    async def list_wishes(self, db: Db, actor: Actor, shop: Shop, page: Page, lang: Lang = None) -> ProductPage:
        """The same as `GET /users/favorites`."""
        return await _page(db, actor, shop, page, lang)

    @post("/", guard=signed_in, refuses=(ProductNotFound, TooManyFavourites))
    async def add_wish(self, tx: Tx, actor: Actor, data: Wish) -> Kept:
        """The same as `POST /users/favorites/{productId}`."""
        return await add_favourite(tx, actor, data.product_id)

    @delete("/{product_id:int}", guard=signed_in)
    async def remove_wish(self, tx: Tx, actor: Actor, product_id: Id) -> None:
        """The same as `DELETE /users/favorites/{productId}`."""
        await delete_favourite(tx, actor.id, product_id)


async def _page(db: Db, actor: Actor, shop: Shop, page: Page, lang: str | None) -> ProductPage:
    language = actor.language if lang is None else chosen_language(lang, "")
    listed, following = await list_favourites(db, actor, page, language)
    return ProductPage(
        products=[ProductView.of(row, shop) for row in listed.products],
        total=listed.total,
        skip=page.skip,
        limit=len(listed.products),
        next_cursor=encode_cursor(*following) if following else None,
    )
