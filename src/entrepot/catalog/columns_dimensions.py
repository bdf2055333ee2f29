"""The small tables around products: categories in the order of their tree, brands, companies, zones."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence

import msgspec
import numpy as np
import numpy.typing as npt


class CategoryNode(msgspec.Struct, frozen=True):
    """A category that is not deleted, among its siblings."""

    id: int
    parent_id: int | None
    slug: str
    name: str


class BrandName(msgspec.Struct, frozen=True):
    id: int
    slug: str
    name: str


class SellingCompany(msgspec.Struct, frozen=True):
    """Whether a company sells now, and in which zones it delivers."""

    id: int
    sells: bool
    zone_ids: list[int]


class ZoneSlug(msgspec.Struct, frozen=True):
    id: int
    slug: str


class CategoryTree:
    """Categories numbered so that a sub-tree is a range: each has a place, and those below it follow.

    `nodes`: siblings in their order. Behind all of it come the places of categories that products have, but that are not
    in the tree: deleted, or below one that is.
    """

    def __init__(self, nodes: Iterable[CategoryNode] = ()) -> None:
        children: defaultdict[int | None, list[CategoryNode]] = defaultdict(list)
        for node in nodes:
            children[node.parent_id].append(node)
        self.nodes: list[CategoryNode | None] = [None]
        """Those in the tree by place; at 0 is none."""
        self._ids = [0]
        self._ranges: dict[str, tuple[int, int]] = {}
        self._places: dict[int, int] = {}
        self._number(children)

    def __len__(self) -> int:
        """How many places there are."""
        return len(self._ids)

    def _number(self, children: dict[int | None, list[CategoryNode]]) -> None:
        stack: list[tuple[CategoryNode, bool]] = [(node, False) for node in reversed(children.get(None, []))]
        while stack:
            node, done = stack.pop()
            if done:
                self._ranges[node.slug] = (self._places[node.id], len(self.nodes))
                continue
            self._places[node.id] = len(self.nodes)
            self._ids.append(node.id)
            self.nodes.append(node)
            stack.append((node, True))
            stack += [(child, False) for child in reversed(children.get(node.id, []))]

    def subtree(self, slug: str) -> tuple[int, int] | None:
        """The places from the category to before the first one that is not below it; None: there is no such category."""
        return self._ranges.get(slug)

    def places(self, ids: Iterable[int]) -> npt.NDArray[np.int64]:
        """The places of categories; those that are not in the tree get one behind it."""
        places = []
        for id_ in ids:
            if (place := self._places.get(id_)) is None:
                place = self._places[id_] = len(self._ids)
                self._ids.append(id_)
            places.append(place)
        return np.array(places, dtype=np.int64)

    def id_at(self, place: int) -> int:
        return self._ids[place]

    def unknown(self, ids: npt.NDArray[np.int64]) -> list[int]:
        return [id_ for id_ in np.unique(ids).tolist() if id_ not in self._places]


class Codes:
    """Small numbers for ids, from 1 on in the order in which they are first seen. 0 stands for no id."""

    def __init__(self) -> None:
        self._ids = np.zeros(1, dtype=np.int64)
        self._sorted = np.zeros(1, dtype=np.int64)
        self._codes = np.zeros(1, dtype=np.int32)
        """Of the sorted ids."""

    def __len__(self) -> int:
        return len(self._ids)

    @property
    def size_bytes(self) -> int:
        return self._ids.nbytes + self._sorted.nbytes + self._codes.nbytes

    @property
    def ids(self) -> list[int]:
        """By code."""
        ids: list[int] = self._ids.tolist()
        return ids

    def id_of(self, code: int) -> int:
        return int(self._ids[code])

    def intern(self, ids: npt.NDArray[np.int64]) -> npt.NDArray[np.int32]:
        """The codes of ids, new ones for those not seen yet."""
        places = self._find(ids)
        unknown = np.unique(ids[self._sorted[places] != ids])
        if len(unknown):
            at = np.searchsorted(self._sorted, unknown)
            new = np.arange(len(self._ids), len(self._ids) + len(unknown), dtype=np.int32)
            self._ids = np.append(self._ids, unknown)
            self._sorted = np.insert(self._sorted, at, unknown)
            self._codes = np.insert(self._codes, at, new)
            places = self._find(ids)
        return self._codes[places]

    def code(self, id_: int) -> int | None:
        place = int(self._find(np.array([id_]))[0])
        return int(self._codes[place]) if self._sorted[place] == id_ else None

    def _find(self, ids: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
        return np.minimum(np.searchsorted(self._sorted, ids), len(self._sorted) - 1)


class Brands:
    """Names and slugs of brands that have products."""

    def __init__(self) -> None:
        self.codes = Codes()
        self._known: dict[int, BrandName] = {}
        self._by_text: defaultdict[str, set[int]] = defaultdict(set)

    def set(self, brands: Iterable[BrandName]) -> None:
        for brand in brands:
            if (old := self._known.get(brand.id)) is not None:
                self._by_text[old.name].discard(brand.id)
                self._by_text[old.slug].discard(brand.id)
            self._known[brand.id] = brand
            self._by_text[brand.name].add(brand.id)
            self._by_text[brand.slug].add(brand.id)

    def unknown(self, ids: npt.NDArray[np.int64]) -> list[int]:
        return [id_ for id_ in np.unique(ids).tolist() if id_ and id_ not in self._known]

    def named(self, text: str) -> list[int]:
        """The codes of the brands with this name or slug."""
        found = (self.codes.code(id_) for id_ in self._by_text.get(text, ()))
        return [code for code in found if code is not None]

    def at(self, code: int) -> BrandName | None:
        return self._known.get(self.codes.id_of(code))


class Companies:
    """Which companies sell, and where they deliver."""

    def __init__(self) -> None:
        self.codes = Codes()
        self._known: dict[int, SellingCompany] = {}
        self.selling = np.zeros(1, dtype=np.bool_)
        """By code."""

    def set(self, companies: Iterable[SellingCompany]) -> None:
        self._known |= {company.id: company for company in companies}
        self.codes.intern(np.array(list(self._known), dtype=np.int64))
        self.selling = self._by_code(lambda company: company.sells)

    def unknown(self, ids: npt.NDArray[np.int64]) -> list[int]:
        return [id_ for id_ in np.unique(ids).tolist() if id_ not in self._known]

    @property
    def ids(self) -> list[int]:
        return list(self._known)

    def delivering(self, zone_id: int | None) -> npt.NDArray[np.bool_]:
        """By code, whether the company delivers to the zone."""
        return self._by_code(lambda company: zone_id in company.zone_ids)

    def _by_code(self, fits: Callable[[SellingCompany], bool]) -> npt.NDArray[np.bool_]:
        known = (self._known.get(id_) for id_ in self.codes.ids)
        return np.array([company is not None and fits(company) for company in known], dtype=np.bool_)


class Zones:
    """Ids of zones by their slugs."""

    def __init__(self, zones: Sequence[ZoneSlug] = ()) -> None:
        self._ids = {zone.slug: zone.id for zone in zones}

        self._known = {zone.id for zone in zones}

    def id_of(self, slug: str) -> int | None:
        return self._ids.get(slug)

    def know(self, companies: Iterable[SellingCompany]) -> bool:
        """Whether all zones are known where companies deliver."""
        return all(self._known.issuperset(company.zone_ids) for company in companies)
