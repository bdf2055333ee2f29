"""The API's description: made from what every route declares, its types and its docstring. Nothing is written twice."""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Annotated, Any, Final, get_args, get_origin, get_type_hints

import msgspec
from litestar import Litestar, Response
from litestar.handlers import HTTPRouteHandler
from litestar.params import CookieParameter, HeaderParameter, PathParameter, QueryParameter
from pydantic.alias_generators import to_camel

from entrepot.kernel import errors
from entrepot.kernel.actors import Identify, Role
from entrepot.kernel.errors import ErrorReply, Refused
from entrepot.kernel.examples import example_of
from entrepot.kernel.routes import Operation
from entrepot.kernel.schemas import REFERENCE, Schema, Schemas, constraints_of

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
_ERROR: Final = {
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
_DONE: Final = {200: "Done.", 201: "Made.", 202: "Accepted; it goes on.", 204: "Done; there is nothing to say."}
_PLACES: Final[Mapping[type, str]] = {
    PathParameter: "path",
    QueryParameter: "query",
    HeaderParameter: "header",
    CookieParameter: "cookie",
}
_AUTHORIZATION: Final = "authorization"
_HIDDEN_HEADERS: Final = frozenset({"accept-language", _AUTHORIZATION})


def operations_of(app: Litestar) -> Iterable[tuple[str, str, HTTPRouteHandler]]:
    """Every route of the shop: method, path, handler."""
    for route in app.routes:
        for handler in getattr(route, "route_handlers", ()):
            if isinstance(handler, HTTPRouteHandler) and "operation" in handler.opt:
                for method in sorted(handler.http_methods):
                    yield str(method), route.path_format, handler


def describe(app: Litestar, description: str = "") -> dict[str, Any]:
    """The complete OpenAPI 3.1 document; `description` introduces the API.

    Raises:
        TypeError: a route takes or gives a type that JSON does not know, or two schemas have the same name.
    """
    if not description and app.openapi_config is not None:
        description = app.openapi_config.description or ""
    schemas = Schemas()
    paths: dict[str, dict[str, Any]] = {}
    for method, path, handler in operations_of(app):
        if handler.resolve_include_in_schema():
            paths.setdefault(_spoken_path(path), {})[method.lower()] = _operation(method, path, handler, schemas)
    return {
        "openapi": "3.1.0",
        "info": {"title": "Entrepot", "version": "1", "description": description.strip()},
        "servers": [{"url": "/"}],
        "tags": [{"name": tag} for tag in _tags(paths)],
        "paths": dict(sorted(paths.items())),
        "components": {
            "schemas": dict(sorted({**schemas.components, "Error": _ERROR}.items())),
            "securitySchemes": _SECURITY_SCHEMES,
        },
    }


def encoded(document: dict[str, Any]) -> bytes:
    """The document as JSON."""
    return msgspec.json.encode(document)


def _spoken_path(path: str) -> str:
    return re.sub(r"{(\w+)}", lambda found: f"{{{to_camel(found[1])}}}", path)


def _tags(paths: Mapping[str, Mapping[str, Any]]) -> list[str]:
    return sorted({tag for path in paths.values() for operation in path.values() for tag in operation["tags"]})


def _operation(method: str, path: str, handler: HTTPRouteHandler, schemas: Schemas) -> dict[str, Any]:
    operation: Operation = handler.opt["operation"]
    declared = _declared(handler, path)
    parameters = [_parameter(one, schemas) for one in declared if one.name.lower() not in _HIDDEN_HEADERS]
    body = _body(handler, schemas)
    shared = [_ENVELOPE] if path.startswith(PREFIX) and operation.binary is None else []
    shared += [_IDEMPOTENCY_KEY] if method != "GET" else []
    described = {
        "operationId": _operation_id(method, path),
        "tags": handler.resolve_tags() or ["Operations"],
        "summary": handler.summary,
        "description": handler.description,
        "security": _security(operation, reads_token=any(one.name.lower() == _AUTHORIZATION for one in declared)),
        "x-access": operation.guard.name,
        "parameters": [*parameters, *shared],
        "requestBody": body,
        "responses": {
            **_success(handler, operation, schemas),
            **_refused(_refusals(method, path, operation, parameters, takes_body=body is not None)),
        },
    }
    return {name: value for name, value in described.items() if value or name == "security"}


def _operation_id(method: str, path: str) -> str:
    words = [part.strip("{}") for part in path.removeprefix(PREFIX).split("/") if part]
    return re.sub(r"\W+", "_", "_".join([method.lower(), *words])).replace("__", "_")


def _security(operation: Operation, *, reads_token: bool) -> list[dict[str, list[str]]]:
    guard = operation.guard
    if guard.identify is not Identify.BY_TOKEN:
        return [{"bearer": []}] if reads_token else []
    return [{"bearer": []}, {"cartToken": []}, {}] if guard.guests else [{"bearer": []}]


class _Declared(msgspec.Struct, frozen=True):
    """A parameter as a handler, or something that it depends on, declares it."""

    name: str
    kind: Any
    marker: Any
    default: Any


def _declared(handler: HTTPRouteHandler, path: str) -> list[_Declared]:
    providers = {name: provide.dependency for name, provide in handler.resolve_dependencies().items()}
    found = list(_declared_by(inspect.unwrap(handler.fn), set(re.findall(r"{(\w+)}", path)), providers))
    return sorted(found, key=lambda declared: not isinstance(declared.marker, PathParameter))


def _declared_by(function: Callable[..., Any], in_path: set[str], providers: Mapping[str, Any]) -> Iterator[_Declared]:
    hints = get_type_hints(function, include_extras=True)
    for name, parameter in inspect.signature(function).parameters.items():
        hint = hints.get(name)
        markers = get_args(hint)[1:] if get_origin(hint) is Annotated else ()
        marker = next((marker for marker in markers if type(marker) in _PLACES), None)
        if name in in_path:
            yield _Declared(name, hint, marker or PathParameter(), parameter.empty)
        elif marker is not None:
            yield _Declared(marker.name or name, get_args(hint)[0], marker, parameter.default)
        elif name in providers:
            yield from _declared_by(providers[name], in_path, providers)


def _parameter(declared: _Declared, schemas: Schemas) -> dict[str, Any]:
    place = _PLACES[type(declared.marker)]
    bounds = constraints_of(declared.marker)
    schema = {**_given_schema(declared.kind, schemas), **bounds}
    said = schema.pop("description", None)
    if declared.default not in (None, "", inspect.Parameter.empty):
        schema["default"] = msgspec.to_builtins(declared.default)
    return {
        "name": to_camel(declared.name) if place == "path" else declared.name,
        "in": place,
        "required": place == "path" or declared.default is inspect.Parameter.empty,
        **_saying(said or (_said_of_path(declared.name) if place == "path" else None)),
        "schema": schema,
    }


def _given_schema(kind: Any, schemas: Schemas) -> Schema:
    """Of a value when it is given: a parameter is left out rather than null."""
    schema = schemas.of(str if kind is Path else kind)
    if choices := [part for part in schema.get("anyOf", ()) if part != {"type": "null"}]:
        return choices[0] if len(choices) == 1 else {"anyOf": choices}
    return schema


def _saying(description: str | None) -> dict[str, str]:
    return {"description": description} if description else {}


def _said_of_path(name: str) -> str:
    words = name.replace("_", " ")
    return f"Id of the {words.removesuffix(' id')}." if words.endswith(" id") else f"{words.capitalize()}."


def _body(handler: HTTPRouteHandler, schemas: Schemas) -> dict[str, Any] | None:
    if (field := handler.opt.get("multipart")) is not None:
        return {"required": True, "content": {"multipart/form-data": _form(field)}}
    written = inspect.unwrap(handler.fn)
    kind = get_type_hints(written).get("data")
    if kind is None:
        return None
    schema = _given_schema(kind, schemas)
    example = example_of(schema, schemas.components)
    return {
        "required": inspect.signature(written).parameters["data"].default is inspect.Parameter.empty,
        "content": {"application/json": {"schema": schema, "example": example}},
    }


def _form(field: str) -> dict[str, Any]:
    """A form that carries one file."""
    properties = {field: {"type": "string", "format": "binary"}}
    return {
        "schema": {"type": "object", "properties": properties, "required": [field], "additionalProperties": False},
        "example": {field: "picture.jpg"},
    }


def _success(handler: HTTPRouteHandler, operation: Operation, schemas: Schemas) -> dict[str, Any]:
    kind = get_type_hints(inspect.unwrap(handler.fn))["return"]
    if get_origin(kind) is Response:
        kind = get_args(kind)[0]
    described: dict[str, Any] = {"description": _DONE.get(handler.status_code, "Done.")}
    if operation.success != "OK":
        described["description"] = operation.success
    if operation.binary is not None:
        described["content"] = {operation.binary: {"schema": {"type": "string", "format": "binary"}}}
    elif kind in (bytes, str):
        described["content"] = {"application/json": {"schema": {"type": "object"}}}
    elif kind is not type(None):
        schema = schemas.of(kind)
        described["content"] = {
            "application/json": {"schema": schema, "example": example_of(schema, schemas.components)}
        }
    return {str(handler.status_code): described}


def _refused(refusals: Iterable[type[Refused]]) -> dict[str, Any]:
    """A reply for each status, with an example for each code."""
    replies: dict[str, Any] = {}
    for refusal in sorted(refusals, key=lambda refusal: (refusal.status, refusal.code)):
        examples = replies.setdefault(str(refusal.status), {})
        examples.setdefault(refusal.code, {"value": _example(refusal)})
    return {
        status: {
            "description": f"{'; '.join(f'`{code}`' for code in examples)}.",
            "content": {"application/json": {"schema": {"$ref": f"{REFERENCE}Error"}, "examples": examples}},
        }
        for status, examples in replies.items()
    }


def _refusals(
    method: str, path: str, operation: Operation, parameters: list[dict[str, Any]], *, takes_body: bool
) -> list[type[Refused]]:
    refusals: list[type[Refused]] = [*operation.refuses]
    if takes_body or method != "GET" or any(parameter["in"] != "path" for parameter in parameters):
        refusals.append(errors.Invalid)
    if takes_body:
        refusals += [errors.PayloadTooLarge, errors.UnsupportedMediaType]
    if method != "GET":
        refusals.append(errors.IdempotencyConflict)
    if operation.guard.identify is Identify.BY_TOKEN:
        refusals += [errors.Unauthorized, errors.TokenExpired]
        if len(operation.guard.roles) < len(Role):
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
        details = {"field": ["what is wrong, and how to mend it"]}
        reply = ErrorReply("Validation failed", 400, refusal.code, details, "6f1c0a")
    else:
        reply = ErrorReply(refusal.message, refusal.status, refusal.code, None, "6f1c0a")
    example: dict[str, Any] = msgspec.to_builtins(reply)
    return example
