"""Languages: which one a client prefers, and tags in their canonical form (BCP 47)."""

from __future__ import annotations

import re
from typing import Final

from entrepot.kernel.errors import Invalid
from entrepot.kernel.quality_values import quality_of

TAG: Final = re.compile(r"[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8}){0,3}")
FALLBACK: Final = "en"


def preferred_language(accept_language: str) -> str | None:
    """The most wanted language of an Accept-Language header, in lower case; None when it names none."""
    best, best_quality = None, 0.0
    for part in accept_language[:500].split(","):
        tag, _, parameters = part.strip().partition(";")
        tag, quality = tag.strip(), quality_of(parameters)
        if quality > best_quality and TAG.fullmatch(tag):
            best, best_quality = tag.lower(), quality
    return best


def chosen_language(lang: str | None, accept_language: str) -> str:
    """`lang` if given, else what the client prefers, else English. Raises Invalid for a tag that is none."""
    if lang is not None:
        if not TAG.fullmatch(lang):
            raise Invalid({"lang": ["must be a language tag such as en, ar or pt-BR"]})
        return lang.lower()
    return preferred_language(accept_language) or FALLBACK


def candidates(language: str) -> list[str]:
    """A tag and its shorter forms, most specific first: `pt-br`, `pt`."""
    parts = language.lower().split("-")
    return ["-".join(parts[:length]) for length in range(len(parts), 0, -1)]
