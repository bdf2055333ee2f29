"""Languages, slugs and the clock."""

from __future__ import annotations

import asyncio
import re
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from entrepot.kernel import clock
from entrepot.kernel.errors import Invalid
from entrepot.kernel.languages import candidates, chosen_language, preferred_language
from entrepot.kernel.slugs import slug_of


@pytest.mark.parametrize(
    ("header", "language"),
    [
        ("", None), ("ar", "ar"), ("AR-iq", "ar-iq"), ("en;q=0.5, ar;q=0.9", "ar"), ("de, en", "de"), ("*", None),
        ("en;q=0", None),
        ("*;q=1, ku;q=0.1", "ku"), ("en;q=nonsense, ru;q=0.1", "ru"), ("x", None), ("ckb", "ckb"), ("zh-Hant-TW", "zh-hant-tw"),
        ("en;q=nan, de;q=0.1", "de"), (";;,,", None), ("../../etc, ar", "ar"), (" fr ; q=0.8 , de;q=0.7", "fr"),
    ],
)  # fmt: skip
def test_the_language_that_a_client_prefers(header: str, language: str | None) -> None:
    assert preferred_language(header) == language


@given(st.text(max_size=600))
def test_any_header_gives_a_tag_or_nothing(header: str) -> None:
    found = preferred_language(header)
    assert found is None or re.fullmatch(r"[a-z]{2,3}(-[a-z0-9]{2,8}){0,3}", found)


@pytest.mark.parametrize(
    ("lang", "header", "chosen"), [("AR", "en", "ar"), (None, "ru", "ru"), (None, "", "en"), ("pt-BR", "", "pt-br")]
)
def test_what_is_asked_for_comes_first(lang: str | None, header: str, chosen: str) -> None:
    assert chosen_language(lang, header) == chosen


@pytest.mark.parametrize("lang", ["", "x", "english", "en_US", "en-", "../en", "e1", "en-x-y-z-a"])
def test_what_is_no_tag_is_refused(lang: str) -> None:
    with pytest.raises(Invalid):
        chosen_language(lang, "en")


def test_a_tag_falls_back_on_its_shorter_forms() -> None:
    assert candidates("zh-Hant-TW") == ["zh-hant-tw", "zh-hant", "zh"]


@pytest.mark.parametrize(
    ("name", "slug"),
    [
        ("Smith & Co.", "smith-co"),
        ("  Größe  XL ", "grosse-xl"),
        ("Łódź & Ærø", "lodz-aero"),
        ("İstanbul", "istanbul"),
        ("Ünïcödé", "unicode"),
        ("a--b__c", "a-b-c"),
        ("100 %", "100"),
    ],
)
def test_a_name_in_an_address(name: str, slug: str) -> None:
    assert slug_of(name) == slug


@given(st.text(min_size=1))
def test_every_name_has_a_slug(name: str) -> None:
    slug = slug_of(name)
    assert re.fullmatch("[a-z0-9]+(-[a-z0-9]+)*", slug)
    assert slug == slug_of(name)


def test_names_in_other_scripts_differ() -> None:
    assert slug_of("بغداد") != slug_of("أربيل")
    assert slug_of("Завод 5") != slug_of("Мебель 5")
    assert slug_of("Завод 5") == slug_of("ЗАВОД 5")


async def test_the_clock_moves_inside_its_block_and_the_tasks_begun_there() -> None:
    before = clock.now()
    with clock.moved(timedelta(days=2)):
        with clock.moved(timedelta(hours=-1)):
            moved = await asyncio.create_task(_now())
        assert clock.today() == (before + timedelta(days=2)).date()

    assert timedelta(days=2, hours=-1) <= moved - before < timedelta(days=2, hours=-1, minutes=1)
    assert clock.now() - before < timedelta(minutes=1)


async def _now() -> datetime:
    return clock.now()


def test_a_time_as_replies_show_it() -> None:
    noon = datetime(2026, 1, 2, 12, 0, 0, 999_900, tzinfo=timezone(timedelta(hours=3)))

    assert clock.iso(noon) == "2026-01-02T09:00:00.999Z"
    assert clock.now().tzinfo is UTC
