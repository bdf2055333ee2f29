"""The readable files of the demo shop say something believable, and say it whole."""

from __future__ import annotations

import re
from itertools import pairwise

import pytest

from entrepot.demo import ACCOUNTS
from entrepot.demo.content import LANGUAGES, Article, Content
from entrepot.demo.nouns import noun_of
from entrepot.demo.pictures import PICTURES, draw
from entrepot.demo.read_content import read_content

DUMMYJSON = [
    "beauty",
    "fragrances",
    "furniture",
    "groceries",
    "home-decoration",
    "kitchen-accessories",
    "laptops",
    "mens-shirts",
    "mens-shoes",
    "mens-watches",
    "mobile-accessories",
    "motorcycle",
    "skin-care",
    "smartphones",
    "sports-accessories",
    "sunglasses",
    "tablets",
    "tops",
    "vehicle",
    "womens-bags",
    "womens-dresses",
    "womens-jewellery",
    "womens-shoes",
    "womens-watches",
]
OTHERS = ["electronics", "skincare", "building-materials", "wholesale-food", "household"]

ARABIC_SCRIPT = re.compile(r"[\u0600-\u06ff]")
CYRILLIC_SCRIPT = re.compile(r"[\u0400-\u04ff]")
KURDISH_LETTERS = re.compile("[ێۆڵڕەڤ]")


@pytest.fixture(scope="module")
def content() -> Content:
    return read_content()


def test_there_is_plenty(content: Content) -> None:
    assert len(content.articles) >= 320
    assert len(content.brands) >= 60
    assert len(content.companies) == 8
    assert [zone.slug for zone in content.zones] == ["north", "south", "east", "west"]
    assert sum(bool(article.variants) for article in content.articles) >= 8


def test_every_category_that_clients_know_is_there(content: Content) -> None:
    slugs = {category.slug for category in content.categories}
    assert slugs >= {*DUMMYJSON, *OTHERS}
    used = {slug for article in content.articles for slug in article.branch}
    assert used == slugs, "a category without products"
    assert all(len([a for a in content.articles if a.category == slug]) >= 4 for slug in DUMMYJSON)


def test_parents_stand_before_their_children(content: Content) -> None:
    seen: set[str | None] = {None}
    for category in content.categories:
        assert category.parent in seen
        seen.add(category.slug)


def test_articles_are_distinct_and_specific(content: Content) -> None:
    for values in (
        [article.key for article in content.articles],
        [article.description for article in content.articles],
    ):
        assert len(set(values)) == len(values)
    for article in content.articles:
        assert 40 <= len(article.description) <= 400, article.key
        assert article.description[-1] in ".!", article.key
        assert 1 <= len(article.tags) <= 5, article.key
        assert article.price_minor > 0, article.key
        assert 0 <= article.discount_bp <= 3000, article.key
        assert article.weight_g > 0, article.key
        assert article.stock >= article.minimum, article.key


def test_wholesale_goods_come_in_quantities(content: Content) -> None:
    foods = [article for article in content.articles if "wholesale-food" in article.branch]
    assert {article.minimum for article in foods} >= {6, 12, 24}
    assert all(article.channel == "wholesale" for article in foods)
    units = {article.unit for article in content.articles if article.shelf == "building-materials"}
    assert units >= {"bag 25 kg", "m2", "m", "piece", "box"}


def test_everything_that_is_named_exists(content: Content) -> None:
    companies = {company.slug: company for company in content.companies}
    zones = {zone.slug for zone in content.zones}
    for article in content.articles:
        assert article.season in content.rhythm.seasons, article.key
        assert article.picture in PICTURES, article.key
        assert set(article.zones) <= set(companies[article.company].zones), article.key
        assert article.category in content.expansion.axes, article.key
        assert article.shelf in content.expansion.series, article.key
        assert article.shelf in content.phrases.goods, article.key
    for company in content.companies:
        assert set(company.zones) <= zones
        assert {warehouse.zone for warehouse in company.warehouses} <= set(company.zones)
    assert {article.picture for article in content.articles} == set(PICTURES), "a picture that nothing shows"
    assert {article.company for article in content.articles} == set(companies)
    assert [company.slug for company in content.companies if company.house] == ["entrepot-house"]


def test_seasons_have_twelve_months_and_phrases_every_rating(content: Content) -> None:
    assert all(len(months) == 12 for months in content.rhythm.seasons.values())
    assert len(content.rhythm.retail_weekdays) == len(content.rhythm.wholesale_weekdays) == 7
    assert len(content.rhythm.retail_hours) == len(content.rhythm.wholesale_hours) == 24
    assert set(content.phrases.openings) == set(content.phrases.closings) == {1, 2, 3, 4, 5}
    assert all(set(sentences) == {1, 2, 3, 4, 5} for sentences in content.phrases.languages.values())


def test_categories_are_translated(content: Content) -> None:
    for category in content.categories:
        assert set(category.names) == set(LANGUAGES), category.slug
        _assert_scripts(category.slug, category.names)


def test_some_products_are_translated(content: Content) -> None:
    translated = [article for article in content.articles if article.translations]
    assert len(translated) >= 40
    for article in translated:
        assert set(article.translations) == set(LANGUAGES), article.key
        _assert_scripts(article.key, {language: text.description for language, text in article.translations.items()})
    kurdish = " ".join(article.translations["ckb"].description for article in translated)
    assert len(KURDISH_LETTERS.findall(kurdish)) > 500
    arabic = " ".join(article.translations["ar"].description for article in translated)
    assert not KURDISH_LETTERS.search(arabic)


def _assert_scripts(where: str, texts: dict[str, str]) -> None:
    assert ARABIC_SCRIPT.search(texts["ar"]), where
    assert ARABIC_SCRIPT.search(texts["ckb"]), where
    assert CYRILLIC_SCRIPT.search(texts["ru"]), where
    assert not ARABIC_SCRIPT.search(texts["de"]), where
    assert not CYRILLIC_SCRIPT.search(texts["de"]), where


def test_the_demo_accounts_are_the_published_ones(content: Content) -> None:
    assert [f"{account.username}@entrepot.test" for account in content.accounts] == list(ACCOUNTS)
    assert [company.name for company in content.companies if company.seller.account == "seller"] == [
        "Citadel Electronics"
    ]


def test_centres_lie_in_their_zones_and_zones_apart(content: Content) -> None:
    for zone in content.zones:
        assert zone.boundary[0] == zone.boundary[-1]
        assert _lies_in(zone.centre, zone.boundary)
        for town in zone.towns:
            assert [other.slug for other in content.zones if _lies_in(town.at, other.boundary)] == [zone.slug], (
                town.name
            )
    zones = {zone.slug: zone for zone in content.zones}
    for company in content.companies:
        for warehouse in company.warehouses:
            assert _lies_in(warehouse.at, zones[warehouse.zone].boundary), warehouse.code


def _lies_in(point: tuple[float, float], boundary: tuple[tuple[float, float], ...]) -> bool:
    x, y = point
    crossings = 0
    for (x1, y1), (x2, y2) in pairwise(boundary):
        if (y1 > y) != (y2 > y) and x < x1 + (y - y1) * (x2 - x1) / (y2 - y1):
            crossings += 1
    return crossings % 2 == 1


@pytest.mark.parametrize(
    ("title", "brand", "noun"),
    [
        ("Aldermoor Oxford Shirt", "Aldermoor", "Oxford Shirt"),
        ("Tomato Paste Carton 24 x 400 g", "Redvale", "Tomato Paste"),
        ("Portland Cement CEM I 42.5, 25 kg", "Petracem", "Portland Cement"),
        ("Hawren Mountain Honey 500 g", "Hawren Honey House", "Mountain Honey"),
        ("Dish Sponges Carton of 96", "Tidywell", "Dish Sponges"),
    ],
)
def test_a_noun_is_the_title_without_brand_and_size(title: str, brand: str, noun: str) -> None:
    assert noun_of(title, brand) == noun


def test_nouns_are_words(content: Content) -> None:
    for article in content.articles:
        assert re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9'’/ -]+[A-Za-z0-9]", article.noun), (article.key, article.noun)


def test_pictures_are_the_same_every_time(content: Content) -> None:
    article: Article = content.articles[0]
    first, second = (draw(article.picture, article.colour, 3) for _ in range(2))
    assert first.size == (600, 600)
    assert first.tobytes() == second.tobytes()


def test_every_picture_can_be_drawn_in_any_colour() -> None:
    for picture in PICTURES:
        for colour in ("#ffffff", "#101010"):
            colours = draw(picture, colour).getcolors(360_000)
            assert colours is None or len(colours) > 5, picture
