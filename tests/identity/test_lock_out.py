"""Lock-outs: five wrong passwords, whoever sends them and however many at once."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest

from entrepot.kernel import clock
from tests.builders import PASSWORD, Client, unique


async def attempt(client: Client, login: str, password: str, address: str = "10.0.0.1") -> tuple[int, str]:
    reply = await client.post("/auth/login", {"email": login, "password": password})
    return reply.status_code, reply.json().get("code", "")


@pytest.fixture(autouse=True)
async def _forget_the_address(client: Client) -> None:
    """All tests come from one address, which would be locked by what others try."""
    await client.value("delete from sign_in_failures where subject like 'address:%'")


async def test_five_wrong_passwords_lock_the_account_for_a_quarter_of_an_hour(client: Client) -> None:
    user = await client.signed_in()
    email = user.user["email"]
    for _ in range(5):
        assert await attempt(client, email, "Wrong1234") == (400, "INVALID_CREDENTIALS")
    assert await attempt(client, email, "Wrong1234") == (423, "ACCOUNT_LOCKED")
    assert await attempt(client, email, PASSWORD) == (423, "ACCOUNT_LOCKED")
    with clock.moved(timedelta(minutes=15, seconds=1)):
        assert (await attempt(client, email, PASSWORD))[0] == 200


async def test_an_account_that_does_not_exist_is_locked_alike(client: Client) -> None:
    email = f"{unique('nobody')}@example.com"
    answers = [await attempt(client, email, "Wrong1234") for _ in range(6)]
    assert answers == [(400, "INVALID_CREDENTIALS")] * 5 + [(423, "ACCOUNT_LOCKED")]


async def test_the_email_and_the_username_are_one_account(client: Client) -> None:
    user = await client.signed_in()
    name = unique("name")
    await client.value("update users set username = $2 where id = $1", user.user["id"], name)
    for login in (user.user["email"], name, user.user["email"], name, name):
        assert (await attempt(client, login, "Wrong1234"))[0] == 400
    assert (await attempt(client, user.user["email"], PASSWORD))[0] == 423


async def test_a_right_password_forgets_the_failures_before_it(client: Client) -> None:
    email = (await client.signed_in()).user["email"]
    for _ in range(3):
        for _ in range(4):
            assert (await attempt(client, email, "Wrong1234"))[0] == 400
        assert (await attempt(client, email, PASSWORD))[0] == 200


async def test_many_guesses_at_once_count_no_more_than_five(client: Client) -> None:
    email = (await client.signed_in()).user["email"]
    guesses = ["Wrong1234"] * 30
    answers = await asyncio.gather(*(attempt(client, email, guess) for guess in guesses))
    assert {code for _, code in answers} <= {"INVALID_CREDENTIALS", "ACCOUNT_LOCKED"}
    assert (
        await client.value(
            "select failures from sign_in_failures where subject like 'user:%' order by failures desc limit 1"
        )
        >= 5
    )
    assert (await attempt(client, email, PASSWORD))[0] == 423


async def test_parallel_sign_ins_with_the_right_password_lock_nobody(client: Client) -> None:
    email = (await client.signed_in()).user["email"]
    answers = await asyncio.gather(*(attempt(client, email, PASSWORD) for _ in range(12)))
    assert {status for status, _ in answers} == {200}
