"""Which promotions are about the same goods at the same time."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Final

import msgspec

from entrepot.kernel import clock
from entrepot.kernel.clock import iso
from entrepot.kernel.db import Db
from entrepot.pricing import promotions_queries as queries
from entrepot.pricing.model import Scope, Target
from entrepot.pricing.promotions import PromotionsOverlap, StoredPromotion
from entrepot.pricing.promotions_queries import Branch, Compatible

MOST_TOLD: Final = 100
"""Overlaps in one reply."""

MOST_GOODS: Final = 20
"""Of the goods that two promotions share, this many are named."""


class Overlap(msgspec.Struct, frozen=True, kw_only=True):
    """Another promotion that is about some of the same goods, from when to when (None: without end), and which goods.

    `exclusive`: neither combines with others.
    """

    promotion_id: int
    name: str
    starts_at: datetime
    ends_at: datetime | None
    goods: Target
    exclusive: bool


async def find_overlaps(db: Db, promotion: StoredPromotion) -> list[Overlap]:
    """The promotions that overlap with this one, as it stands in the database now; those that exclude it first."""
    others = await queries.list_compatible(db, promotion.id)
    if not others:
        return []
    tree = Tree(await queries.list_branches(db))
    mine = goods_of(promotion.target, promotion.company_id)
    met = await _met(db, mine, others, tree)
    overlaps = [
        _overlap(promotion, other, shared)
        for other in others
        if (shared := shared_goods(mine, goods_of(_target(other), other.company_id), tree, met.get(other.id)))
    ]
    return sorted(overlaps, key=lambda overlap: (not overlap.exclusive, overlap.promotion_id))[:MOST_TOLD]


def refuse_exclusive(overlaps: Sequence[Overlap]) -> None:
    """Raises PromotionsOverlap, naming those that neither this one nor they combine with."""
    if excluded := [overlap for overlap in overlaps if overlap.exclusive]:
        raise PromotionsOverlap(details={"overlaps": [_told(overlap) for overlap in excluded]})


class Tree:
    """The categories, upwards and downwards."""

    def __init__(self, branches: Iterable[Branch]) -> None:
        self._parents = {branch.id: branch.parent_id for branch in branches}
        self._children: dict[int, list[int]] = {}
        for category_id, parent_id in self._parents.items():
            if parent_id is not None:
                self._children.setdefault(parent_id, []).append(category_id)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Tree) and other._parents == self._parents

    __hash__ = None  # type: ignore[assignment]  # what is compared by its content and is no key

    def path(self, category_id: int) -> tuple[int, ...]:
        """The category, then its ancestors upwards."""
        path = [category_id]
        while (parent_id := self._parents.get(path[-1])) is not None and parent_id not in path:
            path.append(parent_id)
        return tuple(path)

    def below(self, category_ids: Iterable[int]) -> frozenset[int]:
        """These categories with all that is below them."""
        found: set[int] = set()
        waiting = list(category_ids)
        while waiting:
            category_id = waiting.pop()
            if category_id not in found:
                found.add(category_id)
                waiting.extend(self._children.get(category_id, ()))
        return frozenset(found)


def goods_of(target: Target, company_id: int | None) -> Target:
    """What a company's promotion about everything is about: the company's goods."""
    if target.scope is Scope.EVERYTHING and company_id is not None:
        return Target(Scope.COMPANIES, frozenset({company_id}))
    return target


def shared_goods(mine: Target, theirs: Target, tree: Tree, met: frozenset[int] | None = None) -> Target | None:
    """What is in both; None when nothing is.

    Goods of two kinds share what `met` says: those of theirs that some product of mine belongs to.
    """
    if mine.scope is Scope.EVERYTHING:
        return theirs
    if theirs.scope is Scope.EVERYTHING:
        return mine
    if mine.scope is not theirs.scope:
        return Target(theirs.scope, met) if met else None
    if mine.scope is Scope.CATEGORIES:
        nearer = {id_ for id_ in mine.ids if theirs.ids.intersection(tree.path(id_))}
        nearer |= {id_ for id_ in theirs.ids if mine.ids.intersection(tree.path(id_))}
        return Target(Scope.CATEGORIES, frozenset(nearer)) if nearer else None
    return Target(mine.scope, both) if (both := mine.ids & theirs.ids) else None


async def _met(db: Db, mine: Target, others: Sequence[Compatible], tree: Tree) -> Mapping[int, frozenset[int]]:
    """By promotion whose goods are of another kind: those of its goods that a product of mine belongs to."""
    unlike = [other for other in others if goods_of(_target(other), other.company_id).scope is not mine.scope]
    ids = {scope: sorted(mine.ids) if mine.scope is scope else [] for scope in Scope}
    met: dict[int, set[int]] = {}
    named = [other.id for other in unlike if other.scope is not Scope.CATEGORIES]
    if named and mine.scope is not Scope.EVERYTHING:
        categories = sorted(tree.below(ids[Scope.CATEGORIES]))
        for one in await queries.list_met(
            db, named, categories, ids[Scope.BRANDS], ids[Scope.COMPANIES], ids[Scope.PRODUCTS]
        ):
            met.setdefault(one.promotion_id, set()).add(one.target_id)
    by_category = [other for other in unlike if other.scope is Scope.CATEGORIES]
    if by_category and mine.scope is not Scope.EVERYTHING:
        found = await queries.list_categories_of(db, ids[Scope.BRANDS], ids[Scope.COMPANIES], ids[Scope.PRODUCTS])
        above = {ancestor for category_id in found for ancestor in tree.path(category_id)}
        met.update({other.id: above.intersection(other.target_ids) for other in by_category})
    return {promotion_id: frozenset(found) for promotion_id, found in met.items()}


def _target(other: Compatible) -> Target:
    return Target(other.scope, frozenset(other.target_ids))


def _overlap(promotion: StoredPromotion, other: Compatible, shared: Target) -> Overlap:
    ends = [moment for moment in (promotion.ends_at, other.ends_at) if moment is not None]
    return Overlap(
        promotion_id=other.id,
        name=other.name,
        starts_at=max(promotion.starts_at, other.starts_at, clock.now()),
        ends_at=min(ends, default=None),
        goods=Target(shared.scope, frozenset(sorted(shared.ids)[:MOST_GOODS])),
        exclusive=promotion.is_exclusive and other.is_exclusive,
    )


def _told(overlap: Overlap) -> dict[str, object]:
    return {
        "promotionId": overlap.promotion_id,
        "name": overlap.name,
        "startsAt": iso(overlap.starts_at),
        "endsAt": iso(overlap.ends_at) if overlap.ends_at is not None else None,
        "goods": {"scope": overlap.goods.scope, "ids": sorted(overlap.goods.ids)},
    }
