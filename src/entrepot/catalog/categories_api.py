"""The HTTP surface of categories."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Final

from litestar import Controller
from litestar.params import PathParameter, QueryParameter

from entrepot.catalog.asked_language import AcceptLanguage, Lang
from entrepot.catalog.categories import (
    CategoryExists,
    CategoryFields,
    CategoryInUse,
    CategoryLoop,
    CategoryTooDeep,
    TooManyCategories,
    reference,
    slug_for,
)
from entrepot.catalog.categories_requests import CategoryChanges, NewCategory, SiblingOrder
from entrepot.catalog.categories_views import CategoryList, CategoryOrder, CategoryTree, CategoryView, lines_of
from entrepot.catalog.change_category import change_category
from entrepot.catalog.create_category import create_category
from entrepot.catalog.delete_category import CategoryTooLarge, delete_category
from entrepot.catalog.events import CATEGORIES_TAG
from entrepot.catalog.list_categories import category_tree, get_category
from entrepot.catalog.model import CategoryNotFound
from entrepot.catalog.reorder_categories import OtherSiblings, reorder_categories
from entrepot.kernel.actors import Actor, admin, anyone
from entrepot.kernel.db import Db, Tx
from entrepot.kernel.languages import chosen_language
from entrepot.kernel.routes import Cached, delete, get, patch, post, put
from entrepot.kernel.types import MAX_ID

CATEGORIES_CACHE: Final = Cached(lambda _: frozenset([CATEGORIES_TAG]), max_age_s=60.0)
"""The tree is never behind; how many products lie in it may be, by a minute: counting them reads an index of them all."""

Named = Annotated[str, PathParameter(max_length=100, description="Id or slug.")]


class Shape(StrEnum):
    """How categories are listed."""

    TREE = "tree"
    FLAT = "flat"


class CategoryController(Controller):
    path = "/categories"
    tags = ["Categories"]

    @get("/", guard=anyone, cached=CATEGORIES_CACHE)
    async def list_categories(
        self,
        db: Db,
        lang: Lang = None,
        accept_language: AcceptLanguage = "",
        view: Annotated[
            Shape, QueryParameter(description="tree: each with its children; flat: one list, parents first.")
        ] = Shape.TREE,
    ) -> CategoryTree | CategoryList:
        """All categories, in the language asked for where they are translated, with how many products are sold in each.

        The list is not paged. Its counts are at most a minute old.
        """
        tree = await category_tree(db, chosen_language(lang, accept_language))
        if view is Shape.TREE:
            return CategoryTree(tree, total=len(tree), skip=0, limit=len(tree))
        lines = lines_of(tree)
        return CategoryList(lines, total=len(lines), skip=0, limit=len(lines))

    @get("/{category:str}", guard=anyone, cached=CATEGORIES_CACHE, refuses=(CategoryNotFound,))
    async def get_category(
        self, db: Db, category: Named, lang: Lang = None, accept_language: AcceptLanguage = ""
    ) -> CategoryView:
        """A category by its id or slug, with the way to it from the top (`path`) and the categories directly in it."""
        return await get_category(db, reference(category), chosen_language(lang, accept_language))

    @post("/", guard=admin, refuses=(CategoryExists, CategoryTooDeep, TooManyCategories))
    async def create_category(self, tx: Tx, actor: Actor, data: NewCategory) -> CategoryView:
        """Create a category, in another one or at the top."""
        fields = CategoryFields(
            slug=data.slug or slug_for(data.name), name=data.name, parent_id=data.parent_id, position=data.position
        )
        category_id = await create_category(tx, actor, fields, data.translations)
        return await get_category(tx, category_id, actor.language)

    @put(
        "/{category:str}",
        guard=admin,
        refuses=(CategoryNotFound, CategoryExists, CategoryLoop, CategoryTooDeep, TooManyCategories),
    )
    async def change_category(self, tx: Tx, actor: Actor, category: Named, data: CategoryChanges) -> CategoryView:
        """Change what a category is called, or move it with all below it; what is not given stays as it is."""
        category_id = await change_category(tx, actor, reference(category), data.fields, data.translations)
        return await get_category(tx, category_id, actor.language)

    @delete(
        "/{category:str}",
        guard=admin,
        refuses=(CategoryNotFound, CategoryInUse, CategoryLoop, CategoryTooDeep, TooManyCategories, CategoryTooLarge),
    )
    async def delete_category(
        self,
        tx: Tx,
        actor: Actor,
        category: Named,
        move_to: Annotated[
            int | None,
            QueryParameter(
                name="moveTo", ge=1, le=MAX_ID, description="Id of the category that gets what lies in this one."
            ),
        ] = None,
    ) -> None:
        """Delete a category. Refused while products or categories lie in it, unless `moveTo` says where they go."""
        await delete_category(tx, actor, reference(category), move_to)

    @patch("/reorder", guard=admin, refuses=(OtherSiblings,))
    async def reorder_categories(self, tx: Tx, actor: Actor, data: SiblingOrder) -> CategoryOrder:
        """Put all categories in one, or all at the top, into the order given."""
        await reorder_categories(tx, actor, data.parent_id, data.ids)
        return CategoryOrder(data.parent_id, data.ids)
