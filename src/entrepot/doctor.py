"""The doctor: looks at everything that the shop needs, and says what to do about what is missing."""

from __future__ import annotations

import asyncio
import os
import platform
import secrets
import shutil
import sys
from collections.abc import Iterator
from importlib import metadata

import asyncpg
import msgspec
from rich.console import Console
from rich.markup import escape

from entrepot import inventory, payments
from entrepot.app import files_of, keys_of, open_database
from entrepot.databases import bring_up_to_date, connect, database_of, what_is_pending
from entrepot.kernel import clock
from entrepot.kernel.errors import Unavailable
from entrepot.kernel.files import PRIVATE, FileMissing
from entrepot.kernel.keys import SigningKeyError
from entrepot.serving import StartError, configure_logs
from entrepot.settings import Settings, SettingsError, load_settings

MIN_FREE_BYTES = 1_000_000_000
MAX_CLOCK_DIFFERENCE_S = 5
MAX_WAITING_JOBS = 10_000


class Finding(msgspec.Struct, frozen=True):
    """What was looked at, how it is, and what to do if it is not well."""

    what: str
    well: bool
    state: str
    advice: str = ""


def examine(console: Console) -> bool:
    """Look at everything and print it; True when all is well."""
    all_well = True
    for finding in _findings():
        all_well = all_well and finding.well
        mark = "[green]well[/]" if finding.well else "[bold red]ill [/]"
        console.print(f"{mark}  [bold]{finding.what:<12}[/] {finding.state}", soft_wrap=True)
        if not finding.well:
            console.print(f"                   [yellow]{finding.advice}[/]", soft_wrap=True)
    console.print("\nAll is well." if all_well else "\nSomething needs care: see above.")
    return all_well


def examine_stock(console: Console, *, repair: bool) -> bool:
    """Prove the stock of all products and print what drifted, setting it right if asked; True when all is well then."""
    settings = load_settings()
    configure_logs(settings)
    with database_of(settings) as dsn:
        asyncio.run(bring_up_to_date(dsn))
        return asyncio.run(_stock(console, settings, dsn, repair=repair))


async def _stock(console: Console, settings: Settings, dsn: str, *, repair: bool) -> bool:
    database = await open_database(settings, dsn)
    drifted = left = 0
    try:
        async for drift in inventory.find_drift(database.reader):
            drifted += 1
            for fault in drift.faults:
                console.print(f"[bold red]product {drift.product_id}[/]  {fault}", soft_wrap=True)
            right = False
            if repair:
                async with database.transaction() as tx:
                    right = await inventory.set_right(tx, drift.product_id)
            left += not right
            if repair and not right:
                advice = "orders hold more than there is: count the shelf, or cancel one of them"
                console.print(f"                   [yellow]{advice}[/]", soft_wrap=True)
    finally:
        await database.close()
    if not drifted:
        console.print("Stock is the sum of its history, of every product in every warehouse.")
    elif repair:
        console.print(f"\nSet right: {drifted - left} products of {drifted}, each with an entry in its history.")
    else:
        console.print(f"\n{drifted} products drifted. Set them right with: entrepot doctor --stock --repair")
    return not left


def examine_ledger(console: Console) -> bool:
    """Prove that orders, payments and the ledger agree, and print what does not; True when all does."""
    settings = load_settings()
    configure_logs(settings)
    with database_of(settings) as dsn:
        asyncio.run(bring_up_to_date(dsn))
        return asyncio.run(_ledger(console, settings, dsn))


async def _ledger(console: Console, settings: Settings, dsn: str) -> bool:
    database = await open_database(settings, dsn)
    faults = 0
    try:
        async for fault in payments.find_faults(database):
            faults += 1
            console.print(f"[bold red]wrong[/]  {escape(fault)}", soft_wrap=True)
        for end in await payments.find_open_ends(database.reader):
            console.print(f"[yellow]look into[/]  {escape(end)}", soft_wrap=True)
    finally:
        await database.close()
    if faults:
        console.print(f"\n{faults} faults: nothing was changed.")
    else:
        console.print("The ledger sums to zero, and orders, payments, credits and refunds agree with it.")
    return not faults


def _findings() -> Iterator[Finding]:
    yield _versions()
    try:
        settings = load_settings()
    except SettingsError as error:
        yield Finding("settings", False, str(error), "Correct them in the environment or in .env; see .env.example.")
        return
    configure_logs(settings)
    yield Finding("settings", True, f"{settings.environment}, {settings.address}")
    yield _folder(settings)
    yield _disk(settings)
    yield _keys(settings)
    yield _mail(settings)
    yield asyncio.run(_files(settings))
    try:
        with database_of(settings) as dsn:
            yield from asyncio.run(_database(dsn))
    except StartError as error:
        yield Finding("database", False, str(error), "Nothing works without it.")


def _versions() -> Finding:
    python = platform.python_version()
    shop = metadata.version("entrepot")
    return Finding(
        "versions",
        sys.version_info >= (3, 11),
        f"Entrepot {shop}, Python {python}",
        "Install Python 3.11 or newer.",
    )


def _folder(settings: Settings) -> Finding:
    home = settings.home.absolute()
    nearest = next(folder for folder in (home, *home.parents) if folder.exists())
    return Finding(
        "data folder",
        nearest.is_dir() and os.access(nearest, os.W_OK | os.X_OK),
        str(home) if home.exists() else f"{home} (made at the first start)",
        f"Make {nearest} a writable folder, or set ENTREPOT_HOME.",
    )


def _disk(settings: Settings) -> Finding:
    home = settings.home.absolute()
    nearest = next(folder for folder in (home, *home.parents) if folder.exists())
    free = shutil.disk_usage(nearest).free
    return Finding("disk", free >= MIN_FREE_BYTES, f"{free / 1e9:.1f} GB free", "Free at least 1 GB.")


def _keys(settings: Settings) -> Finding:
    try:
        public = keys_of(settings).jwks()["keys"]
    except (SigningKeyError, OSError) as error:
        return Finding("keys", False, str(error), "Correct JWT_PRIVATE_KEY, or the rights of the data folder.")
    previous = f", and {len(public) - 1} before it that still count" if public[1:] else ""
    return Finding("keys", True, f"signing key {public[0]['kid'][:12]}{previous}")


def _mail(settings: Settings) -> Finding:
    if settings.smtp_host is not None:
        return Finding("mail", True, f"sent by {settings.smtp_host}:{settings.smtp_port} from {settings.sender}")
    return Finding(
        "mail",
        not settings.is_production,
        "nobody sends mails" if settings.is_production else f"written into {settings.mails_folder}: entrepot mails",
        "Set SMTP_HOST, or nobody can set a new password or verify an address.",
    )


async def _files(settings: Settings) -> Finding:
    """Write, read and delete a file, as the shop does. The data folder was looked at before."""
    if settings.aws_s3_bucket is None:
        return Finding("files", True, f"kept in {settings.media_folder}")
    place = f"bucket {settings.aws_s3_bucket} at {settings.aws_endpoint_url or 'Amazon'}"
    files, key = files_of(settings), f"{PRIVATE}/doctor/{secrets.token_hex(8)}"
    try:
        await files.put(key, b"well")
        well = await files.get(key) == b"well"
        await files.delete(key)
    except (Unavailable, FileMissing) as error:
        reason = str(error.__cause__ or error).partition("\n")[0]
        advice = "Correct the AWS_ settings, or let the key read, write and delete objects; the bucket must be there."
        return Finding("files", False, f"{place}: {reason:.300}", advice)
    return Finding("files", well, place, "What was written was not what was read: look at the storage.")


async def _database(dsn: str) -> list[Finding]:
    connection = await connect(dsn)
    try:
        version = str(await connection.fetchval("select version()")).split(" on ")[0]
        return [
            Finding("database", True, version),
            await _schema(dsn),
            await _time(connection),
            await _jobs(connection),
        ]
    finally:
        await connection.close()


async def _schema(dsn: str) -> Finding:
    try:
        pending = await what_is_pending(dsn)
    except StartError as error:
        return Finding("schema", False, str(error), "Install the version that fits the database.")
    return Finding("schema", not pending, f"{len(pending)} migrations pending" if pending else "up to date",
                   "Run: entrepot migrate")  # fmt: skip


async def _time(connection: asyncpg.Connection) -> Finding:
    difference_s = abs((await connection.fetchval("select clock_timestamp()") - clock.now()).total_seconds())
    return Finding(
        "clock", difference_s <= MAX_CLOCK_DIFFERENCE_S, f"{difference_s:.1f} s from the database's",
        "Keep both machines' clocks right with NTP.",
    )  # fmt: skip


async def _jobs(connection: asyncpg.Connection) -> Finding:
    if await connection.fetchval("select to_regclass('pgqueuer')") is None:
        return Finding("jobs", True, "no queue yet")
    waiting = await connection.fetchval("select count(*) from pgqueuer where status = 'queued'")
    return Finding("jobs", waiting <= MAX_WAITING_JOBS, f"{waiting} waiting", "Run more workers: entrepot worker")
