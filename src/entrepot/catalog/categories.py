"""Categories: what one is, how they hang together as a tree, and what can be refused about them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime
from typing import Final, Self

import msgspec

from entrepot.kernel.errors import Conflict, Unprocessable
from entrepot.kernel.slugs import slug_of
from entrepot.kernel.types import MAX_ID

MAX_DEPTH: Final = 10
"""How many levels the tree may have."""

MAX_CHILDREN: Final = 1_000
"""How many categories may lie directly in one, or at the top."""

MAX_CATEGORIES: Final = 10_000

RESERVED_SLUGS: Final = frozenset({"reorder"})
"""Words that have a meaning of their own below /categories."""

_ID: Final = re.compile(r"[1-9][0-9]{0,18}", re.ASCII)


class CategoryFields(msgspec.Struct, frozen=True, kw_only=True):
    """What is said of a category. `position` is its place among its siblings, from 0; None puts it last."""

    slug: str
    name: str
    parent_id: int | None = None
    position: int | None = None


class Category(msgspec.Struct, frozen=True, kw_only=True):
    """A row of `categories`."""

    id: int
    slug: str
    name: str
    parent_id: int | None
    position: int
    created_at: datetime
    updated_at: datetime


class Place(msgspec.Struct, frozen=True, kw_only=True):
    """Where a category would lie: in a parent at this level (0 is above the top), with so many children already.

    `inside` says that the parent is the category itself or lies in it, `height` how many levels the category has with
    everything in it (0 for one that is not made yet), `categories` how many there are in all.
    """

    level: int | None
    children: int
    inside: bool
    height: int
    categories: int


class CategoryUses(msgspec.Struct, frozen=True):
    """What lies directly in a category."""

    products: int
    children: int


class CategoryExists(Conflict):
    code = "CATEGORY_EXISTS"
    message = "There is a category with this slug already"


class CategoryDeleted(Conflict):
    code = "CATEGORY_DELETED"
    message = "The category was deleted meanwhile: choose another one"


class CategoryInUse(Conflict):
    code = "CATEGORY_IN_USE"
    message = "The category holds products or categories: move them elsewhere first, or delete it with ?moveTo=<id>"

    @classmethod
    def of(cls, uses: CategoryUses) -> Self:
        return cls(details={name: count for name, count in msgspec.structs.asdict(uses).items() if count})


class CategoryLoop(Unprocessable):
    code = "CATEGORY_LOOP"
    message = "A category cannot lie in itself or in anything below it"


class CategoryTooDeep(Unprocessable):
    code = "CATEGORY_TOO_DEEP"
    message = f"The tree of categories has at most {MAX_DEPTH} levels"


class TooManyCategories(Unprocessable):
    code = "TOO_MANY_CATEGORIES"
    message = f"There are at most {MAX_CHILDREN:,} categories in one, and {MAX_CATEGORIES:,} in all"


def reference(text: str) -> int | str:
    """The id or the slug by which an address names a category. Slugs have a letter, so that no number is both."""
    return int(text) if _ID.fullmatch(text) and int(text) <= MAX_ID else text


def slug_for(name: str) -> str:
    """A slug made from a name, which no id and no other address looks like."""
    slug = slug_of(name)[:80].strip("-")
    return slug if is_sound_slug(slug) else f"category-{slug}"


def is_sound_slug(slug: str) -> bool:
    return slug not in RESERVED_SLUGS and not slug.replace("-", "").isdigit()


def refuse_unless_fits(place: Place, *, levels: int, new_children: int = 1, new: int = 0) -> None:
    """Whether `new_children` with so many levels may go to a place that exists; `new` categories come on top of all.

    Raises:
        CategoryLoop
        CategoryTooDeep
        TooManyCategories
    """
    if place.inside:
        raise CategoryLoop
    if (place.level or 0) + levels > MAX_DEPTH:
        raise CategoryTooDeep
    if (new_children and place.children + new_children > MAX_CHILDREN) or place.categories + new > MAX_CATEGORIES:
        raise TooManyCategories


def inserted_at(siblings: Sequence[int], category_id: int, position: int | None) -> list[int]:
    """The siblings in order, with the category at this place among them, or last."""
    others = [sibling for sibling in siblings if sibling != category_id]
    place = len(others) if position is None else min(position, len(others))
    return [*others[:place], category_id, *others[place:]]
