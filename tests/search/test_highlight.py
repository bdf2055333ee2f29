"""Highlighting, as a pure function."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from entrepot.search import text as texts
from entrepot.search.highlight import SNIPPET_LENGTH, highlight


def stems(*words: str) -> frozenset[str]:
    return frozenset(term for word in words for term in texts.terms(word))


def test_inflected_words_are_marked() -> None:
    shown = highlight("Red Shoes, size 42", "A shoe for running.", stems("shoe"), "en")
    assert shown.title == "Red <em>Shoes</em>, size 42"
    assert shown.description == "A <em>shoe</em> for running."


def test_compounds_are_marked() -> None:
    assert highlight("A T-Shirt", "", stems("tshirt"), "en").title == "A <em>T-Shirt</em>"


def test_markup_is_text() -> None:
    shown = highlight('<script>alert(1)</script> lamp & "more"', "", stems("lamp"), "en")
    assert shown.title == "&lt;script&gt;alert(1)&lt;/script&gt; <em>lamp</em> &amp; &quot;more&quot;"


def test_the_stretch_with_the_most_words_is_shown() -> None:
    text = f"A lamp. {'Nothing here. ' * 50} The lamp of glass, a glass lamp. {'More of nothing. ' * 50}"
    shown = highlight("x", text, stems("lamp", "glass"), "en").description
    assert shown.count("<em>") == 4
    assert shown.startswith("… ")
    assert shown.endswith(" …")


def test_a_text_without_the_words_is_shown_from_its_beginning() -> None:
    shown = highlight("x", "word " * 100, stems("lamp"), "en").description
    assert shown.startswith("word word")
    assert len(shown) <= SNIPPET_LENGTH + 2
    assert highlight("", "", frozenset(), "en").description == ""


@given(st.text(max_size=400), st.text(max_size=20))
def test_nothing_is_lost_or_broken(text: str, word: str) -> None:
    shown = highlight(text, text, frozenset(texts.terms(word)), "en")
    plain = shown.title.replace("<em>", "").replace("</em>", "")
    assert "<" not in plain
    assert ">" not in plain
    assert shown.title.count("<em>") == shown.title.count("</em>")
    assert shown.description.count("<em>") == shown.description.count("</em>")
