"""The typo dictionary: near words are found, frequent ones first, and distances are right."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from entrepot.search.vocabulary import Vocabulary

WORDS = {
    "mower": 250, "more": 26, "patio": 1053, "tile": 300, "tiles": 121, "faucet": 1269, "refrigerator": 371,
    "refrigerators": 6, "stainless": 1997, "mirror": 478, "mirrors": 30, "pole": 40, "saw": 90, "lawn": 80,
    "philips": 479, "phillips": 171, "холодильник": 12, "ab": 5,
}  # fmt: skip


@pytest.fixture(scope="module")
def vocabulary() -> Vocabulary:
    return Vocabulary(list(WORDS.items()))


def meant(vocabulary: Vocabulary, word: str) -> list[str]:
    return [one.word for one in vocabulary.corrections(word)]


@pytest.mark.parametrize(
    ("written", "likeliest"),
    [
        ("paito", "patio"),  # two exchanged
        ("faucett", "faucet"),  # one too many
        ("stainles", "stainless"),  # one too few
        ("mowar", "mower"),  # another one
        ("refridgerater", "refrigerator"),  # two edits, from eight letters on
        ("xolodilnik", None),
        ("халодильник", "холодильник"),
        ("tike", "tile"),
    ],
)
def test_likeliest_correction(vocabulary: Vocabulary, written: str, likeliest: str | None) -> None:
    assert next(iter(meant(vocabulary, written)), None) == likeliest


@pytest.mark.parametrize("written", ["sew", "ab", "mmoer"[:3], "", "petty", "p" * 200])
def test_short_and_far_words_stay_as_they_are(vocabulary: Vocabulary, written: str) -> None:
    assert meant(vocabulary, written) == []


def test_below_eight_letters_one_edit_is_the_most(vocabulary: Vocabulary) -> None:
    assert meant(vocabulary, "fawcit") == []


def test_a_word_is_no_correction_of_itself(vocabulary: Vocabulary) -> None:
    assert meant(vocabulary, "philips") == ["phillips"]


def test_words_that_begin_so(vocabulary: Vocabulary) -> None:
    assert vocabulary.completions("mi", 5) == [("mirror", 478), ("mirrors", 30)]
    assert vocabulary.completions("mi", 1) == [("mirror", 478)]
    assert vocabulary.completions("хол", 5) == [("холодильник", 12)]
    assert vocabulary.completions("zzz", 5) == []
    assert [one.word for one in vocabulary.continued("mirr", 2)] == ["mirror", "mirrors"]


def test_two_words_written_as_one(vocabulary: Vocabulary) -> None:
    assert vocabulary.split("polesaw") == ("pole", "saw")
    assert vocabulary.split("polesaws") is None
    assert vocabulary.split("") is None


def test_frequencies(vocabulary: Vocabulary) -> None:
    assert [vocabulary.frequency(word) for word in ("patio", "pati", "zzzz", "")] == [1053, 0, 0, 0]


def test_an_empty_vocabulary_knows_nothing() -> None:
    nothing = Vocabulary([])
    assert len(nothing) == 0
    assert nothing.corrections("patio") == []
    assert nothing.completions("p", 3) == []
    assert nothing.split("polesaw") is None
    assert nothing.frequency("patio") == 0


@given(
    st.lists(st.text("abc", min_size=2, max_size=8), min_size=1, max_size=20, unique=True),
    st.text("abc", min_size=4, max_size=9),
)
@settings(max_examples=200, deadline=None)
def test_finds_all_within_the_edits_and_no_other(words: list[str], written: str) -> None:
    edits = 1 if len(written) < 8 else 2
    found = {one.word for one in Vocabulary([(word, 1) for word in words]).corrections(written, limit=100)}
    near = {word for word in words if 0 < distance(written, word) <= edits}
    # Two edits must leave something of the word.
    assert found == {word for word in near if distance(written, word) == 1 or len(word) >= 4}


def distance(one: str, other: str) -> int:
    """Optimal string alignment, as the textbook has it."""
    table = [[max(i, j) if not i * j else 0 for j in range(len(other) + 1)] for i in range(len(one) + 1)]
    for i in range(1, len(one) + 1):
        for j in range(1, len(other) + 1):
            table[i][j] = min(
                table[i - 1][j] + 1, table[i][j - 1] + 1, table[i - 1][j - 1] + (one[i - 1] != other[j - 1])
            )
            if i > 1 and j > 1 and one[i - 1] == other[j - 2] and one[i - 2] == other[j - 1]:
                table[i][j] = min(table[i][j], table[i - 2][j - 2] + 1)
    return table[-1][-1]
