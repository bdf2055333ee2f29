"""Forgotten passwords and addresses to verify: mailed links, from the request to the page and back."""

from __future__ import annotations

import asyncio
import logging
from datetime import timedelta

import pytest

from entrepot.kernel import clock
from tests.builders import PASSWORD, Client, an_order, unique
from tests.identity.post import mail_to, posted_to, tables_that_hold, token_in, work

NEW_PASSWORD = "Better456"


async def a_reset_token(client: Client, email: str) -> str:
    reply = await client.post("/auth/forgot-password", {"email": email})
    assert (reply.status_code, reply.json()) == (200, {"message": "Password reset email sent"})
    return token_in(await mail_to(client, email, len(posted_to(client, email)) + 1))


async def reset(client: Client, token: str, password: str = NEW_PASSWORD) -> tuple[int, str]:
    reply = await client.post("/auth/reset-password", {"token": token, "newPassword": password})
    return reply.status_code, reply.json().get("code", "")


async def sign_in(client: Client, email: str, password: str) -> int:
    return (await client.post("/auth/login", {"email": email, "password": password})).status_code


async def registered(client: Client, **fields: str) -> Client:
    """Somebody who has registered, with an address that nobody has verified."""
    email = f"{unique('new')}@example.com"
    body = {"email": email, "password": PASSWORD, "firstName": "Jane", "lastName": "Smith", **fields}
    reply = await client.post("/auth/register", body)
    assert reply.status_code == 201, reply.text
    user = Client(client.http, client.app, reply.json()["token"])
    user.user = reply.json()["user"]
    return user


async def verified(user: Client) -> bool:
    return bool(await user.value("select email_verified_at is not null from users where id = $1", user.user["id"]))


# ---- forgotten passwords ----


async def test_a_mailed_link_sets_a_new_password_and_signs_everybody_out(client: Client) -> None:
    user = await client.signed_in()
    email = user.user["email"]
    token = await a_reset_token(client, email)

    assert await reset(client, token) == (200, "")

    assert (await user.get("/auth/me")).status_code == 401
    assert await sign_in(client, email, PASSWORD) == 400
    assert await sign_in(client, email, NEW_PASSWORD) == 200
    actions = await client.value(
        "select array_agg(action order by id) from security_log where user_id = $1", user.user["id"]
    )
    assert actions == [
        "signed_in",
        "password_reset_asked",
        "password_reset",
        "email_verified",
        "sign_in_failed",
        "signed_in",
    ]


async def test_asking_says_nothing_about_who_has_an_account(client: Client) -> None:
    known, unknown = (await client.signed_in()).user["email"], f"{unique('nobody')}@example.com"
    replies = [await client.post("/auth/forgot-password", {"email": email}) for email in (known, unknown)]
    assert replies[0].json() == replies[1].json()
    assert [reply.status_code for reply in replies] == [200, 200]
    await mail_to(client, known)
    assert posted_to(client, unknown) == []


async def test_the_address_may_be_written_in_any_case(client: Client) -> None:
    email = (await client.signed_in()).user["email"]
    await client.post("/auth/forgot-password", {"email": email.upper()})
    await mail_to(client, email)


async def test_a_link_works_once(client: Client) -> None:
    token = await a_reset_token(client, (await client.signed_in()).user["email"])
    assert await reset(client, token) == (200, "")
    assert await reset(client, token, "Another789") == (400, "INVALID_TOKEN")


async def test_of_many_who_use_a_link_at_once_one_wins(client: Client) -> None:
    email = (await client.signed_in()).user["email"]
    token = await a_reset_token(client, email)
    passwords = [f"Password{number}" for number in range(8)]

    answers = await asyncio.gather(*(reset(client, token, password) for password in passwords))

    assert sorted(answers) == [(200, "")] + [(400, "INVALID_TOKEN")] * 7
    winner = passwords[answers.index((200, ""))]
    assert await sign_in(client, email, winner) == 200


async def test_a_link_works_for_an_hour(client: Client) -> None:
    token = await a_reset_token(client, (await client.signed_in()).user["email"])
    with clock.moved(timedelta(hours=1, seconds=1)):
        assert await reset(client, token) == (400, "INVALID_TOKEN")
    with clock.moved(timedelta(minutes=59)):
        assert await reset(client, token) == (200, "")


async def test_the_last_link_that_was_mailed_counts(client: Client) -> None:
    email = (await client.signed_in()).user["email"]
    first, second = await a_reset_token(client, email), await a_reset_token(client, email)
    assert await reset(client, first) == (400, "INVALID_TOKEN")
    assert await reset(client, second) == (200, "")


async def test_a_link_to_an_address_that_was_given_up_is_of_no_use(client: Client) -> None:
    user = await client.signed_in()
    token = await a_reset_token(client, user.user["email"])
    await client.value("update users set email = 'elsewhere-' || email where id = $1", user.user["id"])
    assert await reset(client, token) == (400, "INVALID_TOKEN")


async def test_a_weak_password_leaves_the_link_as_it_is(client: Client) -> None:
    token = await a_reset_token(client, (await client.signed_in()).user["email"])
    assert await reset(client, token, "weak") == (400, "VALIDATION_ERROR")
    assert await reset(client, token) == (200, "")


async def test_a_new_password_unlocks_the_account(client: Client) -> None:
    await client.value("delete from sign_in_failures where subject like 'address:%'")
    email = (await client.signed_in()).user["email"]
    for _ in range(5):
        await sign_in(client, email, "Wrong1234")
    assert await sign_in(client, email, PASSWORD) == 423
    assert await reset(client, await a_reset_token(client, email)) == (200, "")
    assert await sign_in(client, email, NEW_PASSWORD) == 200


async def test_a_new_password_forgets_an_address_that_somebody_asked_for(client: Client) -> None:
    """Whoever had got hold of a session would otherwise come back through the address."""
    user = await client.signed_in()
    token = await a_reset_token(client, user.user["email"])
    wanted = f"{unique('thief')}@example.com"
    await user.put("/users/me", {"email": wanted})
    thief_token = token_in(await mail_to(client, wanted))

    assert await reset(client, token) == (200, "")

    reply = await client.post("/auth/verify-email", {"token": thief_token})
    assert (reply.status_code, reply.json()["code"]) == (400, "INVALID_TOKEN")


async def test_a_deactivated_account_is_mailed_nothing(client: Client) -> None:
    user = await client.signed_in()
    await client.value("update users set status = 'deactivated' where id = $1", user.user["id"])
    await client.post("/auth/forgot-password", {"email": user.user["email"]})
    await work(client)
    assert posted_to(client, user.user["email"]) == []


async def test_nobody_is_mailed_more_than_five_links_an_hour(client: Client) -> None:
    email = (await client.signed_in()).user["email"]
    for _ in range(8):
        assert (await client.post("/auth/forgot-password", {"email": email})).status_code == 200
    await mail_to(client, email, 5)
    await work(client)
    assert len(posted_to(client, email)) == 5
    with clock.moved(timedelta(hours=1, seconds=1)):
        await client.post("/auth/forgot-password", {"email": email})
        await mail_to(client, email, 6)


async def test_secrets_stand_nowhere_but_in_the_mail(client: Client, caplog: pytest.LogCaptureFixture) -> None:
    email = (await client.signed_in()).user["email"]
    with caplog.at_level(logging.DEBUG):
        token = await a_reset_token(client, email)
        assert await tables_that_hold(client, token) == []
        assert await reset(client, token) == (200, "")
    assert await tables_that_hold(client, token) == []
    assert await tables_that_hold(client, NEW_PASSWORD) == []
    assert token not in caplog.text
    assert NEW_PASSWORD not in caplog.text


# ---- addresses ----


async def test_registering_mails_a_link_that_verifies_the_address(client: Client) -> None:
    user = await registered(client)
    token = token_in(await mail_to(client, user.user["email"]))
    assert not await verified(user)

    reply = await client.post("/auth/verify-email", {"token": token})

    assert (reply.status_code, await verified(user)) == (200, True)
    again = await client.post("/auth/verify-email", {"token": token})
    assert (again.status_code, again.json()["code"]) == (400, "INVALID_TOKEN")
    assert await tables_that_hold(client, token) == []


async def test_a_link_to_verify_works_for_a_day_and_for_nothing_else(client: Client) -> None:
    user = await registered(client)
    token = token_in(await mail_to(client, user.user["email"]))
    assert await reset(client, token) == (400, "INVALID_TOKEN")
    with clock.moved(timedelta(hours=24, seconds=1)):
        assert (await client.post("/auth/verify-email", {"token": token})).status_code == 400
    with clock.moved(timedelta(hours=23, minutes=59)):
        assert (await client.post("/auth/verify-email", {"token": token})).status_code == 200


async def test_a_new_address_counts_once_it_is_verified_and_the_old_one_is_told(client: Client) -> None:
    user = await client.signed_in()
    old, new = user.user["email"], f"{unique('moved')}@example.com"
    assert (await user.put("/users/me", {"email": new})).status_code == 200
    token = token_in(await mail_to(client, new))
    assert (await user.get("/auth/me")).json()["email"] == old

    assert (await client.post("/auth/verify-email", {"token": token})).status_code == 200

    assert (await user.get("/auth/me")).json()["email"] == new
    assert new in (await mail_to(client, old)).text
    assert await sign_in(client, old, PASSWORD) == 400
    assert await sign_in(client, new, PASSWORD) == 200


async def test_an_address_that_somebody_else_has_by_then_is_refused(client: Client) -> None:
    user = await client.signed_in()
    wanted = f"{unique('wanted')}@example.com"
    await user.put("/users/me", {"email": wanted})
    token = token_in(await mail_to(client, wanted))
    await client.value("update users set email = $2 where id = $1", (await client.signed_in()).user["id"], wanted)

    reply = await client.post("/auth/verify-email", {"token": token})

    assert (reply.status_code, reply.json()["code"]) == (409, "EMAIL_EXISTS")
    assert (await user.get("/auth/me")).json()["email"] == user.user["email"]


async def test_of_two_addresses_that_were_asked_for_the_last_counts(client: Client) -> None:
    user = await client.signed_in()
    first, second = f"{unique('first')}@example.com", f"{unique('second')}@example.com"
    await user.put("/users/me", {"email": first})
    first_token = token_in(await mail_to(client, first))
    await user.put("/users/me", {"email": second})
    second_token = token_in(await mail_to(client, second))
    assert (await client.post("/auth/verify-email", {"token": first_token})).status_code == 400
    assert (await client.post("/auth/verify-email", {"token": second_token})).status_code == 200
    assert (await user.get("/auth/me")).json()["email"] == second


async def test_the_link_is_mailed_again_on_request_but_not_without_end(client: Client) -> None:
    user = await registered(client)
    email = user.user["email"]
    first = token_in(await mail_to(client, email))
    assert (await user.post("/auth/resend-verification")).status_code == 200
    second = token_in(await mail_to(client, email, 2))
    assert (await client.post("/auth/verify-email", {"token": first})).status_code == 400

    answers = [(await user.post("/auth/resend-verification")).status_code for _ in range(5)]
    assert answers == [200, 200, 200, 200, 429]

    last = token_in(await mail_to(client, email, 6))
    assert (await client.post("/auth/verify-email", {"token": second})).status_code == 400
    assert (await client.post("/auth/verify-email", {"token": last})).status_code == 200
    done = await user.post("/auth/resend-verification")
    assert (done.status_code, done.json()["code"]) == (409, "EMAIL_VERIFIED_ALREADY")
    assert (await client.post("/auth/resend-verification")).status_code == 401


async def test_guest_orders_become_the_users_when_the_address_is_verified(client: Client) -> None:
    email = f"{unique('guest')}@example.com"
    product = await client.a_product()
    placed = await client.post("/orders", an_order((product["id"], 1), email=email.title()))
    assert placed.status_code == 201, placed.text
    other = await client.post("/orders", an_order((product["id"], 1), email=f"other-{email}"))
    user = await registered(client, email=email)
    assert (await user.get("/orders")).json()["total"] == 0

    token = token_in(await mail_to(client, email))
    assert (await client.post("/auth/verify-email", {"token": token})).status_code == 200

    assert [order["id"] for order in (await user.get("/orders")).json()["orders"]] == [placed.json()["id"]]
    assert (await user.get(f"/orders/{other.json()['id']}")).status_code == 403


async def test_a_mail_speaks_the_language_of_its_reader(client: Client) -> None:
    user = await client.signed_in()
    await client.value("update users set language = 'de-AT' where id = $1", user.user["id"])
    await client.post("/auth/forgot-password", {"email": user.user["email"]})
    assert (await mail_to(client, user.user["email"])).subject == "Neues Passwort für Entrepot festlegen"
