"""Products as the database hands them to the columns: each column as one run of bytes, in order of id."""

from __future__ import annotations

from collections.abc import Iterator
from copy import copy
from typing import Final

import msgspec
import numpy as np
import numpy.typing as npt

Numbers = npt.NDArray[np.int64]


class ProductChunk(msgspec.Struct, frozen=True, kw_only=True):
    """Columns of some products: eight-byte numbers, big-endian, one for each product; 0 stands for null.

    Titles stand one after the other in UTF-8. What a product may have several of comes as pairs of four-byte numbers,
    the product's place in the chunk and a place in the list beside it, or as eight-byte pairs of place and id.
    """

    ids: bytes
    prices: bytes
    ratings_hundredths: bytes
    created_at_us: bytes
    stocks: bytes
    category_ids: bytes
    brand_ids: bytes
    company_ids: bytes
    seller_ids: bytes
    group_ids: bytes
    title_lengths: bytes
    titles: bytes
    tags: list[str]
    tag_pairs: bytes
    attribute_names: list[str]
    attribute_values: list[str]
    attribute_pairs: bytes
    warehouse_pairs: bytes
    zone_pairs: bytes


class Entries(msgspec.Struct, frozen=True):
    """What each product has several of: how many, and their numbers one after the other."""

    lengths: Numbers
    values: Numbers

    def part(self, start: int, end: int) -> Entries:
        first, lengths = int(self.lengths[:start].sum()), self.lengths[start:end]
        return Entries(lengths, self.values[first : first + int(lengths.sum())])


class Chunk:
    """A ProductChunk as arrays."""

    def __init__(self, raw: ProductChunk) -> None:
        self.ids = numbers(raw.ids)
        self.prices = numbers(raw.prices)
        self.ratings = numbers(raw.ratings_hundredths)
        self.created = numbers(raw.created_at_us)
        self.stocks = numbers(raw.stocks)
        self.category_ids = numbers(raw.category_ids)
        self.brand_ids = numbers(raw.brand_ids)
        self.company_ids = numbers(raw.company_ids)
        self.sellers = numbers(raw.seller_ids)
        self.group_ids = numbers(raw.group_ids)
        self.title_lengths = numbers(raw.title_lengths)
        self.titles = np.frombuffer(raw.titles, dtype=np.uint8)
        self.tag_names = raw.tags
        self.attribute_names = list(zip(raw.attribute_names, raw.attribute_values, strict=True))
        self.tags = self._entries(raw.tag_pairs, ">i4")
        self.attributes = self._entries(raw.attribute_pairs, ">i4")
        self.warehouses = self._entries(raw.warehouse_pairs, ">i8")
        self.zones = self._entries(raw.zone_pairs, ">i8")

    def __len__(self) -> int:
        return len(self.ids)

    def parts(self, size: int) -> Iterator[Chunk]:
        """The same products, so many at once."""
        for start in range(0, len(self), size):
            yield self._part(start, start + size)

    def _part(self, start: int, end: int) -> Chunk:
        part = copy(self)
        for name in _NUMBERS:
            setattr(part, name, getattr(self, name)[start:end])
        for name in _ENTRIES:
            setattr(part, name, getattr(self, name).part(start, end))
        first = int(self.title_lengths[:start].sum())
        part.titles = self.titles[first : first + int(part.title_lengths.sum())]
        return part

    def _entries(self, pairs: bytes, kind: str) -> Entries:
        both = np.frombuffer(pairs, dtype=kind).astype(np.int64).reshape(-1, 2)
        places, values = both[:, 0], both[:, 1]
        order = np.argsort(places, kind="stable")
        return Entries(np.bincount(places, minlength=len(self.ids)).astype(np.int64), values[order])


def numbers(raw: bytes) -> Numbers:
    return np.frombuffer(raw, dtype=">i8").astype(np.int64)


_NUMBERS: Final = (
    "ids",
    "prices",
    "ratings",
    "created",
    "stocks",
    "category_ids",
    "brand_ids",
    "company_ids",
    "sellers",
    "group_ids",
    "title_lengths",
)
_ENTRIES: Final = ("tags", "attributes", "warehouses", "zones")
