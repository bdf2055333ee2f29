"""The HTTP surface of needed items: what people ask for that the catalog lacks."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

import msgspec
from litestar import Controller
from litestar.params import QueryParameter
from pydantic import Field

from entrepot.inventory import needed_queries
from entrepot.inventory.model import NeededItemNotFound, TooManyNeededItems
from entrepot.inventory.needed_items import answer, ask_for
from entrepot.inventory.needed_queries import NeededItem, NeededStatus
from entrepot.kernel.actors import Actor, signed_in, zone_admin
from entrepot.kernel.bodies import Body
from entrepot.kernel.db import Db, Tx
from entrepot.kernel.pages import Page, encode_cursor, id_after
from entrepot.kernel.routes import get, patch, post
from entrepot.kernel.types import MAX_ID, Id


class NewNeededItem(Body):
    """Something to ask for."""

    title: str = Field(min_length=2, max_length=200, examples=["Copper pipe 22 mm"])
    description: str = Field("", max_length=2000)
    quantity: Annotated[int, Field(ge=1, le=1_000_000_000)] | None = None


class NeededItemAnswer(Body):
    """What becomes of it; what is not given stays."""

    status: NeededStatus
    answer: Annotated[str, Field(max_length=2000)] | None = Field(None, examples=["It comes in May"])
    product_id: Annotated[int, Field(ge=1, le=MAX_ID)] | None = Field(None, description="what it turned out to be")


class NeededItemView(msgspec.Struct, frozen=True, rename="camel", kw_only=True):
    """Something that somebody asks for; `zone` is a slug, `productId` what it turned out to be."""

    id: int
    user_id: int | None
    name: str
    zone: str | None
    title: str
    description: str
    quantity: int | None
    status: NeededStatus
    answer: str
    product_id: int | None
    created_at: datetime
    updated_at: datetime

    @classmethod
    def of(cls, item: NeededItem) -> NeededItemView:
        fields = msgspec.structs.asdict(item)
        del fields["zone_id"]
        return cls(**fields)


class NeededItemPage(msgspec.Struct, frozen=True, rename="camel", kw_only=True, omit_defaults=True):
    """A page of needed items."""

    needed_items: list[NeededItemView]
    total: int
    skip: int
    limit: int
    next_cursor: str | None = None


class NeededItemController(Controller):
    path = "/needed-items"
    tags = ["Needed items"]

    @post("/", guard=signed_in, refuses=(TooManyNeededItems,))
    async def ask(self, tx: Tx, actor: Actor, data: NewNeededItem) -> NeededItemView:
        """Ask for something that is not in the catalog; who administers one's zone answers. Up to 50 may be open."""
        return NeededItemView.of(await ask_for(tx, actor, data.title, data.description, data.quantity))

    @get("/", guard=signed_in)
    async def list_items(
        self,
        db: Db,
        actor: Actor,
        page: Page,
        status: Annotated[NeededStatus | None, QueryParameter(description="Such as open or sourcing.")] = None,
        zone: Annotated[str | None, QueryParameter(max_length=100, description="Slug of a zone.")] = None,
    ) -> NeededItemPage:
        """What one has asked for, the newest first; for administrators, also what people of their zones have."""
        filters = needed_queries.visible_to(actor)
        if status is not None:
            filters.add("n.status = {}", status)
        if zone is not None:
            filters.add("z.slug = {}", zone)
        total = await needed_queries.count_items(db, filters)
        if (before_id := id_after(page)) is not None:
            filters.add("n.id < {}", before_id)
        items = await needed_queries.list_items(db, filters, page.skip, page.limit)
        return NeededItemPage(
            needed_items=[NeededItemView.of(item) for item in items],
            total=total,
            skip=page.skip,
            limit=len(items),
            next_cursor=encode_cursor(items[-1].id) if items and len(items) == page.limit else None,
        )

    @patch("/{item_id:int}/status", guard=zone_admin, refuses=(NeededItemNotFound,))
    async def answer(self, tx: Tx, actor: Actor, item_id: Id, data: NeededItemAnswer) -> NeededItemView:
        """Answer what somebody of one's zones asks for, and link the product once there is one."""
        return NeededItemView.of(await answer(tx, actor, item_id, data.status, data.answer, data.product_id))
