"""The index's schema, and how a product becomes a document."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from typing import Any, Final, NamedTuple

import tantivy

from entrepot.search import text
from entrepot.search.model import IndexedProduct

VERSION: Final = 2
"""Raise it whenever schema or analysis change: indexes of another version are built anew."""

BODY_WORDS_MAX: Final = 400
"""Of a longer description only so many words are looked at."""

REMEMBERED_LABELS: Final = 10_000
"""Brands, categories, tags and attributes whose analysis is kept."""

LABELS: Final = b"="
"""Marks the line of what is written around a title in what is kept of a product."""


def build() -> tantivy.Schema:
    """The fields. The life cycle relies on three of them: `id` (integer, indexed and fast), `filter` (raw terms, see
    `filter_terms`) and `price` (integer, indexed and fast: minor units).

    Texts are stems, made by `text.terms`, so the engine has only to split them at spaces. `title` has the title in the
    shop's language, `translated` all translations; `labels` what is short and says what it is (brand, category, tags,
    options, attributes); `body` the description; `code` SKU and barcode; `spelling` words as written, for corrections;
    `kept` the title's and labels' stems, for ranking.
    """
    builder = tantivy.SchemaBuilder()
    builder.add_integer_field("id", indexed=True, fast=True)
    builder.add_integer_field("price", indexed=True, fast=True)
    builder.add_text_field("filter", tokenizer_name="raw", index_option="basic")
    builder.add_text_field("code", tokenizer_name="raw", index_option="basic")
    for field in ("title", "translated", "labels", "body"):
        builder.add_text_field(field, tokenizer_name="whitespace", index_option="freq")
    builder.add_text_field("spelling", tokenizer_name="whitespace", index_option="basic")
    builder.add_bytes_field("kept", stored=True)
    return builder.build()


def register(index: tantivy.Index) -> None:
    """Give the index its analyzers, after it was made or opened: it needs none of its own."""
    del index


def document(product: IndexedProduct) -> tantivy.Document:
    """The product as the index keeps it. Takes about 0.1 ms."""
    document = tantivy.Document()
    document.add_integer("id", product.id)
    document.add_integer("price", product.price_minor)
    for term in product.filter_terms():
        document.add_text("filter", term)
    for code in {text.code(product.sku), text.code(product.barcode)} - {""}:
        document.add_text("code", code)

    title = text.analysed(product.title)
    translations = {language: text.analysed(words, language) for language, words in product.titles.items()}
    around = [_label(label, language) for label, language in _labels(product)]
    labels = " ".join(label.terms for label in around)
    titles = {language: " ".join(translation.terms) for language, translation in translations.items()}
    original = " ".join(title.terms)
    document.add_text("title", original)
    if titles:
        document.add_text("translated", " ".join(titles.values()))
    document.add_text("labels", labels)
    document.add_text("body", " ".join(_body(product)))
    document.add_text("spelling", " ".join(_spelt(title, *translations.values(), *around)))
    lines = [original, f"{LABELS.decode()} {labels}", *(f"{language} {words}" for language, words in titles.items())]
    document.add_bytes("kept", "\n".join(lines).encode())
    return document


class Label(NamedTuple):
    """A label's stems, separated by spaces, and its words as they are spelt."""

    terms: str
    spelt: tuple[str, ...]


@lru_cache(maxsize=REMEMBERED_LABELS)
def _label(label: str, language: str) -> Label:
    found = text.analysed(label, language)
    return Label(" ".join(found.terms), tuple(found.spelt))


def _labels(product: IndexedProduct) -> Iterator[tuple[str, str]]:
    """What is short and says what the product is, each with its language."""
    yield from ((words, "en") for words in (product.brand, product.group_title, *product.tags) if words)
    for category in product.categories:
        yield category.name, "en"
        yield from ((name, language) for language, name in category.names.items())
    for given in (product.options, product.attributes):
        yield from ((f"{name} {value}", "en") for name, values in given.items() for value in _values(values))


def _values(values: Any) -> list[str]:
    """An attribute's values as text: one, or several."""
    return [str(value) for value in (values if isinstance(values, list) else [values])][:50]


def _body(product: IndexedProduct) -> Iterator[str]:
    yield from text.terms(product.description)[:BODY_WORDS_MAX]
    for language, words in product.descriptions.items():
        yield from text.terms(words, language)[:BODY_WORDS_MAX]


def _spelt(*read: Label | text.Analysed) -> set[str]:
    return {word for one in read for word in one.spelt}
