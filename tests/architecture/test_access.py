"""Every route says who may call it, once."""

from __future__ import annotations

import inspect

from entrepot.app import Application
from entrepot.kernel.actors import Guard, Identify
from tests.architecture.shop_routes import FOREIGN_DESCRIPTION, served_routes


async def test_every_route_has_one_guard(app: Application) -> None:
    wrong = [
        f"{route} has {guards or 'none'}"
        for route in served_routes(app)
        if not route.path.startswith(FOREIGN_DESCRIPTION)
        if len(guards := list(route.handler.resolve_guards())) != 1 or not isinstance(guards[0], Guard)
    ]
    assert not wrong, (
        f"A route names exactly one guard of kernel.actors, `guard=...`, and so does its controller: {wrong}"
    )


async def test_nobody_else_describes_the_api(app: Application) -> None:
    routes = [str(route) for route in served_routes(app) if route.path.startswith(FOREIGN_DESCRIPTION)]
    assert not routes, f"Litestar serves its own description, with pages that load scripts from elsewhere: {routes}"


async def test_every_route_is_declared_with_the_kernels_decorators(app: Application) -> None:
    wrong = [
        str(route)
        for route in served_routes(app)
        if route.methods and not route.path.startswith(FOREIGN_DESCRIPTION)
        if route.operation is None or route.operation.guard not in route.handler.resolve_guards()
    ]
    assert not wrong, f"Declare these with get, post, put, patch or delete of kernel.routes: {wrong}"


async def test_who_is_asked_for_is_found_out(app: Application) -> None:
    wrong = [
        str(route)
        for route in served_routes(app)
        if route.operation is not None and route.operation.guard.identify is Identify.NOT
        if "actor" in inspect.signature(route.written).parameters
    ]
    assert not wrong, f"These take `actor`, but their guard does not ask: everybody would be a guest: {wrong}"


async def test_what_is_cached_is_the_same_for_everybody(app: Application) -> None:
    wrong = [
        str(route)
        for route in served_routes(app)
        if route.operation is not None and route.operation.cached is not None
        if route.operation.guard.identify is not Identify.NOT or route.methods != ("GET",)
    ]
    assert not wrong, f"Only a GET that is open to `anyone` may be cached: {wrong}"
