"""Currencies over HTTP: rates with dates, and amounts carried from one to another.

Each test has a currency of its own: all tests of a worker share one table.
"""

from __future__ import annotations

import asyncio
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from entrepot.kernel import clock
from entrepot.kernel.money import Currency, currency, exchange
from entrepot.pricing.currencies import NAMES, CurrencyNotDealtIn, Rates
from entrepot.pricing.currencies_queries import ExchangeRate
from tests.builders import Client
from tests.kernel.hostile import refusal
from tests.kernel.test_hostile_fields import mutants

USD, JPY, KWD = currency("USD"), currency("JPY"), currency("KWD")


async def shown(client: Client, code: str) -> dict[str, Any] | None:
    await client.app.tail.poll()
    client.app.cache.clear()
    reply = await client.get("/currencies?limit=0")
    assert reply.status_code == 200
    return next((one for one in reply.json()["currencies"] if one["code"] == code), None)


def at(days: int) -> str:
    return (clock.now() + timedelta(days=days)).isoformat()


async def test_the_shops_own_currency_is_always_there(client: Client) -> None:
    reply = (await client.get("/currencies?limit=1")).json()
    assert (reply["base"], reply["limit"]) == ("USD", 1)
    assert reply["currencies"][0] == {
        "code": "USD", "name": "US Dollar", "symbol": "$", "digits": 2, "base": "USD", "isBase": True, "rate": 1,
        "validFrom": None, "upcoming": [],
    }  # fmt: skip


async def test_a_rate_is_set_and_one_begins_later(client: Client) -> None:
    admin = await client.signed_in("admin")
    now = await admin.put("/currencies/fjd", {"rate": 2.25})
    assert (now.status_code, now.json()["rate"], now.json()["name"]) == (200, 2.25, "Fijian Dollar"), now.text
    later = await admin.put("/currencies/FJD", {"rate": 2.5, "validFrom": at(30)})
    assert (later.json()["rate"], [rate["rate"] for rate in later.json()["upcoming"]]) == (2.25, [2.5])

    with clock.moved(timedelta(days=31)):
        found = await shown(client, "FJD")
        assert found is not None
        assert (found["rate"], found["upcoming"]) == (2.5, [])


async def test_a_currency_is_dealt_in_no_more(client: Client) -> None:
    admin = await client.signed_in("admin")
    await admin.put("/currencies/TOP", {"rate": 2.3})
    assert await shown(client, "TOP") is not None
    await admin.put("/currencies/TOP", {"rate": None})
    assert await shown(client, "TOP") is None


async def test_what_has_begun_is_never_changed(client: Client) -> None:
    admin = await client.signed_in("admin")
    for rate in (1300, 1310, 1305.5):
        assert (await admin.put("/currencies/VUV", {"rate": rate})).status_code == 200
    written = await client.value(
        "select array_agg(rate order by valid_from) from currency_rates where currency = 'VUV' and base = 'USD'"
    )
    assert written == [Decimal(1300), Decimal(1310), Decimal("1305.5")]
    past = await admin.put("/currencies/VUV", {"rate": 1, "validFrom": "2020-01-01"})
    assert (past.status_code, list(past.json()["details"])) == (400, ["validFrom"])


async def test_a_rate_to_come_may_be_replaced(client: Client) -> None:
    admin, begins = await client.signed_in("admin"), at(10)
    await admin.put("/currencies/SBD", {"rate": 8, "validFrom": begins})
    reply = await admin.put("/currencies/SBD", {"rate": 9, "validFrom": begins})
    assert (reply.json()["rate"], [rate["rate"] for rate in reply.json()["upcoming"]]) == (None, [9])


async def test_many_set_a_rate_at_one_time_and_one_counts(client: Client) -> None:
    admin, begins = await client.signed_in("admin"), at(10)
    replies = await asyncio.gather(
        *(admin.put("/currencies/PGK", {"rate": rate, "validFrom": begins}) for rate in range(1, 9))
    )
    assert {reply.status_code for reply in replies} == {200}
    assert await client.value("select count(*) from currency_rates where currency = 'PGK'") == 1


async def test_rates_to_come_are_bounded(client: Client) -> None:
    admin = await client.signed_in("admin")
    await client.value(
        """
        insert into currency_rates (base, currency, valid_from, rate, created_at)
        select 'USD', 'MOP', now() + n * interval '1 day', 8, now() from generate_series(1, 50) n
        """
    )
    reply = await admin.put("/currencies/MOP", {"rate": 9, "validFrom": at(100)})
    assert (reply.status_code, reply.json()["code"]) == (422, "TOO_MANY_RATES_TO_COME")
    assert (await admin.put("/currencies/MOP", {"rate": 9})).status_code == 200


async def test_what_cannot_be_is_refused(client: Client) -> None:
    admin = await client.signed_in("admin")
    for path, body, status, code in (
        ("USD", {"rate": 2}, 409, "OWN_CURRENCY"),
        ("ABC", {"rate": 2}, 404, "CURRENCY_NOT_FOUND"),
        ("XAU", {"rate": 2}, 404, "CURRENCY_NOT_FOUND"),
        ("EUR", {}, 400, "VALIDATION_ERROR"),
        ("EUR", {"rate": 0}, 400, "VALIDATION_ERROR"),
        ("EUR", {"rate": -1}, 400, "VALIDATION_ERROR"),
        ("EUR", {"rate": "0.9"}, 400, "VALIDATION_ERROR"),
        ("EUR", {"rate": 10**9}, 400, "VALIDATION_ERROR"),
        ("EUR", {"rate": 0.9, "validFrom": "soon"}, 400, "VALIDATION_ERROR"),
    ):
        reply = await admin.put(f"/currencies/{path}", body)
        assert (reply.status_code, reply.json()["code"]) == (status, code), reply.text
    wrong = await client.get("/currencies?cursor=WzFd")
    assert wrong.status_code == 400


async def test_one_wrong_value_breaks_nothing(client: Client) -> None:
    admin = await client.signed_in("admin")
    for body in mutants({"rate": 3.5, "validFrom": at(5)}):
        reply = await admin.put("/currencies/MWK", body)
        if reply.status_code >= 400:
            refusal(reply)


def test_amounts_are_rounded_half_up_to_the_digits() -> None:
    rates = Rates("USD", {"JPY": _rate("JPY", "150.5"), "KWD": _rate("KWD", "0.3075")})
    assert rates.exchanger(USD, JPY)(101) == 152  # 1.01 x 150.5 = 152.005
    assert rates.exchanger(USD, KWD)(1000) == 3075
    assert rates.exchanger(JPY, KWD)(301) == 615  # 2 dollars
    assert rates.exchanger(USD, USD)(7) == 7
    with pytest.raises(CurrencyNotDealtIn):
        rates.exchanger(USD, currency("EUR"))


@given(
    amount=st.integers(0, 10**15),
    rate=st.decimals("0.0000000001", 10**9, places=10),
    digits=st.tuples(st.sampled_from([0, 2, 3]), st.sampled_from([0, 2, 3])),
)
def test_more_is_never_worth_less(amount: int, rate: Decimal, digits: tuple[int, int]) -> None:
    source, target = Currency("AAA", digits[0]), Currency("BBB", digits[1])
    worth = exchange(amount, source, target, bought=rate, sold=Decimal(1))
    assert 0 <= worth <= exchange(amount + 1, source, target, bought=rate, sold=Decimal(1))


def test_names_are_those_of_iso_4217() -> None:
    assert all(len(code) == 3 and code.isupper() and one.name and one.symbol for code, one in NAMES.items())
    assert NAMES["IQD"].name == "Iraqi Dinar"


def _rate(code: str, rate: str) -> ExchangeRate:
    return ExchangeRate(code, Decimal(rate), clock.now())
