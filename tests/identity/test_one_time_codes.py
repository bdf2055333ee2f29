"""One-time codes: sign-in by telephone and by mail, and everything that guessing runs into."""

from __future__ import annotations

import asyncio
import itertools
import logging
import os
from datetime import timedelta

import pytest

from entrepot.identity.one_time_codes import Subject
from entrepot.kernel import clock
from tests.builders import Client, unique
from tests.identity.post import code_in, mail_to, posted_to, work

_numbers = itertools.count(1)
Answer = tuple[int, str]


@pytest.fixture(autouse=True)
async def _forget_the_address(client: Client) -> None:
    """All tests come from one address, which would be locked by what others try."""
    await client.value("delete from sign_in_failures where subject like 'address:%'")


def a_phone() -> str:
    return f"+49151{os.getpid():07}{next(_numbers):03}"


async def with_phone(client: Client, phone: str) -> Client:
    user = await client.signed_in()
    await client.value("update users set phone = $2 where id = $1", user.user["id"], phone)
    return user


async def ask(client: Client, **subject: str) -> None:
    reply = await client.post("/auth/request-otp", subject)
    assert reply.status_code == 200, reply.text
    assert reply.json() == {"message": "If there is such an account, a code is on its way"}


async def a_code(client: Client, to: str, **subject: str) -> str:
    await ask(client, **subject)
    return code_in(await mail_to(client, to, len(posted_to(client, to)) + 1))


async def answer(client: Client, code: str, **subject: str) -> Answer:
    reply = await client.post("/auth/verify-otp", {**subject, "code": code})
    return reply.status_code, reply.json().get("code", "")


def another(code: str) -> str:
    return f"{(int(code) + 1) % 1_000_000:06}"


async def test_a_code_by_text_message_signs_in_as_a_password_does(client: Client) -> None:
    phone = a_phone()
    user = await with_phone(client, phone)
    code = await a_code(client, phone, phone=phone)

    reply = await client.post("/auth/verify-otp", {"phone": phone, "code": code})

    assert reply.status_code == 200, reply.text
    signed_in = reply.json()
    assert signed_in["user"]["id"] == signed_in["id"] == user.user["id"]
    assert signed_in.keys() >= {"token", "accessToken", "refreshToken", "expiresAt"}
    assert (await Client(client.http, client.app, signed_in["token"]).get("/auth/me")).status_code == 200
    refreshed = await client.post("/auth/refresh", {"refreshToken": signed_in["refreshToken"]})
    assert refreshed.status_code == 200
    log = (await user.get("/auth/activity")).json()["activity"]
    assert [entry["action"] for entry in log][:2] == ["signed_in", "code_sent"]


async def test_a_code_by_mail_signs_in(client: Client) -> None:
    email = (await client.signed_in()).user["email"]
    code = await a_code(client, email, email=email.upper())
    assert await answer(client, f" {code[:3]} {code[3:]} ", email=email) == (200, "")


@pytest.mark.parametrize(
    ("written", "compared"),
    [
        ("+49 (151) 123-45", "phone:+4915112345"),
        ("0049 151 12345", "phone:+4915112345"),
        ("0151/12345", "phone:015112345"),
    ],
)
def test_a_number_is_its_digits(written: str, compared: str) -> None:
    assert Subject.of(written, None).key == compared


async def test_the_number_may_be_written_in_another_way(client: Client) -> None:
    phone = a_phone()
    await with_phone(client, f"{phone[:3]} ({phone[3:6]}) {phone[6:]}")
    code = await a_code(client, phone, phone=f"00{phone[1:]}")
    assert await answer(client, code, phone=f"{phone[:6]}-{phone[6:]}") == (200, "")


async def test_asking_says_nothing_about_who_has_an_account(client: Client) -> None:
    email, phone = f"{unique('nobody')}@example.com", a_phone()
    await ask(client, email=email)
    await ask(client, phone=phone)
    await work(client)
    assert posted_to(client, email) + posted_to(client, phone) == []


async def test_a_code_works_once(client: Client) -> None:
    email = (await client.signed_in()).user["email"]
    code = await a_code(client, email, email=email)
    assert await answer(client, code, email=email) == (200, "")
    assert await answer(client, code, email=email) == (400, "INVALID_CREDENTIALS")


async def test_of_many_with_the_right_code_at_once_one_signs_in(client: Client) -> None:
    email = (await client.signed_in()).user["email"]
    code = await a_code(client, email, email=email)
    answers = await asyncio.gather(*(answer(client, code, email=email) for _ in range(10)))
    assert [status for status, _ in answers].count(200) == 1


async def test_a_code_works_for_five_minutes(client: Client) -> None:
    email = (await client.signed_in()).user["email"]
    code = await a_code(client, email, email=email)
    with clock.moved(timedelta(minutes=5, seconds=1)):
        assert await answer(client, code, email=email) == (400, "INVALID_CREDENTIALS")
    with clock.moved(timedelta(minutes=4, seconds=50)):
        assert await answer(client, code, email=email) == (200, "")


async def test_the_last_code_counts(client: Client) -> None:
    email = (await client.signed_in()).user["email"]
    first, second = await a_code(client, email, email=email), await a_code(client, email, email=email)
    if first != second:
        assert await answer(client, first, email=email) == (400, "INVALID_CREDENTIALS")
    assert await answer(client, second, email=email) == (200, "")


async def test_five_wrong_codes_lock_whether_there_is_an_account_or_not(client: Client) -> None:
    known = (await client.signed_in()).user["email"]
    code = await a_code(client, known, email=known)
    unknown = f"{unique('nobody')}@example.com"
    await ask(client, email=unknown)
    expected = [(400, "INVALID_CREDENTIALS")] * 5 + [(423, "ACCOUNT_LOCKED")] * 2

    for email in (known, unknown):
        guesses = [another(code)] * 6 + [code]
        assert [await answer(client, guess, email=email) for guess in guesses] == expected


async def test_a_new_code_does_not_unlock(client: Client) -> None:
    email = (await client.signed_in()).user["email"]
    code = await a_code(client, email, email=email)
    for _ in range(5):
        await answer(client, another(code), email=email)
    code = await a_code(client, email, email=email)
    assert await answer(client, code, email=email) == (423, "ACCOUNT_LOCKED")
    with clock.moved(timedelta(minutes=15, seconds=1)):
        assert await answer(client, code, email=email) == (400, "INVALID_CREDENTIALS")
        code = await a_code(client, email, email=email)
        assert await answer(client, code, email=email) == (200, "")


async def test_a_hundred_guesses_at_once_are_five_tries(client: Client) -> None:
    user = await client.signed_in()
    email = user.user["email"]
    code = await a_code(client, email, email=email)
    guesses = [f"{number:06}" for number in range(100) if f"{number:06}" != code]

    answers = await asyncio.gather(*(answer(client, guess, email=email) for guess in guesses))

    assert {status for status, _ in answers} <= {400, 423}
    assert await client.value("select tries from one_time_codes where subject = $1", f"email:{email}") == 5
    assert await answer(client, code, email=email) == (423, "ACCOUNT_LOCKED")
    assert (await user.get("/auth/me")).status_code == 200


async def test_the_right_code_forgets_the_wrong_ones_before_it(client: Client) -> None:
    email = (await client.signed_in()).user["email"]
    for _ in range(2):
        code = await a_code(client, email, email=email)
        for _ in range(4):
            assert await answer(client, another(code), email=email) == (400, "INVALID_CREDENTIALS")
        assert await answer(client, code, email=email) == (200, "")


async def test_nobody_is_sent_more_than_five_codes_in_a_quarter_of_an_hour(client: Client) -> None:
    phone = a_phone()
    await with_phone(client, phone)
    for _ in range(8):
        await ask(client, phone=phone)
    await mail_to(client, phone, 5)
    await work(client)
    assert len(posted_to(client, phone)) == 5


async def test_a_code_that_could_not_be_sent_in_time_is_not_sent(client: Client) -> None:
    email = (await client.signed_in()).user["email"]
    await ask(client, email=email)
    with clock.moved(timedelta(minutes=5, seconds=1)):
        await work(client)
    assert posted_to(client, email) == []


async def test_a_number_that_two_have_given_belongs_to_nobody_until_one_has_answered(client: Client) -> None:
    phone = a_phone()
    first = await with_phone(client, phone)
    assert await answer(client, await a_code(client, phone, phone=phone), phone=phone) == (200, "")
    second = await with_phone(client, phone)

    reply = await client.post("/auth/verify-otp", {"phone": phone, "code": await a_code(client, phone, phone=phone)})
    assert reply.json()["user"]["id"] == first.user["id"], "who has answered keeps it, whoever writes it down later"

    await client.value("update users set phone = null where id = $1", first.user["id"])
    reply = await client.post("/auth/verify-otp", {"phone": phone, "code": await a_code(client, phone, phone=phone)})
    assert reply.json()["user"]["id"] == second.user["id"]

    disputed = a_phone()
    await with_phone(client, disputed)
    await with_phone(client, disputed)
    await ask(client, phone=disputed)
    await work(client)
    assert posted_to(client, disputed) == []


async def test_who_was_deactivated_meanwhile_is_not_signed_in(client: Client) -> None:
    user = await client.signed_in()
    email = user.user["email"]
    code = await a_code(client, email, email=email)
    await client.value("update users set status = 'deactivated' where id = $1", user.user["id"])
    assert await answer(client, code, email=email) == (400, "INVALID_CREDENTIALS")


@pytest.mark.parametrize(
    "body",
    [
        {"code": "123456"},
        {"email": "a@example.com", "phone": "+4915112345", "code": "123456"},
        {"phone": "(-) (-)", "code": "123456"},
        {"email": "a@example.com", "code": "12345"},
        {"email": "a@example.com", "code": "12345x"},
        {"email": "a@example.com", "code": "１２３４５６"},
    ],
)
async def test_what_is_no_answer_is_refused(client: Client, body: dict[str, str]) -> None:
    reply = await client.post("/auth/verify-otp", body)
    assert (reply.status_code, reply.json()["code"]) == (400, "VALIDATION_ERROR")


async def test_a_code_stands_nowhere_but_in_the_message(client: Client, caplog: pytest.LogCaptureFixture) -> None:
    phone = a_phone()
    user = await with_phone(client, phone)
    with caplog.at_level(logging.DEBUG):
        code = await a_code(client, phone, phone=phone)
        stored = await client.value("select code_hash from one_time_codes where subject = $1", f"phone:{phone}")
        assert code.encode() not in stored
        await answer(client, another(code), phone=phone)
        await answer(client, code, phone=phone)
    told = await client.value(  # six digits are found anywhere, in times for one: only what is about this user
        """
        select string_agg(x, ' ') from (
            select data::text as x from events where data ->> 'userId' = $1::text
            union all select details::text from security_log where user_id = $1::text::bigint
            union all select convert_from(payload, 'UTF8') from pgqueuer where entrypoint = 'identity.send_code'
        ) as told
        """,
        str(user.user["id"]),
    )
    assert "code" in told
    assert code not in told
    assert f" {code} " not in caplog.text
    assert phone not in caplog.text
