"""Every error becomes its reply here: one shape, the right code, and nothing internal."""

from __future__ import annotations

import logging
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

_DATABASE_AWAY: Final = (
    asyncpg.PostgresConnectionError,
    asyncpg.InterfaceError,
    asyncpg.CannotConnectNowError,
    asyncpg.AdminShutdownError,
    asyncpg.CrashShutdownError,
    asyncpg.TooManyConnectionsError,
    asyncpg.QueryCanceledError,
    asyncpg.LockNotAvailableError,
    ConnectionError,
    TimeoutError,
)


def answer(request: Request[Any, Any, Any], error: Exception) -> Response[bytes]:
    """The reply for whatever a route raised."""
    refusal = _refusal_for(request, error)
    request_id = cast("str | None", request.scope.get(REQUEST_ID))
    if refusal is None:
        log.error("request failed", exc_info=error, extra={"request_id": request_id})
        reply = ErrorReply(errors.INTERNAL_MESSAGE, 500, errors.INTERNAL_ERROR, request_id=request_id)
        return _response(reply, {})
    if isinstance(refusal, Unavailable):
        log.warning("request refused: %s", error.__class__.__name__, extra={"request_id": request_id})
    reply = ErrorReply(refusal.message, refusal.status, refusal.code, refusal.details, request_id)
    return _response(reply, refusal.headers)


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
            return _invalid(error)
        case HTTPException():
            return _from_http(error)
        case asyncpg.UniqueViolationError() | asyncpg.CheckViolationError() | asyncpg.ForeignKeyViolationError():
            kind = request.app.state.constraints.get(error.constraint_name)
            return kind() if kind is not None else None
        case _ if isinstance(error, _DATABASE_AWAY):
            return Unavailable()
    return None


def _invalid(error: ValidationException) -> Refused:
    faults: dict[str, list[str]] = {}
    for fault in error.extra if isinstance(error.extra, list) else []:
        if fault.get("source") == "path":
            return NotFound()
        message = str(fault.get("message", "is not valid")).removeprefix("Value error, ")
        faults.setdefault(str(fault.get("key") or "body"), []).append(message)
    return Invalid(faults or {"body": ["is not valid"]})


def _from_http(error: HTTPException) -> Refused:
    kind = _BY_STATUS.get(error.status_code)
    if kind is not None:
        return kind()
    if error.status_code >= 500:
        return Unavailable()
    return errors.Malformed(error.detail if error.status_code == 400 else None)
