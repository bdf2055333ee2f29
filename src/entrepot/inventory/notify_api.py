"""The HTTP surface of waiting for products that are sold out."""

from __future__ import annotations

from typing import Annotated

from litestar import Controller
from litestar.params import QueryParameter
from pydantic import EmailStr, Field

from entrepot.inventory import waiting_queries
from entrepot.inventory.list_stock import in_reach_of_products
from entrepot.inventory.model import NotSoldOut, ProductUnknown, TooManyWaits, WrongUnsubscribeLink
from entrepot.inventory.notify_views import (
    AwaitedView,
    Cleared,
    NotifyRequestPage,
    NotifyRequestView,
    NotifyResult,
    NotifyStats,
    SubscriptionCheck,
    SubscriptionPage,
    SubscriptionView,
    Unsubscribed,
    WaiterCountsView,
)
from entrepot.inventory.offer import offer_now
from entrepot.inventory.unsubscribe import unsubscribe
from entrepot.inventory.wait import wait_for, wait_no_longer
from entrepot.inventory.waiting_queries import Person, Wait, WaiterStatus
from entrepot.kernel.actors import Actor, anyone, guest_or_user, signed_in, zone_admin
from entrepot.kernel.bodies import Body
from entrepot.kernel.db import Db, Tx
from entrepot.kernel.filters import Filters
from entrepot.kernel.pages import Page, encode_cursor, id_after
from entrepot.kernel.routes import delete, get, post
from entrepot.kernel.types import Id
from entrepot.shop import Shop


class Subscription(Body):
    """Who is to be told; a guest gives an address."""

    email: EmailStr | None = Field(None, max_length=254, description="for guests only", examples=["jane@example.com"])


class Unsubscription(Body):
    """The token of the mailed link."""

    token: str = Field(min_length=1, max_length=200, description="from the mailed link", examples=["12.5f0c8a2b1c3d"])


class NotifyController(Controller):
    path = "/notify-me"
    tags = ["Notify me"]

    @post("/{product_id:int}", guard=guest_or_user, refuses=(ProductUnknown, NotSoldOut, TooManyWaits))
    async def subscribe(
        self, tx: Tx, actor: Actor, product_id: Id, data: Subscription | None = None
    ) -> SubscriptionView:
        """Be told when a product that is sold out can be bought again; a guest gives an `email`.

        What comes back is offered to as many as there are pieces, who waited longest first, and held for each for half an
        hour, or as the shop is set up. Asking again keeps one's place.
        """
        return SubscriptionView.of(await wait_for(tx, actor, product_id, data.email if data is not None else None))

    @delete("/{product_id:int}", guard=signed_in, refuses=(ProductUnknown,))
    async def unsubscribe(self, tx: Tx, actor: Actor, product_id: Id) -> None:
        """Wait no longer; what was held goes to the next. Nothing happens to who does not wait."""
        await wait_no_longer(tx, actor, product_id)

    @post("/unsubscribe", guard=anyone, status=200, refuses=(WrongUnsubscribeLink,))
    async def unsubscribe_by_link(self, tx: Tx, shop: Shop, data: Unsubscription) -> Unsubscribed:
        """Wait for nothing any longer, with the token of the mailed link and without signing in, for guests too.

        What was held goes to the next.
        """
        return Unsubscribed(await unsubscribe(tx, shop.keys, data.token))

    @get("/my-subscriptions", guard=signed_in)
    async def list_subscriptions(self, db: Db, actor: Actor, page: Page) -> SubscriptionPage:
        """What one waits for, or did, the newest first."""
        waits, total = await _waits(db, Filters(), "w.user_id = {}", actor.id, page)
        return SubscriptionPage(
            subscriptions=[SubscriptionView.of(wait) for wait in waits],
            total=total,
            skip=page.skip,
            limit=len(waits),
            next_cursor=encode_cursor(waits[-1].id) if waits and len(waits) == page.limit else None,
        )

    @get("/check/{product_id:int}", guard=signed_in, refuses=(ProductUnknown,))
    async def check(self, db: Db, actor: Actor, product_id: Id) -> SubscriptionCheck:
        """Whether one waits for a product, at which place, or until when it is held for one."""
        if await waiting_queries.is_sold_out(db, product_id) is None:
            raise ProductUnknown
        wait = await waiting_queries.find_wait(db, product_id, Person(actor.id))
        return SubscriptionCheck(product_id, wait is not None, SubscriptionView.of(wait) if wait is not None else None)

    @get("/product/{product_id:int}/requests", guard=zone_admin, refuses=(ProductUnknown,))
    async def list_requests(
        self,
        db: Db,
        actor: Actor,
        product_id: Id,
        page: Page,
        status: Annotated[WaiterStatus | None, QueryParameter(description="Such as waiting or offered.")] = None,
    ) -> NotifyRequestPage:
        """Who waits, or waited, for a product of a company with a warehouse in one's zones, the newest first."""
        filters = in_reach_of_products(actor)
        await _refuse_out_of_reach(db, actor, product_id)
        if status is not None:
            filters.add("w.status = {}", status)
        waits, total = await _waits(db, filters, "w.product_id = {}", product_id, page)
        return NotifyRequestPage(
            requests=[NotifyRequestView.of(wait) for wait in waits],
            total=total,
            skip=page.skip,
            limit=len(waits),
            next_cursor=encode_cursor(waits[-1].id) if waits and len(waits) == page.limit else None,
        )

    @get("/stats", guard=zone_admin)
    async def stats(self, db: Db, actor: Actor, page: Page) -> NotifyStats:
        """How many wait, and for what; of companies with a warehouse in one's zones."""
        filters = in_reach_of_products(actor)
        products = await waiting_queries.list_awaited(db, filters, page.skip, page.limit)
        return NotifyStats(
            counts=WaiterCountsView.of(await waiting_queries.get_counts(db, filters)),
            products=[AwaitedView.of(product) for product in products],
            total=await waiting_queries.count_awaited(db, filters),
            skip=page.skip,
            limit=len(products),
        )

    @post("/product/{product_id:int}/notify", guard=zone_admin, status=200, refuses=(ProductUnknown,))
    async def notify(self, tx: Tx, shop: Shop, actor: Actor, product_id: Id) -> NotifyResult:
        """Offer what there is of a product to those who wait for it, now. Restock does so by itself."""
        await _refuse_out_of_reach(tx, actor, product_id)
        notified = await offer_now(tx, product_id, shop.settings.notify_hold)
        filters = in_reach_of_products(actor)
        filters.add("w.product_id = {}", product_id)
        filters.add("w.status = {}", WaiterStatus.WAITING)
        return NotifyResult(product_id, notified, await waiting_queries.count_waits(tx, filters))

    @delete("/clear-notified", guard=zone_admin, status=200)
    async def clear_notified(self, tx: Tx, actor: Actor) -> Cleared:
        """Forget those who wait no more: who bought, let an offer lapse, or cancelled."""
        return Cleared(await waiting_queries.delete_ended(tx, in_reach_of_products(actor)))


async def _refuse_out_of_reach(db: Db, actor: Actor, product_id: int) -> None:
    filters = in_reach_of_products(actor, "p.deleted_at is null")
    filters.add("p.id = {}", product_id)
    if not await waiting_queries.is_in_reach(db, filters):
        raise ProductUnknown


async def _waits(db: Db, filters: Filters, condition: str, value: int, page: Page) -> tuple[list[Wait], int]:
    filters.add(condition, value)
    total = await waiting_queries.count_waits(db, filters)
    if (before_id := id_after(page)) is not None:
        filters.add("w.id < {}", before_id)
    return await waiting_queries.list_waits(db, filters, page.skip, page.limit), total
