"""Every file says what it is for; a module's `__init__.py` is its README."""

from __future__ import annotations

import ast

from tests.architecture.source import files, refuse


def test_every_file_says_what_it_is_for() -> None:
    refuse(
        ((file, file.tree, "has no docstring") for file in files() if not ast.get_docstring(file.tree)),
        "Begin the file with one sentence of purpose; an __init__.py with what the module owns and promises:",
    )
