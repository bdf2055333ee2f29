"""The HTTP surface of addresses: one resource under two paths."""

from __future__ import annotations

from litestar import Controller

from entrepot.identity import address_queries
from entrepot.identity.address_queries import Address
from entrepot.identity.addresses import (
    AddressNotFound,
    TooManyAddresses,
    add_address,
    change_address,
    delete_address,
    get_address,
    make_default,
)
from entrepot.identity.user_requests import AddressChange, NewAddress
from entrepot.kernel.actors import Actor, signed_in
from entrepot.kernel.db import Db, Tx
from entrepot.kernel.routes import delete, get, patch, post, put
from entrepot.kernel.types import Id


class OwnAddressesController(Controller):
    path = "/users/me/addresses"
    tags = ["Addresses"]

    @get("/", guard=signed_in)
    async def list_addresses(self, db: Db, actor: Actor) -> list[Address]:
        """The addresses that one keeps, the default first."""
        return await address_queries.list_addresses(db, actor.id)

    @post("/", guard=signed_in, refuses=(TooManyAddresses,))
    async def add_address(self, tx: Tx, actor: Actor, data: NewAddress) -> Address:
        """Keep an address, up to 50. The first one is the default; a later one becomes it with `isDefault`."""
        return await add_address(tx, actor, data)

    @put("/{address_id:int}", guard=signed_in, refuses=(AddressNotFound,))
    async def change_address(self, tx: Tx, actor: Actor, address_id: Id, data: AddressChange) -> Address:
        """Change what is given of an address."""
        return await change_address(tx, actor, address_id, data)

    @delete("/{address_id:int}", guard=signed_in, refuses=(AddressNotFound,))
    async def delete_address(self, tx: Tx, actor: Actor, address_id: Id) -> None:
        """Forget an address. If it was the default, the newest of the others becomes it."""
        await delete_address(tx, actor, address_id)


class AddressesController(OwnAddressesController):
    path = "/addresses"

    @get("/{address_id:int}", guard=signed_in, refuses=(AddressNotFound,))
    async def get_address(self, db: Db, actor: Actor, address_id: Id) -> Address:
        """One of one's own addresses."""
        return await get_address(db, actor, address_id)

    @patch("/{address_id:int}/default", guard=signed_in, refuses=(AddressNotFound,))
    async def make_default(self, tx: Tx, actor: Actor, address_id: Id) -> Address:
        """Make an address the default."""
        return await make_default(tx, actor, address_id)
