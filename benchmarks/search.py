"""How well and how fast the search finds, on judged queries of real shoppers, misspellings included.

    ENTREPOT_BENCH_DATA=... make bench-search

The folder holds `search/products.csv.gz` (product_uid, product_title) and `search/judgments.csv.gz` (search_term,
product_uid, relevance 1 to 3). Titles are all that is known of the products here. The index, the query and the order are
the shop's own; plain BM25 over the same titles stands beside them. Ranking weights were chosen on one half of the queries
(by their hash); the other half shows what that is worth.

Relevant is what was judged at least 2.33; NDCG gains are 2^(relevance - 1) - 1, 0 for what was not judged. Reranking
orders only what was judged, for queries with at least five of them.
"""

from __future__ import annotations

import csv
import gzip
import hashlib
import html
import math
import os
import re
import sys
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final

import numpy as np
import tantivy

from entrepot.search import look, rank, schema, understand
from entrepot.search.model import IndexedProduct, Signals, Synonyms
from entrepot.search.reader import Opened
from entrepot.search.vocabulary import Vocabulary

RELEVANT: Final = 2.33
LOOKED_AT: Final = 50
CANDIDATES: Final = 250
"""So many matches the shop asks the index for, for a first page."""

LINE: Final = "{:<22}{:>9}{:>11}{:>11}{:>12}{:>15}{:>9}{:>8}"
JUDGED_TO_RERANK: Final = 5

Judged = dict[int, float]
Find = Callable[[str, Judged | None], list[int]]
"""The ids that a text finds, best first; of the judged products only, if they are given."""


def main() -> None:
    folder = Path(os.environ.get("ENTREPOT_BENCH_DATA", "")) / "search"
    if "ENTREPOT_BENCH_DATA" not in os.environ or not (folder / "products.csv.gz").is_file():
        sys.exit("Set ENTREPOT_BENCH_DATA to the folder that has search/products.csv.gz and search/judgments.csv.gz")
    titles = {int(row["product_uid"]): html.unescape(row["product_title"]) for row in rows(folder / "products.csv.gz")}
    judged: dict[str, Judged] = defaultdict(dict)
    for row in rows(folder / "judgments.csv.gz"):
        judged[row["search_term"]][int(row["product_uid"])] = float(row["relevance"])

    print(f"{len(titles)} titles, {len(judged)} queries\n")
    columns = ("NDCG@10", "recall@10", "recall@50", "success@10", "rerank NDCG@5", "p50 ms", "p95 ms")
    print(LINE.format("", *columns))
    for name, find in (("BM25", plain(titles)), ("Entrepot", ours(titles))):
        for part, texts in halves(judged).items():
            show(f"{name}, {part}", find, {text: judged[text] for text in texts})


def rows(path: Path) -> Iterator[dict[str, str]]:
    with gzip.open(path, "rt", encoding="utf-8", newline="") as file:
        yield from csv.DictReader(file)


def halves(judged: dict[str, Judged]) -> dict[str, list[str]]:
    tuned_on = [text for text in judged if hashlib.sha256(text.encode()).digest()[0] % 2 == 0]
    return {"tuned on": tuned_on, "held out": sorted(set(judged) - set(tuned_on))}


def show(name: str, find: Find, judged: dict[str, Judged]) -> None:
    measured, reranked, times_ms = [], [], []
    for text, relevances in judged.items():
        started = time.perf_counter()
        found = find(text, None)[:LOOKED_AT]
        times_ms.append((time.perf_counter() - started) * 1e3)
        relevant = {product for product, relevance in relevances.items() if relevance >= RELEVANT}
        if relevant:
            at_10, at_50 = (len(relevant.intersection(found[:top])) / len(relevant) for top in (10, 50))
            measured.append((ndcg(found, relevances, 10), at_10, at_50, float(at_10 > 0)))
        if len(relevances) >= JUDGED_TO_RERANK:
            reranked.append(ndcg(find(text, relevances), relevances, 5))
    quality = [f"{value:.3f}" for value in (*np.mean(measured, axis=0), np.mean(reranked))]
    speed = [f"{np.percentile(times_ms, percent):.1f}" for percent in (50, 95)]
    print(LINE.format(name, *quality, *speed))


def ndcg(found: list[int], relevances: Judged, top: int) -> float:
    """Normalised discounted cumulative gain of the first `top`."""

    def gain(relevances: list[float]) -> float:
        return sum((2 ** (one - 1) - 1) / math.log2(place + 2) for place, one in enumerate(relevances[:top]) if one)

    best = gain(sorted(relevances.values(), reverse=True))
    return gain([relevances.get(product, 0.0) for product in found]) / best if best else 0.0


def ours(titles: dict[int, str]) -> Find:
    """What the shop does, without its live columns: understand, ask the index, put in order."""
    fields = schema.build()
    index = tantivy.Index(fields)
    schema.register(index)
    fill(index, (schema.document(a_product(product, title)) for product, title in titles.items()))
    searcher = index.searcher()
    vocabulary = Vocabulary.of(searcher)

    opened = Opened(fields, searcher, vocabulary)

    def find(text: str, among: Judged | None) -> list[int]:
        understood = understand.query(searcher, fields, text, "en", Synonyms(), vocabulary)
        found = searcher.search(only(fields, understood.query, among), CANDIDATES)
        given = look.answer(opened, understood, found, count=len(found.hits), close=rank.RERANKED)
        close = given.ids[: rank.RERANKED]
        nothing = np.zeros(len(close), dtype=np.int32)
        signals = Signals(nothing, nothing.astype(np.float32), nothing)
        ordered: list[int] = close[rank.order(given.fitness[: rank.RERANKED], close, signals)].tolist()
        others: list[int] = given.ids[rank.RERANKED :].tolist()
        return ordered + others

    return find


def plain(titles: dict[int, str]) -> Find:
    """Tantivy as it comes: words in lower case, any of them, BM25."""
    builder = tantivy.SchemaBuilder()
    builder.add_integer_field("id", indexed=True, fast=True)
    builder.add_text_field("title")
    fields = builder.build()
    index = tantivy.Index(fields)
    fill(index, (tantivy.Document(id=product, title=title) for product, title in titles.items()))
    searcher = index.searcher()

    def find(text: str, among: Judged | None) -> list[int]:
        words = [tantivy.Query.term_query(fields, "title", word) for word in re.findall(r"\w+", text.lower())]
        query = tantivy.Query.boolean_query([(tantivy.Occur.Should, word) for word in words])
        hits = searcher.search(only(fields, query, among), LOOKED_AT).hits
        return [int(one or 0) for one in searcher.fast_field_values("id", [address for _, address in hits])]

    return find


def fill(index: tantivy.Index, documents: Iterator[tantivy.Document]) -> None:
    writer = index.writer(64_000_000, 1)
    for document in documents:
        writer.add_document(document)
    writer.commit()
    writer.wait_merging_threads()
    index.reload()


def only(fields: tantivy.Schema, query: tantivy.Query, among: Judged | None) -> tantivy.Query:
    """The query, over these products alone: all of them, those that do not match last."""
    if among is None:
        return query
    these = tantivy.Query.const_score_query(tantivy.Query.term_set_query(fields, "id", list(among)), 0.0)
    return tantivy.Query.boolean_query([(tantivy.Occur.Must, these), (tantivy.Occur.Should, query)])


def a_product(product_id: int, title: str) -> IndexedProduct:
    return IndexedProduct(
        id=product_id,
        company_id=1,
        seller_id=None,
        group_id=None,
        group_title=None,
        sku="",
        barcode="",
        title=title,
        description="",
        titles={},
        descriptions={},
        brand_id=None,
        brand=None,
        categories=[],
        tags=[],
        attributes={},
        options={},
        price_minor=0,
    )


if __name__ == "__main__":
    main()
