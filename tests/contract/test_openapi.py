"""The API's description is complete and true: whoever reads only it can use the shop."""

from __future__ import annotations

import inspect
import re
from collections.abc import Iterator
from typing import Any, Final, get_args, get_type_hints

import httpx
import openapi_spec_validator
import pytest
from openapi_schema_validator import OAS31Validator
from pydantic import BaseModel

from entrepot.app import Application
from entrepot.kernel.actors import Identify
from entrepot.kernel.openapi import operations_of

ERROR: Final = {"$ref": "#/components/schemas/Error"}
IN_CAMEL_CASE: Final = re.compile(r"[a-z][A-Za-z0-9]*")
PLAIN_NAME: Final = re.compile(r"[A-Z][A-Za-z0-9]*")
INTERNAL: Final = re.compile(
    r"(?i:asyncpg|litestar|msgspec|pydantic|postgres|python)|\bentrepot\.|queries\.|\b(tx|self|None|True|False|dict)\b|Raises:"
)

Described = tuple[str, dict[str, Any]]


@pytest.fixture(scope="module")
async def document(app: Application) -> dict[str, Any]:
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app=app), base_url="http://shop.test") as http:
        reply = await http.get("/openapi.json")
    assert reply.status_code == 200
    assert reply.headers["content-type"] == "application/json"
    described: dict[str, Any] = reply.json()
    return described


@pytest.fixture(scope="module")
def operations(document: dict[str, Any]) -> list[Described]:
    return [
        (f"{method.upper()} {path}", operation)
        for path, item in document["paths"].items()
        for method, operation in item.items()
    ]


def test_it_is_valid_openapi_3_1(document: dict[str, Any]) -> None:
    assert document["openapi"].startswith("3.1")
    openapi_spec_validator.OpenAPIV31SpecValidator(document).validate()


def test_every_route_is_described(app: Application, operations: list[Described]) -> None:
    described = {re.sub(r"{\w+}", "{}", name) for name, _ in operations}
    served = {
        f"{method} {re.sub(r'{[^}]+}', '{}', path)}"
        for method, path, handler in operations_of(app.litestar)
        if handler.resolve_include_in_schema()
    }
    assert described == served


def test_every_operation_says_what_it_does(operations: list[Described]) -> None:
    silent = [name for name, operation in operations if not (operation.get("summary") and operation.get("tags"))]
    assert not silent, f"Give the handlers a docstring, and their controllers `tags`: {silent}"
    ids = [operation["operationId"] for _, operation in operations]
    assert len(set(ids)) == len(ids)
    assert all(re.fullmatch(r"[a-z0-9_]+", operation_id) for operation_id in ids)


def test_security_fits_the_guard(app: Application, document: dict[str, Any]) -> None:
    guards = {
        handler.opt["operation"].guard.name: handler.opt["operation"].guard
        for _, _, handler in operations_of(app.litestar)
    }
    for path, item in document["paths"].items():
        for operation in item.values():
            guard, security = guards[operation["x-access"]], operation["security"]
            if guard.identify is Identify.BY_TOKEN:
                assert {"bearer": []} in security, path
                assert ({} in security) is guard.guests, path
            else:
                assert {} not in security, path
            assert ("401" in operation["responses"]) >= (guard.identify is Identify.BY_TOKEN), path


def test_every_parameter_is_explained(operations: list[Described]) -> None:
    silent = [
        f"{name}: {parameter['name']}"
        for name, operation in operations
        for parameter in operation.get("parameters", [])
        if not parameter.get("description")
    ]
    assert not silent, f"Say what it is for, `QueryParameter(description=...)`: {silent}"


def test_parameters_are_in_camel_case(operations: list[Described]) -> None:
    wrong = [
        f"{name}: {parameter['name']}"
        for name, operation in operations
        for parameter in operation.get("parameters", [])
        if parameter["in"] in ("query", "path") and not IN_CAMEL_CASE.fullmatch(parameter["name"])
    ]
    assert not wrong, f"Name it as clients write it, `QueryParameter(name=...)`: {wrong}"


def test_success_is_described(operations: list[Described]) -> None:
    for name, operation in operations:
        succeeded = [status for status in operation["responses"] if status < "300"]
        assert len(succeeded) == 1, f"{name} has no reply for success, or several"
        reply = operation["responses"][succeeded[0]]
        if succeeded != ["204"]:
            contents = reply.get("content", {})
            assert contents, f"{name} describes no content: annotate what the handler returns, or say status=204"
            assert all(content["schema"] for content in contents.values()), f"{name}: {reply}"


def test_every_refusal_has_an_example(operations: list[Described]) -> None:
    for name, operation in operations:
        for status, reply in operation["responses"].items():
            if status < "400":
                continue
            content = reply["content"]["application/json"]
            assert content["schema"] == ERROR, name
            assert content["examples"], name
            for code, example in content["examples"].items():
                assert (example["value"]["code"], str(example["value"]["status"])) == (code, status), name


def test_examples_fit_their_schemas(document: dict[str, Any], operations: list[Described]) -> None:
    for where, content in _contents(operations):
        examples = [example["value"] for example in content.get("examples", {}).values()]
        examples += [content["example"]] if "example" in content else []
        for example in examples:
            schema = {**content["schema"], "components": document["components"]}
            faults = [f"{fault.json_path}: {fault.message}" for fault in OAS31Validator(schema).iter_errors(example)]
            assert not faults, f"{where}: give the fields examples that fit: {faults}"


def test_json_replies_have_an_example(operations: list[Described]) -> None:
    missing = [
        where
        for where, content in _contents(operations)
        if content["schema"] not in (ERROR, {"type": "object"}) and content["schema"].get("format") != "binary"
        if "example" not in content
    ]
    assert not missing, f"No example could be made: {missing}"


async def test_every_body_has_an_example_that_is_accepted(app: Application, document: dict[str, Any]) -> None:
    bodies = {
        operation["operationId"]: operation["requestBody"]["content"]
        for item in document["paths"].values()
        for operation in item.values()
        if "requestBody" in operation
    }
    by_id = {
        operation["operationId"]: (method.upper(), re.sub(r"{\w+}", "{}", path))
        for path, item in document["paths"].items()
        for method, operation in item.items()
    }
    models = {
        (method, re.sub(r"{[^}]+}", "{}", path)): _model(handler)
        for method, path, handler in operations_of(app.litestar)
    }
    for operation_id, contents in bodies.items():
        for media_type, content in contents.items():
            assert content["example"], operation_id
            if media_type == "application/json" and (model := models[by_id[operation_id]]) is not None:
                model.model_validate(content["example"])


def test_schemas_have_plain_names(document: dict[str, Any]) -> None:
    wrong = [name for name in document["components"]["schemas"] if not PLAIN_NAME.fullmatch(name)]
    assert not wrong, f"Give these classes names that a client's generator can use: {wrong}"


def test_nothing_internal_is_told(document: dict[str, Any]) -> None:
    told = [f"{where}: {text!r}" for where, text in _texts(document, "") if INTERNAL.search(text)]
    assert not told, f"Say it in the shop's words: {told}"


def _contents(operations: list[Described]) -> Iterator[tuple[str, dict[str, Any]]]:
    """Every content of every body and reply, with where it stands."""
    for name, operation in operations:
        replies = {**operation["responses"], "body": operation.get("requestBody", {})}
        for status, reply in replies.items():
            yield from ((f"{name} {status}", content) for content in reply.get("content", {}).values())


def _model(handler: Any) -> type[BaseModel] | None:
    kind = get_type_hints(inspect.unwrap(handler.fn)).get("data")
    kinds = [kind, *get_args(kind)]
    return next((part for part in kinds if isinstance(part, type) and issubclass(part, BaseModel)), None)


def _texts(part: Any, where: str) -> Iterator[tuple[str, str]]:
    """Every summary and description."""
    if isinstance(part, list):
        for item in part:
            yield from _texts(item, where)
    elif isinstance(part, dict):
        for name, value in part.items():
            if name in ("summary", "description") and isinstance(value, str):
                yield where, value
            else:
                yield from _texts(value, f"{where}/{name}")
