"""The API's description: what Litestar reads from the handlers, completed with what the kernel knows of every route."""

from __future__ import annotations

import copy
from collections.abc import Iterable
from typing import Any, Final

import msgspec
from litestar import Litestar
from litestar.handlers import HTTPRouteHandler

from entrepot.kernel import errors
from entrepot.kernel.actors import Identify
from entrepot.kernel.errors import ErrorReply, Refused
from entrepot.kernel.routes import Operation

PREFIX: Final = "/api/v1"

_SECURITY_SCHEMES: Final = {
    "bearer": {
        "type": "http",
        "scheme": "bearer",
        "bearerFormat": "JWT",
        "description": "`token` of POST /auth/login.",
    },
    "cartToken": {"type": "apiKey", "in": "header", "name": "X-Cart-Token", "description": "A guest's cart."},
}

_IDEMPOTENCY_KEY: Final = {
    "name": "Idempotency-Key",
    "in": "header",
    "required": False,
    "description": "Any text of yours that is new for each thing you want done. The same request with the same key is "
    "carried out once and answered alike for 24 hours.",
    "schema": {"type": "string", "minLength": 1, "maxLength": 255},
    "example": "order-7f9c2ba4",
}
_ENVELOPE: Final = {
    "name": "envelope",
    "in": "query",
    "required": False,
    "description": "`true` puts the reply into {data, status, message, meta}.",
    "schema": {"type": "boolean"},
}


def operations_of(app: Litestar) -> Iterable[tuple[str, str, HTTPRouteHandler]]:
    """Every route of the shop: method, path, handler."""
    for route in app.routes:
        for handler in getattr(route, "route_handlers", ()):
            if isinstance(handler, HTTPRouteHandler) and "operation" in handler.opt:
                for method in sorted(handler.http_methods):
                    yield str(method), route.path_format, handler


def describe(app: Litestar) -> dict[str, Any]:
    """The complete OpenAPI 3.1 document."""
    document: dict[str, Any] = copy.deepcopy(app.openapi_schema.to_schema())
    document.setdefault("components", {})["securitySchemes"] = _SECURITY_SCHEMES
    document["components"].setdefault("schemas", {})["Error"] = _error_schema()
    for method, path, handler in operations_of(app):
        described = document.get("paths", {}).get(path, {}).get(method.lower())
        if described is not None:
            _complete(described, method, path, handler)
    return document


def encoded(document: dict[str, Any]) -> bytes:
    """The document as JSON; defaults that are Pydantic models are shown as the objects they stand for."""
    return msgspec.json.encode(document, enc_hook=lambda value: value.model_dump(by_alias=True))


def _complete(described: dict[str, Any], method: str, path: str, handler: HTTPRouteHandler) -> None:
    operation: Operation = handler.opt["operation"]
    parameters = described.setdefault("parameters", [])
    parameters[:] = [parameter for parameter in parameters if parameter["name"].lower() not in _HIDDEN_HEADERS]
    if path.startswith(PREFIX):
        parameters.append(_ENVELOPE)
    if method != "GET":
        parameters.append(_IDEMPOTENCY_KEY)
    if not parameters:
        del described["parameters"]
    described["security"] = _security(operation)
    described["x-access"] = operation.guard.name
    described["operationId"] = _operation_id(method, path)
    _describe_replies(described, operation, bool(parameters), path)


_HIDDEN_HEADERS: Final = frozenset({"accept-language"})


def _operation_id(method: str, path: str) -> str:
    words = [part.strip("{}") for part in path.removeprefix(PREFIX).split("/") if part]
    return "_".join([method.lower(), *words]).replace("-", "_").replace(".", "_")


def _security(operation: Operation) -> list[dict[str, list[str]]]:
    guard = operation.guard
    if guard.identify is not Identify.BY_TOKEN:
        return []
    return [{"bearer": []}, {"cartToken": []}, {}] if guard.guests else [{"bearer": []}]


def _describe_replies(described: dict[str, Any], operation: Operation, takes_input: bool, path: str) -> None:
    replies = described["responses"]
    for status in [status for status in replies if int(status) >= 400]:
        del replies[status]
    for status, reply in replies.items():
        reply["description"] = {"200": "Done.", "201": "Made.", "204": "Done; there is nothing to say."}.get(
            status, reply.get("description", "")
        )
        if operation.binary is not None:
            reply["content"] = {operation.binary: {"schema": {"type": "string", "format": "binary"}}}
    for refusal in _refusals(described, operation, takes_input, path):
        key = str(refusal.status)
        reply = replies.setdefault(
            key,
            {
                "description": "",
                "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Error"}, "examples": {}}},
            },
        )
        reply["content"]["application/json"]["examples"][refusal.code] = {"value": _example(refusal)}
        codes = reply["content"]["application/json"]["examples"]
        reply["description"] = "; ".join(sorted(f"`{code}`" for code in codes)) + "."


def _refusals(described: dict[str, Any], operation: Operation, takes_input: bool, path: str) -> list[type[Refused]]:
    refusals: list[type[Refused]] = [*operation.refuses]
    if takes_input or "requestBody" in described:
        refusals.append(errors.Invalid)
    if "requestBody" in described:
        refusals += [errors.PayloadTooLarge, errors.UnsupportedMediaType, errors.IdempotencyConflict]
    if operation.guard.identify is Identify.BY_TOKEN:
        refusals += [errors.Unauthorized, errors.TokenExpired]
        if len(operation.guard.roles) < 6:
            refusals.append(errors.Forbidden)
    if path.startswith(PREFIX):
        refusals += [errors.RateLimited, errors.Unavailable]
    if "{" in path and not any(refusal.status == 404 for refusal in refusals):
        refusals.append(errors.NotFound)
    return refusals


def _example(refusal: type[Refused]) -> dict[str, Any]:
    if refusal is errors.RateLimited:
        limited = errors.RateLimited(60)
        reply = ErrorReply(limited.message, 429, limited.code, limited.details, "6f1c0a")
    elif refusal is errors.Invalid:
        reply = ErrorReply(
            "Validation failed", 400, refusal.code, {"field": ["what is wrong, and how to mend it"]}, "6f1c0a"
        )
    else:
        reply = ErrorReply(refusal.message, refusal.status, refusal.code, None, "6f1c0a")
    example: dict[str, Any] = msgspec.to_builtins(reply)
    return example


def _error_schema() -> dict[str, Any]:
    return {
        "type": "object",
        "description": "What went wrong, and what to do.",
        "required": ["message", "status", "code"],
        "properties": {
            "message": {"type": "string"},
            "status": {"type": "integer"},
            "code": {"type": "string", "description": "Stable, for programs."},
            "details": {
                "type": "object",
                "description": "For each field, all that is wrong with it.",
                "additionalProperties": True,
            },
            "requestId": {"type": "string"},
        },
    }
