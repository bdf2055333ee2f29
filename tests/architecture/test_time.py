"""The time comes from kernel.clock, so that tests and drills can move it."""

from __future__ import annotations

import ast
import re
from typing import Final

from tests.architecture.source import files, refuse

WALL_CLOCK: Final = re.compile(r"(^|\.)(datetime\.(now|utcnow|today)|date\.today|time\.(time|time_ns))$")

OWN_CLOCK: Final = {
    "kernel/clock.py": "is the clock",
    "kernel/embedded_postgres_server.py": "compares with the age of files, which the system's clock has written",
}


def test_nobody_reads_the_wall_clock() -> None:
    refuse(
        (
            (file, node, f"reads {ast.unparse(node.func)}()")
            for file in files()
            for node in ast.walk(file.tree)
            if isinstance(node, ast.Call) and WALL_CLOCK.search(ast.unparse(node.func))
        ),
        "Ask kernel.clock: clock.now() or clock.today(); durations come from time.perf_counter() or time.monotonic():",
        OWN_CLOCK,
    )
