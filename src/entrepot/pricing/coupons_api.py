"""The HTTP surface of coupons: making them, and putting one to the cart."""

from __future__ import annotations

from typing import Annotated

from litestar import Controller
from litestar.di import Provide
from litestar.params import QueryParameter

from entrepot.kernel.actors import Actor, admin, signed_in
from entrepot.kernel.db import Db, Tx
from entrepot.kernel.pages import Page, encode_cursor
from entrepot.kernel.routes import delete, get, post, put
from entrepot.kernel.types import MAX_ID, Id
from entrepot.pricing.coupons import (
    CouponExists,
    CouponExpired,
    CouponNotApplicable,
    CouponNotForYou,
    CouponNotFound,
    CouponNotStarted,
    CouponUsedByYou,
    CouponUsedUp,
)
from entrepot.pricing.coupons_apply import apply_coupon, remove_coupon
from entrepot.pricing.coupons_change import change_coupon, delete_coupon
from entrepot.pricing.coupons_create import create_coupons
from entrepot.pricing.coupons_list import CouponFilter, list_coupons
from entrepot.pricing.coupons_requests import CouponChange, GivenCode, NewCoupon
from entrepot.pricing.coupons_views import CouponPage, CouponView, MadeCouponsView
from entrepot.pricing.promotions import LimitBelowUses
from entrepot.pricing.savings_views import DiscountedCartView
from entrepot.shop import Shop


def coupon_filter(
    q: Annotated[str | None, QueryParameter(max_length=100, description="How the code begins.")] = None,
    promotion: Annotated[
        int | None,
        QueryParameter(ge=1, le=MAX_ID, description="Only codes that share these terms: a coupon's `promotionId`."),
    ] = None,
) -> CouponFilter:
    """The filters of a list of coupons."""
    return CouponFilter(q=q, promotion=promotion)


class CouponController(Controller):
    path = "/coupons"
    tags = ["Coupons"]
    dependencies = {"wanted": Provide(coupon_filter, sync_to_thread=False)}

    @get("/", guard=admin)
    async def list_coupons(self, db: Db, shop: Shop, wanted: CouponFilter, page: Page) -> CouponPage:
        """All coupons, the newest first."""
        found = await list_coupons(db, wanted, page)
        return CouponPage(
            coupons=[CouponView.shown(coupon, shop) for coupon in found.coupons],
            total=found.total,
            skip=page.skip,
            limit=len(found.coupons),
            next_cursor=encode_cursor(*found.following) if found.following else None,
        )

    @post("/", guard=admin, refuses=(CouponExists,))
    async def create_coupons(self, tx: Tx, shop: Shop, actor: Actor, data: NewCoupon) -> MadeCouponsView:
        """Make a coupon with a `code`, or a `batch` of codes that nobody guesses.

        Of a batch, each code can be used once unless `totalLimit` says otherwise; `perUserLimit` counts all codes of the
        batch together. Codes are the same in whatever case.
        """
        made = await create_coupons(tx, actor, shop, data)
        return MadeCouponsView.shown(made.first, shop, batch=made.codes if data.batch is not None else None)

    @put("/{coupon_id:int}", guard=admin, refuses=(CouponNotFound, CouponExists, LimitBelowUses))
    async def change_coupon(self, tx: Tx, shop: Shop, actor: Actor, coupon_id: Id, data: CouponChange) -> CouponView:
        """Change a coupon; what is not given stays. Codes of a batch share their terms, which change for all of them."""
        return CouponView.shown(await change_coupon(tx, actor, shop, coupon_id, data), shop)

    @delete("/{coupon_id:int}", guard=admin, refuses=(CouponNotFound,))
    async def delete_coupon(self, tx: Tx, actor: Actor, coupon_id: Id) -> None:
        """End a coupon for good; other codes of its batch stay."""
        await delete_coupon(tx, actor, coupon_id)


class CouponCheckoutController(Controller):
    path = "/checkout"
    tags = ["Checkout"]

    @post(
        "/apply-coupon",
        guard=signed_in,
        status=200,
        refuses=(
            CouponNotFound,
            CouponExpired,
            CouponNotStarted,
            CouponUsedUp,
            CouponUsedByYou,
            CouponNotForYou,
            CouponNotApplicable,
        ),
    )
    async def apply_coupon(self, tx: Tx, shop: Shop, actor: Actor, data: GivenCode) -> DiscountedCartView:
        """Put a coupon to the cart; the reply is the cart with it.

        It takes the place of one that was there, and stays until it is removed or an order uses it. It is not used before
        the order is placed: somebody else may be quicker.
        """
        return DiscountedCartView.of(await apply_coupon(tx, actor, data.written, data.zone, shop.settings), shop)

    @delete("/remove-coupon", guard=signed_in)
    async def remove_coupon(self, tx: Tx, actor: Actor) -> None:
        """Take the coupon out of the cart, if there is one."""
        await remove_coupon(tx, actor)
