"""An index that is written to. Only the process that holds the lock has one, and calls it from one thread."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Final

import tantivy

from entrepot.search import schema
from entrepot.search.documents import CategoryTree, indexed
from entrepot.search.folder import Damaged
from entrepot.search.queries import ProductTexts, Totals

BUILDING_BYTES: Final = 96_000_000
FOLLOWING_BYTES: Final = 20_000_000
"""Memory for documents that are not committed yet; Tantivy wants 15 MB at least."""


class WrittenIndex:
    """Raises Damaged wherever the files are not what they should be."""

    def __init__(self, path: Path, *, memory_bytes: int) -> None:
        try:
            self._index = tantivy.Index(schema.build(), str(path))
            schema.register(self._index)
            self._index.config_reader("manual")
            self._writer = self._index.writer(memory_bytes, 1)
        except (ValueError, OSError) as error:
            raise Damaged(str(error)) from error
        self.added = 0
        """Documents put in since it was opened."""

    def put(self, texts: Sequence[ProductTexts], tree: CategoryTree) -> None:
        """Products that are not in it yet."""
        try:
            for one in texts:
                self._writer.add_document(schema.document(indexed(one, tree)))
        except ValueError as error:
            raise Damaged(str(error)) from error
        self.added += len(texts)

    def replace(self, product_ids: Iterable[int], texts: Sequence[ProductTexts], tree: CategoryTree) -> None:
        """These products are now so; those without texts are gone."""
        try:
            for product_id in product_ids:
                self._writer.delete_documents_by_term("id", product_id)
        except ValueError as error:
            raise Damaged(str(error)) from error
        self.put(texts, tree)

    def commit(self) -> None:
        """What was put is in the files, also if the machine stops now."""
        try:
            self._writer.commit()
        except ValueError as error:
            raise Damaged(str(error)) from error

    def totals(self) -> Totals:
        """Of what is committed."""
        try:
            self._index.reload()
            found = self._index.searcher()
            total = found.aggregate(tantivy.Query.all_query(), {"sum": {"sum": {"field": "id"}}})["sum"]["value"]
        except ValueError as error:
            raise Damaged(str(error)) from error
        return Totals(found.num_docs, int(total or 0))

    def close(self) -> None:
        """Wait until files that are being merged are written. What is not committed is forgotten."""
        try:
            self._writer.wait_merging_threads()
        except ValueError as error:
            raise Damaged(str(error)) from error
