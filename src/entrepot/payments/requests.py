"""Bodies of payments' requests. None has a place for a card number."""

from __future__ import annotations

from pydantic import Field, field_validator

from entrepot.kernel.bodies import FreeForm
from entrepot.kernel.card_data import CardlessBody


class NewIntent(CardlessBody):
    """What is to be paid. `metadata.orderId` or `orderId` binds it to an order, whose total it must be."""

    amount: int = Field(ge=1, le=10**15, description="in the currency's smallest unit (cents)", examples=[244942])
    currency: str | None = Field(None, pattern="^[A-Za-z]{3}$", examples=["usd"])
    order_id: str | None = Field(None, max_length=40, examples=["ORD-2025122401"])
    metadata: FreeForm = Field(default={}, examples=[{"orderId": "ORD-2025122401"}])

    @field_validator("metadata")
    @classmethod
    def _order_id_is_text(cls, metadata: FreeForm) -> FreeForm:
        if not isinstance(metadata.get("orderId", ""), str):
            raise ValueError("orderId must be a string")  # noqa: TRY004  Pydantic collects ValueErrors
        return metadata

    @property
    def order_number(self) -> str | None:
        return self.order_id or self.metadata.get("orderId") or None


class Confirmation(CardlessBody):
    """With what it is paid: a token of the provider."""

    payment_method_id: str = Field(pattern="^pm_[A-Za-z0-9_]{1,100}$", examples=["pm_card_visa"])
