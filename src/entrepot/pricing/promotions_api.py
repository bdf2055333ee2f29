"""The HTTP surface of promotions."""

from __future__ import annotations

from typing import Annotated

from litestar import Controller
from litestar.di import Provide
from litestar.params import QueryParameter

from entrepot.kernel.actors import Actor, admin, guest_or_user, seller_or_zone_admin, signed_in
from entrepot.kernel.db import Db, Tx
from entrepot.kernel.pages import Page, encode_cursor
from entrepot.kernel.routes import delete, get, post, put
from entrepot.kernel.types import MAX_ID, Id
from entrepot.pricing import promotions_queries as queries
from entrepot.pricing.model import Kind
from entrepot.pricing.promotions import (
    LimitBelowUses,
    PromotionNotFound,
    PromotionsOverlap,
    PromotionStatus,
    TooManyPromotions,
)
from entrepot.pricing.promotions_change import change_promotion, delete_promotion
from entrepot.pricing.promotions_create import create_promotion
from entrepot.pricing.promotions_list import PromotionFilter, list_promotions
from entrepot.pricing.promotions_rehearse import rehearse
from entrepot.pricing.promotions_requests import NewPromotion, PromotionChange, PromotionsAsked, Rehearsal
from entrepot.pricing.promotions_views import MadePromotionView, PromotionPage, PromotionView
from entrepot.pricing.quote_cart import quote_cart
from entrepot.pricing.rehearsal_views import RehearsalView
from entrepot.pricing.savings_views import DiscountedCartView, SavingsView
from entrepot.shop import Shop


def promotion_filter(
    q: Annotated[str | None, QueryParameter(max_length=100, description="Looked for in the name.")] = None,
    kind: Annotated[
        Kind | None, QueryParameter(name="type", description="percentage, fixed, buy_x_get_y or bundle.")
    ] = None,
    status: Annotated[
        PromotionStatus | None,
        QueryParameter(description="running, or for who manages it also draft, scheduled, used_up or ended."),
    ] = None,
    zone: Annotated[str | None, QueryParameter(max_length=100, description="Slug of a zone where it counts.")] = None,
    company: Annotated[
        int | None, QueryParameter(ge=1, le=MAX_ID, description="Only those about this company's goods alone.")
    ] = None,
) -> PromotionFilter:
    """The filters of a list of promotions."""
    return PromotionFilter(q=q, kind=kind, status=status, zone=zone, company=company)


class PromotionController(Controller):
    path = "/promotions"
    tags = ["Promotions"]
    dependencies = {"wanted": Provide(promotion_filter, sync_to_thread=False)}

    @get("/", guard=guest_or_user)
    async def list_promotions(
        self, db: Db, shop: Shop, actor: Actor, wanted: PromotionFilter, page: Page
    ) -> PromotionPage:
        """Promotions that run now, the newest first; who manages some also sees the others of theirs."""
        found = await list_promotions(db, actor, wanted, page)
        return PromotionPage(
            promotions=[PromotionView.of(promotion, shop) for promotion in found.promotions],
            total=found.total,
            skip=page.skip,
            limit=len(found.promotions),
            next_cursor=encode_cursor(*found.following) if found.following else None,
        )

    @get("/{promotion_id:int}", guard=guest_or_user, refuses=(PromotionNotFound,))
    async def get_promotion(self, db: Db, shop: Shop, actor: Actor, promotion_id: Id) -> PromotionView:
        """A promotion that runs now, or that one manages."""
        promotion = await queries.find_promotion(db, actor, promotion_id)
        if promotion is None:
            raise PromotionNotFound
        return PromotionView.of(promotion, shop)

    @post("/", guard=seller_or_zone_admin, refuses=(PromotionsOverlap, TooManyPromotions))
    async def create_promotion(self, tx: Tx, shop: Shop, actor: Actor, data: NewPromotion) -> MadePromotionView:
        """Make a promotion; the reply tells which others are about the same goods at the same time.

        A seller's is for its own company's goods, a location admin's names zones of its own. Promotions on the same goods
        are combined by priority, unless one of them does not combine (`stackable: false`): then the buyer gets whichever
        is cheaper. Two that both do not combine are refused.
        """
        return MadePromotionView.made(await create_promotion(tx, actor, shop, data), shop)

    @put(
        "/{promotion_id:int}",
        guard=seller_or_zone_admin,
        refuses=(PromotionNotFound, PromotionsOverlap, LimitBelowUses),
    )
    async def change_promotion(
        self, tx: Tx, shop: Shop, actor: Actor, promotion_id: Id, data: PromotionChange
    ) -> MadePromotionView:
        """Change a promotion; what is not given stays, and orders that were placed keep what they got."""
        return MadePromotionView.made(await change_promotion(tx, actor, shop, promotion_id, data), shop)

    @delete("/{promotion_id:int}", guard=seller_or_zone_admin, refuses=(PromotionNotFound,))
    async def delete_promotion(self, tx: Tx, actor: Actor, promotion_id: Id) -> None:
        """End a promotion for good."""
        await delete_promotion(tx, actor, promotion_id)

    @post("/apply", guard=signed_in, status=200)
    async def apply_promotions(
        self, db: Db, shop: Shop, actor: Actor, data: PromotionsAsked | None = None
    ) -> DiscountedCartView:
        """The cart with promotions and its coupon applied: exactly what an order would charge, and why.

        Promotions need no applying: those that are best for the buyer count in every cart and order by themselves.
        """
        zone = data.zone if data is not None else None
        return DiscountedCartView.of(await quote_cart(db, actor, shop.settings, zone=zone), shop)

    @post("/preview", guard=signed_in, status=200)
    async def preview_promotions(
        self, db: Db, shop: Shop, actor: Actor, data: PromotionsAsked | None = None
    ) -> SavingsView:
        """What promotions would take off the cart, and what is missing for the next one."""
        zone = data.zone if data is not None else None
        return SavingsView.of(await quote_cart(db, actor, shop.settings, zone=zone), shop)

    @post("/{promotion_id:int}/rehearse", guard=admin, status=200, refuses=(PromotionNotFound,))
    async def rehearse(
        self, db: Db, shop: Shop, actor: Actor, promotion_id: Id, data: Rehearsal | None = None
    ) -> RehearsalView:
        """Replay the orders of the last days as if the promotion, best a draft, had run: what they would have brought."""
        days = (data or Rehearsal()).days
        return RehearsalView.of(await rehearse(db, actor, promotion_id, days), shop)
