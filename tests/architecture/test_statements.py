"""Every statement of the shop is understood by the database, and its columns are those of the struct that it fills."""

from __future__ import annotations

import importlib
import inspect
import re
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Sequence
from pathlib import Path
from typing import Any, Final, get_args, get_type_hints

import asyncpg
import msgspec
import pytest

from tests.architecture.asking import ASKING
from tests.architecture.column_types import fits_field, fits_parameter
from tests.architecture.recording import Found, RecordingDatabase, RecordingTx, Statement
from tests.architecture.samples import argument_sets
from tests.architecture.source import FOLDER, files, method_calls

QUERIES: Final[Sequence[Callable[..., Awaitable[Any]]]] = [
    function
    for file in files()
    if file.holds_sql and file.owner != "kernel"
    for module in [importlib.import_module(file.dotted)]
    for name, function in vars(module).items()
    if inspect.iscoroutinefunction(function) and function.__module__ == module.__name__ and not name.startswith("_")
]


@pytest.fixture(scope="module")
async def connection(dsn: str) -> AsyncIterator[asyncpg.Connection]:
    connection = await asyncpg.connect(dsn)
    yield connection
    await connection.close()


@pytest.mark.parametrize(
    "query", QUERIES, ids=lambda query: f"{query.__module__.removeprefix('entrepot.')}.{query.__name__}"
)
async def test_a_query_is_understood(query: Callable[..., Awaitable[Any]], connection: asyncpg.Connection) -> None:
    statements = await _recorded(query)
    assert statements, f"{_name(query)} asked nothing: a function of queries.py sends a statement"
    for statement in statements:
        await _check(connection, statement, _result_of(query))


@pytest.mark.parametrize("ask", ASKING, ids=lambda ask: ask.__name__)
async def test_what_others_ask_is_understood(
    ask: Callable[[RecordingTx, RecordingDatabase], Iterable[Awaitable[Any]]], connection: asyncpg.Connection
) -> None:
    for statement in await _asked(ask):
        await _check(connection, statement, Any)


async def test_no_statement_of_the_kernel_is_forgotten() -> None:
    asked = [statement for ask in ASKING for statement in await _asked(ask)]
    seen = {(str(Path(statement.file).relative_to(FOLDER)), statement.line) for statement in asked}
    forgotten = [
        file.at(call)
        for file in files()
        if file.owner == "kernel" and file.path != "kernel/db.py"
        for receiver, call in method_calls(file.tree, _METHODS)
        if re.search(r"(^|\.)(db|tx|reader)$", receiver)
        if not any((file.path, line) in seen for line in range(call.lineno, (call.end_lineno or call.lineno) + 1))
    ]
    assert not forgotten, f"Add a call that reaches these statements to tests/architecture/asking.py: {forgotten}"


_METHODS: Final = ("one", "maybe", "many", "value", "values", "run")


async def _recorded(query: Callable[..., Awaitable[Any]]) -> list[Statement]:
    """What a query asks, called in every way that there are samples for, finding something and finding nothing."""
    statements: list[Statement] = []
    for found in Found:
        tx = RecordingTx(found)
        for arguments in argument_sets(query, tx):
            before = len(tx.statements)
            await _carry_on(query(**arguments), lambda: len(tx.statements) > before, _name(query))  # noqa: B023
        statements += tx.statements
    return _different(statements)


async def _asked(ask: Callable[[RecordingTx, RecordingDatabase], Iterable[Awaitable[Any]]]) -> list[Statement]:
    statements: list[Statement] = []
    for found in Found:
        tx = RecordingTx(found)
        for call in ask(tx, RecordingDatabase(tx)):
            await _carry_on(call, lambda: bool(tx.statements), ask.__name__)  # noqa: B023
        statements += tx.statements
    return _different(statements)


async def _carry_on(call: Awaitable[Any], has_asked: Callable[[], bool], name: str) -> None:
    """Run a call to its end. After its first question it may fail on an answer that is made up; before, it may not."""
    try:
        await call
    except Exception as error:  # noqa: BLE001  a made-up answer may break it in any way
        if not has_asked():
            pytest.fail(
                f"{name} cannot be called with samples: {error!r}. See SAMPLES_OF in tests/architecture/samples.py"
            )


def _different(statements: Iterable[Statement]) -> list[Statement]:
    return list({(statement.sql, statement.line): statement for statement in statements}.values())


def _result_of(query: Callable[..., Awaitable[Any]]) -> Any:
    return get_type_hints(query)["return"]


def _name(query: Callable[..., Any]) -> str:
    return f"{query.__module__}.{query.__name__}"


async def _check(connection: asyncpg.Connection, statement: Statement, result: Any) -> None:
    place = f"src/entrepot/{Path(statement.file).relative_to(FOLDER)}:{statement.line}"
    try:
        prepared = await connection.prepare(statement.sql)
    except asyncpg.PostgresError as error:
        pytest.fail(f"{place}: the database does not understand this: {error}\n{statement.sql}")
    _check_arguments(place, prepared.get_parameters(), statement.args)
    columns = {attribute.name: attribute.type for attribute in prepared.get_attributes()}
    if statement.row is not None:
        _check_row(place, columns, statement.row)
    elif statement.takes in ("value", "values"):
        _check_value(place, columns, statement.takes, result)


def _check_arguments(place: str, parameters: Sequence[asyncpg.Type], args: Sequence[Any]) -> None:
    assert len(parameters) == len(args), f"{place}: takes {len(parameters)} arguments and is given {len(args)}"
    wrong = [
        f"${number} is {parameter.name} and is given {type(value).__name__}"
        for number, (parameter, value) in enumerate(zip(parameters, args, strict=True), 1)
        if not fits_parameter(parameter, value)
    ]
    assert not wrong, f"{place}: {', '.join(wrong)}"


def _check_row(place: str, columns: dict[str, asyncpg.Type], row: type[msgspec.Struct]) -> None:
    fields = {field.name: field.type for field in msgspec.structs.fields(row)}
    assert columns.keys() == fields.keys(), (
        f"{place}: columns without a field of {row.__name__}: {sorted(columns.keys() - fields.keys())}; "
        f"fields without a column: {sorted(fields.keys() - columns.keys())}"
    )
    wrong = [
        f"{name} is {columns[name].name} and {row.__name__}.{name} is {kind}"
        for name, kind in fields.items()
        if not fits_field(columns[name], kind)
    ]
    assert not wrong, f"{place}: {', '.join(wrong)}"


def _check_value(place: str, columns: dict[str, asyncpg.Type], takes: str, result: Any) -> None:
    assert len(columns) == 1, f"{place}: only the first of {list(columns)} would be read"
    kind = get_args(result)[0] if takes == "values" and get_args(result) else result
    (column,) = columns.values()
    if kind is not type(None):
        assert fits_field(column, kind), f"{place}: gives {column.name}, and the function says {kind}"
