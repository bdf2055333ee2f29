"""Addresses that a user keeps: at most fifty, and exactly one of them is the default."""

from __future__ import annotations

from typing import Final

from entrepot.identity import address_queries
from entrepot.identity.address_queries import Address
from entrepot.identity.user_requests import AddressChange, NewAddress
from entrepot.kernel.actors import Actor
from entrepot.kernel.db import Db, Tx
from entrepot.kernel.errors import NotFound, Unprocessable

MAX_ADDRESSES: Final = 50
PLACE: Final = frozenset({"address", "city", "state", "zip_code", "country"})


class AddressNotFound(NotFound):
    code = "ADDRESS_NOT_FOUND"
    message = "You have no such address"


class TooManyAddresses(Unprocessable):
    code = "TOO_MANY_ADDRESSES"
    message = f"You have {MAX_ADDRESSES} addresses: delete one first"


async def get_address(db: Db, actor: Actor, address_id: int) -> Address:
    """Raises AddressNotFound, also for another user's address."""
    return _found(await address_queries.find_address(db, actor.id, address_id))


async def add_address(tx: Tx, actor: Actor, new: NewAddress) -> Address:
    """Keep an address. Raises TooManyAddresses."""
    await address_queries.lock_owner(tx, actor.id)
    if new.is_default:
        await address_queries.clear_default(tx, actor.id, None)
    address = await address_queries.insert_address(tx, actor.id, new.model_dump(), MAX_ADDRESSES)
    if address is None:
        raise TooManyAddresses
    return address


async def change_address(tx: Tx, actor: Actor, address_id: int, change: AddressChange) -> Address:
    """Change what is given. Coordinates belong to the place, so a new place without any loses them.

    Raises:
        AddressNotFound
    """
    changes = change.model_dump(include=change.model_fields_set)
    if PLACE & changes.keys() and "latitude" not in changes:
        changes.update(latitude=None, longitude=None)
    if changes.pop("is_default", False):
        changes["is_default"] = True
        await _make_room_for_default(tx, actor, address_id)
    return _found(await address_queries.set_address(tx, actor.id, address_id, changes))


async def make_default(tx: Tx, actor: Actor, address_id: int) -> Address:
    """Make it the default instead of the one before. Raises AddressNotFound."""
    await _make_room_for_default(tx, actor, address_id)
    return _found(await address_queries.set_address(tx, actor.id, address_id, {"is_default": True}))


async def delete_address(tx: Tx, actor: Actor, address_id: int) -> None:
    """Forget an address; if it was the default, the newest of the others is now. Raises AddressNotFound."""
    await address_queries.lock_owner(tx, actor.id)
    was_default = await address_queries.delete_address(tx, actor.id, address_id)
    if was_default is None:
        raise AddressNotFound
    if was_default:
        await address_queries.promote_newest(tx, actor.id)


async def _make_room_for_default(tx: Tx, actor: Actor, address_id: int) -> None:
    await address_queries.lock_owner(tx, actor.id)
    await address_queries.clear_default(tx, actor.id, address_id)


def _found(address: Address | None) -> Address:
    if address is None:
        raise AddressNotFound
    return address
