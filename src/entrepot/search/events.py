"""Facts that search publishes."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, ClassVar, Final

from entrepot.kernel.events import Event

SEARCH_TAG: Final = "search"
"""On every reply that was found by search."""


class SynonymsChanged(Event, frozen=True):
    """Other words mean the same now."""

    name: ClassVar[str] = "search.synonyms_changed"


class PopularityChanged(Event, frozen=True):
    """What sells well was counted anew."""

    name: ClassVar[str] = "search.popularity_changed"


CACHE_TAGS: Final[Mapping[str, Callable[[dict[str, Any]], list[str]]]] = {
    SynonymsChanged.name: lambda _: [SEARCH_TAG],
}
