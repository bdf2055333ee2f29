"""Importing a file of products: how long it takes, how long again when nothing has changed, and how much memory.

    python -m benchmarks.imports --rows 100000

Starts a PostgreSQL of its own in a temporary folder.
"""

from __future__ import annotations

import argparse
import asyncio
import csv
import resource
import tempfile
import time
from pathlib import Path

from entrepot import app as composition
from entrepot.catalog.export import export_csv, export_xlsx
from entrepot.catalog.import_now import import_now
from entrepot.companies import set_up_house
from entrepot.databases import connect
from entrepot.kernel.embedded_postgres import EmbeddedPostgres
from entrepot.kernel.keys import load_keys
from entrepot.kernel.migrate import migrate
from entrepot.settings import load_settings
from entrepot.shop import Shop

COLUMNS = ("sku", "title", "description", "price", "discountPercentage", "category", "brand", "stock", "tags", "images",
           "thumbnail", "weight", "barcode", "attributes", "title:ar", "group", "option:size")  # fmt: skip


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=100_000)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="entrepot-bench-") as name:
        home = Path(name)
        home.chmod(0o755)  # as root, the database runs as another account
        with EmbeddedPostgres(home / "postgres") as postgres:
            asyncio.run(run(home, postgres.dsn(), options.rows))


async def run(home: Path, dsn: str, rows: int) -> None:
    settings = load_settings(_env_file=None, home=home, log_level="warning")
    connection = await connect(dsn)
    await migrate(connection)
    await connection.close()
    load_keys(None, home)
    database = await composition.open_database(settings, dsn)
    shop = composition.open_shop(settings, database)
    async with database.transaction() as tx:
        await set_up_house(tx, "Bench")
    table, changed = home / "products.csv", home / "changed.csv"
    write(table, rows, price="19.99")
    write(changed, rows, price="17.99")
    print(f"{rows:,} rows, {table.stat().st_size / 1e6:.1f} MB; {memory_mb():.0f} MB of memory before")

    await timed(shop, "all are new", table, create_categories=True)
    await timed(shop, "none has changed", table)
    await timed(shop, "every price has changed", changed)
    began = time.perf_counter()
    size = sum([len(piece) async for piece in export_csv(database.reader, shop, 1)])
    print(
        f"{'export as CSV':<26}{time.perf_counter() - began:7.1f} s   {size / 1e6:.1f} MB   {memory_mb():.0f} MB of memory"
    )
    began = time.perf_counter()
    await export_xlsx(database.reader, shop, 1, home / "products.xlsx")
    print(f"{'export as XLSX':<26}{time.perf_counter() - began:7.1f} s   {memory_mb():.0f} MB of memory")
    await timed(shop, "the XLSX again", home / "products.xlsx")
    await database.close()


async def timed(shop: Shop, what: str, path: Path, *, create_categories: bool = False) -> None:
    began = time.perf_counter()
    done, errors = await import_now(shop, path, None, create_categories=create_categories)
    took = time.perf_counter() - began
    assert not errors, errors  # noqa: S101
    counts = f"{done.created:,} made, {done.updated:,} changed, {done.unchanged:,} as they were"
    print(f"{what:<26}{took:7.1f} s   {done.rows_done / took:7,.0f}/s   {memory_mb():.0f} MB of memory   {counts}")


def memory_mb() -> float:
    """The most that this process has had so far."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def write(path: Path, rows: int, price: str) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        out = csv.writer(file)
        out.writerow(COLUMNS)
        for place in range(rows):
            out.writerow((
                f"SKU-{place:07d}", f"Product number {place}", f"A product of a benchmark, the one with number {place}. " * 4,
                price, "5", f"category-{place % 200}", f"Brand {place % 500}", place % 300, "red|new|soft",
                f"https://example.com/{place}-1.jpg|https://example.com/{place}-2.jpg", f"https://example.com/{place}.jpg",
                "1.25", f"{place:013d}", '{"voltage": "230 V", "watts": 60}', f"منتج {place}", f"group-{place // 3}",
                "SML"[place % 3],
            ))  # fmt: skip


if __name__ == "__main__":
    main()
