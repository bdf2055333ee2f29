"""`.env.example` is true: it names every setting, no other, and each with its default."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import Any, Final

import pytest
from pydantic import AliasChoices

from entrepot.settings import Environment, Settings

FILE: Final = Path(__file__).parents[2] / ".env.example"
LINE: Final = re.compile(r"# (?P<name>[A-Z][A-Z0-9_]*)=(?P<value>.*)")
UNSET: Final[tuple[Any, ...]] = (None, "", ())
"""Defaults for which the example shows nothing behind the equals sign."""


@pytest.fixture(autouse=True)
def bare_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """No variable of whoever runs the tests counts."""
    for name in os.environ:
        monkeypatch.delenv(name)


def variable_of(field: str) -> str:
    """The variable that a setting is read from; of several, the first."""
    alias = Settings.model_fields[field].validation_alias
    if isinstance(alias, AliasChoices):
        alias = alias.choices[0]
    return alias if isinstance(alias, str) else field.upper()


FIELDS: Final = {variable_of(field): field for field in Settings.model_fields}


def shown() -> list[tuple[str, str]]:
    """The example's settings: name and value."""
    return [
        (found["name"], found["value"]) for line in FILE.read_text().splitlines() if (found := LINE.fullmatch(line))
    ]


def test_every_setting_is_named_once() -> None:
    assert sorted(name for name, _ in shown()) == sorted(FIELDS)


def test_every_setting_is_explained() -> None:
    lines = FILE.read_text().splitlines()
    bare = [
        line
        for before, line in zip(["", *lines], lines, strict=False)
        if LINE.fullmatch(line) and (not before.startswith("# ") or LINE.fullmatch(before))
    ]
    assert not bare, f"Write a line above each that says what it is for: {bare}"


def test_nothing_is_switched_on() -> None:
    wrong = [line for line in FILE.read_text().splitlines() if line and not line.startswith("#")]
    assert not wrong, f"The example shows defaults, commented out: {wrong}"


@pytest.mark.parametrize(("name", "value"), shown())
def test_the_value_shown_is_the_default(name: str, value: str, monkeypatch: pytest.MonkeyPatch) -> None:
    default = getattr(Settings(_env_file=None), FIELDS[name])
    if value == "":
        assert default in UNSET, f"{name} is {default!r} by default"
        return
    monkeypatch.setenv(name, value)
    assert getattr(Settings(_env_file=None), FIELDS[name]) == default


def test_variables_of_the_system_mean_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", "/home/somebody")
    monkeypatch.setenv("ENVIRONMENT", "production")
    settings = Settings(_env_file=None)
    assert settings.home == Path(".entrepot")
    assert settings.environment is Environment.DEVELOPMENT
