"""The demo shop's year: what is bought when, by whom, and what becomes of it; without a database."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, date, datetime, timedelta
from random import Random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from entrepot.demo.catalogue import VARIANTS_OF_A_MODEL, Catalogue
from entrepot.demo.chance import Lottery, mixed, part_of
from entrepot.demo.content import Content, Outcomes
from entrepot.demo.fates import CARD, CASH, INVOICE, at_work, derive, foresee
from entrepot.demo.load import Shop
from entrepot.demo.people import invite_people
from entrepot.demo.product_rows import barcode
from entrepot.demo.read_content import read_content
from entrepot.demo.seasons import Seasons, ramadans_around
from entrepot.demo.tables import COLUMNS, moment_of

NOW = datetime(2026, 2, 24, 15, 30, tzinfo=UTC)
EVENTFUL = Outcomes(cancelled_early=200, cancelled_late=150, expired_of_card=200, returned=400, reviewed_of_lines=200)


@pytest.fixture(scope="module")
def content() -> Content:
    return read_content()


@pytest.fixture(scope="module")
def rows(content: Content) -> dict[str, list[dict[str, Any]]]:
    return _rows(content, 3000, seed=5)


def _rows(content: Content, orders: int, seed: int, products: int | None = None) -> dict[str, list[dict[str, Any]]]:
    shop = Shop(content, Catalogue(content, products, seed), orders, seed, NOW)
    rows: dict[str, list[dict[str, Any]]] = {table: [] for table in COLUMNS}
    for batch in shop.batches(None):
        for table, records in batch:
            rows[table] += [dict(zip(COLUMNS[table], record, strict=True)) for record in records]
    return rows


def test_the_same_seed_gives_the_same_rows(content: Content) -> None:
    assert _rows(content, 200, seed=9) == _rows(content, 200, seed=9)
    assert _rows(content, 200, seed=9)["orders"] != _rows(content, 200, seed=10)["orders"]


def test_there_are_as_many_orders_as_wanted(rows: dict[str, list[dict[str, Any]]]) -> None:
    assert len(rows["orders"]) == 3000


def test_nothing_happens_in_the_future(rows: dict[str, list[dict[str, Any]]]) -> None:
    now = moment_of(NOW)
    for table, records in rows.items():
        for name in COLUMNS[table]:
            if name.endswith("_at") and name not in ("expires_at", "ends_at"):
                assert all(row[name] is None or row[name] <= now for row in records), (table, name)


def test_ids_follow_time(rows: dict[str, list[dict[str, Any]]]) -> None:
    for table, name in (("orders", "created_at"), ("reviews", "created_at"), ("products", "created_at")):
        moments = [row[name] for row in rows[table]]
        assert moments == sorted(moments), table


def test_statuses_suit_the_age(rows: dict[str, list[dict[str, Any]]]) -> None:
    old = moment_of(NOW - timedelta(days=30))
    finished = Counter(order["status"] for order in rows["orders"] if order["created_at"] < old)
    assert set(finished) <= {"delivered", "cancelled", "returned", "refunded"}
    assert finished["delivered"] > 0.85 * finished.total()
    assert 0.03 * finished.total() < finished["cancelled"] < 0.1 * finished.total()
    recent = {order["status"] for order in rows["orders"] if order["created_at"] > moment_of(NOW - timedelta(days=4))}
    assert recent >= {"confirmed", "processing", "shipped"}


def test_shops_buy_on_weekdays_and_people_at_the_weekend(rows: dict[str, list[dict[str, Any]]]) -> None:
    owners = {user["id"] for user in rows["users"] if user["role"] == "shop_owner"}
    days: dict[bool, Counter[int]] = {True: Counter(), False: Counter()}
    epoch = datetime(2000, 1, 1, tzinfo=UTC)
    for order in rows["orders"]:
        weekday = (epoch + timedelta(microseconds=order["created_at"])).weekday()
        days[order["user_id"] in owners][weekday] += 1
    assert days[True][4] < min(days[True][day] for day in (0, 1, 2, 6)) / 2
    assert days[False][4] + days[False][5] > 1.2 * (days[False][0] + days[False][1])


def test_people_come_back(rows: dict[str, list[dict[str, Any]]]) -> None:
    orders = Counter(order["user_id"] for order in rows["orders"] if order["user_id"])
    assert sum(count > 1 for count in orders.values()) > 0.6 * len(orders)
    assert any(order["guest_email"] for order in rows["orders"])


def test_heaters_sell_in_winter_and_fans_in_summer(content: Content) -> None:
    seasons = Seasons(content.rhythm)
    winter, summer = date(2026, 1, 10), date(2026, 7, 10)
    assert seasons.factor("heating", winter) > 10 * seasons.factor("heating", summer)
    assert seasons.factor("cooling", summer) > 8 * seasons.factor("cooling", winter)
    assert seasons.factor("electronics", date(2026, 11, 24)) > 1.8 * seasons.factor("electronics", date(2026, 10, 24))
    assert seasons.factor("food", date(2026, 2, 12)) > 1.6 * seasons.factor("food", date(2026, 1, 20))


def test_ramadan_begins_when_it_does() -> None:
    # As they were observed; the tabular calendar may be a day off.
    for observed in (date(2023, 3, 23), date(2024, 3, 11), date(2025, 3, 1), date(2026, 2, 18)):
        assert min(abs((first - observed).days) for first in ramadans_around(observed.year)) <= 1


@settings(deadline=None)  # the machine may be busy
@given(seed=st.integers(0, 2**32), age_s=st.integers(0, 60 * 86400), method=st.sampled_from([CARD, CASH, INVOICE]))
def test_fates_are_in_order_and_past(seed: int, age_s: int, method: str) -> None:
    now = int(NOW.timestamp())
    fate = foresee(Random(seed), EVENTFUL, placed_at=now - age_s, method=method, near=(True, False), now=now)
    for steps in fate.steps:
        assert [at for at, _ in steps] == sorted(at for at, _ in steps)
        assert all(now - age_s < at <= now for at, _ in steps)
    for at in (fate.paid_at, fate.refunded_at, fate.cancelled_at):
        assert at is None or at <= now
    assert (fate.cancelled_at is None) == (fate.cancel_reason is None)
    assert fate.refunded_at is None or fate.paid_at is not None


@pytest.mark.parametrize(
    ("parts", "order"),
    [
        (["pending"], "pending"),
        (["shipped", "confirmed"], "confirmed"),
        (["cancelled", "delivered"], "delivered"),
        (["cancelled", "cancelled"], "cancelled"),
        (["refunded", "delivered"], "delivered"),
        (["refunded", "refunded"], "refunded"),
    ],
)
def test_an_order_is_where_its_slowest_part_is(parts: list[str], order: str) -> None:
    assert derive(parts) == order


@settings(deadline=None)  # the machine may be busy
@given(st.integers(1_700_000_000, 1_800_000_000))
def test_people_work_by_day(moment: int) -> None:
    at = at_work(moment)
    assert moment <= at < moment + 86400
    assert 8 <= datetime.fromtimestamp(at + 3 * 3600, UTC).hour < 18


@pytest.mark.parametrize("size", [40, 423, 5000])
def test_a_catalogue_of_any_size(content: Content, size: int) -> None:
    catalogue = Catalogue(content, size, seed=3)
    products = list(catalogue.products())
    assert len(products) == size
    assert len({(product.article.company, product.sku) for product in products}) == size
    assert len({product.title for product in products}) > 0.99 * size
    assert all(3 <= len(product.title) <= 200 and product.price_minor > 0 for product in products)
    groups = list(catalogue.groups())
    assert len(groups) == catalogue.count_groups()
    assert len({(group.company, group.key) for group in groups}) == len(groups)
    for product in products:
        title, sku, picture, unit = catalogue.line(product.place, "en")
        assert (title, sku, picture, unit) == (product.title, product.sku, product.picture, product.unit)
        assert product.group is None or groups[product.group].company == product.article.company
    pictures = {sketch.name for sketch in catalogue.sketches()}
    assert {product.picture for product in products} <= pictures


def test_the_models_of_a_group_differ_by_their_options(content: Content) -> None:
    products = [product for product in Catalogue(content, 3000, seed=3).products() if not product.is_base]
    for first in range(0, len(products) - VARIANTS_OF_A_MODEL, VARIANTS_OF_A_MODEL):
        group = products[first : first + VARIANTS_OF_A_MODEL]
        assert len({product.group for product in group}) == 1
        assert len({tuple(product.options.items()) for product in group}) == VARIANTS_OF_A_MODEL


def test_people_have_addresses_of_their_own(content: Content) -> None:
    people = invite_people(content, 20_000, seed=1, now=NOW)
    emails = [person.email for person in people.everybody]
    assert len(set(emails)) == len(emails)
    assert len({person.phone for person in people.everybody}) == len(emails)
    assert [person.id for person in people.everybody] == list(range(1, len(emails) + 1))
    assert all(person.home for person in (*people.buyers, *people.shop_owners))
    assert all(3 <= len(person.username) <= 50 for person in people.everybody)


@pytest.mark.parametrize(("product_id", "code"), [(1, "2000000000015"), (999_999, "2000009999996")])
def test_barcodes_check(product_id: int, code: str) -> None:
    assert barcode(product_id)[:12] == code[:12]
    digits = [int(digit) for digit in barcode(product_id)]
    assert (sum(digits[::2]) + 3 * sum(digits[1::2])) % 10 == 0


def test_a_lottery_follows_its_weights() -> None:
    lottery = Lottery([1, 0, 3])
    drawn = Counter(lottery.draw(random) for random in [Random(4)] for _ in range(4000))
    assert drawn[1] == 0
    assert 2.5 < drawn[2] / drawn[0] < 3.5


@settings(deadline=None)  # the machine may be busy
@given(st.integers(0, 2**40), st.integers(1, 1000))
def test_mixed_bits_choose_within_bounds(number: int, choices: int) -> None:
    bits = mixed(1, number)
    assert 0 <= bits < 2**64
    assert all(0 <= part_of(bits, shift, choices) < choices for shift in (0, 16, 40, 48))
