"""Settings are read under their own names, never under names that belong to the system."""

from __future__ import annotations

from pathlib import Path

import pytest

from entrepot.settings import load_settings


def test_the_data_folder_is_not_the_users_home(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("ENTREPOT_HOME", raising=False)
    monkeypatch.setenv("HOME", "/somewhere/else")
    monkeypatch.setenv("ENVIRONMENT", "of something else")
    assert load_settings(_env_file=None).home == Path(".entrepot")


def test_the_data_folder_is_where_entrepot_home_says(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ENTREPOT_HOME", "/srv/shop")
    assert load_settings(_env_file=None).home == Path("/srv/shop")
