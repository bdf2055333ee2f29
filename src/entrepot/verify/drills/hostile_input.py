"""Whatever is sent, no server fails: a refusal is a 4xx in the documented shape, and every reply fits the description.

Requests are made up from the API's own description, by Schemathesis; others are bodies, headers, addresses and half
requests that no honest client sends; and clients that fall asleep in the middle keep nobody else from buying.
"""

from __future__ import annotations

import asyncio
import json
import re
import sys
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, Final

import httpx2
import msgspec

from entrepot.app import open_database
from entrepot.databases import bring_up_to_date
from entrepot.verify.drill import Finding, Size, finding
from entrepot.verify.ground import Ground, Reply
from entrepot.verify.invariants import broken
from entrepot.verify.nasty import BODIES, HEADERS, INTERNAL, PATHS, QUERIES, RAW, UNFINISHED
from entrepot.verify.servers import Server
from entrepot.verify.stall import Stall, open_stall, order_of

AT_ONCE: Final = 16
REQUEST_TIMEOUT_S: Final = 3
WAIT_S: Final = 5.0
CHECKS: Final = "not_a_server_error,response_schema_conformance,content_type_conformance"
ENDS_THE_SESSION: Final = "/auth/logout$|/users/me$|/metrics$"
"""Not called at random: after these nobody is signed in any more; and metrics have as many forms as clients accept."""


class Target(msgspec.Struct, frozen=True):
    """A shop of its own, which may be destroyed, and the description of its API."""

    ground: Ground
    server: Server
    stall: Stall
    description: dict[str, Any]

    @property
    def http(self) -> httpx2.AsyncClient:
        return self.ground.http


async def run(ground: Ground, size: Size) -> list[Finding]:
    async with _target(ground) as target:
        findings = [
            await _addresses(target),
            await _headers(target),
            await _bodies(target, size.of(2, 5, len(BODIES))),
            await _raw(target),
            await _sleepers(target, size.of(20, 100, 500)),
            await _made_up(target, size),
        ]
        alive = [] if target.server.lives else [f"the server has ended: {target.server.end_of_log()}"]
        return [*findings, finding("the server afterwards", 1, alive)]


@asynccontextmanager
async def _target(ground: Ground) -> AsyncIterator[Target]:
    home = ground.folder / "hostile"
    async with ground.scratch.another() as dsn:
        server = ground.a_server(dsn=dsn, home=home, settings={"REQUEST_TIMEOUT_S": str(REQUEST_TIMEOUT_S)})
        await bring_up_to_date(dsn)
        database = await open_database(ground.settings, dsn)
        try:
            async with ground.serving(server):

                async def send(method: str, path: str, **options: Any) -> httpx2.Response:
                    return await ground.send(method, path, server=server, **options)

                stall = await open_stall(send, database)
                description = (await ground.http.get(f"{server.url}/openapi.json")).json()
                yield Target(ground, server, stall, description)
                if faults := await broken(database.reader):
                    raise BooksBroken(faults[0])
        finally:
            await database.close()


class BooksBroken(Exception):
    """Hostile input has brought the books into disorder."""


async def _addresses(target: Target) -> Finding:
    paths = [*PATHS, *(f"/api/v1/{of}?{query}" for of in ("products", "search", "companies") for query in QUERIES)]
    faults = await _asked(target, [("GET", path, path[:60], {}) for path in paths])
    return finding("addresses that nobody honest asks for", len(paths), faults)


async def _headers(target: Target) -> Finding:
    tried = [
        (method, path, f"{name}, {path}", {"headers": headers, **({"content": b"{}"} if method == "POST" else {})})
        for name, headers in HEADERS.items()
        for method, path in (("GET", "/api/v1/products"), ("GET", "/api/v1/cart"), ("POST", "/api/v1/orders"))
    ]
    return finding("headers that nobody honest sends", len(tried), await _asked(target, tried))


async def _bodies(target: Target, each: int) -> Finding:
    """Every operation that takes a body gets some of the nasty ones, another few each; in a full run all of them."""
    names = list(BODIES)
    tried = []
    for number, (method, path) in enumerate(_operations(target.description)):
        for step in range(each):
            name = names[(number * each + step) % len(names)]
            headers = {**target.stall.admin, "Content-Type": "application/json"}
            tried.append((method, path, f"{name}, {method} {path}", {"content": BODIES[name], "headers": headers}))
    return finding("bodies that nobody honest sends", len(tried), await _asked(target, tried))


def _operations(description: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Methods and paths that take a JSON body, with parameters that name nothing."""
    return [
        (
            method.upper(),
            re.sub(r"\{(\w+)\}", lambda found: "4611686018427387904" if "Id" in found[1] else "none", path),
        )
        for path, operations in description["paths"].items()
        for method, operation in operations.items()
        if "application/json" in operation.get("requestBody", {}).get("content", {}) and "logout" not in path
    ]


async def _asked(target: Target, tried: list[tuple[str, str, str, dict[str, Any]]]) -> list[str]:
    """Send all, a few at a time; what is wrong with the replies."""
    turn = asyncio.Semaphore(AT_ONCE)

    async def one(method: str, path: str, name: str, options: dict[str, Any]) -> str | None:
        async with turn:
            try:
                reply = await target.http.request(method, f"{target.server.url}{path}", **options)
            except httpx2.InvalidURL:
                return None  # this client cannot even send it; the raw requests can
            except httpx2.TransportError as error:
                return f"{name}: {error!r}"
            return _wrong_with(reply, name)

    faults = await asyncio.gather(*(one(*request) for request in tried))
    return [fault for fault in faults if fault is not None]


def _wrong_with(reply: httpx2.Response, name: str) -> str | None:
    if reply.status_code >= 500:
        return f"{name}: {Reply.of(reply)}"
    if reply.status_code >= 400:
        if leaks := [word for word in INTERNAL if word in reply.text]:
            return f"{name}: the reply says {leaks[0]}"
        try:
            body = reply.json()
        except ValueError:
            return f"{name}: {reply.status_code} without JSON"
        if not isinstance(body, dict) or not {"message", "status", "code", "requestId"} <= body.keys():
            return f"{name}: {reply.status_code} in another shape than documented"
    return None


async def _raw(target: Target) -> Finding:
    """Bytes that are hardly HTTP: refused or hung up on, and never a 5xx."""
    faults = []
    for name, sent in RAW.items():
        answered = await _talk(target.server, sent)
        if re.match(rb"HTTP/1\.1 5", answered) and b" 501 " not in answered[:20] and b" 505 " not in answered[:20]:
            faults.append(f"{name}: {answered[:60]!r}")
    return finding("requests that are hardly HTTP", len(RAW), faults)


async def _talk(server: Server, sent: bytes) -> bytes:
    """The beginning of what is answered; nothing when the server hangs up or waits for more."""
    reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
    try:
        writer.write(sent)
        await asyncio.wait_for(writer.drain(), WAIT_S)
        return await asyncio.wait_for(reader.read(4096), 1.0)
    except (ConnectionError, TimeoutError):
        return b""
    finally:
        writer.close()


async def _sleepers(target: Target, count: int) -> Finding:
    """So many clients fall asleep in the middle of a request; everybody else is served as ever."""
    product_id = await target.stall.a_product(1_000)
    halves = list(UNFINISHED.values())
    writers = []
    faults = []
    try:
        for number in range(count):
            _, writer = await asyncio.open_connection("127.0.0.1", target.server.port)
            writer.write(halves[number % len(halves)])
            writers.append(writer)
        for number in range(10):
            body = order_of((product_id, 1), email=f"{target.stall.name('awake')}@verify.example")
            url = f"{target.server.url}/api/v1/orders"
            reply = await target.http.post(url, json=body, timeout=REQUEST_TIMEOUT_S + WAIT_S)
            if reply.status_code != 201:
                faults.append(f"order {number + 1} was answered {Reply.of(reply)}")
    finally:
        for writer in writers:
            writer.close()
    return finding("clients that fall asleep in the middle of a request", count, faults, "10 orders placed meanwhile")


async def _made_up(target: Target, size: Size) -> Finding:
    """Schemathesis, in a process of its own: requests made up from the description, valid ones and others."""
    folder = target.ground.folder / "schemathesis"
    folder.mkdir()
    (folder / "openapi.json").write_text(json.dumps(_without_envelopes(target.description)))
    seconds, examples = size.of(5, 12, 1200), size.of(1, 3, 50)
    phases = "fuzzing" if size is not Size.FULL else "examples,coverage,fuzzing"
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-W", "ignore", "-m", "schemathesis.cli", "run", "openapi.json", f"--url={target.server.url}",
        f"--checks={CHECKS}", f"--phases={phases}", f"--max-examples={examples}", f"--max-time={seconds}", "--workers=2",
        "--continue-on-failure", "--no-shrink", "--seed=1", "--generation-database=none", "--warnings=off", "--no-color",
        f"--header=Authorization: {target.stall.admin['Authorization']}", f"--exclude-path-regex={ENDS_THE_SESSION}",
        "--report=json", "--report-json-path=report.json",
        cwd=folder, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT,
    )  # fmt: skip
    said, _ = await process.communicate()
    (folder / "said.txt").write_bytes(said)
    if not (folder / "report.json").exists():
        return finding("requests made up from the description", 0, [f"Schemathesis: {said.decode()[-500:]}"])
    report = json.loads((folder / "report.json").read_bytes())
    return finding(
        "requests made up from the description",
        report["test_cases"]["generated"],
        _told(report, folder),
        f"{report['operations']['tested']} operations",
    )


def _without_envelopes(description: dict[str, Any]) -> dict[str, Any]:
    """The description without `envelope`, with which a reply is wrapped, and fits another schema than its own."""
    return {
        **description,
        "paths": {
            path: {
                method: {
                    **operation,
                    "parameters": [
                        one for one in operation.get("parameters", []) if _resolved(description, one) != "envelope"
                    ],
                }
                for method, operation in operations.items()
            }
            for path, operations in description["paths"].items()
        },
    }


def _resolved(description: Mapping[str, Any], parameter: Mapping[str, Any]) -> str:
    """A parameter's name, through its reference if it has one."""
    for part in parameter.get("$ref", "#").split("/")[1:]:
        description = description[part]
    return str((description if "$ref" in parameter else parameter)["name"])


def _told(report: Mapping[str, Any], folder: Path) -> list[str]:
    faults = [
        f"{failure['title']}: {operation} (see {folder / 'said.txt'})"
        for failure in report["failures"]
        for operation in failure["operations"]
    ]
    # A "Runtime Error" is its own: Python 3.11 loses count of its recursion when several threads parse at once.
    told = (error.get("title", error) for error in report["errors"])
    return faults + [f"Schemathesis: {title}" for title in told if title != "Runtime Error"]
