"""A database that records what it is asked, answers from samples, and runs nothing."""

from __future__ import annotations

import sys
from collections.abc import AsyncIterator, Coroutine
from contextlib import asynccontextmanager
from enum import Enum
from types import FrameType
from typing import Any

import msgspec

from entrepot.kernel.db import Database, Row, Tx
from tests.architecture.samples import MadeUp, sample_of


class Statement(msgspec.Struct, frozen=True):
    """One statement, and what its caller expects: rows of a struct, a single value, or nothing."""

    sql: str
    args: tuple[Any, ...]
    row: type[msgspec.Struct] | None
    takes: str
    file: str
    line: int


class Found(Enum):
    """What the recording database says that there is."""

    NOTHING = "nothing"
    SOMETHING = "something"


class NoSuchRow(Exception):
    """`one` was asked where nothing is found."""


class RecordingTx(Tx):
    """Stands for a Db as well: it can do all that one can."""

    __slots__ = ("found", "statements")

    def __init__(self, found: Found) -> None:
        super().__init__(None)
        self.found = found
        self.statements: list[Statement] = []

    # Plain functions, so that the caller's frame is the one above; what they return is awaited there.
    def one(self, row: type[Row], sql: str, *args: Any) -> Coroutine[Any, Any, Row]:
        self._record("row", row, sql, args, sys._getframe(1))
        return self._only(row)

    def maybe(self, row: type[Row], sql: str, *args: Any) -> Coroutine[Any, Any, Row | None]:
        self._record("row", row, sql, args, sys._getframe(1))
        return self._answer(sample_of(row), None)

    def many(self, row: type[Row], sql: str, *args: Any) -> Coroutine[Any, Any, list[Row]]:
        self._record("row", row, sql, args, sys._getframe(1))
        return self._answer([sample_of(row)], [])

    def value(self, sql: str, *args: Any) -> Coroutine[Any, Any, Any]:
        self._record("value", None, sql, args, sys._getframe(1))
        return self._answer(MadeUp(1), None)

    def values(self, sql: str, *args: Any) -> Coroutine[Any, Any, list[Any]]:
        self._record("values", None, sql, args, sys._getframe(1))
        return self._answer([MadeUp(1)], [])

    def run(self, sql: str, *args: Any) -> Coroutine[Any, Any, int]:
        self._record("nothing", None, sql, args, sys._getframe(1))
        return self._answer(1, 0)

    async def _only(self, row: type[Row]) -> Row:
        if self.found is Found.NOTHING:
            raise NoSuchRow
        return sample_of(row)  # type: ignore[no-any-return]

    async def _answer(self, something: Any, nothing: Any) -> Any:
        return something if self.found is Found.SOMETHING else nothing

    def _record(self, takes: str, row: Any, sql: str, args: tuple[Any, ...], caller: FrameType) -> None:
        self.statements.append(Statement(sql, args, row, takes, caller.f_code.co_filename, caller.f_lineno))


class RecordingDatabase(Database):
    """A pool whose every transaction is the same recording one."""

    def __init__(self, tx: RecordingTx) -> None:
        super().__init__(None, "")
        self.tx = tx
        self.reader = tx

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[Tx]:
        yield self.tx
