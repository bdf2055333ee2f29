"""Every error becomes its reply here: one shape, the right code, and nothing internal."""

from __future__ import annotations

import logging
import re
from collections.abc import Mapping
from typing import Any, Final, cast

import asyncpg
import msgspec
from litestar import Request, Response
from litestar.enums import MediaType
from litestar.exceptions import HTTPException, ValidationException

from entrepot.kernel import errors
from entrepot.kernel.errors import ErrorReply, Invalid, NotFound, Refused, Unavailable

log = logging.getLogger("entrepot.errors")

REQUEST_ID: Final = "entrepot.request_id"

_BY_STATUS: Final[Mapping[int, type[Refused]]] = {
    401: errors.Unauthorized,
    403: errors.Forbidden,
    404: errors.NotFound,
    405: errors.MethodNotAllowed,
    409: errors.Conflict,
    413: errors.PayloadTooLarge,
    415: errors.UnsupportedMediaType,
    422: errors.Unprocessable,
    503: errors.Unavailable,
}

_DATABASE_BUSY: Final = (
    asyncpg.PostgresConnectionError,
    asyncpg.InterfaceError,
    asyncpg.InternalClientError,
    asyncpg.CannotConnectNowError,
    asyncpg.AdminShutdownError,
    asyncpg.CrashShutdownError,
    asyncpg.TooManyConnectionsError,
    asyncpg.QueryCanceledError,
    asyncpg.LockNotAvailableError,
    asyncpg.DeadlockDetectedError,
    asyncpg.SerializationError,
    ConnectionError,
    TimeoutError,
)


def answer(request: Request[Any, Any, Any], error: Exception) -> Response[bytes]:
    """The reply for whatever a route raised."""
    request_id = cast("str | None", request.scope.get(REQUEST_ID))
    refusal = _refusal_for(request, error)
    return _response(*reply_for(error, refusal, request_id))


def answer_at_edge(error: Exception, request_id: str) -> tuple[ErrorReply, Mapping[str, str]]:
    """The reply, and its headers, for what went wrong before a request came to its route."""
    return reply_for(error, error if isinstance(error, Refused) else _busy(error), request_id)


def reply_for(
    error: Exception, refusal: Refused | None, request_id: str | None
) -> tuple[ErrorReply, Mapping[str, str]]:
    """The reply for a refusal, or, where there is none, for an error of ours, which is logged."""
    if refusal is None:
        log.error("request failed", exc_info=error, extra={"request_id": request_id})
        return ErrorReply(errors.INTERNAL_MESSAGE, 500, errors.INTERNAL_ERROR, request_id=request_id), {}
    if isinstance(refusal, Unavailable):
        log.warning("request refused: %s", error.__class__.__name__, extra={"request_id": request_id})
    return ErrorReply(refusal.message, refusal.status, refusal.code, refusal.details, request_id), refusal.headers


def _response(reply: ErrorReply, headers: Mapping[str, str]) -> Response[bytes]:
    return Response(
        msgspec.json.encode(reply),
        status_code=reply.status,
        media_type=MediaType.JSON,
        headers={"Cache-Control": "no-store", **headers},
    )


def _refusal_for(request: Request[Any, Any, Any], error: Exception) -> Refused | None:
    match error:
        case Refused():
            return error
        case ValidationException():
            return _invalid(error, _wire_names(request))
        case HTTPException():
            return _from_http(error)
        case asyncpg.UniqueViolationError() | asyncpg.CheckViolationError() | asyncpg.ForeignKeyViolationError():
            kind = request.app.state.constraints.get(error.constraint_name)
            return kind() if kind is not None else None
    return _busy(error)


def _busy(error: Exception) -> Unavailable | None:
    return Unavailable() if isinstance(error, _DATABASE_BUSY) else None


def _invalid(error: ValidationException, wire_names: Mapping[str, str]) -> Refused:
    faults: dict[str, list[str]] = {}
    for fault in error.extra if isinstance(error.extra, list) else []:
        if fault.get("source") == "path":
            return NotFound()
        key = str(fault.get("key") or "body")
        name = key if fault.get("source") == "body" else wire_names.get(key, key)
        faults.setdefault(name, []).append(_spoken(str(fault.get("message", "is not valid"))))
    return Invalid(faults or {"body": ["is not valid"]})


def _wire_names(request: Request[Any, Any, Any]) -> dict[str, str]:
    """What clients call the parameters of the route and of what is injected into it: `minPrice` for `min_price`."""
    handler = request.route_handler
    signatures = [handler.parsed_fn_signature]
    signatures += [provide.parsed_fn_signature for provide in handler.resolve_dependencies().values()]
    return {
        name: wire_name
        for signature in signatures
        for name, field in signature.parameters.items()
        if (wire_name := getattr(field.kwarg_definition, "name", None))
    }


# What msgspec says of a query parameter, and what we say instead.
_SPOKEN: Final = (
    (re.compile(r"Expected `int( \| null)?`, got .*"), "must be a whole number"),
    (re.compile(r"Expected `float( \| null)?`, got .*"), "must be a number"),
    (re.compile(r"Expected `bool( \| null)?`, got .*"), "must be true or false"),
    (re.compile(r"(Number|Integer value) out of range"), "is out of range"),
    (re.compile(r"Expected `(?:int|float)` >= (.*?)(?:\.0)?"), r"must be at least \1"),
    (re.compile(r"Expected `(?:int|float)` <= (.*?)(?:\.0)?"), r"must be at most \1"),
    (re.compile(r"Expected `str` of length <= (.*)"), r"must be at most \1 characters"),
    (re.compile(r"Value error, (.*)", re.DOTALL), r"\1"),
)


def _spoken(message: str) -> str:
    for pattern, spoken in _SPOKEN:
        if (match := pattern.fullmatch(message)) is not None:
            return match.expand(spoken)
    return message


def _from_http(error: HTTPException) -> Refused:
    kind = _BY_STATUS.get(error.status_code)
    if kind is not None:
        return kind()
    if error.status_code >= 500:
        return Unavailable()
    return errors.Malformed(error.detail if error.status_code == 400 else None)
