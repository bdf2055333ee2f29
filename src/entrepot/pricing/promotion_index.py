"""Promotions by the goods that they are about, so that a basket asks only for those of its own goods."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Final

from entrepot.pricing.model import BasketLine, Bundle, Promotion, Scope, Target

Key = tuple[Scope, int]
"""A product, a category, a brand or a company."""

ANYTHING: Final[Key] = (Scope.EVERYTHING, 0)


class Promotions:
    """Promotions and their index. Made once, and never changed; may be kept and shared."""

    __slots__ = ("_about", "all")

    def __init__(self, promotions: Iterable[Promotion] = ()) -> None:
        self.all = tuple(promotions)
        self._about: dict[Key, list[Promotion]] = {}
        for promotion in self.all:
            for key in _keys(promotion):
                self._about.setdefault(key, []).append(promotion)

    def about(self, keys: Iterable[Key]) -> list[Promotion]:
        """Those that name one of these; each once."""
        about = self._about
        return list({promotion.id: promotion for key in keys for promotion in about.get(key, ())}.values())


class Goods:
    """A basket's lines by what they are: the other side of the index. Lines are known by their places."""

    __slots__ = ("_by_key", "_lines")

    def __init__(self, lines: Sequence[BasketLine]) -> None:
        self._lines = lines
        self._by_key: dict[Key, list[int]] = {ANYTHING: list(range(len(lines)))}
        for place, line in enumerate(lines):
            for key in _keys_of_line(line):
                self._by_key.setdefault(key, []).append(place)

    @property
    def keys(self) -> Iterable[Key]:
        return self._by_key

    def within(self, target: Target, company_id: int | None) -> list[int]:
        """The places of the lines that a target is about, in order; with a company, of its goods only."""
        keys = _keys_of_target(target)
        by_key = self._by_key
        if len(keys) == 1:
            places = by_key.get(keys[0], [])
        elif len(keys) <= len(by_key):
            places = sorted({place for key in keys for place in by_key.get(key, ())})
        else:
            wanted = set(keys)
            places = sorted({place for key in by_key.keys() & wanted for place in by_key[key]})
        return places if company_id is None else self._of_company(places, company_id)

    def of_products(self, product_ids: Sequence[int], company_id: int | None) -> list[int]:
        return self.within(Target(Scope.PRODUCTS, frozenset(product_ids)), company_id)

    def _of_company(self, places: list[int], company_id: int) -> list[int]:
        lines = self._lines
        return [place for place in places if lines[place].company_id == company_id]


def _keys(promotion: Promotion) -> Iterator[Key]:
    """Under which a promotion is found: the goods that must be bought, or those of its bundle."""
    effect = promotion.effect
    if isinstance(effect, Bundle):
        yield from {(Scope.PRODUCTS, item.product_id) for item in effect.items}
        return
    # A seller's promotion for everything is for everything of the seller's.
    if promotion.company_id is not None and promotion.target.scope is Scope.EVERYTHING:
        yield (Scope.COMPANIES, promotion.company_id)
    else:
        yield from _keys_of_target(promotion.target)


def _keys_of_target(target: Target) -> list[Key]:
    if target.scope is Scope.EVERYTHING:
        return [ANYTHING]
    return [(target.scope, id_) for id_ in target.ids]


def _keys_of_line(line: BasketLine) -> Iterator[Key]:
    yield (Scope.PRODUCTS, line.product_id)
    yield (Scope.COMPANIES, line.company_id)
    if line.brand_id is not None:
        yield (Scope.BRANDS, line.brand_id)
    for category_id in line.category_path:
        yield (Scope.CATEGORIES, category_id)
