"""Request bodies: JSON in, Pydantic models out, every fault at once; what is not sane JSON is refused before."""

from __future__ import annotations

import re
from typing import Annotated, Any, Final

import msgspec
from litestar import Request
from pydantic import AfterValidator, BaseModel, ConfigDict
from pydantic.alias_generators import to_camel

from entrepot.kernel.errors import Invalid, Malformed, NotFound, UnsupportedMediaType

MAX_FREE_FORM_BYTES = 10_000
MAX_FREE_FORM_DEPTH = 5
MAX_DEPTH = 32

_NUL: Final = re.compile(rb"(?<!\\)(?:\\\\)*\\u0000|\x00")


class Body(BaseModel):
    """A request body. camelCase on the wire; unknown fields are refused."""

    model_config = ConfigDict(
        extra="forbid",
        frozen=True,
        alias_generator=to_camel,
        validate_by_name=False,
        validate_by_alias=True,
        str_strip_whitespace=True,
        str_max_length=10_000,
    )


def _bounded(value: dict[str, Any]) -> dict[str, Any]:
    if len(msgspec.json.encode(value)) > MAX_FREE_FORM_BYTES:
        raise ValueError(f"must be at most {MAX_FREE_FORM_BYTES:,} bytes of JSON")
    if depth_of(value) > MAX_FREE_FORM_DEPTH:
        raise ValueError(f"must be nested at most {MAX_FREE_FORM_DEPTH} deep")
    return value


def depth_of(value: Any) -> int:
    """How deep a decoded JSON value is nested; a scalar is 0."""
    depth, level = 0, [value]
    while level := [
        child
        for item in level
        if isinstance(item, dict | list)
        for child in (item.values() if isinstance(item, dict) else item)
    ]:
        depth += 1
    return depth


class TooDeep(Malformed):
    message = f"The body is nested too deeply: {MAX_DEPTH} levels are allowed"


FreeForm = Annotated[dict[str, Any], AfterValidator(_bounded)]
"""A JSON object whose fields are the caller's own, bounded in size and depth."""


async def check_request(request: Request[Any, Any, Any]) -> None:
    """Run before a handler's parameters are read: refuses what would otherwise fail deeper down.

    Raises:
        NotFound: a number in the path that is not written plainly, so that each thing has one address.
        UnsupportedMediaType: a body that is not declared to be what the route takes.
        Malformed: broken JSON, a null character (PostgreSQL cannot store it), or absurd nesting.
        Invalid: no body where one is needed.
    """
    _refuse_strange_numbers(request)
    if request.method in ("GET", "HEAD", "OPTIONS"):
        return
    media_type = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if (field := request.route_handler.opt.get("multipart")) is not None:
        if media_type != "multipart/form-data":
            raise UnsupportedMediaType(f"Send the file as multipart/form-data, in the field {field}")
        return
    body = await request.body()
    data = request.route_handler.parsed_fn_signature.parameters.get("data")
    needed = data is not None and not data.is_optional
    if not body:
        if needed:
            raise Invalid({"body": ["is required: send a JSON object"]})
        return
    if media_type != "application/json" and not media_type.endswith("+json"):
        raise UnsupportedMediaType
    if _NUL.search(body):
        raise Malformed("The body contains a null character (\\u0000): remove it")
    try:
        decoded = msgspec.json.decode(body)
    except RecursionError:
        raise TooDeep from None
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise Malformed(f"The body is not valid JSON: {str(error).removeprefix('JSON is malformed: ')}") from None
    if body.count(b"[") + body.count(b"{") > MAX_DEPTH and depth_of(decoded) > MAX_DEPTH:
        raise TooDeep


def _refuse_strange_numbers(request: Request[Any, Any, Any]) -> None:
    """The router reads `07`, `+7`, `7_0` and other scripts' digits as numbers too."""
    numbers = [str(value) for value in request.path_params.values() if isinstance(value, int)]
    if numbers and not set(numbers) <= set(request.scope["path"].split("/")):
        raise NotFound
