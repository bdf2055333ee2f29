"""Waiting for a product that is sold out: asking to be told, and no longer."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from entrepot.identity import UserEmailVerified, UserErased
from entrepot.inventory import stock_queries, waiting_queries
from entrepot.inventory.events import StockChanged
from entrepot.inventory.model import NotSoldOut, ProductUnknown, TooManyWaits
from entrepot.inventory.offer import offer_returned
from entrepot.inventory.waiting_queries import Person, Wait, WaiterStatus
from entrepot.kernel.actors import Actor
from entrepot.kernel.db import Tx
from entrepot.kernel.errors import Invalid
from entrepot.kernel.events import publish

MOST_AWAITED: Final = 200
"""Products that one may wait for at a time."""


async def wait_for(tx: Tx, actor: Actor, product_id: int, email: str | None) -> Wait:
    """Wait for a product, a guest by its address; who does already keeps its place.

    Raises:
        ProductUnknown
        NotSoldOut: it can be bought now.
        TooManyWaits
        Invalid: a guest that gives no address.
    """
    if actor.is_guest and email is None:
        raise Invalid({"email": ["is required to be told without signing in"]})
    person = Person(actor.user_id, email if actor.is_guest else None)
    sold_out = await waiting_queries.is_sold_out(tx, product_id)
    if sold_out is None:
        raise ProductUnknown
    found = await waiting_queries.find_wait(tx, product_id, person)
    if found is None:
        if not sold_out:
            raise NotSoldOut
        await stock_queries.lock_totals(tx, [product_id])  # as whoever takes over a guest's places does
        await waiting_queries.claim_wait(tx, product_id, person, actor.language, MOST_AWAITED)
        found = await waiting_queries.find_wait(tx, product_id, person)
    if found is None:
        raise TooManyWaits
    return found


async def wait_no_longer(tx: Tx, actor: Actor, product_id: int) -> None:
    """Nothing happens to who does not wait. What was held goes to the next. Raises ProductUnknown."""
    if not await _leave(tx, [product_id], Person(actor.id)):
        raise ProductUnknown


async def wait_for_nothing(tx: Tx, person: Person) -> int:
    """Wait for nothing any longer; returns for how many products one did. What was held goes to the next."""
    product_ids = await waiting_queries.list_awaited_by(tx, person)
    if product_ids:
        await _leave(tx, product_ids, person)
    return len(product_ids)


async def erase_person(tx: Tx, erased: UserErased) -> None:
    """Whoever is erased waits for nothing. What was held goes to the next."""
    await wait_for_nothing(tx, Person(erased.user_id))
    await waiting_queries.delete_waits_of(tx, erased.user_id)


async def claim_guest_waits(tx: Tx, verified: UserEmailVerified) -> None:
    """What was waited for as a guest becomes the user's who has verified the address."""
    if product_ids := await waiting_queries.list_awaited_by(tx, Person(None, verified.email)):
        await stock_queries.lock_totals(tx, product_ids)
    await waiting_queries.claim_guest_waits(tx, verified.user_id, verified.email)


async def _leave(tx: Tx, product_ids: Sequence[int], person: Person) -> bool:
    """False when there are no such products. Their stock is locked before waiters, as everywhere."""
    if not await stock_queries.lock_totals(tx, product_ids):
        return False
    await waiting_queries.cancel_waits(tx, product_ids, person)
    ended = await waiting_queries.end_offers(tx, product_ids, WaiterStatus.CANCELLED, person=person)
    if ended:
        returned = sorted({offer.product_id for offer in ended})
        await offer_returned(tx, returned)
        await publish(tx, StockChanged(product_ids=returned, reason="offer"))
    return True
