"""What a handler takes comes from somewhere that is known: nothing is read from the query by accident of its name."""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable, Iterator, Mapping
from typing import Annotated, Any, get_args, get_origin, get_type_hints

from litestar.params import CookieParameter, HeaderParameter, PathParameter, QueryParameter

from entrepot.app import Application
from entrepot.kernel.routes import INJECTED
from tests.architecture.shop_routes import ServedRoute, served_routes

DECLARED = (QueryParameter, HeaderParameter, CookieParameter)


async def test_every_parameter_is_accounted_for(app: Application) -> None:
    wrong = [fault for route in served_routes(app) if route.operation is not None for fault in _faults(route)]
    assert not wrong, "\n".join(
        [
            "Annotate the parameter with QueryParameter, HeaderParameter or CookieParameter, or name it as injected:",
            *wrong,
        ]
    )


async def test_every_part_of_a_path_is_read(app: Application) -> None:
    wrong = [
        f"{route} ignores {{{name}}}"
        for route in served_routes(app)
        if route.operation is not None
        for name in _in_path(route.path) - inspect.signature(route.written).parameters.keys()
    ]
    assert not wrong, f"Take the parameter of the path: {wrong}"


def _faults(route: ServedRoute) -> Iterator[str]:
    dependencies = {name: provide.dependency for name, provide in route.handler.resolve_dependencies().items()}
    for name, annotation in _parameters(route.written):
        if name == "data":
            continue
        if name in dependencies and name not in INJECTED:
            yield from _faults_of_dependency(route, dependencies[name], dependencies)
        elif name not in INJECTED and name not in _in_path(route.path) and not _is_declared(annotation, DECLARED):
            yield f"  {route}: {route.written.__qualname__}({name})"


def _faults_of_dependency(route: ServedRoute, provider: Any, dependencies: Mapping[str, Any]) -> Iterator[str]:
    for name, annotation in _parameters(provider):
        known = name in INJECTED or name in dependencies or name in _in_path(route.path)
        if not known and not _is_declared(annotation, (*DECLARED, PathParameter)):
            yield f"  {route}: {provider.__qualname__}({name})"


def _parameters(function: Callable[..., Any]) -> Iterator[tuple[str, Any]]:
    hints = get_type_hints(function, include_extras=True)
    return ((name, hints.get(name)) for name in inspect.signature(function).parameters if name != "self")


def _in_path(path: str) -> set[str]:
    return set(re.findall(r"{(\w+)}", path))


def _is_declared(annotation: Any, kinds: tuple[type, ...]) -> bool:
    return get_origin(annotation) is Annotated and any(isinstance(part, kinds) for part in get_args(annotation)[1:])
