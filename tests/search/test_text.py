"""From text to words: different spellings of one thing meet, and no text is too odd."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from entrepot.search import text


@pytest.mark.parametrize(
    ("one", "other", "term"),
    [
        ("T-Shirts", "tshirt", "tshirt"),
        ("t shirt", "tshirts", "tshirt"),
        ("10mm", "10 mm", "10mm"),
        ("10-mm", "10 millimetres", "10mm"),
        ('1-1/2"', "1.5 inches", "1.5in"),
        ("1½ in.", "1 1/2 inch", "1.5in"),
        ("3/4 in.", ".75 in", "0.75in"),
        ("4 ft. x 8 ft.", "4x8", "4x8"),
        ("4' × 8'", "4 * 8", "4x8"),
        ("24 sq. ft.", "24 square feet", "24sqft"),
        ("1,000 pcs", "1000 pieces", "1000pc"),
        ("2,5 kg", "2.5kg", "2.5kg"),
        ("١٢ مم", "12 mm", "12mm"),
        ("5 кг", "5 kg", "5kg"),
        ("SC-141", "sc141", "sc141"),
        ("3-in-1", "3 in 1", "3in1"),
        ("Women's", "women", "women"),
        ("Café", "cafe", "cafe"),
        ("shelves", "Shelving", "shelv"),
        ("холодильники", "Холодильник", "холодильник"),
        ("ёлка", "елки", "елк"),
        ("السيارات", "سيارة", "سيار"),
        ("ثلاجات", "والثلاجة", "ثلاج"),
        ("أحمد", "احمد", "احمد"),
        ("Ｗｉｄｅ", "wide", "wide"),
    ],
)
def test_spellings_of_one_thing_meet(one: str, other: str, term: str) -> None:
    assert term in text.terms(one)
    assert term in text.terms(other)


@pytest.mark.parametrize(
    ("written", "found"),
    [
        ("12 in. 16 in single", ["12", "12in", "16", "16in", "singl"]),
        ("5 ft. 11 in.", ["5", "5ft", "11", "11in"]),
        ("white 4shelves", ["white", "4", "shelv", "4shelves"]),
        ("lw5200e", ["lw5200e"]),
        ("8/16/4 blocks", ["8", "16", "4", "8x16x4", "block"]),
        ("black/white", ["black", "white"]),
        ("1/0 wire", ["1/0", "wire"]),
        ("日本語", ["日本", "本語"]),
        ('*:* "AND" (OR', ["and", "or"]),
        ("😀\x00‮ --- ...", []),
        ("", []),
    ],
)
def test_terms(written: str, found: list[str]) -> None:
    assert text.terms(written) == found


def test_stems_follow_the_language_and_the_script() -> None:
    assert text.stem("maisons", "fr") == text.stem("maison", "fr")
    assert text.stem("schuhe", "de-AT") == text.stem("schuh", "de")
    assert text.stem("холодильники", "fr") == "холодильник"
    assert text.stem("shelves", "xx") == text.stem("shelves", "en")


def test_й_is_a_letter_of_its_own() -> None:
    assert text.normal("Йод") == "йод"


def test_plain_is_what_two_people_who_mean_the_same_write() -> None:
    assert text.plain("  Blue T-Shirt,  10 MM ") == "blue t shirt 10mm"


def test_a_code_has_neither_signs_nor_case() -> None:
    assert text.code(" AB-12/x ") == text.code("ab12X") == "ab12x"


def test_a_vocabulary_is_made_of_words_only() -> None:
    assert text.analysed("BEHR SC-141 1-gal. A Textured Deck").spelt == ["behr", "sc", "textured", "deck"]


@given(st.text(max_size=200))
@settings(max_examples=300, deadline=None)
def test_any_text_has_terms_without_spaces(written: str) -> None:
    for term in text.terms(written):
        assert term
        assert not set(term) & set(" \t\n\r")


@given(st.text(alphabet="0123456789 ./-x'\"inft,½", max_size=200))
@settings(max_examples=300, deadline=None)
def test_any_heap_of_numbers_has_terms(written: str) -> None:
    assert all(text.terms(written))


@given(st.text(max_size=60))
@settings(max_examples=200, deadline=None)
def test_plain_text_stays_plain(written: str) -> None:
    for word in text.plain(written).split(" "):
        assert word == word.strip()
