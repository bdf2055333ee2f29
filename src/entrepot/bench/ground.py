"""The shop that is measured: a scratch database with a demo catalog, served by one process, and furnished to be bought from."""

from __future__ import annotations

import os
import random
import re
import secrets
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, Final

import httpx2
import msgspec

from entrepot.bench.shopper import API, Goods
from entrepot.settings import DEMO_PASSWORD, Settings, load_settings
from entrepot.verify import Server

PROGRAM: Final = (sys.executable, "-m", "entrepot")
ADMIN: Final = "admin@entrepot.test"

SIZES: Final = {"1k": (1_000, 1_000), "100k": (100_000, 100_000), "1m": (1_000_000, 1_000_000)}
"""Products and orders of the catalog, by the name of its size."""

BUYABLE: Final = 300
PIECES: Final = 1_000_000
"""Of each product that is bought: more than a run can sell."""

SAMPLE_PAGES: Final = 40
FILTERS: Final = 4_000

_STATEMENTS: Final = re.compile(r"^entrepot_database_statements_total ([\d.e+]+)$", re.MULTILINE)


class LoadFailed(Exception):
    """The catalog could not be loaded; the message says where to look."""


class Ground:
    """A data folder and a database of the benchmark's own."""

    def __init__(self, folder: Path, dsn: str, seed: int) -> None:
        self.folder = folder
        self.dsn = dsn
        self.settings: Settings = load_settings(
            _env_file=None, home=folder / "home", environment="development", database_url=None, log_level="warning"
        )
        self._seed = seed
        self._environment = {
            "DATABASE_URL": dsn,
            "ENTREPOT_HOME": str(folder / "home"),
            "ENTREPOT_ENV": "development",
            "RATE_LIMIT_ENABLED": "false",
            "LOG_LEVEL": "warning",
            "LOG_FORMAT": "json",
        }

    def load(self, products: int, orders: int) -> None:
        """Fill the empty database; the demo's own progress is shown. Raises LoadFailed."""
        sizes = ["--products", str(products), "--orders", str(orders), "--seed", str(self._seed)]
        done = subprocess.run([*PROGRAM, "demo", *sizes], env={**os.environ, **self._environment}, check=False)  # noqa: S603
        if done.returncode:
            raise LoadFailed("The catalog could not be loaded: see above.")

    @asynccontextmanager
    async def served(self) -> AsyncIterator[Served]:
        """The shop, served by one process as long as the block lasts. Raises what a server raises that does not start."""
        server = Server([*PROGRAM, "serve", "--no-demo"], self.folder, self._environment)
        began = time.perf_counter()
        await server.start()
        try:
            yield Served(server, time.perf_counter() - began)
        finally:
            await server.stop()

    async def furnish(self, served: Served, buyers: int) -> tuple[Goods, list[str]]:
        """Goods to ask for and to buy, and the tokens of so many signed-in buyers: all through the shop's API."""
        chance = random.Random(self._seed)
        async with httpx2.AsyncClient(base_url=served.server.url + API, timeout=60) as http:
            login = {"email": ADMIN, "password": DEMO_PASSWORD}
            admin = {"Authorization": f"Bearer {(await _made(http, '/auth/login', login))['token']}"}
            sample = await _sampled(http, chance)
            buyable = await _stocked(http, admin, sample.products[0])
            tokens = [await _registered(http) for _ in range(buyers)]
        goods = Goods(
            total=sample.total,
            ids=sorted({product["id"] for product in sample.products}),
            filters=[sample.filters(chance) for _ in range(FILTERS)],
            words=sorted({word for product in sample.products for word in re.findall(r"\w{3,}", product["title"])}),
            buyable=buyable,
        )
        return goods, tokens


class Served:
    """The server process. `first_reply_s`: from its start until it was ready."""

    def __init__(self, server: Server, first_reply_s: float) -> None:
        self.server = server
        self.first_reply_s = first_reply_s

    @property
    def port(self) -> int:
        return self.server.port

    async def statements(self) -> int:
        """How many it has sent to the database."""
        async with httpx2.AsyncClient(timeout=60) as http:
            found = _STATEMENTS.search((await http.get(f"{self.server.url}/metrics")).text)
        return int(float(found[1])) if found is not None else 0

    def memory_mb(self) -> float:
        """What of it lies in memory now."""
        command = ["ps", "-o", "rss=", "-p", str(self.server.pid)]
        shown = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603
        return int(shown.stdout or 0) / 1024


class _Sample(msgspec.Struct, frozen=True):
    """Products from all over the list."""

    total: int
    products: list[dict[str, Any]]

    def filters(self, chance: random.Random) -> Mapping[str, Any]:
        """None to three filters, with values that a product has."""
        product = chance.choice(self.products)
        price = float(product["price"])
        possible: list[dict[str, Any]] = [
            {"minPrice": round(price * chance.random(), 2)},
            {"maxPrice": round(price * (1 + chance.random()), 2)},
            {"category": product["category"]},
            {"company": product["companyId"]},
            {"inStock": chance.choice(("true", "false"))},
            *({"brand": product[key]} for key in ("brand",) if product.get(key)),
            *({"tag": tag} for tag in product["tags"][:1]),
        ]
        chosen: dict[str, Any] = {}
        for one in chance.sample(possible, chance.randint(0, 3)):
            chosen |= one
        return chosen


async def _sampled(http: httpx2.AsyncClient, chance: random.Random) -> _Sample:
    total = (await _asked(http, "/products?limit=1"))["total"]
    products: list[dict[str, Any]] = []
    for _ in range(SAMPLE_PAGES):
        skip = chance.randrange(max(1, total - 100))
        products += (await _asked(http, f"/products?limit=100&skip={skip}"))["products"]
    return _Sample(total, products)


async def _stocked(http: httpx2.AsyncClient, admin: dict[str, str], like: Mapping[str, Any]) -> list[int]:
    """New products of the same company and category as another, with plenty of stock."""
    mark = secrets.token_hex(4)
    rows = [
        {
            "sku": f"BENCH-{mark}-{number:04d}",
            "title": f"Bench {mark} {number:04d}",
            "description": "Bought in a benchmark.",
            "price": 10 + number % 90,
            "thumbnail": "https://example.com/picture.jpg",
            "category": like["category"],
            "companyId": like["companyId"],
            "brand": "Bench",
            "stock": PIECES,
        }
        for number in range(BUYABLE)
    ]
    made = await _made(http, "/products/bulk", {"products": rows, "atomic": True}, admin)
    return [row["id"] for row in made["results"]]


async def _registered(http: httpx2.AsyncClient) -> str:
    person = {
        "email": f"bench-{secrets.token_hex(8)}@example.com",
        "password": f"Bench-{secrets.token_hex(8)}A1",
        "firstName": "Jo",
        "lastName": "Bench",
    }
    return str((await _made(http, "/auth/register", person))["token"])


async def _asked(http: httpx2.AsyncClient, path: str) -> dict[str, Any]:
    reply = await http.get(path)
    reply.raise_for_status()
    told: dict[str, Any] = reply.json()
    return told


async def _made(
    http: httpx2.AsyncClient, path: str, body: dict[str, Any], headers: dict[str, str] | None = None
) -> dict[str, Any]:
    reply = await http.post(path, json=body, headers=headers)
    if reply.status_code >= 400:
        raise LoadFailed(f"POST {path} was answered {reply.status_code}: {reply.text[:300]}")
    made: dict[str, Any] = reply.json()
    return made
