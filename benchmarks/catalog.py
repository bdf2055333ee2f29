"""The catalog under load: lists with any filter and sort, facets, deep pages, search and suggestions, none of them cached.

    make bench-catalog

Needs a shop that serves (`make serve`), with RATE_LIMIT_ENABLED=false and LOG_LEVEL=warning; names it by --url. What it asks
for, it learns from the shop itself: brands, categories, prices, tags and words of titles. The same seed asks the same.
"""

from __future__ import annotations

import argparse
import json
import math
import random
import re
import urllib.request
from collections.abc import Callable, Iterator
from typing import Any, Final
from urllib.parse import quote, urlencode, urlsplit

from benchmarks.load import WARM_UP_S, measure

SORTS: Final = ("price", "rating", "title", "name", "date", "createdAt", "stock", "id")
SAMPLE_PAGES: Final = 40
REQUESTS: Final = 20_000
"""Different requests prepared for each measurement; at most one in some hundred is ever asked twice."""


class Sample:
    """Values that products of the shop have, to filter and search by."""

    def __init__(self, url: str, chance: random.Random) -> None:
        self.chance = chance
        self.total: int = fetched(f"{url}/api/v1/products?limit=1")["total"]
        places = [chance.randrange(max(1, self.total - 100)) for _ in range(SAMPLE_PAGES)]
        self.products: list[dict[str, Any]] = []
        for place in places:
            self.products += fetched(f"{url}/api/v1/products?limit=100&skip={place}")["products"]
        self.words = sorted({word for product in self.products for word in re.findall(r"\w{3,}", product["title"])})

    def product(self) -> dict[str, Any]:
        return self.chance.choice(self.products)

    def filters(self) -> dict[str, Any]:
        """From none to three filters of the table, with values that products have."""
        product = self.product()
        price = float(product["price"])
        possible: list[dict[str, Any]] = [
            {"minPrice": round(price * self.chance.random(), 2)},
            {"maxPrice": round(price * (1 + self.chance.random()), 2)},
            {"brand": product["brand"]},
            {"category": product["category"]},
            {"company": product["companyId"]},
            {"inStock": self.chance.choice(("true", "false"))},
            *({"tag": tag} for tag in product["tags"][:1]),
            *({"seller": product["sellerId"]} for _ in "x" if product["sellerId"]),
            *({"zone": zone} for zone in product["zones"][:1]),
            {"warehouse": self.chance.randint(1, 5)},
        ]
        chosen: dict[str, Any] = {}
        for one in self.chance.sample(possible, self.chance.randint(0, 3)):
            chosen |= one
        return chosen

    def sort(self) -> dict[str, str]:
        return {"sortBy": self.chance.choice(SORTS), "order": self.chance.choice(("asc", "desc"))}

    def query(self) -> str:
        """One to three words of a title; every fifth query misspelt."""
        words = re.findall(r"\w+", self.product()["title"])
        start = self.chance.randrange(max(1, len(words) - 1))
        query = " ".join(words[start : start + self.chance.randint(1, 3)]) or self.chance.choice(self.words)
        return misspelt(query, self.chance) if self.chance.random() < 0.2 else query


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--url", default="http://127.0.0.1:3000")
    parser.add_argument("--connections", type=int, default=16)
    parser.add_argument("--seconds", type=float, default=5)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--only", help="measure only what has this in its name")
    options = parser.parse_args()
    target = urlsplit(options.url)
    sample = Sample(options.url, random.Random(options.seed))
    print(f"{sample.total:,} products, {options.connections} connections, {options.seconds:g} s each, none cached\n")
    for name, paths in measurements(sample):
        if options.only is None or options.only in name:
            began = metric(options.url, "process_cpu_seconds_total")
            measured = measure(
                target.hostname or "127.0.0.1",
                target.port or 3000,
                paths,
                connections=options.connections,
                seconds=options.seconds,
            )
            spent_s = metric(options.url, "process_cpu_seconds_total") - began
            asked = measured.requests * (options.seconds + WARM_UP_S) / options.seconds
            print(f"{name:<34}{measured}   {spent_s / asked * 1000:5.2f} ms of CPU", flush=True)
    print(f"\nresident memory of the process    {metric(options.url, 'process_resident_memory_bytes') / 1e6:,.0f} MB")


def measurements(sample: Sample) -> Iterator[tuple[str, list[str]]]:
    """What is measured, and what is asked for."""
    yield "list, any filter and sort", listed(lambda: {**sample.filters(), **sample.sort()})
    yield "list, no filter", listed(lambda: {"skip": sample.chance.randrange(250)})
    for sort in ("price", "rating", "title", "date", "stock"):
        yield f"list, by {sort}", listed(lambda sort=sort: {**sample.filters(), "sortBy": sort})  # type: ignore[misc]
    yield "list, deep page", listed(lambda: {**sample.sort(), "skip": sample.chance.randrange(sample.total)})
    filtered = [{**sample.filters(), **sample.sort()} for _ in range(REQUESTS)]
    turns = iter(filtered * 2)
    yield "the same filters, without facets", listed(lambda: next(turns))
    turns = iter(filtered * 2)
    yield "the same filters, with facets", listed(lambda: {**next(turns), "facets": "true"})
    yield "product page", [f"/api/v1/products/{sample.product()['id']}?n={n}" for n in range(REQUESTS)]
    yield "search", searched(lambda: {"q": sample.query()})
    yield "search, with filters", searched(lambda: {"q": sample.query(), **sample.filters()})
    yield "search, with facets", searched(lambda: {"q": sample.query(), "facets": "true"})
    yield "suggest", [f"/api/v1/products/suggest?q={quote(typed(sample))}&n={n}" for n in range(REQUESTS)]


def listed(parameters: Callable[[], dict[str, Any]]) -> list[str]:
    return [f"/api/v1/products?{urlencode({**parameters(), 'n': n})}" for n in range(REQUESTS)]


def searched(parameters: Callable[[], dict[str, Any]]) -> list[str]:
    return [f"/api/v1/products/search?{urlencode({**parameters(), 'n': n})}" for n in range(REQUESTS)]


def typed(sample: Sample) -> str:
    """A query that somebody has not typed to its end."""
    query = sample.query()
    return query[: sample.chance.randint(2, max(2, len(query)))]


def misspelt(query: str, chance: random.Random) -> str:
    """Two neighbouring letters change places, or one is left out."""
    if len(query) < 5:
        return query
    at = chance.randrange(1, len(query) - 2)
    if chance.random() < 0.5:
        return query[:at] + query[at + 1] + query[at] + query[at + 2 :]
    return query[:at] + query[at + 1 :]


def fetched(url: str) -> Any:
    with urllib.request.urlopen(url, timeout=30) as reply:  # noqa: S310
        return json.loads(reply.read())


def metric(url: str, name: str) -> float:
    """As the process that answers tells it at /metrics; not a number where it does not."""
    with urllib.request.urlopen(f"{url}/metrics", timeout=10) as reply:  # noqa: S310
        found = re.search(rf"^{name} (\S+)", reply.read().decode(), re.MULTILINE)
    return float(found[1]) if found else math.nan


if __name__ == "__main__":
    main()
