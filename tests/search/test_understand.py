"""What a text finds: misspelt, run together, by synonym, by code, in other languages, and when it is no text at all."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.search.shelf import Shelf, a_product

SHELF = [
    a_product(1, "Stainless Steel Refrigerator", brand="Whirlpool", sku="WR-1000", titles={"ar": "ثلاجة فولاذية"}),
    a_product(2, "Cotton T-Shirt, blue", tags=["summer"], options={"size": "XL"}, titles={"ru": "Синяя футболка"}),
    a_product(3, "Under-Counter Light 10 mm", category="Lighting", attributes={"voltage": "230 V"}),
    a_product(4, "Plywood 4 ft. x 8 ft.", description="For floors and walls of any house."),
    a_product(5, "Gas lawnmower with mulching", barcode="4006381333931"),
    a_product(6, "Pole Saw 12 in.", sku="refrigerator"),
    a_product(7, "Sofa in grey", group_title="Lounge sofa"),
]


@pytest.fixture(scope="module")
def shelf() -> Shelf:
    return Shelf(SHELF)


@pytest.mark.parametrize(
    ("text", "product"),
    [
        ("refrigirator", 1),
        ("refrig", 1),
        ("stainles-steel", 1),
        ("whirlpool", 1),
        ("ثلاجات", 1),
        ("tshirt", 2),
        ("t shirt", 2),
        ("T-SHIRTS", 2),
        ("футболки", 2),
        ("summer", 2),
        ("undercounter", 3),
        ("under counter lights", 3),
        ("10mm light", 3),
        ("light 10 millimeters", 3),
        ("lighting", 3),
        ("230v", 3),
        ("4x8 plywod", 4),
        ("walls", 4),
        ("lawn mower", 5),
        ("lawn-mower", 5),
        ("4006381333931", 5),
        ("polesaw", 6),
        ("saw 12 inch", 6),
        ("lounge", 7),
    ],
)
def test_what_finds_what(shelf: Shelf, text: str, product: int) -> None:
    assert shelf.find(text)[:1] == [product]


@pytest.mark.parametrize("text", ["WR-1000", "wr1000", "wr 1000", "fridge WR-1000 please"])
def test_a_sku_is_found_however_it_is_written(shelf: Shelf, text: str) -> None:
    assert shelf.find(text)[0] == 1
    assert shelf.understand(text).did_you_mean is None


def test_an_exact_sku_comes_before_titles(shelf: Shelf) -> None:
    assert shelf.find("refrigerator") == [6, 1]


@pytest.mark.parametrize(
    ("text", "better"),
    [
        ("Refrigirator 10 mm", "refrigerator 10 mm"),
        ('1/2" plywod', '1/2" plywood'),
        ("polesaw", "pole saw"),
        ("plywood", None),
        ("zzzzzzz", None),
        ("4x8", None),
    ],
)
def test_did_you_mean(shelf: Shelf, text: str, better: str | None) -> None:
    assert shelf.understand(text).did_you_mean == better


def test_synonyms_of_words_and_of_phrases(shelf: Shelf) -> None:
    synonyms = {"couch": ("sofa",), "ice box": ("refrigerator", "fridge"), "cooler": ("stainless steel refrigerator",)}
    assert shelf.find("couch") == []
    assert shelf.find("grey couch", synonyms=synonyms) == [7]
    assert shelf.find("Ice-Box", synonyms=synonyms) == [1]
    assert shelf.find("cooler", synonyms=synonyms) == [1]


def test_a_synonym_without_words_is_none(shelf: Shelf) -> None:
    assert shelf.find("sofa", synonyms={"sofa": ("", "...", "😀")}) == [7]


def test_all_words_must_be_there_if_any_product_has_them_all(shelf: Shelf) -> None:
    understood = shelf.understand("blue cotton")
    assert understood.says_all
    assert shelf.find("blue cotton") == [2]
    assert not shelf.understand("blue sofa").says_all
    assert sorted(shelf.find("blue sofa")) == [2, 7]


def test_words_that_no_product_has_are_left_out(shelf: Shelf) -> None:
    assert shelf.find("zzzzzzz sofa") == [7]
    assert shelf.find("zzzzzzz") == []


@pytest.mark.parametrize(
    "text",
    [
        "*:*",
        "NOT sofa OR -",
        'title:"',
        "sofa^9999",
        "(((((",
        "\x00",
        "‮",
        "😀" * 200,
        "a/*",
        "' OR 1=1",
        "[1 TO 9}",
        "~" * 200,
        "  ",
    ],
)
def test_nothing_is_an_operator(shelf: Shelf, text: str) -> None:
    assert set(shelf.find(text)) <= {1, 2, 3, 4, 5, 6, 7}


def test_every_word_of_a_long_text_is_not_looked_for(shelf: Shelf) -> None:
    assert len(shelf.understand(" ".join(["sofa", "blue", "saw"] * 60)).concepts) <= 13


@given(st.text(min_size=1, max_size=200), st.sampled_from(["en", "ar", "ru", "de", "zh-hant", "x"]))
@settings(max_examples=200, deadline=None)
def test_any_text_is_understood(text: str, language: str) -> None:
    ANY_SHELF.find(text, language)


def test_an_empty_index_finds_nothing() -> None:
    assert Shelf([]).find("sofa") == []


ANY_SHELF = Shelf(SHELF)
