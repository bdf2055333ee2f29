"""The ledger: what each step posts, and what the database refuses whoever asks."""

from __future__ import annotations

from typing import Any

import asyncpg
import pytest

from entrepot.orders.expire import expire
from entrepot.payments.ledger_closing import close_ledger
from tests.builders import Client, an_order
from tests.payments.money import a_paid_order, books, closed, row_id


async def test_a_sale_says_what_everybody_is_owed(client: Client) -> None:
    buyer = await client.signed_in()
    zone_id = await client.a_zone()
    company_id = await client.a_company(commission_bp=1000, zones={zone_id: (500, None)})
    product = await client.a_product(company_id=company_id, price=100)
    zone = await client.value("select slug from zones where id = $1", zone_id)

    order = (await buyer.post("/orders", an_order((product["id"], 1), zone=zone))).json()

    assert order["total"] == 113
    assert await books(client, order) == {
        "buyers": 11300,
        "payable": -9000,
        "commission": -1000,
        "tax": -800,
        "delivery": -500,
    }


async def test_a_payment_moves_what_the_buyer_owed_to_the_provider(client: Client) -> None:
    buyer = await client.signed_in()
    product = await client.a_product(price=100)

    order = await a_paid_order(client, buyer, (product["id"], 1))

    assert await books(client, order) == {"clearing": 10800, "payable": -10000, "tax": -800}


async def test_an_order_that_expires_leaves_nothing(client: Client) -> None:
    buyer = await client.signed_in()
    product = await client.a_product(price=100)
    order = (await buyer.post("/orders", an_order((product["id"], 3)))).json()
    await client.value("update orders set expires_at = now() - interval '1 minute' where number = $1", order["id"])

    async with client.app.shop.database.transaction() as tx:
        assert await expire(tx, await row_id(client, order))

    assert await books(client, order) == {}


@pytest.fixture
async def owner(client: Client, dsn: str) -> Any:
    """A connection as the owner of the tables."""
    buyer = await client.signed_in()
    await buyer.post("/orders", an_order(((await client.a_product())["id"], 1)))
    connection = await asyncpg.connect(dsn)
    yield connection
    await connection.close()


@pytest.mark.parametrize("table", ["ledger_entries", "ledger_transactions"])
@pytest.mark.parametrize(
    "sql",
    [
        "update {} set occurred_at = now() where id = (select max(id) from {})",
        "delete from {} where id = (select max(id) from {})",
        "truncate {} cascade",
    ],
)
async def test_the_database_refuses_to_change_what_was_posted(owner: asyncpg.Connection, sql: str, table: str) -> None:
    with pytest.raises(asyncpg.CheckViolationError, match="post the opposite"):
        await owner.execute(sql.format(table, table))


async def test_the_database_refuses_what_does_not_sum_to_zero(owner: asyncpg.Connection) -> None:
    add = """
        with posted as (insert into ledger_transactions (reference, occurred_at) values ($1, now()) returning id)
        insert into ledger_entries (transaction_id, account_id, currency, amount_minor, occurred_at)
        select id, 1, e.currency, e.amount, now() from posted, unnest($2::text[], $3::bigint[]) as e (currency, amount)
        """
    for name, currencies, amounts in [
        ("one-sided", ["USD"], [5]),
        ("a cent missing", ["USD", "USD"], [5, -4]),
        ("two currencies", ["USD", "EUR"], [5, -5]),
    ]:
        with pytest.raises(asyncpg.CheckViolationError, match="does not sum to zero"):
            await owner.execute(add, name, currencies, amounts)
    transaction = owner.transaction()
    await transaction.start()
    await owner.execute(add, "balanced", ["USD", "USD"], [5, -5])
    await transaction.rollback()


async def test_the_database_refuses_to_add_to_a_transaction_later(owner: asyncpg.Connection) -> None:
    with pytest.raises(asyncpg.CheckViolationError, match="does not sum to zero"):
        await owner.execute(
            """
            insert into ledger_entries (transaction_id, account_id, currency, amount_minor, occurred_at)
            select max(id), 1, 'USD', 1, now() from ledger_transactions
            """
        )


async def test_balances_sum_to_zero_before_and_after_closing(client: Client) -> None:
    admin, buyer = await client.signed_in("admin"), await client.signed_in()
    product = await client.a_product(price=9.99)
    before = await _balances(admin)
    for _ in range(3):
        await a_paid_order(client, buyer, (product["id"], 2))
        await closed(client.app.shop.database)
    after = await _balances(admin)

    assert after["clearing:sandbox"] - before.get("clearing:sandbox", 0) == pytest.approx(3 * 21.58)
    assert await client.value("select closed_id > 0 from ledger_closing")
    assert {
        row["account"]: row["balance"]
        for row in (await admin.get("/ledger/balances?limit=0&currency=usd")).json()["balances"]
    } == await _summed(client)


async def test_an_entry_that_commits_late_is_not_forgotten(client: Client, dsn: str) -> None:
    """It has taken its id before others that were closed meanwhile."""
    buyer = await client.signed_in()
    product = await client.a_product(price=9.99)
    slow = await asyncpg.connect(dsn)
    try:
        transaction = slow.transaction()
        await transaction.start()
        await slow.execute(
            """
            with posted as (insert into ledger_transactions (reference, occurred_at) values ($1, now()) returning id)
            insert into ledger_entries (transaction_id, account_id, currency, amount_minor, occurred_at)
            select id, e.account, 'USD', e.amount, now() from posted, (values (1, 700), (2, -700)) e (account, amount)
            """,
            f"late:{product['id']}",
        )
        for _ in range(3):
            await buyer.post("/orders", an_order((product["id"], 1)))
            await close_ledger(client.app.shop.database)
        await transaction.commit()
    finally:
        await slow.close()
    await closed(client.app.shop.database)

    admin = await client.signed_in("admin")
    assert await _balances(admin) == await _summed(client)


async def test_entries_are_found_by_order_account_company_and_time(client: Client) -> None:
    admin, buyer = await client.signed_in("admin"), await client.signed_in()
    company_id = await client.a_company(commission_bp=500)
    order = await a_paid_order(client, buyer, ((await client.a_product(company_id=company_id))["id"], 1))

    async def found(query: str) -> list[dict[str, Any]]:
        reply = await admin.get(f"/ledger/entries?{query}")
        assert reply.status_code == 200, reply.text
        entries: list[dict[str, Any]] = reply.json()["entries"]
        assert reply.json()["total"] >= len(entries)
        return entries

    of_order = await found(f"orderId={order['id']}&limit=0")
    assert sum(entry["amount"] for entry in of_order) == pytest.approx(0)
    assert {entry["reference"].split(":")[0] for entry in of_order} == {"sale", "payment"}
    assert {entry["account"] for entry in await found(f"companyId={company_id}&limit=0")} == {
        f"payable:{company_id}",
        "commission",
        "tax",
    }
    assert [entry["amount"] for entry in await found(f"account=payable:{company_id}")] == [-9.5]
    assert all(entry["kind"] == "payable" for entry in await found("account=payable"))
    assert await found("since=2000-01-01T00:00:00&until=2001-01-01T00:00:00Z") == []
    first = (await admin.get("/ledger/entries?limit=2")).json()
    second = await found(f"limit=2&cursor={first['nextCursor']}")
    assert [entry["id"] for entry in [*first["entries"], *second]] == sorted(
        (entry["id"] for entry in [*first["entries"], *second]), reverse=True
    )


async def _balances(admin: Client) -> dict[str, float]:
    page = (await admin.get("/ledger/balances?limit=0&currency=USD")).json()
    assert page["total"] == len(page["balances"])
    assert all(one["balance"] == 0 for one in page["sums"]), page["sums"]
    return {row["account"]: row["balance"] for row in page["balances"]}


async def _summed(client: Client) -> dict[str, float]:
    """What stands on the accounts, counted from the first entry on."""
    rows = await client.app.shop.database.pool.fetch(
        """
        select a.code, sum(e.amount_minor)::bigint as balance from ledger_entries e
        join ledger_accounts a on a.id = e.account_id where e.currency = 'USD' group by a.code
        """
    )
    return {row["code"]: row["balance"] / 100 for row in rows}


async def test_an_account_keeps_its_name(client: Client) -> None:
    with pytest.raises(asyncpg.CheckViolationError, match="what was posted stays"):
        await client.value("update ledger_accounts set code = 'clearing:elsewhere' where code = 'clearing:cash'")
