"""A small index in memory, to ask directly."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import tantivy

from entrepot.search import look, rank, schema, understand
from entrepot.search.model import IndexedCategory, IndexedProduct, Signals, Synonyms
from entrepot.search.reader import Opened
from entrepot.search.understand import Understood
from entrepot.search.vocabulary import Vocabulary


def a_product(product_id: int, title: str, *, category: str | None = None, **changes: Any) -> IndexedProduct:
    nothing: dict[str, Any] = {
        "company_id": 1, "seller_id": None, "group_id": None, "group_title": None, "sku": "", "barcode": "",
        "description": "", "titles": {}, "descriptions": {}, "brand_id": None, "brand": None, "tags": [],
        "attributes": {}, "options": {}, "price_minor": 0,
        "categories": [IndexedCategory(1, category.lower(), category, {})] if category else [],
    }  # fmt: skip
    return IndexedProduct(id=product_id, title=title, **{**nothing, **changes})


class Shelf:
    """Products numbered from 1 in the order given, or given as they are."""

    def __init__(self, products: Sequence[str | IndexedProduct]) -> None:
        self.schema = schema.build()
        index = tantivy.Index(self.schema)
        schema.register(index)
        writer = index.writer(15_000_000, 1)
        for number, one in enumerate(products, start=1):
            writer.add_document(schema.document(a_product(number, one) if isinstance(one, str) else one))
        writer.commit()
        writer.wait_merging_threads()
        index.reload()
        self.searcher = index.searcher()
        self.vocabulary = Vocabulary.of(self.searcher)
        self.opened = Opened(self.schema, self.searcher, self.vocabulary)

    def understand(
        self, text: str, language: str = "en", synonyms: Mapping[str, tuple[str, ...]] | None = None
    ) -> Understood:
        known = Synonyms({None: dict(synonyms or {})})
        return understand.query(self.searcher, self.schema, text, language, known, self.vocabulary)

    def find(
        self,
        text: str,
        language: str = "en",
        *,
        synonyms: Mapping[str, tuple[str, ...]] | None = None,
        sold: Mapping[int, int] | None = None,
        stock: Mapping[int, int] | None = None,
        rating: Mapping[int, float] | None = None,
    ) -> list[int]:
        """Ids, best first."""
        understood = self.understand(text, language, synonyms)
        found = self.searcher.search(understood.query, 1_000)
        given = look.answer(self.opened, understood, found, count=len(found.hits), close=rank.RERANKED)
        ids = given.ids[: rank.RERANKED]
        signals = Signals(
            np.array([(sold or {}).get(one, 0) for one in ids.tolist()], dtype=np.int32),
            np.array([(rating or {}).get(one, 0.0) for one in ids.tolist()], dtype=np.float32),
            np.array([(stock or {}).get(one, 1) for one in ids.tolist()], dtype=np.int32),
        )
        order = rank.order(given.fitness[: rank.RERANKED], ids, signals)
        ordered: list[int] = ids[order].tolist() + given.ids[rank.RERANKED :].tolist()
        return ordered
