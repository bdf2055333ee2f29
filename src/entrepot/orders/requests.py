"""Bodies of orders' requests."""

from __future__ import annotations

from typing import Annotated

from pydantic import BeforeValidator, EmailStr, Field

from entrepot.kernel.bodies import Body
from entrepot.kernel.card_data import CardlessBody
from entrepot.kernel.money import MajorAmount
from entrepot.kernel.types import MAX_ID
from entrepot.orders.model import PaymentMethod
from entrepot.pricing import MAX_QUOTE_LENGTH, STANDARD

MAX_LINES = 200


def _spoken_method(value: object) -> object:
    """`cod`, `CASH_ON_DELIVERY`, `credit_card` and `stripe` of other shops' clients are understood."""
    spoken = {"cod": "cash_on_delivery", "cash": "cash_on_delivery", "credit_card": "card", "stripe": "card"}
    return spoken.get(value.lower(), value.lower()) if isinstance(value, str) else value


class OrderedProduct(Body):
    """So many pieces of a product."""

    id: int = Field(ge=1, le=MAX_ID)
    quantity: int = Field(ge=1, le=1_000_000)


class AddressBody(Body):
    """Where to, and to whom."""

    first_name: str = Field(min_length=1, max_length=50, examples=["John"])
    last_name: str = Field(min_length=1, max_length=50, examples=["Doe"])
    address: str = Field(min_length=1, max_length=300, examples=["123 Main St"])
    city: str = Field(min_length=1, max_length=100, examples=["New York"])
    state: str = Field("", max_length=100, examples=["NY"])
    zip_code: str = Field("", max_length=20, examples=["10001"])
    country: str = Field(min_length=2, max_length=100, examples=["USA"])
    phone: str = Field("", max_length=30, examples=["+1234567890"])


class NewOrder(CardlessBody):
    """A basket to buy. Without `products`, the cart is bought."""

    products: Annotated[list[OrderedProduct], Field(min_length=1, max_length=MAX_LINES)] | None = None
    shipping_address: AddressBody
    billing_address: AddressBody | None = None
    payment_method: Annotated[PaymentMethod, BeforeValidator(_spoken_method)] = Field(examples=["card"])
    payment_intent_id: str | None = Field(None, pattern="^pi_[A-Za-z0-9]{1,100}$")
    email: EmailStr | None = Field(None, description="of a guest")
    zone: str | None = Field(
        None,
        max_length=100,
        description="slug of the zone to deliver to; if not given, the one that the address lies in, or else the buyer's own",
    )
    shipping_method: str = Field(
        STANDARD, min_length=1, max_length=50, description="see GET /shipping/methods", examples=["standard"]
    )
    coupon_code: str | None = Field(
        None,
        min_length=1,
        max_length=50,
        description="instead of the coupon that was put to the cart; refused if it takes nothing off",
    )
    currency: str | None = Field(
        None, pattern="^[A-Z]{3}$", description="to pay in; that of the products if not given", examples=["USD"]
    )
    expected_total: MajorAmount | None = Field(
        None, description="in major units; the order is refused if it costs anything else"
    )
    quote: str | None = Field(
        None,
        max_length=MAX_QUOTE_LENGTH,
        description="`quote` of POST /checkout/quote; the order is refused, with what changed, if it costs anything else",
    )
