"""The public feed of events: what happened in the shop, in order, for programs that follow it."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Final

import msgspec
from litestar import Controller
from litestar.params import QueryParameter

from entrepot.kernel.actors import Actor, seller_or_admin
from entrepot.kernel.db import Db
from entrepot.kernel.errors import Invalid
from entrepot.kernel.events import Position, Recorded, read_stretch
from entrepot.kernel.pages import a_cursor_id, decode_cursor, encode_cursor
from entrepot.kernel.routes import get

STRETCH: Final = 1_000
"""So many events are looked at for one reply, whoever they are for."""

MAX_NAMES: Final = 50

After = Annotated[
    str | None,
    QueryParameter(name="after", description="`nextCursor` of the reply before; from the beginning if not given."),
]
Names = Annotated[
    str | None, QueryParameter(name="name", description="Only events of these names, such as order.placed,order.paid.")
]


class EventView(msgspec.Struct, frozen=True, rename="camel"):
    """A fact. `name` and the fields of `data` are stable; `version` is raised when they change meaning."""

    id: int
    name: str
    version: int
    occurred_at: datetime
    actor_id: int | None
    data: dict[str, Any]

    @classmethod
    def of(cls, event: Recorded) -> EventView:
        return cls(event.id, event.name, event.version, event.occurred_at, event.actor_id, event.data)


class EventFeed(msgspec.Struct, frozen=True, rename="camel"):
    """The next events, oldest first. `nextCursor` is always there: send it as `after` for what comes next, at once if
    `hasMore`, else after a while.
    """

    events: list[EventView]
    next_cursor: str | None
    has_more: bool


class WrongPlace(Invalid):
    """A place in the feed that the feed has not given out."""

    def __init__(self) -> None:
        super().__init__({"after": ["is not a `nextCursor` of this feed: start again without it"]})


class EventController(Controller):
    path = "/events"
    tags = ["Operations"]

    @get("/", guard=seller_or_admin, refuses=(WrongPlace,))
    async def read_events(self, db: Db, actor: Actor, after: After = None, names: Names = None) -> EventFeed:
        """What happened, in the order in which it was committed; nothing is ever skipped, and nothing comes twice.

        Administrators read everything, sellers what concerns their company. A reply looks at 1,000 events at most, so it may
        have few of them, or none, and yet say that there are more. An event is here when no transaction that began before it
        can still slip in front of it, usually within a few milliseconds.
        """
        position = _position(after)
        company_id = None if actor.is_admin else actor.company_id or 0
        found = await read_stretch(
            db, position, STRETCH, company_id=company_id, names=names.split(",")[:MAX_NAMES] if names else ()
        )
        if found.last_xid is not None and found.last_id is not None:
            position = Position(found.last_xid, found.last_id)
        return EventFeed(
            events=[EventView.of(event) for event in found.events],
            next_cursor=after if found.last_xid is None else encode_cursor(position.xid, position.id),
            has_more=found.looked_at == STRETCH,
        )


def _position(after: str | None) -> Position:
    if after is None:
        return Position()
    try:
        xid, event_id = map(a_cursor_id, decode_cursor(after))
    except (Invalid, ValueError):
        raise WrongPlace from None
    return Position(xid, event_id)
