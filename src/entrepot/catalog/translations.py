"""A product's title and description in other languages."""

from __future__ import annotations

from collections.abc import Mapping

from entrepot.catalog import product_queries
from entrepot.catalog.product_queries import Translated
from entrepot.catalog.requests import MAX_LANGUAGES, TranslationBody
from entrepot.kernel.db import Tx
from entrepot.kernel.errors import Invalid


async def set_translations(tx: Tx, product_id: int, translations: Mapping[str, TranslationBody | None]) -> None:
    """Set the languages that are named, and take away those that are None. The product is locked, or new.

    Raises:
        Invalid: with those that it has already, there would be too many languages.
    """
    if not translations:
        return
    rows = [
        Translated(language, words.title if words else None, words.description if words else "")
        for language, words in translations.items()
    ]
    await product_queries.set_translations(tx, product_id, rows)
    if await product_queries.count_languages(tx, product_id) > MAX_LANGUAGES:
        raise Invalid({"translations": [f"a product is in at most {MAX_LANGUAGES} languages: take one away first"]})
