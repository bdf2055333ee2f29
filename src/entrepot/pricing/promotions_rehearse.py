"""Rehearsing a promotion: what it would have made of the orders of the last days."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final

import msgspec

from entrepot.kernel import clock
from entrepot.kernel.actors import Actor, Role
from entrepot.kernel.db import Db
from entrepot.kernel.money import share
from entrepot.pricing import promotions_queries, rehearsal_queries
from entrepot.pricing.model import Basket, BasketLine, Buyer, Promotion
from entrepot.pricing.price import price
from entrepot.pricing.promotion_index import Promotions
from entrepot.pricing.promotions import PromotionNotFound
from entrepot.pricing.promotions_overlap import Tree
from entrepot.pricing.rehearsal_queries import PastLine, PastOrder
from entrepot.pricing.rules import Rules

MOST_ORDERS: Final = 5_000
"""The newest are replayed, where there were more."""


class Takings(msgspec.Struct, kw_only=True):
    """What orders brought, in minor units before tax and shipping: what was paid for goods, what was taken off them, how
    many pieces, and the shop's own share of it."""

    revenue_minor: int = 0
    discount_minor: int = 0
    units: int = 0
    margin_minor: int = 0


class Compared(msgspec.Struct, frozen=True, kw_only=True):
    """The orders of one currency that the promotion would have changed, as they were and as they would have been."""

    orders: int
    before: Takings
    after: Takings


class Rehearsed(msgspec.Struct, frozen=True, kw_only=True):
    """`replayed` orders since then, all of them if `complete`, compared by currency."""

    promotion_id: int
    since: datetime
    replayed: int
    complete: bool
    by_currency: dict[str, Compared]


async def rehearse(db: Db, actor: Actor, promotion_id: int, days: int) -> Rehearsed:
    """Replay the orders of the last days, oldest first, as if the promotion had run. Raises PromotionNotFound."""
    promotion = await promotions_queries.find_promotion(db, actor, promotion_id)
    if promotion is None:
        raise PromotionNotFound
    since = clock.now() - timedelta(days=days)
    orders = await rehearsal_queries.list_past_orders(db, since, MOST_ORDERS + 1)
    tree = Tree(await promotions_queries.list_branches(db))
    replayed = orders[:MOST_ORDERS][::-1]
    rule = msgspec.structs.replace(promotion.rule, starts_at=None, ends_at=None, used=0)
    return Rehearsed(
        promotion_id=promotion_id,
        since=since,
        replayed=len(replayed),
        complete=len(orders) <= MOST_ORDERS,
        by_currency=await asyncio.to_thread(replay, replayed, rule, tree),
    )


def replay(orders: Sequence[PastOrder], promotion: Promotion, tree: Tree) -> dict[str, Compared]:
    """What the promotion would have changed, by currency. Its limits are counted as they would have been used up.

    The buyers are taken to have bought the same. What other promotions took off then stays, where both combine; otherwise
    each order gets whichever takes off more.
    """
    compared: dict[str, Compared] = {}
    by_user: Counter[int] = Counter()
    used = 0
    for order in orders:
        uses = by_user[order.user_id] if order.user_id is not None else 0
        savings = _savings(order, msgspec.structs.replace(promotion, used=used), uses, tree)
        after = [_after(line, saving) for line, saving in zip(order.lines, savings, strict=True)]
        if promotion.exclusive:
            alone = [_own(line) - saving for line, saving in zip(order.lines, savings, strict=True)]
            after = min(alone, [line.discounted_minor for line in order.lines], key=sum)
        if sum(after) >= sum(line.discounted_minor for line in order.lines):
            continue
        used += 1
        if order.user_id is not None:
            by_user[order.user_id] += 1
        kept = compared.get(order.currency, Compared(orders=0, before=Takings(), after=Takings()))
        _add(kept.before, order.lines, [line.discounted_minor for line in order.lines])
        _add(kept.after, order.lines, after)
        compared[order.currency] = msgspec.structs.replace(kept, orders=kept.orders + 1)
    return compared


def _savings(order: PastOrder, promotion: Promotion, uses: int, tree: Tree) -> list[int]:
    """What it takes off each line, by prices as they were before other promotions."""
    lines = tuple(
        BasketLine(
            product_id=line.product_id,
            company_id=line.company_id,
            quantity=line.quantity,
            price_minor=line.price_minor,
            discount_bp=line.discount_bp,
            category_path=tree.path(line.category_id),
            brand_id=line.brand_id,
            group_id=line.group_id,
        )
        for line in order.lines
    )
    buyer = Buyer(
        user_id=order.user_id,
        role=order.role or Role.USER,
        zone_id=order.zone_id,
        first_order=order.first_order,
        uses={promotion.id: uses},
    )
    basket = Basket(lines=lines, currency=order.currency, at=order.created_at, buyer=buyer)
    priced = price(basket, Rules(promotions=Promotions([promotion])))
    by_product = {line.product_id: line.promotion_minor for part in priced.parts for line in part.lines}
    return [by_product[line.product_id] for line in order.lines]


def _own(line: PastLine) -> int:
    """What it cost after its own discount, before any promotion."""
    return line.total_minor - share(line.total_minor, line.discount_bp)


def _after(line: PastLine, saving_minor: int) -> int:
    return max(0, line.discounted_minor - saving_minor)


def _add(takings: Takings, lines: Sequence[PastLine], net: Sequence[int]) -> None:
    for line, net_minor in zip(lines, net, strict=True):
        takings.revenue_minor += net_minor
        takings.discount_minor += line.total_minor - net_minor
        takings.units += line.quantity
        takings.margin_minor += share(net_minor, line.share_bp)
