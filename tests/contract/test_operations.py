"""The table of operations is true: what it calls built is there, for those whom it names, and nothing else is.

To build an operation, set its `state` in operations.tsv to `built`.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Final

import msgspec

from entrepot.app import Application
from entrepot.kernel.openapi import PREFIX, operations_of

TABLE: Final = Path(__file__).with_name("operations.tsv")


class Row(msgspec.Struct, frozen=True):
    """An operation of the product, and whether there is one yet."""

    area: str
    method: str
    path: str
    access: str
    seeds: str
    what: str
    state: str

    @property
    def key(self) -> str:
        return f"{self.method} {_nameless(self.path)}"


_PUBLIC: Final = frozenset({"anyone", "visitor", "guest_or_user"})
_BY_ROWS: Final = frozenset({"signed_in"})

GUARDS: Final[Mapping[str, frozenset[str]]] = {
    "public": _PUBLIC,
    "refresh token": frozenset({"visitor"}),
    "provider signature": frozenset({"anyone"}),
    "user or guest": frozenset({"guest_or_user"}),
    "user": frozenset({"signed_in"}),
    "seller": frozenset({"seller"}),
    "admin": frozenset({"admin"}),
    "zone admin": frozenset({"zone_admin"}),
    "seller or zone admin": frozenset({"seller_or_zone_admin"}),
    "zone admin or seller": frozenset({"seller_or_zone_admin"}),
    "owner seller or zone admin": frozenset({"seller_or_zone_admin"}),
    "zone admin, or seller for its part": frozenset({"seller_or_zone_admin"}),
    "zone admin or its owner": frozenset({"seller_or_zone_admin"}),
    "admin or its owner": frozenset({"seller_or_admin"}),
    "seller or admin": frozenset({"seller_or_admin"}),
    "admin or company owner": frozenset({"seller_or_admin"}),
    "its owner": frozenset({"seller"}),
    # Whose it is, the query decides from the actor.
    "self or admin": _BY_ROWS,
    "owner": _BY_ROWS,
    "owner or admin": _BY_ROWS,
    "author": _BY_ROWS,
    "author or admin": _BY_ROWS,
    "buyer": _BY_ROWS,
    "parties": _BY_ROWS,
    "buyer, parties": _BY_ROWS,
    "its users": _BY_ROWS,
    "its user or admin": _BY_ROWS,
    "that user or admin": _BY_ROWS,
    "user who bought it": _BY_ROWS,
    "owner, seller, zone admin": _BY_ROWS,
    "owner, its sellers, zone admin": _BY_ROWS,
    "buyer of an offer, or the seller asked": _BY_ROWS,
}
"""Which guards fit the words of the access column. Words that are not here get their guard when they are built."""

OTHERWISE: Final = {
    "POST /auth/validate": frozenset({"visitor"}),  # says itself, in its own shape, that a token is not valid
    "POST /orders": frozenset({"guest_or_user"}),  # a guest may check out; a setting
    # ... and reaches the order, its payment and its invoice with the order's token.
    "GET /orders/{}": frozenset({"guest_or_user"}),
    "GET /orders/{}/invoice": frozenset({"guest_or_user"}),
    "GET /orders/{}/credit-notes": frozenset({"guest_or_user"}),
    "GET /orders/{}/credit-notes/{}": frozenset({"guest_or_user"}),
    "GET /orders/{}/history": frozenset({"guest_or_user"}),
    "GET /orders/{}/tracking": frozenset({"guest_or_user"}),
    "POST /orders/{}/notes": frozenset({"guest_or_user"}),
    "PUT /orders/{}/cancel": frozenset({"guest_or_user"}),
    "DELETE /orders/{}": frozenset({"guest_or_user"}),
    "POST /orders/{}/return": frozenset({"guest_or_user"}),
    "GET /returns": frozenset({"guest_or_user"}),
    "GET /returns/{}": frozenset({"guest_or_user"}),
    "PUT /returns/{}/status": frozenset({"guest_or_user"}),  # the buyer withdraws it
    "POST /payments/intents": frozenset({"guest_or_user"}),
    "POST /payments/intents/{}/confirm": frozenset({"guest_or_user"}),
    "GET /payments/intents/{}/status": frozenset({"guest_or_user"}),
}
"""Operations that are wider than their words, for a reason that the requirements give."""

INFRASTRUCTURE: Final = frozenset(
    {
        "GET /",
        "GET /.well-known/jwks.json",
        "GET /docs",
        "GET /docs/start.js",
        "GET /docs/{}",
        "GET /health/ready",
        "GET /media/{}",
        "GET /metrics",
        "GET /openapi.json",
    }
)
"""Routes outside /api/v1 that are no operations of the product."""


async def test_what_is_built_is_there(app: Application) -> None:
    missing = sorted(row.key for row in _rows() if row.state == "built" and row.key not in _routes(app))
    assert not missing, f"operations.tsv says that these are built, but there is no route: {missing}"


async def test_what_is_not_built_is_not_there(app: Application) -> None:
    there = sorted(row.key for row in _rows() if row.state != "built" and row.key in _routes(app))
    assert not there, f"These are routes by now: set their state in {TABLE.name} to `built`: {there}"


async def test_nothing_else_is_there(app: Application) -> None:
    unknown = sorted(_routes(app).keys() - {row.key for row in _rows()} - INFRASTRUCTURE)
    assert not unknown, f"Add these to {TABLE.name}, with their access and what they do: {unknown}"


async def test_guards_fit_the_access_column(app: Application) -> None:
    routes = _routes(app)
    wrong = []
    for row in _rows():
        if row.state != "built" or row.key not in routes:
            continue
        assert row.access in GUARDS, f"{row.key}: say in GUARDS which guard fits {row.access!r}"
        if routes[row.key] not in (fitting := OTHERWISE.get(row.key, GUARDS[row.access])):
            wrong.append(f"{row.key} is for {row.access!r} and guarded by {routes[row.key]}, not by {sorted(fitting)}")
    assert not wrong, "\n".join(wrong)


def test_the_table_is_well_formed() -> None:
    rows = _rows()
    assert {row.state for row in rows} <= {"built", "not yet"}, "the state is `built` or `not yet`"
    assert len({row.key for row in rows}) == len(rows), "an operation stands in the table once"


def _rows() -> list[Row]:
    with TABLE.open(encoding="utf-8", newline="") as file:
        return [Row(**row) for row in csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE)]


def _routes(app: Application) -> dict[str, str]:
    """The name of the guard by operation."""
    return {
        f"{method} {_nameless(path.removeprefix(PREFIX)) or '/'}": handler.opt["operation"].guard.name
        for method, path, handler in operations_of(app.litestar)
    }


def _nameless(path: str) -> str:
    return re.sub(r"{[^}]*}", "{}", path)
