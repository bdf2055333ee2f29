"""What a cart is, and what it can refuse with."""

from __future__ import annotations

from datetime import timedelta
from enum import StrEnum
from typing import Final

import msgspec

from entrepot.catalog import ForSale
from entrepot.kernel.actors import Actor
from entrepot.kernel.errors import Forbidden, NotFound, Unprocessable
from entrepot.kernel.secrets import hash_secret
from entrepot.pricing import PricedBasket, PricedLine, Quote

MAX_LINES: Final = 200
MAX_QUANTITY: Final = 1_000_000
KEPT_FOR: Final = timedelta(days=30)
"""How long a guest's cart is kept after it was last filled; its cookie lives as long."""


class Owner(msgspec.Struct, frozen=True):
    """Whose cart: a user's, that of the guest with this token, or (both None) of a guest who has none yet."""

    user_id: int | None
    token_hash: bytes | None

    @classmethod
    def of(cls, actor: Actor) -> Owner:
        """A token counts for guests only: whoever is signed in has one cart, on every device."""
        guest = actor.is_guest and actor.cart_token is not None
        return cls(actor.user_id, hash_secret(actor.cart_token or "") if guest else None)


class Line(msgspec.Struct, frozen=True, kw_only=True):
    """So many pieces of a product. The rest is for showing a product that is not sold any more."""

    product_id: int
    quantity: int
    company_id: int | None = None
    title: str = ""
    thumbnail: str = ""
    currency: str = ""


class Cart(msgspec.Struct, frozen=True, kw_only=True):
    """A cart and its lines, in the order in which they were put in; `id` is None where nothing was ever put in."""

    id: int | None
    user_id: int | None
    lines: list[Line]


class Combining(StrEnum):
    """What becomes of a quantity when a product is put in that is there already."""

    SUM = "sum"
    LARGER = "larger"
    REPLACE = "replace"


class Availability(StrEnum):
    AVAILABLE = "available"
    INSUFFICIENT = "insufficient"
    OUT_OF_STOCK = "out_of_stock"
    UNAVAILABLE = "unavailable"


class NoticeCode(StrEnum):
    """What stands in the way of an order, in the codes that the order is refused with."""

    EMPTY = "EMPTY_ORDER"
    GUESTS_MAY_NOT = "GUEST_CHECKOUT_OFF"
    NOT_SOLD = "PRODUCTS_UNAVAILABLE"
    BELOW_MINIMUM = "BELOW_MINIMUM_QUANTITY"
    BROKEN_PACK = "NOT_WHOLE_PACKS"
    NOT_DELIVERED = "ZONE_NOT_SERVED"
    OTHER_CURRENCY = "MIXED_CURRENCIES"
    TOO_FEW = "INSUFFICIENT_STOCK"
    NOT_SHIPPED = "SHIPPING_METHOD_NOT_OFFERED"
    COUPON_UNKNOWN = "COUPON_NOT_FOUND"
    COUPON_NOT_STARTED = "COUPON_NOT_STARTED"
    COUPON_EXPIRED = "COUPON_EXPIRED"
    COUPON_USED_UP = "COUPON_USED_UP"
    COUPON_USED_BY_YOU = "COUPON_ALREADY_USED"
    COUPON_FOR_OTHERS = "COUPON_NOT_FOR_YOU"
    COUPON_NOT_APPLICABLE = "COUPON_NOT_APPLICABLE"


class Notice(msgspec.Struct, frozen=True, rename="camel"):
    """Something that stands in the way of ordering. `suggestedQuantity` would not; 0 means to remove the product."""

    code: NoticeCode
    message: str
    product_id: int | None = None
    suggested_quantity: int | None = None


class Appraised(msgspec.Struct, frozen=True):
    """A line with its live terms and price, both None where the product is not sold any more, and the price's currency."""

    line: Line
    term: ForSale | None
    priced: PricedLine | None
    currency: str

    @property
    def available(self) -> int:
        return self.term.available if self.term is not None else 0

    @property
    def availability(self) -> Availability:
        if self.term is None:
            return Availability.UNAVAILABLE
        if self.term.available <= 0:
            return Availability.OUT_OF_STOCK
        return Availability.AVAILABLE if self.term.available >= self.line.quantity else Availability.INSUFFICIENT


class Appraisal(msgspec.Struct, frozen=True, kw_only=True):
    """A cart at today's terms. `basket` holds what is sold in `currency`, and is exactly what an order would charge."""

    cart: Cart
    lines: list[Appraised]
    currency: str
    basket: PricedBasket
    notices: list[Notice]
    quote: Quote


class CartNotFound(NotFound):
    code = "CART_NOT_FOUND"
    message = "Cart not found"


class CartItemNotFound(NotFound):
    code = "CART_ITEM_NOT_FOUND"
    message = "This product is not in the cart"


class UserNotFound(NotFound):
    code = "USER_NOT_FOUND"
    message = "User not found"


class NotYourCart(Forbidden):
    message = "You don't have permission to use this cart"


class CartFull(Unprocessable):
    code = "CART_FULL"
    message = f"A cart holds at most {MAX_LINES} different products: remove some first"
