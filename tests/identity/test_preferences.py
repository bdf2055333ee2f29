"""Preferences: the shop's defaults until one chooses."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from tests.builders import Client

DEFAULTS = {"theme": "light", "notifications": True, "emailNotifications": True, "currency": "USD", "language": "en"}


async def test_the_defaults_stand_until_something_is_chosen(client: Client) -> None:
    user = await client.signed_in()
    assert (await user.get("/users/me/preferences")).json() == DEFAULTS
    chosen = {"theme": "dark", "notifications": True, "emailNotifications": False, "currency": "USD", "language": "en"}
    assert (await user.put("/users/me/preferences", chosen)).json() == chosen
    partial = await user.put("/users/me/preferences", {"currency": "eur", "notifications": False})
    assert partial.json() == {**chosen, "currency": "EUR", "notifications": False}
    assert (await user.get("/users/me/preferences")).json() == partial.json()
    assert (await (await client.signed_in()).get("/users/me/preferences")).json() == DEFAULTS


async def test_the_language_is_the_users(client: Client) -> None:
    user = await client.signed_in()
    assert (await user.put("/users/me/preferences", {"language": "pt-BR"})).json()["language"] == "pt-br"
    assert (await user.get("/users/me")).json()["language"] == "pt-br"
    assert (await user.get("/users/me/preferences")).json()["language"] == "pt-br"


@pytest.mark.parametrize(
    ("field", "value"),
    [("theme", "blue"), ("theme", None), ("notifications", None), ("notifications", "perhaps"), ("currency", "EURO"),
     ("currency", None), ("language", "english please"), ("language", None), ("fontSize", 12)],
)  # fmt: skip
async def test_what_cannot_be_chosen_is_refused_by_name(client: Client, field: str, value: Any) -> None:
    user = await client.signed_in()
    reply = await user.put("/users/me/preferences", {"emailNotifications": False, field: value})
    assert reply.status_code == 400
    assert field in reply.json()["details"]
    assert (await user.get("/users/me/preferences")).json() == DEFAULTS


async def test_first_choices_at_once_all_count(client: Client) -> None:
    user = await client.signed_in()
    choices: list[dict[str, Any]] = [
        {"theme": "dark"},
        {"currency": "EUR"},
        {"notifications": False},
        {"language": "ar"},
    ]
    replies = await asyncio.gather(*(user.put("/users/me/preferences", choice) for choice in choices * 4))
    assert {reply.status_code for reply in replies} == {200}
    chosen = (await user.get("/users/me/preferences")).json()
    assert chosen == {
        **DEFAULTS, "theme": "dark", "currency": "EUR", "notifications": False, "language": "ar",
    }  # fmt: skip
