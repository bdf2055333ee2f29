"""What the demo shop is made of: the readable files in `content/`, as frozen structs.

Money is written in US dollars (`"14.50"`) and becomes minor units; percentages become basis points; centimetres become
millimetres. A file that says something unknown, or something twice, is refused.
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Final, Literal

import msgspec

from entrepot.kernel.money import currency

LANGUAGES: Final = ("ar", "ckb", "ru", "de")
"""What names and some of the products are translated to."""

_DOLLAR: Final = currency("USD")

Channel = Literal["retail", "wholesale", "both"]


class Translation(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    title: str
    description: str


class Category(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`names` by language tag; `parent` is a slug."""

    slug: str
    name: str
    names: dict[str, str]
    parent: str | None = None


class Variant(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One of a product group: its options, price in US dollars, and colour `#rrggbb` where it differs."""

    options: dict[str, str]
    price: str
    colour: str | None = None


class Article(msgspec.Struct, frozen=True, kw_only=True):
    """A base product. `noun` is what it is called without its brand; `branch` are its category and all above it.

    `popularity` is how often it is bought compared with others (1.0 is ordinary), `season` names the rhythm it follows,
    `stock` is what usually lies in all warehouses together.
    """

    key: str
    title: str
    noun: str
    category: str
    branch: tuple[str, ...]
    brand: str
    company: str
    description: str
    price_minor: int
    discount_bp: int
    weight_g: int
    width_mm: int
    height_mm: int
    depth_mm: int
    stock: int
    popularity: float
    tags: tuple[str, ...]
    colour: str
    picture: str
    unit: str
    minimum: int
    channel: Channel
    warranty: str
    shipping: str
    returns: str
    season: str
    zones: tuple[str, ...]
    variants: tuple[Variant, ...]
    translations: Mapping[str, Translation]

    @property
    def shelf(self) -> str:
        """The top of its category's branch."""
        return self.branch[-1]


class Town(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`at` is longitude, latitude; `share` of the zone's people who live there."""

    name: str
    zip: str
    at: tuple[float, float]
    share: int


class Zone(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Coordinates are longitude, latitude; the boundary closes where it began."""

    slug: str
    name: str
    city: str
    state: str
    zip: str
    centre: tuple[float, float]
    boundary: tuple[tuple[float, float], ...]
    towns: tuple[Town, ...]
    streets: tuple[str, ...]


class Delivery(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """In US dollars."""

    fee: str
    free_from: str


class Seller(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Who sells for a company; `account` names a demo account that does."""

    first_name: str
    last_name: str
    gender: str
    account: str | None = None


class Warehouse(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    code: str
    name: str
    zone: str
    at: tuple[float, float]
    street: str


class Company(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`commission` in percent; `zones` where it delivers."""

    slug: str
    name: str
    description: str
    email: str
    phone: str
    tax_id: str
    commission: float
    zones: dict[str, Delivery]
    seller: Seller
    warehouses: tuple[Warehouse, ...]
    house: bool = False


class Account(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One of the demo accounts; `username` is the part of its address before the @."""

    username: str
    role: str
    first_name: str
    last_name: str
    gender: str
    age: int
    language: str
    zone: str | None = None
    shop: str | None = None


class ShopFront(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A business buyer's shop and its owner."""

    name: str
    zone: str
    first_name: str
    last_name: str
    gender: str
    age: int


class Community(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Names that go together, what language their bearers read, and how many of the buyers they are."""

    community: str
    language: str
    share: int
    women: tuple[str, ...]
    men: tuple[str, ...]
    families: tuple[str, ...]


class Remarks(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What is said about goods: by who likes them, by who nearly does, and by who does not."""

    praise: tuple[str, ...]
    mild: tuple[str, ...]
    fault: tuple[str, ...]


class Phrases(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What reviews are made of: openings, closings and whole sentences by rating; remarks by the slug of a category."""

    openings: dict[int, tuple[str, ...]]
    closings: dict[int, tuple[str, ...]]
    goods: dict[str, Remarks]
    languages: dict[str, dict[int, tuple[str, ...]]]


class Occasion(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Days that lift seasons: from `on` (month-day), or counted from the first day of Ramadan."""

    name: str
    days: int
    lift: dict[str, float]
    on: str | None = None
    ramadan: int | None = None


class Payments(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Weights of payment methods for each kind of buyer."""

    retail: dict[str, int]
    guest: dict[str, int]
    wholesale: dict[str, int]


class Outcomes(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """In parts of a thousand: orders, card orders, delivered orders, delivered lines."""

    cancelled_early: int
    cancelled_late: int
    expired_of_card: int
    returned: int
    reviewed_of_lines: int


class Rhythm(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """When people buy what; factors are relative, 1.0 is an ordinary day. Weekdays begin on Monday, hours at midnight."""

    growth: float
    retail_weekdays: tuple[float, ...]
    wholesale_weekdays: tuple[float, ...]
    retail_hours: tuple[int, ...]
    wholesale_hours: tuple[int, ...]
    wholesale_share: float
    guest_share: float
    retail_lines: tuple[int, ...]
    wholesale_lines: tuple[int, ...]
    payment: Payments
    outcome: Outcomes
    seasons: dict[str, tuple[float, ...]]
    events: tuple[Occasion, ...]


class Expansion(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How products are multiplied: names of series by shelf; by category, what options cost in percent."""

    series: dict[str, tuple[str, ...]]
    axes: dict[str, dict[str, dict[str, int]]]


class Content(msgspec.Struct, frozen=True, kw_only=True):
    """All of it. Articles of different categories alternate, so that any first few of them show the variety."""

    zones: tuple[Zone, ...]
    companies: tuple[Company, ...]
    categories: tuple[Category, ...]
    articles: tuple[Article, ...]
    accounts: tuple[Account, ...]
    shops: tuple[ShopFront, ...]
    communities: tuple[Community, ...]
    phrases: Phrases
    rhythm: Rhythm
    expansion: Expansion

    @property
    def brands(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(article.brand for article in self.articles))


def price_minor(dollars: str) -> int:
    """`"14.50"` is 1450."""
    return _DOLLAR.minor(Decimal(dollars))
