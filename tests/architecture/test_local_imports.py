"""Imports stand at the top: one inside a function dodges a circle that should not be there."""

from __future__ import annotations

import ast
from typing import Final

from tests.architecture.source import files, functions, refuse

LAZY: Final = {
    "payments/providers.py": "a large library, for those only who take payments with it",
    "telemetry.py": "large libraries, for those only who switch traces or error reports on",
}


def test_imports_stand_at_the_top() -> None:
    refuse(
        (
            (file, node, f"{function.name}: {ast.unparse(node)}")
            for file in files()
            for function in functions(file.tree)
            for node in ast.walk(function)
            if isinstance(node, ast.Import | ast.ImportFrom)
        ),
        "Import at the top of the file; if that makes a circle, what both need belongs below both:",
        LAZY,
    )
