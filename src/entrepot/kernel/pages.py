"""Pages of a list: by skip and limit, by page and limit, or by cursor."""

from __future__ import annotations

import base64
import binascii
from datetime import UTC, datetime
from typing import Annotated, Any

import msgspec
from litestar.params import QueryParameter

from entrepot.kernel.errors import Invalid

DEFAULT_LIMIT = 10
MAX_LIMIT = 100
ALL_LIMIT = 1000  # what limit=0 gives, as DummyJSON's "all"
MAX_SKIP = 10_000_000


class WrongCursor(Invalid):
    """A cursor that this list has not given out."""

    def __init__(self) -> None:
        super().__init__({"cursor": ["is not a cursor of this list: start again without it"]})


class Page(msgspec.Struct, frozen=True):
    """Which part of a list is asked for: `limit` rows after `skip`, or after the row that `after` describes."""

    skip: int
    limit: int
    after: tuple[Any, ...] | None = None


def page(
    skip: Annotated[
        int | None,
        QueryParameter(name="skip", ge=0, le=MAX_SKIP, description="How many items to leave out (default 0)."),
    ] = None,
    limit: Annotated[
        int | None,
        QueryParameter(
            name="limit",
            ge=0,
            description="How many items to return: 10 by default, at most 100; 0 gives up to 1,000.",
        ),
    ] = None,
    page_number: Annotated[
        int | None,
        QueryParameter(name="page", ge=1, le=MAX_SKIP, description="Page to return, from 1; instead of `skip`."),
    ] = None,
    cursor: Annotated[
        str | None,
        QueryParameter(
            name="cursor", max_length=500, description="`nextCursor` of the page before; instead of `skip`."
        ),
    ] = None,
) -> Page:
    """The page that the query string asks for. Raises Invalid for contradictions and cursors that are not ours."""
    size = DEFAULT_LIMIT if limit is None else ALL_LIMIT if limit == 0 else min(limit, MAX_LIMIT)
    if sum(given is not None for given in (skip, page_number, cursor)) > 1:
        raise Invalid({"page": ["give only one of skip, page and cursor"]})
    if cursor is not None:
        return Page(0, size, decode_cursor(cursor))
    if page_number is not None:
        return Page(min((page_number - 1) * size, MAX_SKIP), size)
    return Page(skip or 0, size)


def encode_cursor(*key: Any) -> str:
    """An opaque token for the sort key of a page's last row."""
    return base64.urlsafe_b64encode(msgspec.json.encode(key)).decode().rstrip("=")


def decode_cursor(token: str) -> tuple[Any, ...]:
    """The sort key in a cursor. Raises Invalid when it is not one."""
    try:
        key = msgspec.json.decode(base64.urlsafe_b64decode(token + "=" * (-len(token) % 4)))
    except (msgspec.DecodeError, binascii.Error, ValueError):
        key = None
    if not isinstance(key, list) or not key:
        raise WrongCursor
    return tuple(key)


def a_cursor_id(value: Any) -> int:
    """An id out of a cursor. Raises WrongCursor for what is none."""
    if not isinstance(value, int) or isinstance(value, bool) or not -(2**63) <= value < 2**63:
        raise WrongCursor
    return value


def a_cursor_moment(value: Any) -> datetime:
    """A moment out of a cursor, in UTC. Raises WrongCursor for what is none."""
    try:
        moment = datetime.fromisoformat(value)
        if moment.tzinfo is None:
            raise WrongCursor
        return moment.astimezone(UTC)
    except (TypeError, ValueError, OverflowError):
        raise WrongCursor from None


def id_after(page: Page) -> int | None:
    """The id in the cursor of a list that is ordered by id alone. Raises Invalid when it is another list's."""
    if page.after is None:
        return None
    if len(page.after) != 1:
        raise WrongCursor
    return a_cursor_id(page.after[0])
