"""The second yardstick: pgbench runs the statements of one order, so that what the shop adds to them can be seen."""

from __future__ import annotations

import os
import re
import subprocess
from collections.abc import Mapping, Sequence
from datetime import datetime
from enum import Enum
from pathlib import Path
from typing import Any, Final

import msgspec

from entrepot.bench.statements import Statement
from entrepot.kernel.db import SESSION
from entrepot.kernel.embedded_postgres_folder import tool

_JSON: Final = ("json", "jsonb")
_TPS: Final = re.compile(r"tps = ([0-9.]+)")
_NUMBER: Final = re.compile(r"(?<![\w.-])\d+(?![\w.])")


class OrderIds(msgspec.Struct, frozen=True):
    """What the recorded order was given, and what another one is given anew."""

    products: list[int]
    order: int
    number: str
    parts: list[int]
    lines: list[int]

    def clash(self) -> bool:
        """Whether a number could mean two things; another order must be recorded then."""
        numbers = [*self.products, self.order, *self.parts, *self.lines]
        return len(set(numbers)) < len(numbers) or min(numbers) <= 200


def script_of(statements: Sequence[Statement], ids: OrderIds, first_product: int, products: int) -> str:
    """The recorded order as a script of pgbench: each run takes three neighbours out of `products` products.

    With three products, everybody buys the same. What the insert returns is handed on to the statements after it.
    """
    fresh = {product: f"p{position}" for position, product in enumerate(ids.products)}
    lines = [f"\\set first {first_product} + 3 * random(0, {products // 3 - 1})"]
    lines += [f"\\set p{position} :first + {position}" for position in range(len(ids.products))]
    for statement in statements:
        inserts = "insert into orders " in statement.sql
        lines.append(_filled_in(statement, fresh, ids.number) + (" \\gset placed_" if inserts else ";"))
        if inserts:
            fresh |= {ids.order: "placed_id"}
            fresh |= {part: f"part{position}" for position, part in enumerate(ids.parts)}
            fresh |= {line: f"line{position}" for position, line in enumerate(ids.lines)}
            lines.append(_taken_apart("part", len(ids.parts)) + " \\gset")
            lines.append(_taken_apart("line", len(ids.lines)) + " \\gset")
    return "\n".join(lines) + "\n"


def run_pgbench(script: str, folder: Path, dsn: str, *, clients: int, seconds: int) -> float:
    """Transactions a second. Raises RuntimeError with pgbench's own words when one failed."""
    file = folder / "order.sql"
    file.write_text(script)
    command = [str(tool("pgbench")), "--no-vacuum", "--protocol=prepared", f"--client={clients}", "--jobs=2"]
    command += [f"--time={seconds}", f"--file={file}", dsn]
    session = " ".join(f"-c {name}={value}" for name, value in SESSION.items())
    done = subprocess.run(  # noqa: S603
        command, capture_output=True, text=True, check=False, env={**os.environ, "PGOPTIONS": session}
    )
    rate = _TPS.search(done.stdout)
    if done.returncode or rate is None:
        raise RuntimeError(done.stdout + done.stderr)
    return float(rate[1])


def _taken_apart(what: str, count: int) -> str:
    """An array that the insert returned, as a variable for each of its members."""
    members = ", ".join(f"(:placed_{what}_ids::bigint[])[{n + 1}] as {what}{n}" for n in range(count))
    return f"select {members}"


def _filled_in(statement: Statement, fresh: Mapping[int, str], number: str) -> str:
    one_line = " ".join(re.sub(r"--[^\n]*", "", statement.sql).split()).rstrip(";")
    values = [
        _expression(value, kind, fresh, number) for value, kind in zip(statement.args, statement.types, strict=True)
    ]
    return re.sub(r"\$(\d+)", lambda match: values[int(match[1]) - 1], one_line)


def _expression(value: Any, kind: str, fresh: Mapping[int, str], number: str) -> str:
    """An argument in SQL. Ids and the number of the recorded order become those of the one that is being placed."""
    if value is None:
        return f"null::{kind}"
    used: dict[str, str] = {}

    def anew(match: re.Match[str]) -> str:
        variable = fresh.get(int(match[0]))
        if variable is None:
            return match[0]
        used[f"~{variable}~"] = variable
        return f"~{variable}~"

    text = _NUMBER.sub(anew, _text(value, kind))
    if number in text:
        text = text.replace(number, "~number~")
        used["~number~"] = "placed_number"
    literal = "'" + re.sub(r":(?=[A-Za-z_])", ":' || '", text.replace("'", "''")) + "'"
    for mark, variable in used.items():
        literal = f"replace({literal}, '{mark}', :{variable}::text)"
    return f"({literal})::{kind}"


def _text(value: Any, kind: str) -> str:
    """The value as PostgreSQL reads it."""
    if kind in _JSON:
        return msgspec.json.encode(value).decode()
    if isinstance(value, list | tuple):
        members = (
            "NULL" if member is None else '"' + _text(member, "").replace("\\", "\\\\").replace('"', '\\"') + '"'
            for member in value
        )
        return "{" + ",".join(members) + "}"
    if isinstance(value, bytes):
        return "\\x" + value.hex()
    if isinstance(value, datetime):
        return value.isoformat()
    return str(value.value if isinstance(value, Enum) else value)
