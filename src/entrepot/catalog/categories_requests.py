"""Bodies of the requests about categories."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import AfterValidator, BeforeValidator, Field

from entrepot.catalog.categories import MAX_CHILDREN, RESERVED_SLUGS, is_sound_slug
from entrepot.kernel.bodies import Body
from entrepot.kernel.fields import not_null
from entrepot.kernel.languages import TAG
from entrepot.kernel.types import MAX_ID


def _slug(value: str) -> str:
    if not is_sound_slug(value):
        raise ValueError(f"must have a letter, and not be {' or '.join(sorted(RESERVED_SLUGS))}")
    return value


def _language(value: str) -> str:
    if not TAG.fullmatch(value):
        raise ValueError("must be a language tag such as ar, ku or pt-BR")
    return value.lower()


Slug = Annotated[
    str, Field(pattern="^[a-z0-9]+(-[a-z0-9]+)*$", max_length=100, examples=["power-tools"]), AfterValidator(_slug)
]
CategoryName = Annotated[str, Field(min_length=1, max_length=100, examples=["Power tools"])]
CategoryId = Annotated[int, Field(ge=1, le=MAX_ID)]
Position = Annotated[int, Field(ge=0, le=MAX_CHILDREN)]
Language = Annotated[str, AfterValidator(_language)]
GIVEN = BeforeValidator(not_null)


class NewCategory(Body):
    """A category."""

    name: CategoryName
    slug: Slug | None = Field(None, description="made from the name if not given")
    parent_id: CategoryId | None = Field(None, description="the category that it lies in; null puts it at the top")
    position: Position | None = Field(None, description="place among its siblings, from 0; last if not given")
    translations: dict[Language, CategoryName] = Field(
        default={}, max_length=100, description="names by language", examples=[{"ar": "أدوات كهربائية"}]
    )


class CategoryChanges(Body):
    """What is to change; what is not given stays. A `parentId` of null moves the category to the top, a translation of
    null is taken away."""

    name: Annotated[CategoryName | None, GIVEN] = None
    slug: Annotated[Slug | None, GIVEN] = None
    parent_id: CategoryId | None = None
    position: Annotated[Position | None, GIVEN] = None
    translations: dict[Language, CategoryName | None] = Field(default={}, max_length=100)

    @property
    def fields(self) -> dict[str, Any]:
        """Those of `CategoryFields` that are given."""
        return {name: getattr(self, name) for name in self.model_fields_set - {"translations"}}


class SiblingOrder(Body):
    """The complete order of the categories in one, or of those at the top where `parentId` is null."""

    parent_id: CategoryId | None
    ids: list[CategoryId] = Field(min_length=1, max_length=MAX_CHILDREN, examples=[[3, 1, 2]])
