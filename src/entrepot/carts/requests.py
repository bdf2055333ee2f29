"""Bodies of carts' requests."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from entrepot.carts.appraise import Wanted
from entrepot.carts.fill import summed
from entrepot.carts.model import MAX_LINES, MAX_QUANTITY
from entrepot.kernel.bodies import Body
from entrepot.pricing import STANDARD, Place

ProductId = Annotated[int, Field(ge=1, le=2**63 - 1, examples=[1])]


class WantedProduct(Body):
    """So many pieces of a product."""

    id: ProductId
    quantity: int = Field(1, ge=1, le=MAX_QUANTITY)


Products = Annotated[list[WantedProduct], Field(max_length=MAX_LINES)]


class ClientCart(Body):
    """The cart that a client kept by itself."""

    products: Products

    @property
    def quantities(self) -> dict[int, int]:
        return _quantities(self.products)


class NewItem(Body):
    """A product to put into the cart."""

    product_id: ProductId
    quantity: int = Field(1, ge=1, le=MAX_QUANTITY)


class ChangedItem(Body):
    """How many pieces there shall be; 0 removes the product."""

    quantity: int = Field(ge=0, le=MAX_QUANTITY, examples=[2])


class CheckedProducts(Body):
    """What is to be checked: these products, or else the cart."""

    products: Annotated[list[WantedProduct], Field(min_length=1, max_length=MAX_LINES)] | None = None

    @property
    def quantities(self) -> dict[int, int] | None:
        return _quantities(self.products) if self.products is not None else None


class Checkout(CheckedProducts):
    """What is to be ordered: these products, or else the cart."""

    zone: str | None = Field(
        None,
        max_length=100,
        description="slug of the zone to deliver to; if not given, the one that the address lies in, or else the buyer's own",
    )
    country: str | None = Field(
        None,
        min_length=2,
        max_length=100,
        description="of the address, for the tax; the default address's if not given",
    )
    state: str | None = Field(None, max_length=100, description="of the address, together with its country")
    city: str | None = Field(
        None, max_length=100, description="of the address, together with its country; it may name the zone"
    )
    shipping_method: str = Field(
        STANDARD, min_length=1, max_length=50, description="see GET /shipping/methods", examples=["standard"]
    )
    coupon_code: str | None = Field(
        None, min_length=1, max_length=50, description="instead of the coupon that was put to the cart"
    )
    currency: str | None = Field(
        None, pattern="^[A-Z]{3}$", description="to pay in; that of the products if not given", examples=["USD"]
    )

    @property
    def wanted(self) -> Wanted:
        return Wanted(
            quantities=self.quantities,
            zone=self.zone,
            place=self._place,
            shipping_method=self.shipping_method,
            coupon_code=self.coupon_code,
            currency=self.currency,
        )

    @property
    def _place(self) -> Place | None:
        if self.country is None:
            return None
        return Place(country=self.country, state=self.state or "", city=self.city or "")


class FilledCart(Body):
    """Products for a user's cart."""

    user_id: ProductId | None = Field(None, description="whose cart; one's own if not given")
    products: Annotated[list[WantedProduct], Field(min_length=1, max_length=MAX_LINES)]

    @property
    def quantities(self) -> dict[int, int]:
        return _quantities(self.products)


class UpdatedCart(Body):
    """Products and their quantities in a cart."""

    merge: bool = Field(
        False, description="keep what else is in the cart; without it, the cart holds these products only"
    )
    products: Products = []

    @property
    def quantities(self) -> dict[int, int]:
        return _quantities(self.products)


def _quantities(products: list[WantedProduct]) -> dict[int, int]:
    return summed((product.id, product.quantity) for product in products)
