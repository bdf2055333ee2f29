"""Sessions: refreshing, reuse, signing out, and what it takes with it."""

from __future__ import annotations

import asyncio

from tests.builders import PASSWORD, Client


async def tokens_of(client: Client, user: Client) -> dict[str, str]:
    reply = await client.post("/auth/login", {"email": user.user["email"], "password": PASSWORD})
    assert reply.status_code == 200, reply.text
    tokens: dict[str, str] = reply.json()
    return tokens


def with_token(client: Client, token: str) -> Client:
    return Client(client.http, client.app, token)


async def test_refreshing_rotates_the_refresh_token(client: Client) -> None:
    tokens = await tokens_of(client, await client.signed_in())
    first = await client.post("/auth/refresh", {"refreshToken": tokens["refreshToken"]})
    assert first.status_code == 200, first.text
    assert first.json()["refreshToken"] != tokens["refreshToken"]
    second = await client.post("/auth/refresh", {"refreshToken": first.json()["refreshToken"]})
    assert second.status_code == 200
    assert (await with_token(client, second.json()["token"]).get("/auth/me")).status_code == 200


async def test_a_spent_refresh_token_ends_the_session_for_both_parties(client: Client) -> None:
    tokens = await tokens_of(client, await client.signed_in())
    fresh = (await client.post("/auth/refresh", {"refreshToken": tokens["refreshToken"]})).json()

    replayed = await client.post("/auth/refresh", {"refreshToken": tokens["refreshToken"]})

    assert (replayed.status_code, replayed.json()["code"]) == (401, "UNAUTHORIZED")
    assert (await client.post("/auth/refresh", {"refreshToken": fresh["refreshToken"]})).status_code == 401
    assert (await with_token(client, fresh["token"]).get("/auth/me")).status_code == 401


async def test_of_many_refreshes_with_one_token_at_once_one_wins_and_the_session_ends(client: Client) -> None:
    tokens = await tokens_of(client, await client.signed_in())
    replies = await asyncio.gather(
        *(client.post("/auth/refresh", {"refreshToken": tokens["refreshToken"]}) for _ in range(10))
    )
    assert sorted(reply.status_code for reply in replies) == [200] + [401] * 9
    won = next(reply for reply in replies if reply.status_code == 200)
    assert (await with_token(client, won.json()["token"]).get("/auth/me")).status_code == 401


async def test_logging_out_ends_the_access_and_the_refresh_token_at_once(client: Client) -> None:
    tokens = await tokens_of(client, await client.signed_in())
    signed_in = with_token(client, tokens["token"])
    assert (await signed_in.post("/auth/logout")).json() == {"message": "Logged out successfully"}
    assert (await signed_in.get("/auth/me")).status_code == 401
    assert (await client.post("/auth/refresh", {"refreshToken": tokens["refreshToken"]})).status_code == 401


async def test_validate_says_whose_token_it_is_or_that_it_is_not_valid(client: Client) -> None:
    user = await client.signed_in()
    valid = await user.post("/auth/validate")
    assert (valid.status_code, valid.json()["isValid"], valid.json()["user"]["id"]) == (200, True, user.user["id"])
    for token in ("garbage", "a.b.c"):
        invalid = await with_token(client, token).post("/auth/validate")
        assert (invalid.status_code, invalid.json()["isValid"]) == (401, False)


async def test_one_device_or_all_others_are_signed_out(client: Client) -> None:
    user = await client.signed_in()
    others = [with_token(client, (await tokens_of(client, user))["token"]) for _ in range(3)]

    listed = (await user.get("/auth/sessions")).json()
    assert listed["total"] == 4
    assert [session["current"] for session in listed["sessions"]].count(True) == 1
    target = (await others[0].get("/auth/sessions")).json()["sessions"]
    own = next(session["id"] for session in target if session["current"])

    assert (await user.delete(f"/auth/sessions/{own}")).status_code == 204
    assert (await others[0].get("/auth/me")).status_code == 401
    assert (await user.delete(f"/auth/sessions/{own}")).status_code == 404
    assert (await user.delete("/auth/sessions")).status_code == 204
    assert [(await other.get("/auth/me")).status_code for other in others] == [401, 401, 401]
    assert (await user.get("/auth/me")).status_code == 200


async def test_nobody_signs_out_somebody_else(client: Client) -> None:
    victim, thief = await client.signed_in(), await client.signed_in()
    session = (await victim.get("/auth/sessions")).json()["sessions"][0]["id"]
    assert (await thief.delete(f"/auth/sessions/{session}")).status_code == 404
    assert (await victim.get("/auth/me")).status_code == 200


async def test_a_new_password_signs_out_all_other_devices(client: Client) -> None:
    user = await client.signed_in()
    other = with_token(client, (await tokens_of(client, user))["token"])

    wrong = await user.post("/auth/change-password", {"currentPassword": "Wrong1234", "newPassword": "Better456"})
    assert (wrong.status_code, wrong.json()["code"]) == (400, "INVALID_CREDENTIALS")
    changed = await user.post("/auth/change-password", {"currentPassword": PASSWORD, "newPassword": "Better456"})
    assert changed.status_code == 200, changed.text

    assert (await other.get("/auth/me")).status_code == 401
    assert (await user.get("/auth/me")).status_code == 200
    email = user.user["email"]
    assert (await client.post("/auth/login", {"email": email, "password": PASSWORD})).status_code == 400
    assert (await client.post("/auth/login", {"email": email, "password": "Better456"})).status_code == 200


async def test_the_activity_of_an_account_is_its_own_security_log(client: Client) -> None:
    user = await client.signed_in()
    await client.post("/auth/login", {"email": user.user["email"], "password": "Wrong1234"})
    log = (await user.get("/auth/activity")).json()
    assert [entry["action"] for entry in log["activity"]] == ["sign_in_failed", "signed_in"]
    assert log["total"] == 2
