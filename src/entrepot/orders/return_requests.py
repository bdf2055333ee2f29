"""Bodies of returns' requests."""

from __future__ import annotations

from typing import Annotated, Self

from pydantic import Field, field_validator, model_validator

from entrepot.kernel.bodies import Body
from entrepot.kernel.card_data import CardlessBody
from entrepot.kernel.types import MAX_ID
from entrepot.orders.requests import MAX_LINES
from entrepot.orders.return_change import Came, Change
from entrepot.orders.return_model import ReturnReason, ReturnStatus

Note = Annotated[str, Field(max_length=2000)]


class ReturnedLine(Body):
    """So many pieces of a product that was bought."""

    product_id: int = Field(ge=1, le=MAX_ID)
    quantity: int = Field(ge=1, le=1_000_000)


class NewReturn(CardlessBody):
    """What is to come back, and why."""

    lines: Annotated[list[ReturnedLine], Field(min_length=1, max_length=MAX_LINES)]
    reason: ReturnReason = Field(examples=["damaged"])
    note: Note = Field("", examples=["The case has a crack"])


class ReceivedLine(Body):
    """So many pieces of a product came back; `damaged` ones are not put back on the shelf."""

    product_id: int = Field(ge=1, le=MAX_ID)
    quantity: int = Field(ge=0, le=1_000_000)
    damaged: int = Field(0, ge=0, le=1_000_000)


class ReturnChange(CardlessBody):
    """What becomes of a return. `lines` and `restock` belong to `received`, `refundShipping` to `refunded`."""

    status: ReturnStatus = Field(examples=["received"])
    note: Note = Field("", description="the buyer sees it")
    lines: Annotated[list[ReceivedLine], Field(min_length=1, max_length=MAX_LINES)] | None = Field(
        None, description="what came back, where it is not all: what is not named did not"
    )
    restock: bool = Field(True, description="false: nothing of it can be sold again")
    refund_shipping: bool | None = Field(
        None, description="for administrators; if not given, where all of the part came back"
    )

    @field_validator("status", mode="after")
    @classmethod
    def _is_a_change(cls, value: ReturnStatus) -> ReturnStatus:
        if value is ReturnStatus.REQUESTED:
            raise ValueError("is what a return begins with")
        return value

    @model_validator(mode="after")
    def _belongs(self) -> Self:
        if self.status is not ReturnStatus.RECEIVED and (self.lines is not None or not self.restock):
            raise ValueError("lines and restock are for the status received")
        if self.status is not ReturnStatus.REFUNDED and self.refund_shipping is not None:
            raise ValueError("refundShipping is for the status refunded")
        return self

    @property
    def change(self) -> Change:
        return Change(
            status=self.status,
            note=self.note,
            came=[Came(line.product_id, line.quantity, line.damaged) for line in self.lines]
            if self.lines is not None
            else None,
            restock=self.restock,
            refund_shipping=self.refund_shipping,
        )
