"""Any number of products from the base content: the base products first, then models under other brands of their category.

A product is made from its place (0, 1, 2 ...) and the seed alone, so nothing of a million products needs to be kept.
Place p has the id p + 1.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Final

import msgspec

from entrepot.demo.chance import mixed, part_of
from entrepot.demo.content import Article, Content, Variant, price_minor
from entrepot.demo.pictures import Sketch
from entrepot.kernel.slugs import slug_of

VARIANTS_OF_A_MODEL: Final = 3
"""Every category has options for at least so many."""

_OLDEST_DAYS: Final = 1100
_PACK_UNITS: Final = ("Sack", "Carton", "Bag", "Box", "Pack")


class Product(msgspec.Struct, frozen=True, kw_only=True):
    """A product of the demo shop. `place` counts from 0; `group` is a place in the groups; prices in minor units."""

    place: int
    article: Article
    group: int | None
    options: dict[str, str]
    sku: str
    title: str
    description: str
    brand: str
    price_minor: int
    discount_bp: int
    weight_g: int
    unit: str
    stock: int
    popularity: float
    picture: str
    is_base: bool


class Group(msgspec.Struct, frozen=True):
    """Products that differ by their options; `key` is the company's own."""

    company: str
    key: str
    title: str


class _Base(msgspec.Struct, frozen=True):
    """A base product: an article, or one of its variants."""

    article: Article
    variant: Variant | None


class _Model(msgspec.Struct, frozen=True):
    """What distinguishes an expanded product: `percent` of the article's price, and a number of its own."""

    article: Article
    name: str
    brand: str
    options: tuple[tuple[str, str], ...]
    percent: int
    number: int


class Catalogue:
    """The products of a demo shop of any size."""

    def __init__(self, content: Content, size: int | None, seed: int) -> None:
        self._content = content
        self._seed = seed
        every_base = [
            _Base(article, variant) for article in content.articles for variant in article.variants or (None,)
        ]
        self.size = len(every_base) if size is None else size
        kept = min(self.size, len(every_base))
        self._bases = [every_base[place * len(every_base) // kept] for place in range(kept)]
        self._groups = list(dict.fromkeys(base.article.key for base in self._bases if base.variant))
        self._group_places = {key: place for place, key in enumerate(self._groups)}
        self._axes = {category: _combinations(axes) for category, axes in content.expansion.axes.items()}
        self._brands = _brands_by_category(content.articles)
        self._base_boost = 1 + self.size / (20 * kept) if kept else 1.0

    def products(self) -> Iterator[Product]:
        return (self.product(place) for place in range(self.size))

    def product(self, place: int) -> Product:
        """The product at this place."""
        return self._base_product(place) if place < len(self._bases) else self._expanded_product(place)

    def article(self, place: int) -> Article:
        """What the product at this place was made from."""
        return self._bases[place].article if place < len(self._bases) else self._model(place).article

    def line(self, place: int, language: str) -> tuple[str, str, str, str]:
        """Title (in the language, where it is translated), SKU, picture and unit, as an order line keeps them."""
        if place >= len(self._bases):
            model = self._model(place)
            title, sku, unit = _model_title(model), _sku(model.article, model.brand, place), _unit(model)
            return title, sku, model.article.key, unit
        base = self._bases[place]
        translation = base.article.translations.get(language)
        title = _base_title(translation.title if translation else base.article.title, base.variant)
        return title, _sku(base.article, base.article.brand, place), _picture(base), base.article.unit

    def created_at(self, place: int, now: datetime) -> datetime:
        """When it came into the shop: most of them more than a year ago, 15 % during the last year, in order of id."""
        share = place / self.size
        days = 366 + (_OLDEST_DAYS - 366) * (1 - share / 0.85) if share < 0.85 else 2 + 363 * (1 - share) / 0.15
        return now - timedelta(days=days, seconds=mixed(self._seed, place) % 3600)

    def groups(self) -> Iterator[Group]:
        """In the order in which products name them."""
        articles = {article.key: article for article in self._content.articles}
        for key in self._groups:
            yield Group(articles[key].company, key, articles[key].title)
        for place in range(len(self._bases), self.size, VARIANTS_OF_A_MODEL):
            model = self._model(place)
            yield Group(model.article.company, f"{slug_of(model.name)}-{place + 1}", model.name)

    def count_groups(self) -> int:
        """How many groups there are."""
        return len(self._groups) - (len(self._bases) - self.size) // VARIANTS_OF_A_MODEL

    def sketches(self) -> list[Sketch]:
        """All pictures that the products show; expanded ones show those of their article."""
        shown = {_picture(base): (base.article, _colour(base)) for base in self._bases}
        if self.size > len(self._bases):
            shown |= {article.key: (article, article.colour) for article in self._content.articles}
        return [
            Sketch(name, article.picture, colour, variety)
            for variety, (name, (article, colour)) in enumerate(sorted(shown.items()))
        ]

    def _base_product(self, place: int) -> Product:
        base = self._bases[place]
        article, variant = base.article, base.variant
        return Product(
            place=place,
            article=article,
            group=self._group_places.get(article.key),
            options=variant.options if variant else {},
            sku=_sku(article, article.brand, place),
            title=_base_title(article.title, variant),
            description=article.description,
            brand=article.brand,
            price_minor=price_minor(variant.price) if variant else article.price_minor,
            discount_bp=article.discount_bp,
            weight_g=article.weight_g,
            unit=article.unit,
            stock=article.stock,
            popularity=article.popularity * self._base_boost / max(1.0, len(article.variants) * 0.6),
            picture=_picture(base),
            is_base=True,
        )

    def _expanded_product(self, place: int) -> Product:
        model = self._model(place)
        article = model.article
        bits = mixed(self._seed, model.number)
        is_pack = any(axis == "pack" for axis, _ in model.options)
        return Product(
            place=place,
            article=article,
            group=len(self._groups) + (place - len(self._bases)) // VARIANTS_OF_A_MODEL,
            options=dict(model.options),
            sku=_sku(article, model.brand, place),
            title=_model_title(model),
            description=f"{article.description} This is the {model.name} in {_listed(model.options)}.",
            brand=model.brand,
            price_minor=_pretty(article.price_minor * model.percent // 100, bits),
            discount_bp=(0, 0, 500, 800, 1000, 1200, 1500, 2000)[bits >> 61],
            weight_g=max(1, article.weight_g * model.percent // 100) if is_pack else article.weight_g,
            unit=_unit(model),
            stock=max(article.minimum, article.stock * (20 + part_of(bits, 8, 90)) // 100),
            popularity=article.popularity * min(40.0, 0.25 * ((part_of(bits, 24, 65536) + 1) / 65537) ** -0.7),
            picture=article.key,
            is_base=False,
        )

    def _model(self, place: int) -> _Model:
        number, variant = divmod(place - len(self._bases), VARIANTS_OF_A_MODEL)
        bits = mixed(self._seed, number)
        article = self._content.articles[bits % len(self._content.articles)]
        brands = self._brands[article.category]
        brand = brands[part_of(bits, 4, len(brands))]
        series = self._content.expansion.series[article.shelf]
        name = f"{brand} {series[part_of(bits, 16, len(series))]} {10 + part_of(bits, 28, 990)} {article.noun}"
        combinations = self._axes[article.category]
        options, percent = combinations[(part_of(bits, 40, len(combinations)) + variant) % len(combinations)]
        percent = percent * (72 + part_of(bits, 48, 64)) // 100
        return _Model(article, name, brand, options, percent, bits + variant)


def translations_of(product: Product) -> Iterator[tuple[str, str, str]]:
    """Language, title and description of a base product, in each language it is translated to."""
    for language, translation in product.article.translations.items():
        title = ", ".join((translation.title, *product.options.values()))
        yield language, title, translation.description


def _combinations(axes: Mapping[str, Mapping[str, int]]) -> list[tuple[tuple[tuple[str, str], ...], int]]:
    """Every choice of one option an axis, and its price in percent; the first axis changes fastest."""
    combinations: list[tuple[tuple[tuple[str, str], ...], int]] = [((), 100)]
    for axis, values in axes.items():
        combinations = [
            ((*chosen, (axis, value)), percent * cost // 100)
            for value, cost in values.items()
            for chosen, percent in combinations
        ]
    return combinations


def _brands_by_category(articles: tuple[Article, ...]) -> dict[str, list[str]]:
    brands: dict[str, dict[str, None]] = {}
    for article in articles:
        brands.setdefault(article.category, {})[article.brand] = None
    return {category: list(names) for category, names in brands.items()}


def _base_title(title: str, variant: Variant | None) -> str:
    return ", ".join((title, *variant.options.values())) if variant else title


def _model_title(model: _Model) -> str:
    return ", ".join((model.name, *(value for _, value in model.options)))


def _listed(options: tuple[tuple[str, str], ...]) -> str:
    return " and ".join(f"{axis} {value}" for axis, value in options)


def _unit(model: _Model) -> str:
    for axis, value in model.options:
        word = value.split()[0]
        if axis == "pack" and word in _PACK_UNITS:
            return word.lower()
    return model.article.unit


def _sku(article: Article, brand: str, place: int) -> str:
    """Category, brand, noun and id: `MEN-ALD-OXF-021`."""
    return f"{_sku_begin(article.category, brand, article.noun)}-{place + 1:03d}"


@lru_cache(maxsize=10_000)
def _sku_begin(category: str, brand: str, noun: str) -> str:
    return f"{_code(category)}-{_code(brand)}-{_code(noun)}"


def _code(name: str) -> str:
    return name.replace("'", "").replace("-", "").replace(" ", "")[:3].upper()


def _picture(base: _Base) -> str:
    colour = _colour(base)
    return base.article.key if colour == base.article.colour else f"{base.article.key}-{colour[1:]}"


def _colour(base: _Base) -> str:
    return base.variant.colour if base.variant and base.variant.colour else base.article.colour


def _pretty(price: int, bits: int) -> int:
    """A price that a shop would write: 23.90, 149.00, 4.49."""
    if price < 100:
        return max(5, price)
    if price < 2000:
        return price // 10 * 10 + (0, 5, 9, 9)[bits & 3]
    return price // 100 * 100 + (0, 50, 90, 99)[bits & 3]
