"""What the demo shop is made of: the readable files in `content/`, as frozen structs.

Money is written in US dollars (`"14.50"`) and becomes minor units; percentages become basis points; centimetres become
millimetres. A file that says something unknown, or something twice, is refused.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping
from decimal import Decimal
from importlib import resources
from importlib.resources.abc import Traversable
from typing import Any, Final, Literal

import msgspec

from entrepot.demo.nouns import noun_of
from entrepot.kernel.money import currency
from entrepot.kernel.slugs import slug_of

LANGUAGES: Final = ("ar", "ckb", "ru", "de")
"""What names and some of the products are translated to."""

DOLLAR: Final = currency("USD")
_FOLDER: Final = resources.files("entrepot.demo") / "content"

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


class _Entry(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A product as its file writes it, with the defaults of its category filled in."""

    title: str
    category: str
    brand: str
    description: str
    price: str
    discount: float
    weight_g: int
    size_cm: tuple[float, float, float]
    stock: int
    popularity: float
    tags: tuple[str, ...]
    colour: str
    picture: str
    company: str
    unit: str
    warranty: str
    shipping: str
    returns: str
    season: str
    noun: str | None = None
    minimum: int = 1
    channel: Channel = "retail"
    zones: tuple[str, ...] = ()
    variants: tuple[Variant, ...] = ()


class Article(msgspec.Struct, frozen=True, kw_only=True):
    """A base product. `noun` is what it is called without its brand; `shelf` is the top of its category's branch.

    `popularity` is how often it is bought compared with others (1.0 is ordinary), `season` names the rhythm it follows,
    `stock` is what usually lies in all warehouses together.
    """

    key: str
    title: str
    noun: str
    category: str
    shelf: str
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


class ShelfPhrases(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    praise: tuple[str, ...]
    mild: tuple[str, ...]
    fault: tuple[str, ...]


class Phrases(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What reviews are made of; openings, closings and whole sentences by rating, goods by shelf."""

    openings: dict[int, tuple[str, ...]]
    closings: dict[int, tuple[str, ...]]
    shelves: dict[str, ShelfPhrases]
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


def read_content() -> Content:
    """Read all files. Takes about a third of a second.

    Raises:
        msgspec.ValidationError, KeyError: a file says something that is not understood.
    """
    categories = _list("categories.toml", "categories", Category)
    people = _toml(_FOLDER / "people.toml")
    return Content(
        zones=_list("zones.toml", "zones", Zone),
        companies=_list("companies.toml", "companies", Company),
        categories=categories,
        articles=tuple(_alternating(_articles(categories))),
        accounts=msgspec.convert(people["accounts"], tuple[Account, ...]),
        shops=msgspec.convert(people["shops"], tuple[ShopFront, ...]),
        communities=msgspec.convert(people["names"], tuple[Community, ...]),
        phrases=msgspec.convert(_toml(_FOLDER / "reviews.toml"), Phrases, strict=False),
        rhythm=msgspec.convert(_toml(_FOLDER / "rhythm.toml"), Rhythm),
        expansion=msgspec.convert(_toml(_FOLDER / "expansion.toml"), Expansion),
    )


def shelf_of(category: str, parents: Mapping[str, str | None]) -> str:
    """The top of a category's branch."""
    while (parent := parents[category]) is not None:
        category = parent
    return category


def _articles(categories: tuple[Category, ...]) -> Iterator[Article]:
    parents = {category.slug: category.parent for category in categories}
    translations = {
        language: msgspec.convert(_toml(_FOLDER / "translations" / f"{language}.toml"), dict[str, Translation])
        for language in LANGUAGES
    }
    for file in sorted((_FOLDER / "products").iterdir(), key=lambda file: file.name):
        written = _toml(file)
        for product in written["products"]:
            entry = msgspec.convert({**written["defaults"][product["category"]], **product}, _Entry)
            key = slug_of(entry.title)
            yield _article(
                entry,
                key,
                shelf_of(entry.category, parents),
                {language: known[key] for language, known in translations.items() if key in known},
            )


def _article(entry: _Entry, key: str, shelf: str, translations: Mapping[str, Translation]) -> Article:
    width, height, depth = (round(side * 10) for side in entry.size_cm)
    return Article(
        key=key,
        title=entry.title,
        noun=entry.noun or noun_of(entry.title, entry.brand),
        category=entry.category,
        shelf=shelf,
        brand=entry.brand,
        company=entry.company,
        description=entry.description,
        price_minor=price_minor(entry.price),
        discount_bp=round(entry.discount * 100),
        weight_g=entry.weight_g,
        width_mm=width,
        height_mm=height,
        depth_mm=depth,
        stock=entry.stock,
        popularity=entry.popularity,
        tags=entry.tags,
        colour=entry.colour,
        picture=entry.picture,
        unit=entry.unit,
        minimum=entry.minimum,
        channel=entry.channel,
        warranty=entry.warranty,
        shipping=entry.shipping,
        returns=entry.returns,
        season=entry.season,
        zones=entry.zones,
        variants=entry.variants,
        translations=translations,
    )


def price_minor(dollars: str) -> int:
    """`"14.50"` is 1450."""
    return DOLLAR.minor(Decimal(dollars))


def _alternating(articles: Iterator[Article]) -> Iterator[Article]:
    """One of each category in turn, until all have been."""
    queues: dict[str, list[Article]] = {}
    for article in articles:
        queues.setdefault(article.category, []).append(article)
    longest = max(len(queue) for queue in queues.values())
    for place in range(longest):
        yield from (queue[place] for queue in queues.values() if place < len(queue))


def _list(file: str, name: str, kind: type[Any]) -> Any:
    return msgspec.convert(_toml(_FOLDER / file)[name], tuple[kind, ...])


def _toml(file: Traversable) -> dict[str, Any]:
    return tomllib.loads(file.read_text("utf-8"))
