"""Reading the content: the TOML files below `content/`, with each category's defaults filled in."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping
from importlib import resources
from importlib.resources.abc import Traversable
from typing import Any, Final, TypeVar

import msgspec

from entrepot.demo.content import (
    LANGUAGES,
    Account,
    Article,
    Category,
    Channel,
    Community,
    Company,
    Content,
    Expansion,
    Phrases,
    Rhythm,
    ShopFront,
    Translation,
    Variant,
    Zone,
    price_minor,
)
from entrepot.demo.nouns import noun_of
from entrepot.kernel.slugs import slug_of

_FOLDER: Final = resources.files("entrepot.demo") / "content"
_GROUPS_STAND_AT: Final = 3

Listed = TypeVar("Listed")


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
        articles=tuple(_alternating(_articles(categories), categories)),
        accounts=msgspec.convert(people["accounts"], tuple[Account, ...]),
        shops=msgspec.convert(people["shops"], tuple[ShopFront, ...]),
        communities=msgspec.convert(people["names"], tuple[Community, ...]),
        phrases=msgspec.convert(_toml(_FOLDER / "reviews.toml"), Phrases, strict=False),
        rhythm=msgspec.convert(_toml(_FOLDER / "rhythm.toml"), Rhythm),
        expansion=msgspec.convert(_toml(_FOLDER / "expansion.toml"), Expansion),
    )


def branch_of(category: str, parents: Mapping[str, str | None]) -> tuple[str, ...]:
    """The category, its parent, and so on to the top."""
    branch = [category]
    while (parent := parents[branch[-1]]) is not None:
        branch.append(parent)
    return tuple(branch)


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
                branch_of(entry.category, parents),
                {language: known[key] for language, known in translations.items() if key in known},
            )


def _article(entry: _Entry, key: str, branch: tuple[str, ...], translations: Mapping[str, Translation]) -> Article:
    width, height, depth = (round(side * 10) for side in entry.size_cm)
    return Article(
        key=key,
        title=entry.title,
        noun=entry.noun or noun_of(entry.title, entry.brand),
        category=entry.category,
        branch=branch,
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


def _alternating(articles: Iterator[Article], categories: tuple[Category, ...]) -> Iterator[Article]:
    """One of each category in turn, in the order of the shelves, until all have been."""
    queues: dict[str, list[Article]] = {category.slug: [] for category in categories}
    for article in articles:
        queues[article.category].append(article)
    for queue in queues.values():
        if queue and queue[0].variants:  # single products first: they show more of the variety
            queue.insert(_GROUPS_STAND_AT, queue.pop(0))
    for place in range(max(len(queue) for queue in queues.values())):
        yield from (queue[place] for queue in queues.values() if place < len(queue))


def _list(file: str, name: str, kind: type[Listed]) -> tuple[Listed, ...]:
    return tuple(msgspec.convert(item, kind) for item in _toml(_FOLDER / file)[name])


def _toml(file: Traversable) -> dict[str, Any]:
    return tomllib.loads(file.read_text("utf-8"))


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
