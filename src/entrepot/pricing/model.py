"""What goes into a price: a basket, who buys it, and the promotions that may lower it.

All amounts are in minor units of the basket's currency, all rates in basis points.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum
from typing import Final

import msgspec

from entrepot.kernel.actors import Role

STANDARD: Final = "standard"
"""The shipping method of who names none; it falls back on the fee that the company itself asks in the zone."""


class BasketLine(msgspec.Struct, frozen=True, kw_only=True):
    """So many pieces of a product, and the terms on which its company sells it to this buyer.

    `price_minor` is what one piece costs this buyer (after price lists and quantity tiers), `list_price_minor` what it
    costs everybody (None: the same). `category_path` is the product's own category, then its ancestors upwards.
    Products with one `group_id` are variants of one thing. `delivery_fee_minor` is None where the company names no fee
    for the zone.
    """

    product_id: int
    company_id: int
    quantity: int
    price_minor: int
    discount_bp: int = 0
    list_price_minor: int | None = None
    category_path: tuple[int, ...] = ()
    brand_id: int | None = None
    group_id: int | None = None
    weight_g: int = 0
    delivery_fee_minor: int | None = None
    free_delivery_from_minor: int | None = None
    commission_bp: int = 0

    @property
    def same_thing(self) -> tuple[bool, int]:
        """Equal for a product and its variants."""
        return (False, self.product_id) if self.group_id is None else (True, self.group_id)


class Buyer(msgspec.Struct, frozen=True, kw_only=True):
    """Who buys, and where it goes. A guest buys as a `user` without an id.

    `uses` says how often this buyer has used which promotion, `coupon_uses` how often the coupon of the rules.
    `country` and `state` are written as in the tax rules.
    """

    user_id: int | None = None
    role: Role = Role.USER
    zone_id: int | None = None
    country: str | None = None
    state: str | None = None
    first_order: bool = False
    uses: Mapping[int, int] = {}
    coupon_uses: int = 0


class Basket(msgspec.Struct, frozen=True, kw_only=True):
    """What somebody means to buy in one currency, at this moment, brought in this way."""

    lines: tuple[BasketLine, ...]
    currency: str
    at: datetime
    buyer: Buyer = Buyer()
    shipping_method: str = STANDARD


class Scope(StrEnum):
    """What the ids of a target are."""

    EVERYTHING = "everything"
    PRODUCTS = "products"
    CATEGORIES = "categories"
    BRANDS = "brands"
    COMPANIES = "companies"


class Target(msgspec.Struct, frozen=True):
    """The goods that a promotion is about; categories stand for all that is below them."""

    scope: Scope = Scope.EVERYTHING
    ids: frozenset[int] = frozenset()


class Kind(StrEnum):
    PERCENTAGE = "percentage"
    FIXED = "fixed"
    BUY_X_GET_Y = "buy_x_get_y"
    BUNDLE = "bundle"


class Percentage(msgspec.Struct, frozen=True, tag_field="kind", tag="percentage"):
    """`rate_bp` (1 to 10000) off each line, rounded half up per line."""

    rate_bp: int


class Fixed(msgspec.Struct, frozen=True, tag_field="kind", tag="fixed"):
    """An amount off all the goods together, spread over them by what they cost; or off each piece."""

    amount_minor: int
    per_piece: bool = False


class BuyXGetY(msgspec.Struct, frozen=True, tag_field="kind", tag="buy_x_get_y"):
    """Who buys `buy` (at least 1) pieces gets up to `get` (at least 1) more at `rate_bp` off (10000: free), and so on.

    Without `gets`, pieces are counted over all the goods, dearest first, and in each group of `buy` + `get` the cheapest
    are free. With `same_product`, each product is counted by itself (variants of one thing together). With `gets`, the
    free pieces are other goods, the cheapest of them in the basket. `most_times` bounds how many groups count in a basket.
    """

    buy: int
    get: int
    rate_bp: int = 10_000
    same_product: bool = False
    gets: Target | None = None
    most_times: int | None = None

    def free_of(self, pieces: int) -> int:
        """How many of so many pieces are free, when the free ones are counted among them."""
        groups, rest = divmod(pieces, self.buy + self.get)
        free = groups * self.get
        return self._at_most(free + rest - self.buy if rest > self.buy else free)

    def free_of_others(self, only_bought: int, only_rewards: int, either: int) -> int:
        """How many of the other goods are free; `either` are pieces that may be bought or free."""
        bought = (only_bought + either) // self.buy * self.get
        groups, rest = divmod(only_bought + only_rewards + either, self.buy + self.get)
        enough_for_both = groups * self.get + max(0, rest - self.buy)
        return self._at_most(min(bought, enough_for_both, only_rewards + either))

    def to_buy_for(self, free: int) -> int:
        """How many pieces must be bought to get so many."""
        return -(-free // self.get) * self.buy

    def _at_most(self, free: int) -> int:
        return free if self.most_times is None else min(free, self.most_times * self.get)


class BundleItem(msgspec.Struct, frozen=True):
    product_id: int
    quantity: int = 1


class Bundle(msgspec.Struct, frozen=True, tag_field="kind", tag="bundle"):
    """These products (each named once) together for one price, as often as the basket holds all of them.

    The promotion's target says nothing here. `most_times` bounds how many bundles count in a basket.
    """

    items: tuple[BundleItem, ...]
    price_minor: int
    most_times: int | None = None

    def times(self, pieces: Mapping[int, int]) -> int:
        """How many bundles there are in so many pieces of each product."""
        times = min([pieces.get(item.product_id, 0) // item.quantity for item in self.items], default=0)
        return times if self.most_times is None else min(times, self.most_times)


Effect = Percentage | Fixed | BuyXGetY | Bundle
"""What a promotion does. As JSON, `kind` says which (see `Kind`)."""


class Promotion(msgspec.Struct, frozen=True, kw_only=True):
    """A promotion, or (with a `coupon_code`) a coupon.

    `currency` is that of its amounts; None where it has none. Empty `zone_ids` and `roles` mean all. `minimum_spend_minor`
    and `minimum_quantity` are asked of the goods that it is about, after their own discounts and before any promotion.
    `used` counts towards `total_limit`. It counts from `starts_at` until just before `ends_at`. Higher priorities are
    taken off first. An `exclusive` one combines with no other on the same line. With a `company_id` it is about that
    company's goods only.
    """

    id: int
    name: str
    effect: Effect
    target: Target = Target()
    company_id: int | None = None
    currency: str | None = None
    zone_ids: frozenset[int] = frozenset()
    roles: frozenset[Role] = frozenset()
    first_order_only: bool = False
    minimum_spend_minor: int = 0
    minimum_quantity: int = 0
    per_user_limit: int | None = None
    total_limit: int | None = None
    used: int = 0
    starts_at: datetime | None = None
    ends_at: datetime | None = None
    priority: int = 0
    exclusive: bool = False
    coupon_code: str | None = None

    @property
    def kind(self) -> Kind:
        return Kind(str(self.effect.__struct_config__.tag))
