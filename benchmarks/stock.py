"""Reservations per second: everybody buys one product, and everybody buys one of a hundred; next to pgbench.

    make bench-stock

Each buyer reserves one piece in a transaction of its own: the shop by its verb `inventory.reserve`, pgbench by the very
statements that the verb sends. Both work on the same embedded database, which is made for the run and thrown away, durable
as in production; they take turns, and the best of their turns counts.
"""

from __future__ import annotations

import argparse
import asyncio
import multiprocessing
import re
import subprocess
import tempfile
import time
from collections.abc import Sequence
from multiprocessing.queues import Queue
from multiprocessing.synchronize import Barrier
from pathlib import Path
from typing import Any, Final

import asyncpg
import msgspec
import uvloop

from entrepot import inventory
from entrepot.inventory import Wanted, queries
from entrepot.inventory.model import Taken
from entrepot.kernel.db import Tx, connect
from entrepot.kernel.embedded_postgres import EmbeddedPostgres
from entrepot.kernel.embedded_postgres_folder import tool
from entrepot.kernel.migrate import migrate

PRODUCTS: Final = 100
PIECES: Final = 1_000_000_000
TURNS: Final = 3

_SEED: Final = """
    insert into zones (slug, name, created_at, updated_at) values ('bench', 'Bench', now(), now());
    insert into companies (slug, name, created_at, updated_at) values ('bench', 'Bench', now(), now());
    insert into warehouses (company_id, zone_id, code, name, created_at, updated_at)
    select c.id, z.id, 'MAIN', 'Main', now(), now() from companies c, zones z where c.slug = 'bench' and z.slug = 'bench';
    insert into categories (slug, name, created_at, updated_at) values ('bench', 'Bench', now(), now());
    """
_PRODUCTS: Final = """
    with made as (
        insert into products (company_id, category_id, sku, title, description, price_minor, currency, thumbnail,
                              created_at, updated_at)
        select c.id, k.id, 'B-' || n, 'Bench ' || n, '', 1000, 'USD', '', now(), now()
        from generate_series(1, $1::integer) n, companies c, categories k where c.slug = 'bench' and k.slug = 'bench'
        returning id, company_id
    ), levels as (
        insert into stock_levels (product_id, warehouse_id, on_hand)
        select m.id, w.id, $2 from made m join warehouses w on w.company_id = m.company_id
    ), totals as (
        insert into product_stock (product_id, available) select id, $2 from made
    ), history as (
        insert into stock_movements (product_id, warehouse_id, reason, on_hand_change, on_hand_after, reserved_after,
                                     occurred_at)
        select m.id, w.id, 'receipt', $2, $2, 0, now() from made m join warehouses w on w.company_id = m.company_id
    )
    select id from made order by id
    """
_ORDERS: Final = """
    with made as (
        insert into orders (number, guest_email, currency, subtotal_minor, tax_minor, shipping_minor, total_minor, status,
                            payment_status, payment_method, shipping_address, created_at, updated_at)
        select 'BENCH', 'bench@example.com', 'USD', 1, 0, 0, 1, 'pending', 'unpaid', 'invoice', '{}', now(), now()
        returning id
    ), parts as (
        insert into order_parts (order_id, company_id, status, subtotal_minor, tax_minor, shipping_minor, total_minor,
                                 commission_bp, commission_minor, updated_at)
        select m.id, c.id, 'pending', 1, 0, 0, 1, 0, 0, now() from made m, companies c where c.slug = 'bench'
        returning id, order_id
    ), lines as (
        insert into order_lines (order_id, part_id, position, product_id, sku, title, quantity, price_minor, total_minor,
                                 discounted_minor, tax_minor)
        select order_id, id, n, $1, 'B', 'Bench', 1, 1, 1, 1, 0 from parts, generate_series(1, $2::integer) n
        returning id, order_id
    )
    select min(id) as first_line, order_id from lines group by order_id
    """


class Job(msgspec.Struct, frozen=True):
    """What one process of the shop does: its buyers take the lines from `first_line` on, each so many."""

    dsn: str
    order_id: int
    first_line: int
    buyers: int
    each: int
    products: list[int]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--buyers", type=int, default=16, help="at the same time")
    parser.add_argument("--each", type=int, default=250, help="reservations of each buyer in a turn")
    parser.add_argument("--processes", type=int, default=2, help="of the shop; pgbench has as many threads")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="entrepot-bench-") as folder:
        Path(folder).chmod(0o755)  # the database runs as another account where this one is root
        with EmbeddedPostgres(Path(folder) / "postgres") as postgres:
            run(postgres.dsn(), Path(folder), options.buyers, options.each, options.processes)


def run(dsn: str, folder: Path, buyers: int, each: int, processes: int) -> None:
    per_turn = buyers * each
    products, order_id, line = asyncio.run(prepare(dsn, per_turn * TURNS * 4))
    print(f"{buyers} buyers, {per_turn:,} reservations a turn, best of {TURNS}; {processes} processes of the shop\n")
    for name, some in (("one product", products[:1]), (f"{PRODUCTS} products", products)):
        ours, theirs = [], []
        for _ in range(TURNS):
            ours.append(per_turn / by_the_shop(dsn, order_id, line, buyers, each, processes, some))
            theirs.append(by_pgbench(dsn, folder, order_id, line + per_turn, buyers, each, processes, some))
            line += 2 * per_turn
        shop, bare = max(ours), max(theirs)
        print(f"{name:<14} shop {shop:7,.0f}/s   pgbench {bare:7,.0f}/s   {shop / bare:.2f} of pgbench")
    asyncio.run(refuse_drift(dsn))


async def prepare(dsn: str, lines: int) -> tuple[list[int], int, int]:
    """Products, and an order with so many lines; returns their ids, the order's, and that of the first line."""
    connection = await asyncpg.connect(dsn)
    await migrate(connection)
    await connection.execute(_SEED)
    products = [record["id"] for record in await connection.fetch(_PRODUCTS, PRODUCTS, PIECES)]
    made = await connection.fetchrow(_ORDERS, products[0], lines)
    await connection.execute("vacuum analyze")
    await connection.execute("checkpoint")
    await connection.close()
    return products, made["order_id"], made["first_line"]


def by_the_shop(
    dsn: str, order_id: int, first_line: int, buyers: int, each: int, processes: int, products: list[int]
) -> float:
    """Seconds that the shop takes; its processes begin together."""
    context = multiprocessing.get_context("spawn")
    barrier, times = context.Barrier(processes + 1), context.Queue()
    share = buyers // processes
    workers = []
    for number in range(processes):
        job = Job(dsn, order_id, first_line + number * share * each, share, each, products)
        workers.append(context.Process(target=work, args=(job, barrier, times)))
        workers[-1].start()
    barrier.wait()
    spans: list[tuple[float, float]] = [times.get(timeout=600) for _ in workers]
    for worker in workers:
        worker.join()
    return max(end for _, end in spans) - min(start for start, _ in spans)


def work(job: Job, barrier: Barrier, times: Queue[tuple[float, float]]) -> None:
    times.put(uvloop.run(buy_all(job, barrier)))


async def buy_all(job: Job, barrier: Barrier) -> tuple[float, float]:
    """When the first buyer of this process began, and the last one had what it wanted."""
    database = await connect(job.dsn, pool_size=job.buyers)
    held = [await database.pool.acquire() for _ in range(job.buyers)]  # connections are there before the clock runs
    for connection in held:
        await database.pool.release(connection)

    async def buy(first_line: int, count: int, seed: int) -> None:
        for line in range(first_line, first_line + count):
            product = job.products[(line * 7 + seed) % len(job.products)]
            async with database.transaction() as tx:
                await inventory.reserve(tx, job.order_id, [Wanted(line, product, 1)], zone_id=None, actor_id=None)

    await asyncio.to_thread(barrier.wait)
    start = time.perf_counter()
    await asyncio.gather(*(buy(job.first_line + n * job.each, job.each, n) for n in range(job.buyers)))
    end = time.perf_counter()
    await database.close()
    return start, end


def by_pgbench(
    dsn: str,
    folder: Path,
    order_id: int,
    first_line: int,
    buyers: int,
    each: int,
    threads: int,
    products: list[int],
) -> float:
    """Reservations a second."""
    script = folder / "reserve.sql"
    script.write_text(asyncio.run(script_of(order_id, first_line, each, products)))
    command = [str(tool("pgbench")), "--no-vacuum", "--protocol=prepared", f"--client={buyers}", f"--jobs={threads}"]
    command += [f"--transactions={each}", "--define=n=0", f"--file={script}", dsn]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    rate = re.search(r"tps = ([0-9.]+)", done.stdout)
    if rate is None or f"processed: {buyers * each}/{buyers * each}" not in done.stdout:
        raise RuntimeError(done.stdout + done.stderr)
    return float(rate[1])


async def script_of(order_id: int, first_line: int, each: int, products: list[int]) -> str:
    """What `inventory.reserve` sends, as a script of pgbench."""
    sent = Overheard()
    await queries.lock_shelves(sent, [0], None)
    await queries.hold(sent, order_id, [Taken(0, 0, 0, 1, "the only one that has all of it")], None)
    (lock, _), (hold, args) = sent.statements
    warehouse = "(select min(id) from warehouses)"
    lock = filled_in(lock, ["array[:product]::bigint[]", "null::bigint", "null::bigint", "null::text"])
    hold = filled_in(
        hold,
        [
            str(order_id),
            "array[:line]::bigint[]",
            "array[:product]::bigint[]",
            f"array[{warehouse}]::bigint[]",
            "array[1]::integer[]",
            f"array['{args[5][0]}']::text[]",
            "null::bigint",
            "now()",
        ],
    )
    return (
        f"\\set line {first_line} + :client_id * {each} + :n\n\\set n :n + 1\n"
        f"\\set product random({products[0]}, {products[-1]})\nbegin;\n{lock};\n{hold};\ncommit;\n"
    )


class Overheard(Tx):
    """Notes down what would be sent."""

    def __init__(self) -> None:
        self.statements: list[tuple[str, Sequence[Any]]] = []

    async def many(self, row: Any, sql: str, *args: Any) -> list[Any]:  # noqa: ARG002
        self.statements.append((sql, args))
        return []


def filled_in(sql: str, literals: list[str]) -> str:
    one_line = " ".join(sql.split())
    return re.sub(r"\$(\d)(::[a-z]+(\[\])?)?", lambda match: literals[int(match[1]) - 1], one_line)


async def refuse_drift(dsn: str) -> None:
    """Fast and wrong would be no use: the books balance after all of it."""
    database = await connect(dsn, pool_size=2)
    drift = [one async for one in inventory.find_drift(database.reader)]
    await database.close()
    if drift:
        raise RuntimeError(f"the books do not balance: {drift[:3]}")
    print("\nThe books balance.")


if __name__ == "__main__":
    main()
