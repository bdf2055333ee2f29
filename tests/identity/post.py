"""The post: runs the jobs that write to people, and looks into the folder where mails are written."""

from __future__ import annotations

import asyncio
import re
from typing import Any, Final

import msgspec

from entrepot import app as composition
from entrepot.kernel.mail import Outbox, Posted
from tests.builders import Client

_TOKEN: Final = re.compile(r"#token=([\w-]+)")
_CODE: Final = re.compile(r"\b(\d{6})\b")
_JOBS: Final = {job.name: job for job in composition.JOBS}
_WAIT_S: Final = 5


async def work(client: Client) -> None:
    """Run what identity has left to do. Raises what a job raises."""
    shop = client.app.shop
    worker = composition.worker_of(shop)
    while await worker.dispatch():
        pass
    queued = await shop.database.pool.fetch(
        "delete from pgqueuer where entrypoint like 'identity.%' returning entrypoint, payload"
    )
    for row in queued:
        payload: dict[str, Any] = msgspec.json.decode(row["payload"])
        await _JOBS[row["entrypoint"]].run(shop, payload)


def posted_to(client: Client, to: str) -> list[Posted]:
    """Mails and text messages to this address or number, the newest first."""
    return [message for message in Outbox(client.app.shop.settings.mails_folder).messages() if message.to == to]


async def mail_to(client: Client, to: str, count: int = 1) -> Posted:
    """The newest message to an address, once there are so many. Events are seen when older transactions are over."""
    deadline = asyncio.get_running_loop().time() + _WAIT_S
    await work(client)
    while len(found := posted_to(client, to)) < count:
        assert asyncio.get_running_loop().time() < deadline, f"{len(found)} messages to {to}, not {count}"
        await asyncio.sleep(0.05)
        await work(client)
    return found[0]


def token_in(message: Posted) -> str:
    """The secret behind a mailed link."""
    found = _TOKEN.search(message.text)
    assert found is not None, message.text
    return found[1]


def code_in(message: Posted) -> str:
    found = _CODE.search(message.text)
    assert found is not None, message.text
    return found[1]


async def tables_that_hold(client: Client, secret: str) -> list[str]:
    """Every table of the database with a row in which the secret stands, as text or as bytes."""
    tables = await client.app.shop.database.pool.fetch(
        "select quote_ident(tablename) as name from pg_tables where schemaname = 'public' order by 1"
    )
    return [
        table["name"]
        for table in tables
        if await client.value(
            f"select exists (select from {table['name']} x where x::text like $1 or x::text like $2)",
            f"%{secret}%",
            f"%{secret.encode().hex()}%",
        )
    ]
