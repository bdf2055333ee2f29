"""Notes on an order: for everybody concerned, or among those who handle it."""

from __future__ import annotations

from typing import Final

import msgspec

from entrepot.kernel.actors import Actor
from entrepot.kernel.db import Tx
from entrepot.kernel.errors import Invalid
from entrepot.kernel.events import publish
from entrepot.orders import life_queries as queries
from entrepot.orders.events import OrderNoteAdded
from entrepot.orders.life_model import By, LiveOrder, NotForYou, Party, TooManyNotes
from entrepot.orders.look_up import lock_for, part_of

MAX_NOTES: Final = 200


class NewNote(msgspec.Struct, frozen=True, kw_only=True):
    """What is to be written down; an administrator's may be for one company."""

    note: str
    is_internal: bool = False
    company_id: int | None = None


async def add_note(tx: Tx, actor: Actor, number: str, new: NewNote) -> int:
    """Write it down; returns the note's id. What a seller writes is of its company's part, and no other seller reads it.

    Raises:
        OrderNotFound, NotYourOrder: also where the company named sells nothing of the order.
        NotForYou: a buyer's note is never internal; a seller writes for its own company.
        TooManyNotes.
    """
    order = await lock_for(tx, actor, number)
    by = _as_writer(order, actor)
    if new.is_internal and by.party is Party.BUYER:
        raise Invalid({"isInternal": ["is for those who handle the order"]})
    company_id = new.company_id
    if by.party is Party.SELLER:
        if company_id not in (None, actor.company_id):
            raise NotForYou
        company_id = actor.company_id
    elif company_id is not None:
        part_of(order, company_id)
    note_id = await queries.insert_note(
        tx, order.id, company_id, by, new.note, is_internal=new.is_internal, most=MAX_NOTES
    )
    if note_id is None:
        raise TooManyNotes
    await publish(
        tx,
        OrderNoteAdded(
            order_id=order.number,
            user_id=order.user_id,
            company_ids=_readers(order, company_id, internal=new.is_internal),
            note_id=note_id,
            is_internal=new.is_internal,
        ),
        actor_id=by.actor_id,
    )
    return note_id


def _as_writer(order: LiveOrder, actor: Actor) -> By:
    if order.managed:
        return By(actor.user_id, Party.ADMIN)
    return By(actor.user_id, Party.BUYER if order.own else Party.SELLER)


def _readers(order: LiveOrder, company_id: int | None, *, internal: bool) -> list[int]:
    if company_id is not None:
        return [company_id]
    return [] if internal else [part.company_id for part in order.parts]
