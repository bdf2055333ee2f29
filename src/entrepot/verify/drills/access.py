"""Every operation answers every role as the access table says, and nobody sees or changes what is somebody else's.

The table (`access.tsv`) says for each route and role what is answered: about one's own object and about another's. Here it
is asked of running servers: who is refused whatever it asks for, who is let in to read, and what becomes of whoever reaches
for another's order, address, payment, picture, session, cart or company, from another zone and another company.
"""

from __future__ import annotations

import asyncio
import io
import re
from collections.abc import Iterator, Mapping
from importlib import resources
from typing import Any, Final

import httpx2
import msgspec
from PIL import Image

from entrepot.kernel.actors import Role
from entrepot.verify.drill import Finding, Size, finding
from entrepot.verify.ground import Ground, Reply
from entrepot.verify.stall import ADDRESS

GUEST: Final = "guest"
REFUSED: Final = frozenset({401, 403})
NOT_YOURS: Final = frozenset({401, 403, 404})
JUDGED_BEFORE: Final = frozenset({400, 415, 422})
"""A request may be refused for what it says, before anybody looks whose the object is: nothing is shown or changed."""
AT_ONCE: Final = 16
PATIENCE: Final = 5
"""So often a request is sent to a server that is too busy."""
NOBODYS: Final = "4611686018427387904"

NEEDS_MORE: Final = frozenset({"GET /api/v1/products/export"})
"""Not asked of whoever is let in to read: what it is about stands in the query, and is somebody's."""

BODIES: Final[Mapping[str, dict[str, Any]]] = {
    "PUT /api/v1/addresses/{address_id}": {"city": "Paris"},
    "PUT /api/v1/users/me/addresses/{address_id}": {"city": "Paris"},
    "PUT /api/v1/orders/{order_id}/cancel": {"reason": "Changed my mind"},
    "PUT /api/v1/orders/{order_id}/status": {"status": "confirmed"},
    "POST /api/v1/orders/{order_id}/notes": {"note": "Leave it at the door", "text": "Leave it at the door"},
    "POST /api/v1/payments/intents/{intent_id}/confirm": {"paymentMethodId": "pm_card_visa"},
    "PUT /api/v1/products/{product_id}": {"title": "Mine now"},
    "PUT /api/v1/vendors/products/{product_id}": {"title": "Mine now"},
    "PUT /api/v1/companies/{company_id}": {"name": "Mine now"},
    "PUT /api/v1/users/{user_id}": {"firstName": "Mine now"},
}
"""Valid bodies for reaching for another's; others are asked without one."""


class Row(msgspec.Struct, frozen=True):
    """A route, and what each role is answered: about its own object, if there is such a thing, and about another's."""

    method: str
    path: str
    cells: dict[str, tuple[int, ...]]

    @property
    def route(self) -> str:
        return f"{self.method} {self.path}"


class Try(msgspec.Struct, frozen=True):
    """One request, and the statuses that it may be answered with."""

    role: str
    row: Row
    path: str
    expected: frozenset[int]
    body: dict[str, Any] | None = None


async def run(ground: Ground, size: Size) -> list[Finding]:  # noqa: ARG001  the table is the table
    rows = list(read_table())
    zone_id, company_id = await _elsewhere(ground)
    actors: dict[str, dict[str, str]] = {GUEST: {}}
    for role in Role:
        actors[role] = await ground.stall.somebody(role, zone_id=zone_id, company_id=company_id)
    theirs = await _objects(ground)
    return [
        await _asked(ground, "roles that are refused whatever they ask for", actors, list(_refused(rows))),
        await _asked(ground, "roles that are let in to read", actors, list(_let_in(rows))),
        await _asked(ground, "another's objects", actors, list(_reaching(rows, theirs))),
    ]


def read_table() -> Iterator[Row]:
    """The table, as it came with the shop."""
    head, *lines = resources.files("entrepot.verify").joinpath("access.tsv").read_text("utf-8").splitlines()
    roles = head.split("\t")[2:]
    for line in lines:
        method, path, *cells = line.split("\t")
        answers = [tuple(int(answer[:3]) for answer in cell.split()) for cell in cells]
        yield Row(method, path, dict(zip(roles, answers, strict=True)))


def _refused(rows: list[Row]) -> Iterator[Try]:
    for row in rows:
        for role, cell in row.cells.items():
            if len(cell) == 1 and cell[0] in REFUSED:
                yield Try(role, row, re.sub(r"{\w+}", NOBODYS, row.path), frozenset(cell) | (NOT_YOURS & {404}))


def _let_in(rows: list[Row]) -> Iterator[Try]:
    for row in rows:
        for role, cell in row.cells.items():
            is_plain = row.method == "GET" and "{" not in row.path and row.route not in NEEDS_MORE
            if is_plain and cell[0] not in REFUSED:
                yield Try(role, row, row.path, frozenset(cell[:1]) | JUDGED_BEFORE)


def _reaching(rows: list[Row], theirs: Mapping[str, str]) -> Iterator[Try]:
    for row in rows:
        if (path := _filled(row.path, theirs)) is None:
            continue
        for role, cell in row.cells.items():
            if cell[-1] in NOT_YOURS:
                yield Try(role, row, path, frozenset(cell[-1:]) | JUDGED_BEFORE, BODIES.get(row.route, {}))


def _filled(path: str, theirs: Mapping[str, str]) -> str | None:
    """The path with another's object in the place of its one parameter; None where none was made for it."""
    key = re.sub(r"}.*", "}", path).removeprefix("/api/v1")
    if path.count("{") != 1 or key not in theirs:
        return None
    return re.sub(r"{\w+}", theirs[key], path)


async def _asked(ground: Ground, what: str, actors: Mapping[str, dict[str, str]], tries: list[Try]) -> Finding:
    turn = asyncio.Semaphore(AT_ONCE)

    async def one(of: Try) -> str | None:
        async with turn:
            body = of.body if of.row.method in ("POST", "PUT", "PATCH") else None
            url = f"{ground.server().url}{of.path}"
            try:
                for _ in range(PATIENCE):
                    reply = await ground.http.request(of.row.method, url, headers=actors[of.role], json=body)
                    if reply.status_code != 503:  # a busy machine; who may do what is not told by it
                        break
                    await asyncio.sleep(1)
            except httpx2.TransportError as error:
                return f"{of.row.route} as {of.role}: {error!r}"
        if reply.status_code in of.expected:
            return None
        return (
            f"{of.row.route} as {of.role} is answered {Reply.of(reply)}, not {'/'.join(map(str, sorted(of.expected)))}"
        )

    faults = [fault for fault in await asyncio.gather(*(one(of) for of in tries)) if fault is not None]
    routes = len({of.row.route for of in tries})
    return finding(what, len(tries), faults, f"{routes} routes, {len({of.role for of in tries})} roles")


async def _elsewhere(ground: Ground) -> tuple[int, int]:
    """A zone and a company that have nothing to do with the stall."""
    centre = {"latitude": 51.5, "longitude": -0.1}
    zone = await ground.stall.made("/zones", {"name": ground.stall.name("Zone"), "centre": centre})
    company = await ground.stall.made("/companies", {"name": ground.stall.name("Company")})
    return int(zone["id"]), int(company["id"])


async def _objects(ground: Ground) -> dict[str, str]:
    """What belongs to somebody else, by the path up to the parameter."""
    (owner,) = await ground.stall.people(1)
    product_id = await ground.stall.a_product(100)
    product = (await ground.send("GET", f"/products/{product_id}")).json()
    order = await ground.stall.an_order_to_pay(product_id)
    intent_id = await ground.stall.an_intent(order)
    address = await ground.stall.made("/users/me/addresses", {**ADDRESS, "label": "Home"}, owner)
    sessions = (await ground.send("GET", "/auth/sessions", headers=owner)).json()
    me = (await ground.send("GET", "/auth/me", headers=owner)).json()
    me = me.get("user", me)
    return {
        "/addresses/{address_id}": str(address["id"]),
        "/users/me/addresses/{address_id}": str(address["id"]),
        "/orders/{order_id}": order.number,
        "/vendors/orders/{order_id}": order.number,
        "/payments/intents/{intent_id}": intent_id,
        "/upload/{key}": await _a_picture(ground, owner),
        "/auth/sessions/{session_id}": _first_id(sessions),
        "/products/{product_id}": str(product_id),
        "/vendors/products/{product_id}": str(product_id),
        "/companies/{company_id}": str(product["companyId"]),
        "/vendors/company/{company_id}": str(product["companyId"]),
        "/users/{user_id}": str(me["id"]),
        "/carts/user/{user_id}": str(me["id"]),
    }


def _first_id(listed: Any) -> str:
    """Of the first of a list, or of the only list in an object."""
    found = listed if isinstance(listed, list) else next(value for value in listed.values() if isinstance(value, list))
    return str(found[0]["id"])


async def _a_picture(ground: Ground, owner: dict[str, str]) -> str:
    content = io.BytesIO()
    Image.new("RGB", (32, 32), "olive").save(content, "PNG")
    files = {"file": ("picture.png", content.getvalue(), "image/png")}
    return str((await ground.send("POST", "/upload", files=files, headers=owner)).json()["key"])
