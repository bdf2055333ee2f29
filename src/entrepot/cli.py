"""The command line: `entrepot serve | worker | migrate | demo | import | verify | doctor` and others; see `--help`."""

from __future__ import annotations

import asyncio
import signal
import sys
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType
from typing import Annotated, NoReturn, TypeVar

import asyncpg
import msgspec
import typer
from pydantic import EmailStr, TypeAdapter, ValidationError
from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table

from entrepot import app as composition
from entrepot import backup as backups
from entrepot import bench, catalog, companies, identity, search, verify
from entrepot import demo as demo_data
from entrepot import doctor as examination
from entrepot.databases import bring_up_to_date, connect, database_of, what_is_pending
from entrepot.kernel import clock
from entrepot.kernel.db import Database
from entrepot.kernel.errors import Refused
from entrepot.kernel.keys import KeyFolder
from entrepot.kernel.mail import Outbox
from entrepot.serving import ServingOrders, StartError, check_services, configure_logs, refuse_busy_port, serve
from entrepot.settings import DEMO_PASSWORD, Settings, SettingsError, load_settings
from entrepot.shop import Shop

Result = TypeVar("Result")

cli = typer.Typer(
    name="entrepot",
    help="Shop, marketplace and wholesale distribution in one system. Start with: entrepot serve",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
search_cli = typer.Typer(name="search", help="The search index: its state, and building it anew.", no_args_is_help=True)
cli.add_typer(search_cli)
out = Console(highlight=False)
err = Console(stderr=True, highlight=False)


def main() -> None:
    """Run a command; what can go wrong is one sentence on standard error, and a non-zero exit."""
    try:
        cli()
    except (StartError, SettingsError, demo_data.DemoError) as error:
        err.print(f"[bold red]Entrepot cannot go on.[/] {error}", soft_wrap=True)
        sys.exit(1)
    except KeyboardInterrupt:
        sys.exit(130)


@cli.command(name="serve")
def serve_command(
    workers: Annotated[int, typer.Option(min=1, max=64, help="Server processes.")] = 1,
    worker: Annotated[bool, typer.Option(help="Also run background jobs in the server process.")] = True,
    service: Annotated[
        list[str] | None, typer.Option(help=f"Serve only this group of modules: {', '.join(composition.SERVICES)}.")
    ] = None,
    demo: Annotated[bool, typer.Option(help="Fill an empty database with demo data (never in production).")] = True,
) -> None:
    """Serve the shop: starts the database if need be, migrates, fills demo data at the first start."""
    settings = _settings()
    services = tuple(service or ())
    check_services(services, composition.SERVICES)
    refuse_busy_port(settings.host, settings.port)
    with _interruptible(), database_of(settings) as dsn:
        for name in asyncio.run(bring_up_to_date(dsn)):
            out.print(f"  migrated [bold]{name}[/]")
        if settings.is_production:
            asyncio.run(_refuse_demo_accounts(dsn))
        if demo and not settings.is_production and asyncio.run(_is_empty(dsn)):
            asyncio.run(_load_demo(dsn, settings, products=None, orders=None, seed=demo_data.DEFAULT_SEED))
        asyncio.run(_greet(dsn, settings))
        if not serve(settings, ServingOrders(dsn, services, worker), workers):
            raise StartError("The server did not start; the log above says why.")
    out.print("Stopped.")


@cli.command(name="worker")
def worker_command() -> None:
    """Run background jobs and schedules only, beside servers that were started with --no-worker."""
    settings = _settings()
    with _interruptible(), database_of(settings) as dsn:
        asyncio.run(bring_up_to_date(dsn))
        out.print("Working. Stop with Ctrl-C.")
        asyncio.run(_work(dsn, settings))
    out.print("Stopped.")


@cli.command(name="migrate")
def migrate_command(
    check: Annotated[bool, typer.Option("--check", help="Change nothing; exit with 1 if anything is pending.")] = False,
) -> None:
    """Bring the database's schema up to date: forward only, one process at a time."""
    settings = _settings()
    with database_of(settings) as dsn:
        if check:
            pending = asyncio.run(what_is_pending(dsn))
            for name in pending:
                out.print(f"pending  {name}")
            if pending:
                raise typer.Exit(1)
        else:
            for name in asyncio.run(bring_up_to_date(dsn)):
                out.print(f"applied  {name}")
        out.print("The schema is up to date.")


@cli.command(name="demo")
def demo_command(
    products: Annotated[int | None, typer.Option(min=1, max=10_000_000, help="How many products.")] = None,
    orders: Annotated[int | None, typer.Option(min=0, max=10_000_000, help="How many orders.")] = None,
    seed: Annotated[int, typer.Option(help="The same seed gives the same shop.")] = demo_data.DEFAULT_SEED,
) -> None:
    """Fill an empty database with a believable shop: products, people, a year of orders."""
    settings = _settings()
    if settings.is_production:
        raise StartError("Demo data has accounts with a published password: it is never loaded in production.")
    with _interruptible(), database_of(settings) as dsn:
        asyncio.run(bring_up_to_date(dsn))
        asyncio.run(_load_demo(dsn, settings, products=products, orders=orders, seed=seed))


@search_cli.command(name="status")
def search_status_command() -> None:
    """How the search index stands: whether it is sound, followed, and being built anew."""
    settings = _settings()
    with _interruptible(), database_of(settings) as dsn:
        asyncio.run(bring_up_to_date(dsn))
        state = asyncio.run(
            _with_shop(dsn, settings, lambda shop: search.index_state(shop.database, settings.home / "search"))
        )
    table = Table(box=None, show_header=False)
    table.add_row("index", f"{state.generation} ({state.size_bytes / 1e6:,.0f} MB)" if state.generation else "none yet")
    table.add_row("sound", "yes" if state.fault is None else f"no: {state.fault}")
    table.add_row("kept", "by a running process" if state.kept else "by nobody: entrepot serve does it")
    table.add_row("behind", f"{state.events_behind:,} events at most")
    if state.building is not None:
        table.add_row("being built", f"{state.building[0]:,} of {state.building[1]:,} products")
    out.print(table)
    if state.fault is not None:
        raise typer.Exit(1)


@search_cli.command(name="rebuild")
def search_rebuild_command() -> None:
    """Build the search index anew, and serve the old one until it is done."""
    settings = _settings()
    columns = (TextColumn("  {task.description:<14}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with _interruptible(), database_of(settings) as dsn, Progress(*columns, console=out) as bars:
        asyncio.run(bring_up_to_date(dsn))
        bar = bars.add_task("products", total=None)
        done = asyncio.run(
            _with_shop(
                dsn,
                settings,
                lambda shop: search.rebuild_index(
                    shop.database,
                    settings.home / "search",
                    lambda made, total: bars.update(bar, completed=made, total=total),
                ),
            )
        )
    out.print("The search index is built." if done else "A running process builds it now: see entrepot search status.")


@cli.command(name="create-admin")
def create_admin_command(
    email: Annotated[str, typer.Option(prompt=True, help="The administrator's e-mail address.")],
    password: Annotated[
        str,
        typer.Option(
            prompt=True, confirmation_prompt=True, hide_input=True, envvar="ENTREPOT_ADMIN_PASSWORD", help="Asked for."
        ),
    ],
    first_name: Annotated[str, typer.Option(help="First name.")] = "Shop",
    last_name: Annotated[str, typer.Option(help="Last name.")] = "Admin",
) -> None:
    """Make an administrator, and in an empty shop what it needs to create products.

    That is the house company, which sells the shop's own goods, a zone `main`, and a warehouse there.
    """
    settings = _settings()
    try:
        address = TypeAdapter(EmailStr).validate_python(email)
        identity.refuse_weak_password(password)
    except ValidationError:
        _fail(f"{email} is not an e-mail address.")
    except ValueError as error:
        _fail(f"The password {error}.")
    if settings.is_production and password == DEMO_PASSWORD:
        _fail("This password is published with the demo data: choose another.")
    with database_of(settings) as dsn:
        asyncio.run(bring_up_to_date(dsn))
        asyncio.run(_create_admin(dsn, settings, address, password, first_name, last_name))
    out.print(f"{address} is an administrator.")


@cli.command(name="openapi")
def openapi_command() -> None:
    """Print the API's description (OpenAPI 3.1, JSON). Needs no database."""
    settings = _settings()
    shop = composition.open_shop(settings, Database(None, ""))
    composition.Application(settings, shop)
    sys.stdout.buffer.write(shop.description() + b"\n")


@cli.command(name="import")
def import_command(
    file: Annotated[
        Path, typer.Argument(exists=True, dir_okay=False, help="CSV, XLSX, or Shopify's export of products.")
    ],
    company: Annotated[str | None, typer.Option(help="Slug or id; the house company if not given.")] = None,
    create_categories: Annotated[bool, typer.Option(help="Make categories that are missing.")] = False,
) -> None:
    """Import products from a file: those that are there, by their SKUs, are changed, the others made."""
    settings = _settings()
    with _interruptible(), database_of(settings) as dsn:
        asyncio.run(bring_up_to_date(dsn))
        done, errors = asyncio.run(
            _with_shop(
                dsn,
                settings,
                lambda shop: catalog.import_now(shop, file, company, create_categories=create_categories),
            )
        )
    for error in errors:
        place = f"line {error.line}" if error.line is not None else file.name
        err.print(
            f"{place}, {error.column}: {error.message}" if error.column else f"{place}: {error.message}", markup=False
        )
    if done.errors > len(errors):
        err.print(f"... and {done.errors - len(errors):,} more.")
    if done.message is not None:
        _fail(done.message)
    out.print(
        f"{done.created:,} made, {done.updated:,} changed, {done.unchanged:,} as they were, {done.failed:,} refused."
    )
    if done.failed:
        raise typer.Exit(1)


@cli.command(name="export")
def export_command(
    file: Annotated[
        Path, typer.Argument(dir_okay=False, help="To write: a spreadsheet if it is called .xlsx, else CSV.")
    ],
    company: Annotated[str | None, typer.Option(help="Slug or id; the house company if not given.")] = None,
) -> None:
    """Export a company's products into a file that `entrepot import` brings back to what they are now."""
    settings = _settings()
    with _interruptible(), database_of(settings) as dsn:
        asyncio.run(bring_up_to_date(dsn))
        asyncio.run(_with_shop(dsn, settings, lambda shop: catalog.export_now(shop, file, company)))
    out.print(f"The products stand in {file}.")


@cli.command(name="backup")
def backup_command(
    file: Annotated[Path, typer.Argument(dir_okay=False, help="To write, such as shop-2026-03-29.tar.")],
) -> None:
    """Write all that the shop is into one file, while it sells: database, pictures and keys. Keep the file safe."""
    settings = _settings()
    with _interruptible(), database_of(settings) as dsn:
        asyncio.run(bring_up_to_date(dsn))
        made = backups.back_up(settings, dsn, file)
    kept = "its files are in the bucket" if made.files is None else f"{made.files:,} files"
    out.print(f"{file} holds the shop ({kept}, {file.stat().st_size / 1e6:,.1f} MB).", soft_wrap=True)


@cli.command(name="restore")
def restore_command(
    file: Annotated[Path, typer.Argument(exists=True, dir_okay=False, help="Written by entrepot backup.")],
) -> None:
    """Make an empty database and data folder the shop that a backup is of; nothing is ever written over."""
    settings = _settings()
    with _interruptible(), database_of(settings) as dsn:
        made = asyncio.run(backups.restore(settings, dsn, file))
    out.print(f"The shop is as it was at {made.made_at:%Y-%m-%d %H:%M:%S} UTC. Start it with: entrepot serve")


@cli.command(name="verify")
def verify_command(
    full: Annotated[
        bool, typer.Option("--full/--quick", help="Try everything often; quick takes about a minute.")
    ] = False,
    drill: Annotated[list[str] | None, typer.Option(help="Only this one; may be given more than once.")] = None,
    list_them: Annotated[
        bool, typer.Option("--list", help="Say which drills there are, and what each proves.")
    ] = False,
    json_file: Annotated[Path | None, typer.Option("--json", dir_okay=False, help="Write the findings there.")] = None,
    database_url: Annotated[
        str | None,
        typer.Option(
            help="Server to make a scratch database on; not set: an embedded one. DATABASE_URL is never used."
        ),
    ] = None,
) -> None:
    """Prove the shop's promises on this machine: drills with real servers, on a database that is thrown away."""
    try:
        drills = verify.chosen(drill or ())
    except verify.UnknownDrill as unknown:
        _fail(str(unknown))
    if list_them:
        for one in drills:
            out.print(f"[bold]{one.name:<20}[/] {escape(one.promise)}", soft_wrap=True)
        return
    size = verify.Size.FULL if full else verify.Size.QUICK
    with _interruptible():
        report = verify.hold(drills, size, out, database_url=database_url, json_file=json_file)
    if not report.passed:
        raise typer.Exit(1)


@cli.command(name="bench")
def bench_command(
    size: Annotated[str, typer.Option(help=f"Products in the catalog: {', '.join(bench.SIZES)}.")] = "1k",
    scenario: Annotated[list[str] | None, typer.Option(help="Only this one; may be given more than once.")] = None,
    list_them: Annotated[bool, typer.Option("--list", help="Say which scenarios there are.")] = False,
    connections: Annotated[int, typer.Option(min=1, max=1000, help="Shoppers at once.")] = 16,
    seconds: Annotated[float, typer.Option(min=0.5, max=3600, help="How long each scenario is measured.")] = 5,
    keep: Annotated[
        Path | None, typer.Option(file_okay=False, help="Keep the catalog there, and use it again the next time.")
    ] = None,
    json_file: Annotated[Path | None, typer.Option("--json", dir_okay=False, help="Write the figures there.")] = None,
    earlier: Annotated[
        Path | None,
        typer.Option("--compare", exists=True, dir_okay=False, help="Figures of an earlier run, written with --json."),
    ] = None,
    database_url: Annotated[
        str | None,
        typer.Option(
            help="Server to make a scratch database on; not set: an embedded one. DATABASE_URL is never used."
        ),
    ] = None,
    seed: Annotated[int, typer.Option(help="The same seed gives the same catalog and asks the same.")] = 1,
) -> None:
    """Measure the shop on this machine, next to a bare handler and to pgbench, on a catalog that is thrown away."""
    if size not in bench.SIZES:
        _fail(f"There is no size {size}: choose from {', '.join(bench.SIZES)}.")
    try:
        scenarios = bench.chosen(scenario or ())
        before = bench.read_report(earlier) if earlier is not None else None
    except bench.UnknownScenario as unknown:
        _fail(str(unknown))
    except msgspec.MsgspecError:
        _fail(f"{earlier} was not written by entrepot bench --json.")
    if list_them:
        for one in scenarios:
            out.print(f"[bold]{one.name:<14}[/] {one.what}")
        return
    wanted = bench.Wanted(scenarios=scenarios, size=size, connections=connections, seconds=seconds, seed=seed)
    try:
        with _interruptible():
            report = bench.run(wanted, out, keep=keep, database_url=database_url)
    except (bench.BenchError, bench.LoadFailed, bench.WrongFolder) as error:
        _fail(str(error))
    bench.show(report, out)
    if before is not None:
        bench.compare(report, before, out)
    if json_file is not None:
        bench.write_report(report, json_file)


@cli.command(name="mails")
def mails_command(
    number: Annotated[int | None, typer.Argument(min=1, help="Show this one; 1 is the newest.")] = None,
) -> None:
    """List the mails and text messages that were written into the data folder, the newest first, or show one."""
    settings = _settings()
    posted = Outbox(settings.mails_folder).messages()
    if number is None:
        table = Table("", "date", "to", "subject", box=None)
        for position, message in enumerate(posted, 1):
            table.add_row(str(position), f"{message.at:%Y-%m-%d %H:%M:%S}", escape(message.to), escape(message.subject))
        out.print(table if posted else f"There are no mails in {settings.mails_folder}.")
        return
    if number > len(posted):
        _fail(f"There are {len(posted)} mails.")
    message = posted[number - 1]
    out.print(
        f"Date:    {message.at}\nTo:      {message.to}\nSubject: {message.subject}\n", markup=False, soft_wrap=True
    )
    out.print(message.text, markup=False, soft_wrap=True)


@cli.command(name="rotate-keys")
def rotate_keys_command() -> None:
    """Make a new signing key. The old one counts as long as the tokens live that it has signed; nobody is signed out."""
    settings = _settings()
    if settings.jwt_private_key is not None:
        _fail("The key is configured: put a new one into JWT_PRIVATE_KEY and the old one into JWT_PREVIOUS_KEYS.")
    key = KeyFolder(settings.home / "keys", settings.jwt_expires_in).rotate()
    out.print(f"{key.id} signs from now on; running processes see it within a minute.", soft_wrap=True)


@cli.command(name="doctor")
def doctor_command(
    stock: Annotated[
        bool, typer.Option("--stock", help="Prove instead that all stock is the sum of its history.")
    ] = False,
    repair: Annotated[
        bool, typer.Option("--repair", help="With --stock: set right what drifted, with an entry in the history.")
    ] = False,
    ledger: Annotated[
        bool, typer.Option("--ledger", help="Prove instead that orders, payments and the ledger agree.")
    ] = False,
) -> None:
    """Check settings, database, versions and disk, and say what to do; or prove all stock, or all money."""
    if repair and not stock:
        _fail("Say what to repair: entrepot doctor --stock --repair")
    if stock and ledger:
        _fail("Prove one after the other: --stock, or --ledger")
    if stock:
        well = examination.examine_stock(out, repair=repair)
    else:
        well = examination.examine_ledger(out) if ledger else examination.examine(out)
    if not well:
        raise typer.Exit(1)


def _settings() -> Settings:
    settings = load_settings()
    configure_logs(settings)
    return settings


def _fail(sentence: str) -> NoReturn:
    err.print(f"[bold red]{sentence}[/]")
    raise typer.Exit(1)


@contextmanager
def _interruptible() -> Iterator[None]:
    """SIGTERM ends a command as Ctrl-C does, so that the database is stopped on the way out."""

    def interrupt(_: int, __: FrameType | None) -> None:
        raise KeyboardInterrupt

    before = signal.signal(signal.SIGTERM, interrupt)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


async def _is_empty(dsn: str) -> bool:
    connection = await connect(dsn)
    try:
        return not await connection.fetchval("select exists (select from users) or exists (select from products)")
    finally:
        await connection.close()


async def _refuse_demo_accounts(dsn: str) -> None:
    """Raise StartError where anybody who has read the documentation could sign in."""
    connection = await connect(dsn)
    try:
        found = await connection.fetch(
            "select email from users where email = any($1::text[]) and status = 'active' and deleted_at is null",
            list(demo_data.ACCOUNTS),
        )
    finally:
        await connection.close()
    if found:
        raise StartError(
            f"This database holds the demo account {found[0]['email']}, whose password is published: "
            "use another database in production, or deactivate the demo accounts."
        )


async def _load_demo(dsn: str, settings: Settings, *, products: int | None, orders: int | None, seed: int) -> None:
    connection = await connect(dsn)
    try:
        columns = (TextColumn("  {task.description:<14}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
        with Progress(*columns, console=out) as bars:
            summary = await demo_data.load(
                connection,
                settings.media_folder,
                products=products,
                orders=orders,
                seed=seed,
                now=clock.now(),
                progress=bars,
            )
    finally:
        await connection.close()
    out.print(f"  {summary}")


async def _greet(dsn: str, settings: Settings) -> None:
    connection = await connect(dsn)
    try:
        products = await connection.fetchval("select count(*) from (select from products limit 100001) as counted")
        has_demo = await connection.fetchval("select exists (select from users where email = 'admin@entrepot.test')")
        has_users = await connection.fetchval("select exists (select from users)")
    finally:
        await connection.close()
    amount = f"{products:,}" if products <= 100_000 else "more than 100,000"
    out.print(f"\n[bold]Entrepot[/] serves {amount} products. Stop with Ctrl-C.\n")
    for label, path in (("API", "/api/v1"), ("Docs", "/docs"), ("Health", "/health")):
        out.print(f"  {label:<8}[link]{settings.address}{path}[/link]")
    if has_demo:
        out.print(f"\n  Demo accounts, all with the password [bold]{DEMO_PASSWORD}[/]:")
        for email, who in demo_data.ACCOUNTS.items():
            out.print(f"    {email:<24}{who}")
    elif not has_users:
        out.print("\n  There is nobody yet: make an administrator with [bold]entrepot create-admin[/].")
    out.print()


async def _with_shop(dsn: str, settings: Settings, do: Callable[[Shop], Awaitable[Result]]) -> Result:
    """Do something with the shop's parts, as a job would; a refusal is told as a sentence."""
    database = await composition.open_database(settings, dsn)
    try:
        return await do(composition.open_shop(settings, database))
    except Refused as refusal:
        _fail(refusal.message)
    finally:
        await database.close()


async def _work(dsn: str, settings: Settings) -> None:
    database = await composition.open_database(settings, dsn)
    worker = composition.worker_of(composition.open_shop(settings, database))
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, worker.stop)
    try:
        await worker.run()
    finally:
        await database.close()


async def _create_admin(
    dsn: str, settings: Settings, email: str, password: str, first_name: str, last_name: str
) -> None:
    database = await composition.open_database(settings, dsn)
    try:
        await identity.create_admin(database, email, password, first_name, last_name)
        async with database.transaction() as tx:
            house_id = await companies.set_up_house(tx, settings.shop_name)
        if house_id is not None:
            out.print(f"The house company was made, with a zone and a warehouse: its id is {house_id}.")
    except asyncpg.UniqueViolationError:
        _fail(f"{email} has an account already.")
    finally:
        await database.close()
