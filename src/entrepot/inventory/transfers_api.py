"""The HTTP surface of moving stock between warehouses."""

from __future__ import annotations

from typing import Annotated

from litestar import Controller
from pydantic import Field

from entrepot.inventory.model import InsufficientStock, SameWarehouse, WarehouseNotFound
from entrepot.inventory.stock_requests import Note
from entrepot.inventory.transfer import transfer
from entrepot.inventory.warehouse_views import TransferView
from entrepot.kernel.actors import Actor, seller_or_zone_admin
from entrepot.kernel.bodies import Body
from entrepot.kernel.db import Tx
from entrepot.kernel.errors import Invalid
from entrepot.kernel.routes import post
from entrepot.kernel.types import MAX_ID


class TransferredItem(Body):
    """So many pieces of a product."""

    product_id: Annotated[int, Field(ge=1, le=MAX_ID)]
    quantity: Annotated[int, Field(ge=1, le=1_000_000_000)]


class NewTransfer(Body):
    """What to move, from where to where."""

    from_warehouse_id: Annotated[int, Field(ge=1, le=MAX_ID)]
    to_warehouse_id: Annotated[int, Field(ge=1, le=MAX_ID)]
    items: list[TransferredItem] = Field(min_length=1, max_length=1_000)
    note: Note = ""

    @property
    def quantities(self) -> dict[int, int]:
        """Pieces by product. Raises Invalid for one that is named twice."""
        quantities = {item.product_id: item.quantity for item in self.items}
        if len(quantities) < len(self.items):
            raise Invalid({"items": ["must name each product once"]})
        return quantities


class TransferController(Controller):
    path = "/inventory"
    tags = ["Inventory"]

    @post("/transfers", guard=seller_or_zone_admin, refuses=(SameWarehouse, WarehouseNotFound, InsufficientStock))
    async def transfer(self, tx: Tx, actor: Actor, data: NewTransfer) -> TransferView:
        """Move stock from one warehouse of a company to another: all of it, or nothing.

        What is held for orders stays where it is. A location admin moves between warehouses of its zones.
        """
        quantities = data.quantities
        made = await transfer(tx, actor, data.from_warehouse_id, data.to_warehouse_id, quantities, data.note)
        return TransferView.of(made, quantities)
