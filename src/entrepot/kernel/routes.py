"""Routes: `get`, `post`, `put`, `patch`, `delete` for controllers, with what every operation of the shop shares.

A route names its one access guard, takes typed input, calls one verb or query and returns the reply's struct. Around it,
this file opens the transaction of a handler that takes `tx`, encodes the reply inside it, keeps it under the request's
`Idempotency-Key`, commits, and only then lets a byte out. Deadlocks and serialization failures are tried again.

Handlers may take: path and query parameters, `data` (the body), and the injected names of `INJECTED`. A route that takes a
file instead of JSON names the form's field, `multipart="image"`, and takes `upload`; `large=True` allows files that do not
fit into memory.
"""

from __future__ import annotations

import asyncio
import functools
import inspect
import random
import re
from collections.abc import Awaitable, Callable, Sequence
from typing import Annotated, Any, Final, get_origin, get_type_hints

import asyncpg
import msgspec
from litestar import Request, Response
from litestar.di import NamedDependency
from litestar.enums import MediaType
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath, JSONBody

from entrepot.kernel import idempotency
from entrepot.kernel.actors import Guard, actor_of
from entrepot.kernel.db import Database, Tx
from entrepot.kernel.deadlines import extend
from entrepot.kernel.errors import Refused, Unavailable

INJECTED: Final = {
    "db": "reads, each statement on its own",
    "tx": "the transaction of this request",
    "actor": "who is asking",
    "shop": "settings, files and keys",
    "page": "which part of a list is asked for",
    "upload": "the file of a multipart form",
    "sent": "the headers and the body as they were sent, to the byte",
    "columns": "the filterable columns of all products, in memory",
    "index": "the search index of this process",
}

LARGE_TIME_S: Final = 1_800.0
"""What a route that takes or gives large files may take."""

RETRIES = 3
RETRYABLE = (asyncpg.DeadlockDetectedError, asyncpg.SerializationError)

CACHE_TAGS = "entrepot.cache_tags"
"""Where a cached route leaves, in the ASGI scope, what its reply was made from."""

Handler = Callable[..., Awaitable[Any]]


class Cached(msgspec.Struct, frozen=True):
    """The reply is the same for everybody, and may be kept until one of its tags changes.

    `tags` reads from the reply what it was made from; `max_age_s` bounds what no tag covers. Where it is `priced`, it shows
    what products cost: who has prices of their own gets a copy with those, which is not kept.
    """

    tags: Callable[[Any], frozenset[str]]
    max_age_s: float = 300.0
    priced: bool = False


class Operation(msgspec.Struct, frozen=True):
    """What a route declares beyond its path: the guard, what it may refuse with, whether its reply is cached."""

    guard: Guard
    refuses: tuple[type[Refused], ...] = ()
    cached: Cached | None = None
    success: str = "OK"
    binary: str | None = None


class _RouteHandler(HTTPRouteHandler):
    """What is injected is made one after the other: Litestar would start a task for each, which takes longer than all."""

    def create_kwargs_model(self, path_parameters: Any) -> Any:
        model = super().create_kwargs_model(path_parameters)
        model.dependency_batches = [{one} for batch in model.dependency_batches for one in batch]
        return model


def get(path: str = "/", *, guard: Guard, **declared: Any) -> Callable[[Handler], HTTPRouteHandler]:
    return _route("GET", path, 200, guard, declared)


def post(path: str = "/", *, guard: Guard, status: int = 201, **declared: Any) -> Callable[[Handler], HTTPRouteHandler]:
    return _route("POST", path, status, guard, declared)


def put(path: str = "/", *, guard: Guard, **declared: Any) -> Callable[[Handler], HTTPRouteHandler]:
    return _route("PUT", path, 200, guard, declared)


def patch(path: str = "/", *, guard: Guard, **declared: Any) -> Callable[[Handler], HTTPRouteHandler]:
    return _route("PATCH", path, 200, guard, declared)


def delete(
    path: str = "/", *, guard: Guard, status: int = 204, **declared: Any
) -> Callable[[Handler], HTTPRouteHandler]:
    return _route("DELETE", path, status, guard, declared)


def _route(
    method: str, path: str, status: int, guard: Guard, declared: dict[str, Any]
) -> Callable[[Handler], HTTPRouteHandler]:
    summary = declared.pop("summary", None)
    max_body_bytes = declared.pop("max_body_bytes", None)
    multipart = declared.pop("multipart", None)
    large = declared.pop("large", False)
    extra = {} if max_body_bytes is None else {"request_max_body_size": max_body_bytes}
    operation = Operation(guard=guard, **declared)

    def decorate(handler: Handler) -> HTTPRouteHandler:
        return _RouteHandler(
            path,
            http_method=method,  # type: ignore[arg-type]
            status_code=status,
            guards=[guard],
            opt={"operation": operation, **({} if multipart is None else {"multipart": multipart, "large": large})},
            summary=summary or _first_line(handler),
            description=inspect.getdoc(handler),
            media_type=operation.binary or MediaType.JSON,
            **extra,
        )(_carried_out(handler, path, method, status, operation, time_s=LARGE_TIME_S if large else None))

    return decorate


def _first_line(handler: Handler) -> str:
    return (inspect.getdoc(handler) or "").split("\n", 1)[0].rstrip(".")


def _carried_out(
    handler: Handler, path: str, method: str, status: int, operation: Operation, *, time_s: float | None
) -> Handler:
    """The handler with its transaction, reply and idempotency around it. Litestar sees the handler's own signature."""
    writes = "tx" in inspect.signature(handler).parameters
    unsafe = method not in ("GET", "HEAD")

    async def carry_out(*args: Any, request: Request[Any, Any, Any], **kwargs: Any) -> Response[Any]:
        if time_s is not None:
            extend(request.scope, time_s)  # type: ignore[arg-type]  # a scope is a dictionary
        key = await idempotency.key_of(request) if unsafe else None
        if writes:
            return await _in_transaction(request, key, handler, args, kwargs, status)
        if key is not None:
            return await _claimed(request, key, handler, args, kwargs, status)
        result = await handler(*args, **kwargs)
        if operation.cached is not None:
            request.scope[CACHE_TAGS] = (operation.cached.tags(result), operation.cached.max_age_s)  # type: ignore[literal-required]
        return reply(result, status)

    functools.update_wrapper(carry_out, handler)
    parameters = [*_marked(handler, path), _REQUEST]
    carry_out.__signature__ = inspect.signature(handler).replace(parameters=parameters)  # type: ignore[attr-defined]
    carry_out.__annotations__ = {
        **{parameter.name: parameter.annotation for parameter in parameters},
        "return": get_type_hints(handler)["return"],
    }
    return carry_out


# Markers that are applied to types found at run time, which a type checker cannot follow.
_FROM_PATH: Final[Any] = FromPath
_JSON_BODY: Final[Any] = JSONBody
_INJECTED: Final[Any] = NamedDependency
_REQUEST: Final = inspect.Parameter("request", inspect.Parameter.KEYWORD_ONLY, annotation=Request[Any, Any, Any])


def _marked(handler: Handler, path: str) -> list[inspect.Parameter]:
    """The handler's parameters, each told apart for Litestar: of the path, the body, or injected; others say so."""
    hints = get_type_hints(handler, include_extras=True)
    in_path = set(re.findall(r"{(\w+):", path))
    marked = []
    for parameter in inspect.signature(handler).parameters.values():
        hint = hints.get(parameter.name)
        if hint is None or get_origin(hint) is Annotated:
            marked.append(parameter.replace(annotation=hint or parameter.annotation))
        elif parameter.name in in_path:
            marked.append(parameter.replace(annotation=_FROM_PATH[hint]))
        elif parameter.name == "data":
            marked.append(parameter.replace(annotation=_JSON_BODY[hint]))
        else:
            marked.append(parameter.replace(annotation=_INJECTED[hint]))
    return marked


async def _in_transaction(
    request: Request[Any, Any, Any],
    key: idempotency.Key | None,
    handler: Handler,
    args: Sequence[Any],
    kwargs: dict[str, Any],
    status: int,
) -> Response[Any]:
    database: Database = request.app.state.database
    for attempt in range(RETRIES + 1):
        try:
            async with database.transaction() as tx:
                if key is not None and (earlier := await idempotency.claim(tx, key)) is not None:
                    return _again(earlier)
                response = reply(await handler(*args, **{**kwargs, "tx": tx}), status)
                if key is not None:
                    await idempotency.keep(tx, key, _kept(response))
                return response
        except RETRYABLE:
            if attempt == RETRIES:
                raise Unavailable from None
            await asyncio.sleep(random.uniform(0.005, 0.05) * 2**attempt)
    raise AssertionError("unreachable")


async def _claimed(
    request: Request[Any, Any, Any],
    key: idempotency.Key,
    handler: Handler,
    args: Sequence[Any],
    kwargs: dict[str, Any],
    status: int,
) -> Response[Any]:
    """For handlers with several short transactions of their own, because they talk to the network in between."""
    database: Database = request.app.state.database
    async with database.transaction() as tx:
        if (earlier := await idempotency.claim(tx, key)) is not None:
            return _again(earlier)
    try:
        response = reply(await handler(*args, **kwargs), status)
    except BaseException:
        async with database.transaction() as tx:
            await idempotency.release(tx, key)
        raise
    async with database.transaction() as tx:
        await idempotency.keep(tx, key, _kept(response))
    return response


def reply(result: Any, status: int) -> Response[Any]:
    """A struct becomes JSON bytes here, inside the transaction, so that what cannot be encoded is never committed.

    A handler that has headers to send answers a Response around its struct.
    """
    if isinstance(result, Response):
        if isinstance(result.content, msgspec.Struct):
            result.content = msgspec.json.encode(result.content)
            result.media_type = MediaType.JSON
        result.status_code = result.status_code or status
        return result
    if result is None:
        return Response(None, status_code=204)
    return Response(msgspec.json.encode(result), status_code=status, media_type=MediaType.JSON)


def _kept(response: Response[Any]) -> idempotency.KeptReply:
    body = response.content if isinstance(response.content, bytes) else b""
    kind = response.media_type
    content_type = kind.value if isinstance(kind, MediaType) else kind or ""
    return idempotency.KeptReply(response.status_code or 200, content_type, body, response.headers)


def _again(earlier: idempotency.KeptReply) -> Response[Any]:
    return Response(
        earlier.body or None,
        status_code=earlier.status,
        media_type=earlier.content_type or None,
        headers={**earlier.headers, "Idempotency-Replayed": "true"},
    )


def provide_db(request: Request[Any, Any, Any]) -> Any:
    return request.app.state.database.reader


def provide_index(request: Request[Any, Any, Any]) -> Any:
    return request.app.state.index


async def provide_columns(request: Request[Any, Any, Any]) -> Any:
    return await request.app.state.columns.current()


def provide_tx() -> Tx:
    """Stands in until the transaction is opened around the handler."""
    return _UNOPENED


_UNOPENED = Tx(None)


def provide_actor(request: Request[Any, Any, Any]) -> Any:
    return actor_of(request)


def provide_shop(request: Request[Any, Any, Any]) -> Any:
    return request.app.state.shop
