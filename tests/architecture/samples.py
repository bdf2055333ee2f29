"""Arguments to call any query with, made from its type hints."""

from __future__ import annotations

import collections.abc
import inspect
import types
import typing
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from enum import Enum
from typing import Any, Final, get_args, get_origin, get_type_hints
from uuid import UUID

import msgspec

from entrepot.catalog import brands_queries, list_reviews, reviews_queries
from entrepot.companies import queries as company_queries
from entrepot.identity import admin_queries
from entrepot.kernel.actors import Actor, Role
from entrepot.kernel.db import Db, Tx
from entrepot.kernel.filters import Filters, Sort, SortKey
from entrepot.orders import list_queries, return_queries
from entrepot.pricing import promotions_queries


class NoSample(Exception):
    """The message says what is missing, and where to add it."""


class MadeUp(int):
    """What the recording database answers where only a column was asked for: of no type that could be wrong."""


class AnyColumns(dict[str, Any]):
    """A row as a dictionary, whatever its columns are called."""

    def __missing__(self, _: str) -> None:
        return None


def _some_filters() -> Filters:
    filters = Filters()
    filters.add("{}::bigint > 0", 1)
    return filters


_MOMENT: Final = datetime(2026, 3, 29, 1, 30, tzinfo=UTC)

SAMPLES: Final[Mapping[Any, list[Any]]] = {
    bool: [True, False],
    int: [7],
    float: [1.5],
    str: ["sample"],
    bytes: [b"sample"],
    Decimal: [Decimal("12.50")],
    datetime: [_MOMENT],
    date: [_MOMENT.date()],
    timedelta: [timedelta(minutes=15)],
    UUID: [UUID("018f2f1e-7c3a-7a54-9d0e-5f0c8a2b1c3d")],
    object: [7],
    Filters: [Filters(), _some_filters()],
    Actor: [
        Actor(),
        Actor(user_id=1, role=Role.USER),
        Actor(user_id=2, role=Role.SELLER, company_id=3),
        Actor(user_id=4, role=Role.LOCATION_ADMIN, zone_ids=(5, 6)),
        Actor(user_id=7, role=Role.ADMIN),
    ],
}
"""By type; types made of these (lists, optional values, structs, enums) are put together from them."""


def every_sort(keys: Mapping[str, SortKey], id_column: str) -> list[Sort]:
    return [Sort(key, descending, id_column) for key in keys.values() for descending in (False, True)]


def _listings() -> list[list_queries.Listing]:
    return [
        list_queries.listing(actor, bought=bought, with_company_id=company_id)
        for actor in SAMPLES[Actor]
        for bought in (True, False)
        for company_id in (None, 3)
    ]


SAMPLES_OF: Final[Mapping[Callable[..., Any], Mapping[str, list[Any]]]] = {
    company_queries.list_companies: {
        "filters": [company_queries.visible_to(Actor())],
        "sort": every_sort(company_queries.SORT_KEYS, "c.id"),
    },
    company_queries.count_companies: {"filters": [company_queries.visible_to(Actor())]},
    admin_queries.list_shop_owners: {"filters": [admin_queries.shop_owners_of(Actor())]},
    admin_queries.count_shop_owners: {"filters": [admin_queries.shop_owners_of(Actor())]},
    promotions_queries.list_promotions: {"filters": [promotions_queries.visible_to(Actor())]},
    promotions_queries.count_promotions: {"filters": [promotions_queries.visible_to(Actor())]},
    list_queries.list_orders: {"wanted": _listings(), "sort": every_sort(list_queries.SORT_KEYS, "o.id")},
    list_queries.count_orders: {"wanted": _listings()},
    list_queries.sum_up: {"wanted": _listings(), "period": ["day", "week", "month"]},
    return_queries.list_returns: {"filters": [return_queries.visible_to(actor) for actor in SAMPLES[Actor]]},
    return_queries.count_returns: {"filters": [return_queries.visible_to(actor) for actor in SAMPLES[Actor]]},
    brands_queries.list_brands: {"sort": every_sort(brands_queries.SORT_KEYS, "b.id")},
    reviews_queries.list_reviews: {"sort": list(list_reviews.ORDERS.values())},
}
"""By function and parameter: for queries whose SQL depends on what they are given."""


def sample_of(kind: Any) -> Any:
    """One value of a type."""
    return samples_of(kind)[0]


def samples_of(kind: Any) -> list[Any]:
    """Several values of a type, so that each way through a query is gone at least once. Raises NoSample."""
    if kind in SAMPLES:
        return SAMPLES[kind]
    if kind is Any or kind is None or kind is type(None):
        return [None]
    origin, inner = get_origin(kind), get_args(kind)
    if origin is typing.Annotated or (origin is None and hasattr(kind, "__supertype__")):
        return samples_of(inner[0] if inner else kind.__supertype__)
    if origin is typing.Literal:
        return list(inner)
    if origin in (typing.Union, types.UnionType):
        return [sample for part in inner for sample in samples_of(part)]
    if origin in (tuple, set, frozenset) or (isinstance(origin, type) and issubclass(origin, collections.abc.Iterable)):
        return _collections(origin, inner)
    if isinstance(kind, type) and issubclass(kind, Enum):
        return list(kind)
    if isinstance(kind, type) and issubclass(kind, msgspec.Struct):
        return _structs(kind)
    raise NoSample(f"there is no sample of {kind}: add one to SAMPLES or SAMPLES_OF in tests/architecture/samples.py")


def _collections(origin: Any, inner: tuple[Any, ...]) -> list[Any]:
    if issubclass(origin, collections.abc.Mapping):
        return [AnyColumns()] if inner[1:] == (Any,) else [{sample_of(inner[0]): sample_of(inner[1])}]
    if origin is tuple:
        return [tuple(sample_of(part) for part in inner if part is not Ellipsis)]
    make = origin if origin in (set, frozenset) else list
    return [make([sample_of(inner[0])])]


def _structs(kind: type[msgspec.Struct]) -> list[Any]:
    fields = {field.name: samples_of(field.type) for field in msgspec.structs.fields(kind)}
    count = max((len(samples) for samples in fields.values()), default=1)
    return [kind(**{name: samples[i % len(samples)] for name, samples in fields.items()}) for i in range(count)]


def argument_sets(function: Callable[..., Any], tx: Tx) -> list[dict[str, Any]]:
    """Ways to call a query: as many as its most varied parameter has samples. Raises NoSample."""
    hints = get_type_hints(function)
    overruled = SAMPLES_OF.get(function, {})
    samples = {
        name: [tx] if hints[name] in (Db, Tx) else overruled.get(name) or samples_of(hints[name])
        for name in inspect.signature(function).parameters
    }
    count = max(len(given) for given in samples.values())
    return [{name: given[i % len(given)] for name, given in samples.items()} for i in range(count)]
