"""Moments that no clock in UTC shows are refused wherever one can be sent: in query strings, cursors and bodies."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date, datetime
from typing import Any, get_args

import pytest
from pydantic import TypeAdapter, ValidationError

from entrepot.kernel.actors import Guard
from entrepot.kernel.fields import Moment
from entrepot.kernel.openapi import operations_of
from entrepot.kernel.pages import encode_cursor
from tests.builders import Client
from tests.kernel.hostile import PREFIX, callers, refusal

TOO_FAR = ("0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00")
FAR = ("0001-01-01T00:00:00Z", "9999-12-31T23:59:59.999999Z", "0001-01-01T00:00:00", "9999-12-31")


def moments_asked_for(client: Client, some_id: str) -> Iterator[tuple[str, str, Guard]]:
    """Every GET route that takes a moment, with the parameter's name."""
    for method, path, handler in operations_of(client.app.litestar):
        if method != "GET":
            continue
        signatures = [handler.parsed_fn_signature]
        signatures += [provide.parsed_fn_signature for provide in handler.resolve_dependencies().values()]
        for signature in signatures:
            for name, field in signature.parameters.items():
                if {datetime, date} & {field.annotation, *get_args(field.annotation)}:
                    wire_name = getattr(field.kwarg_definition, "name", None) or name
                    yield (
                        re.sub(r"\{[^}]+\}", some_id, path).removeprefix(PREFIX),
                        wire_name,
                        handler.opt["operation"].guard,
                    )


async def test_every_route_that_takes_a_moment(client: Client) -> None:
    of_each_role = await callers(client)
    await client.a_product(stock=1)
    warehouse_id: int = await client.value("select max(id) from warehouses")
    asked = list(moments_asked_for(client, str(warehouse_id)))
    assert {"/inventory/stock", "/inventory/history", "/ledger/entries", "/orders", "/payments"} <= {
        path for path, _, _ in asked
    }
    for path, name, guard in asked:
        caller = next(caller for role, caller in of_each_role.items() if role in guard.roles)
        for moment in TOO_FAR:
            reply = await caller.get(path, params={name: moment})
            assert name in refusal(reply, 400)["details"], (path, moment)
        for moment in FAR:
            reply = await caller.get(path, params={name: moment})
            assert reply.status_code in (200, 400), (path, name, moment, reply.text)


@pytest.mark.parametrize("moment", [*TOO_FAR, "2026-03-29T00:00:00", "yesterday", 7, None, "\ud800"])
@pytest.mark.parametrize("path", ["/payments", "/wishlist"])
async def test_cursors(client: Client, path: str, moment: Any) -> None:
    admin = await client.signed_in("admin")
    last = "pi_1" if path == "/payments" else 1

    reply = await admin.get(path, params={"cursor": encode_cursor(str(moment).replace("\ud800", "?"), last)})

    assert "cursor" in refusal(reply, 400)["details"]


@pytest.mark.parametrize("moment", TOO_FAR)
def test_fields_of_bodies(moment: str) -> None:
    with pytest.raises(ValidationError, match="is too far away"):
        TypeAdapter(Moment).validate_python(moment)
