"""Bodies of the requests of search."""

from __future__ import annotations

from typing import Annotated, Self

from pydantic import ConfigDict, Field, model_validator

from entrepot.kernel.bodies import Body
from entrepot.kernel.fields import LanguageTag
from entrepot.search.synonyms import Meaning, one_way, same_meaning

Term = Annotated[str, Field(min_length=1, max_length=60)]


class OneWayBody(Body):
    """Who looks for `from` finds what has one of `to` as well, and not the other way round."""

    from_: Term = Field(alias="from", examples=["footwear"])
    to: list[Term] = Field(min_length=1, max_length=20, examples=[["shoe", "boot"]])


class SynonymsBody(Body):
    """Words that mean the same: `terms` each other, or `oneWay` in one direction. One of the two."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"terms": ["sofa", "couch"], "language": "en"}]})

    terms: list[Term] | None = Field(None, min_length=2, max_length=20, examples=[["sofa", "couch"]])
    one_way: OneWayBody | None = None
    language: LanguageTag | None = Field(
        None, description="only in searches in this language; in every language if not given", examples=["en"]
    )

    @model_validator(mode="after")
    def _one_of_both(self) -> Self:
        if (self.terms is None) == (self.one_way is None):
            raise ValueError("give either terms or oneWay")
        return self

    def meaning(self) -> Meaning:
        """Raises Invalid for words that are the same, or none, to a search."""
        if self.one_way is not None:
            return one_way(self.language, self.one_way.from_, self.one_way.to)
        return same_meaning(self.language, self.terms or [])
