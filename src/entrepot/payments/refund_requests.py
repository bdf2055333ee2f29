"""Bodies of refunds' requests."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field, model_validator

from entrepot.kernel.bodies import Body
from entrepot.kernel.card_data import CardlessBody
from entrepot.kernel.types import MAX_ID

MAX_LINES = 200


class RefundedLine(Body):
    """So many pieces of a line of the order, named by itself or by its product."""

    line_id: int | None = Field(None, ge=1, le=MAX_ID)
    product_id: int | None = Field(None, ge=1, le=MAX_ID, examples=[1])
    quantity: int = Field(ge=1, le=1_000_000, examples=[1])

    @model_validator(mode="after")
    def _named_once(self) -> RefundedLine:
        if (self.line_id is None) == (self.product_id is None):
            raise ValueError("give either lineId or productId")
        return self


class NewRefund(CardlessBody):
    """What is given back: an `amount`, or `lines` and `shipping`, or everything that is left."""

    payment_intent_id: str | None = Field(None, pattern="^pi_[A-Za-z0-9]{1,100}$")
    order_id: str | None = Field(None, min_length=1, max_length=40, examples=["ORD-2025122401"])
    amount: int | None = Field(None, ge=1, le=10**15, description="in the currency's smallest unit (cents)")
    lines: Annotated[list[RefundedLine], Field(max_length=MAX_LINES)] = []
    shipping: bool = Field(False, description="the delivery of the parts that the lines are of; of all without lines")
    reason: str = Field("", max_length=500, examples=["Arrived broken"])

    @model_validator(mode="after")
    def _of_one_kind(self) -> NewRefund:
        if self.payment_intent_id is None and self.order_id is None:
            raise ValueError("give paymentIntentId or orderId")
        if self.amount is not None and (self.lines or self.shipping):
            raise ValueError("give either an amount, or lines and shipping")
        return self
