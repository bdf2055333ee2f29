"""SQL stands in queries.py (and in the kernel, for its own tables): nowhere else is the database asked."""

from __future__ import annotations

import ast
import re
from typing import Final

from tests.architecture.source import File, files, method_calls, refuse

ASKING: Final = ("one", "maybe", "many", "value", "values", "run")
DATABASE: Final = re.compile(r"(^|\.)(db|tx|reader)$")
DRIVER: Final = ("fetch", "fetchrow", "fetchval", "fetchmany", "execute", "executemany", "copy_records_to_table")
CONNECTION: Final = re.compile(r"(^|[._])(connection|conn|pool)$")

ASKS_BY_ITSELF: Final = {
    "cli.py": "looks whether a database is in use before there is a shop",
    "databases.py": "looks at a server before there is a pool",
    "demo/bare_tables.py": "fills whole tables with COPY, which no verb does",
    "demo/load.py": "fills whole tables with COPY, which no verb does",
    "doctor.py": "looks at a server before there is a pool",
    "backup.py": "looks whether a database is empty before it becomes a shop",
    "operations/api.py": "`select 1`: whether the database answers at all",
    "verify/scratch.py": "makes databases, takes them away and drops them, from outside of them",
}


def test_sql_stands_in_queries() -> None:
    refuse(
        ((file, call, f"asks with {ast.unparse(call.func)}") for file in files() for call in _asked(file)),
        "Put the statement into a function of the module's queries.py, with a typed signature, and call that:",
        ASKS_BY_ITSELF,
    )


def _asked(file: File) -> list[ast.Call]:
    if file.holds_sql:
        return []
    ours = [call for receiver, call in method_calls(file.tree, ASKING) if DATABASE.search(receiver)]
    return ours + [call for receiver, call in method_calls(file.tree, DRIVER) if CONNECTION.search(receiver)]
