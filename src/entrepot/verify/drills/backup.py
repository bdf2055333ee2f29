"""A backup taken while the shop sells is a shop: restored elsewhere, its books agree, and it sells.

It holds all that was acknowledged before it was begun, with the pictures and the keys; and nothing is written over.
"""

from __future__ import annotations

import io
from pathlib import Path
from typing import Final

import httpx2
from PIL import Image

from entrepot.app import open_database
from entrepot.verify import queries
from entrepot.verify.drill import Finding, Size, finding
from entrepot.verify.ground import Ground, Reply
from entrepot.verify.invariants import broken
from entrepot.verify.load import Load
from entrepot.verify.stall import order_of

SHOPPERS: Final = 8
ORDERS_BEFORE: Final = 20


async def run(ground: Ground, size: Size) -> list[Finding]:
    """Shoppers buy and pay before, during and after the backup; then it is restored beside the shop."""
    findings = []
    for number in range(size.of(1, 1, 3)):
        folder = ground.folder / f"backup-{number}"
        folder.mkdir()
        findings += await _once(ground, folder)
    return findings


async def _once(ground: Ground, folder: Path) -> list[Finding]:
    file, home = folder / "shop.tar", folder / "home"
    product_id = await ground.stall.a_product(100_000)
    picture = await _a_picture(ground)
    async with Load(ground, [product_id], SHOPPERS) as load:
        await load.until_bought(ORDERS_BEFORE)
        before = load.acknowledged
        code, said = await ground.run("backup", str(file))
        await load.until_bought(1)
    faults = [] if code == 0 else [f"entrepot backup ended with {code}: {said[-500:]}"]
    taken = finding("a backup under checkout load", 1, faults, f"{len(before)} orders before it began")
    if code != 0:
        return [taken]
    async with ground.scratch.another() as dsn:
        code, said = await ground.run("restore", str(file), dsn=dsn, home=home)
        if code != 0:
            return [taken, finding("restoring it", 1, [f"entrepot restore ended with {code}: {said[-500:]}"])]
        return [
            taken,
            await _books(ground, dsn, before),
            await _sells(ground, dsn, home, product_id, picture),
            await _nothing_is_written_over(ground, file, dsn, home),
        ]


async def _books(ground: Ground, dsn: str, before: list[str]) -> Finding:
    database = await open_database(ground.settings, dsn)
    try:
        there = {one.number for one in await queries.list_outcomes(database.reader, before)}
        faults = [
            f"order {number} was acknowledged before, and is not there" for number in before if number not in there
        ]
        faults += await broken(database.reader)
    finally:
        await database.close()
    return finding("the books of the restored shop", len(before), faults)


async def _sells(ground: Ground, dsn: str, home: Path, product_id: int, picture: str) -> Finding:
    """People are still signed in, pictures are there, and orders can be placed."""
    server = ground.a_server(dsn=dsn, home=home)
    faults = []
    async with ground.serving(server):
        body = order_of((product_id, 1), email="restored@verify.example")
        order = await ground.send("POST", "/orders", server=server, json=body)
        me = await ground.send("GET", "/auth/me", server=server, headers=ground.stall.admin)
        shown = await ground.http.get(f"{server.url}{picture}")
        for what, reply, expected in (("an order", order, 201), ("a token", me, 200), ("a picture", shown, 200)):
            if reply.status_code != expected:
                faults.append(f"{what} is answered {Reply.of(reply)}")
    return finding("the restored shop: an order, a token, a picture", 3, faults)


async def _nothing_is_written_over(ground: Ground, file: Path, dsn: str, home: Path) -> Finding:
    again, _ = await ground.run("backup", str(file))
    over, _ = await ground.run("restore", str(file), dsn=dsn, home=home)
    faults = [] if again else ["a backup was written over another"]
    faults += [] if over else ["a backup was restored over a shop"]
    return finding("over a file, and over a shop", 2, faults, "refused")


async def _a_picture(ground: Ground) -> str:
    """The path of a picture that was uploaded."""
    content = io.BytesIO()
    Image.new("RGB", (64, 64), "teal").save(content, "PNG")
    files = {"file": ("picture.png", content.getvalue(), "image/png")}
    reply = await ground.send("POST", "/upload", files=files, headers=ground.stall.admin)
    return httpx2.URL(str(reply.json()["url"])).path
