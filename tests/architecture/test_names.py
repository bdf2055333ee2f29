"""Names are the shop's words: none that could stand for anything."""

from __future__ import annotations

import ast
import re
from typing import Final

from tests.architecture.source import files, refuse

EMPTY_FILES: Final = frozenset({"util", "utils", "helper", "helpers", "misc", "common", "tools", "service", "services"})
EMPTY_CLASSES: Final = re.compile(r"_?(Base[A-Z]\w*|\w*(Service|Manager|Helper|Mixin|Util|Utils))")


def test_no_file_is_named_for_nothing() -> None:
    refuse(
        (
            (file, file.tree, "says nothing")
            for file in files()
            if EMPTY_FILES & set(file.path.removesuffix(".py").split("/"))
        ),
        "Name the file for what it holds; if it holds many things, it is several files:",
    )


def test_no_class_is_named_for_nothing() -> None:
    refuse(
        (
            (file, node, node.name)
            for file in files()
            for node in ast.walk(file.tree)
            if isinstance(node, ast.ClassDef) and EMPTY_CLASSES.fullmatch(node.name)
        ),
        "Name the class for the thing that it is, in the shop's words:",
    )
