"""The HTTP surface of returns."""

from __future__ import annotations

from typing import Annotated

from litestar import Controller
from litestar.params import QueryParameter

from entrepot.inventory import NotShipped
from entrepot.kernel.actors import Actor, guest_or_user
from entrepot.kernel.db import Db, Tx
from entrepot.kernel.errors import Forbidden, Unauthorized
from entrepot.kernel.pages import Page, encode_cursor, id_after
from entrepot.kernel.routes import get, post, put
from entrepot.kernel.types import MAX_ID, Id
from entrepot.orders import return_queries
from entrepot.orders.model import NotYourOrder, OrderNotFound
from entrepot.orders.return_change import change_return
from entrepot.orders.return_goods import request_return
from entrepot.orders.return_model import (
    MoreReceived,
    NotDelivered,
    NothingReceived,
    ReturnIllegalTransition,
    ReturnNotFound,
    ReturnStatus,
    ReturnWindowOver,
    TooManyReturned,
)
from entrepot.orders.return_requests import NewReturn, ReturnChange
from entrepot.orders.return_views import ReturnPage, ReturnsMade, ReturnView
from entrepot.shop import Shop


class OrderReturnController(Controller):
    path = "/orders"
    tags = ["Returns"]

    @post(
        "/{order_id:str}/return",
        guard=guest_or_user,
        refuses=(Unauthorized, OrderNotFound, NotYourOrder, NotDelivered, ReturnWindowOver, TooManyReturned),
    )
    async def request_return(self, tx: Tx, actor: Actor, shop: Shop, order_id: str, data: NewReturn) -> ReturnsMade:
        """Ask to give back goods of an order of one's own that were delivered.

        Within the shop's window after the delivery of each company's part, 30 days if nothing else is set; never more pieces
        than were bought and are not on their way back. Makes a return for each company that sold some of them, or, if one line
        cannot come back, none at all. A guest sends the order's `token` as `X-Order-Token`.
        """
        made = await request_return(
            tx,
            actor,
            order_id,
            [(line.product_id, line.quantity) for line in data.lines],
            data.reason,
            data.note,
            shop.settings.return_window,
        )
        return ReturnsMade(returns=[ReturnView.of(one, shop) for one in made])


class ReturnController(Controller):
    path = "/returns"
    tags = ["Returns"]

    @get("/", guard=guest_or_user, refuses=(Unauthorized,))
    async def list_returns(
        self,
        db: Db,
        actor: Actor,
        shop: Shop,
        page: Page,
        status: Annotated[ReturnStatus | None, QueryParameter(description="Such as requested or received.")] = None,
        order: Annotated[str | None, QueryParameter(max_length=50, description="Number of an order.")] = None,
        company_id: Annotated[
            int | None, QueryParameter(name="companyId", ge=1, le=MAX_ID, description="Of goods of this company.")
        ] = None,
    ) -> ReturnPage:
        """Returns, newest first: one's own; for sellers also their company's, for administrators their zones'.

        A guest sends the order's `token` as `X-Order-Token`, and sees that order's.
        """
        _refuse_strangers(actor)
        filters = return_queries.visible_to(actor)
        if status is not None:
            filters.add("r.status = {}", status)
        if order is not None:
            filters.add("o.number = {}", order)
        if company_id is not None:
            filters.add("r.company_id = {}", company_id)
        total = await return_queries.count_returns(db, filters)
        if (before_id := id_after(page)) is not None:
            filters.add("r.id < {}", before_id)
        found = await return_queries.list_returns(db, filters, page.skip, page.limit)
        return ReturnPage(
            returns=[ReturnView.of(one, shop) for one in found],
            total=total,
            skip=page.skip,
            limit=len(found),
            next_cursor=encode_cursor(found[-1].id) if found and len(found) == page.limit else None,
        )

    @get("/{return_id:int}", guard=guest_or_user, refuses=(Unauthorized, ReturnNotFound))
    async def get_return(self, db: Db, actor: Actor, shop: Shop, return_id: Id) -> ReturnView:
        """A return with its history, and what one may make of it."""
        _refuse_strangers(actor)
        found = await return_queries.find_return(db, actor, return_id)
        if found is None:
            raise ReturnNotFound
        return ReturnView.of(found, shop)

    @put(
        "/{return_id:int}/status",
        guard=guest_or_user,
        refuses=(
            Unauthorized,
            Forbidden,
            ReturnNotFound,
            ReturnIllegalTransition,
            MoreReceived,
            NothingReceived,
            NotShipped,
        ),
    )
    async def change_return(self, tx: Tx, actor: Actor, shop: Shop, return_id: Id, data: ReturnChange) -> ReturnView:
        """Take a return further.

        The seller, or who administers the order's zone: `requested` becomes `approved` or `rejected`; `approved` becomes
        `received`, with how much came, which puts it back on the shelf unless it is damaged, or `cancelled` if nothing came;
        `received` becomes `refunded`, which takes the pieces off the order and pays back what was paid for them. The buyer may
        take it back, `cancelled`, while it is `requested`.

        Delivery is paid back where all of the company's part came back, or as an administrator says with `refundShipping`.
        """
        _refuse_strangers(actor)
        return ReturnView.of(await change_return(tx, actor, return_id, data.change), shop)


def _refuse_strangers(actor: Actor) -> None:
    """A guest is let in with an order's token only."""
    if actor.is_guest and actor.order_token is None:
        raise Unauthorized
