"""A module holds constants, never state: what changes lives in the database or in an object that somebody made."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from typing import Final

from tests.architecture.source import File, files, refuse

CONSTANT: Final = re.compile(r"_?[A-Z][A-Z0-9_]*")
COLLECTIONS: Final = (ast.Dict, ast.List, ast.Set, ast.DictComp, ast.ListComp, ast.SetComp)
MAKERS: Final = frozenset({"dict", "list", "set", "bytearray", "deque", "defaultdict", "OrderedDict", "Counter"})
CHANGES: Final = frozenset(
    {
        "add",
        "append",
        "clear",
        "discard",
        "extend",
        "insert",
        "pop",
        "popitem",
        "remove",
        "setdefault",
        "sort",
        "update",
    }
)


def test_module_level_collections_are_constants() -> None:
    refuse(
        (
            (file, node, f"{name} is not a constant")
            for file, node, name in _collections()
            if not CONSTANT.fullmatch(name)
        ),
        "Write a constant in capitals, or keep the state in an object that the composition root makes:",
    )


def test_constants_are_final() -> None:
    refuse(
        ((file, node, f"{name} is not Final") for file, node, name in _collections() if not _is_final(node)),
        "Declare it `NAME: Final = ...`:",
    )


def test_constants_stay_as_they_are() -> None:
    refuse(_changed(), "A constant is never changed: make a copy:")


def test_no_function_writes_globals() -> None:
    refuse(
        (
            (file, node, "writes a global")
            for file in files()
            for node in ast.walk(file.tree)
            if isinstance(node, ast.Global)
        ),
        "Keep the state in an object that somebody made:",
    )


def _collections() -> Iterator[tuple[File, ast.stmt, str]]:
    """Collections assigned at the top of a file, with their names."""
    for file in files():
        for node in file.tree.body:
            target = node.targets[0] if isinstance(node, ast.Assign) else getattr(node, "target", None)
            value = getattr(node, "value", None)
            if isinstance(target, ast.Name) and target.id != "__all__" and value is not None and _is_collection(value):
                yield file, node, target.id


def _is_collection(value: ast.expr) -> bool:
    made = isinstance(value, ast.Call) and ast.unparse(value.func).rpartition(".")[2] in MAKERS
    return made or isinstance(value, COLLECTIONS)


def _is_final(node: ast.stmt) -> bool:
    return isinstance(node, ast.AnnAssign) and ast.unparse(node.annotation).startswith("Final")


def _changed() -> Iterator[tuple[File, ast.AST, str]]:
    for file in files():
        for node in ast.walk(file.tree):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in CHANGES:
                changed: ast.expr | None = node.func.value
            elif isinstance(node, ast.Subscript) and isinstance(node.ctx, ast.Store | ast.Del):
                changed = node.value
            else:
                continue
            if isinstance(changed, ast.Name) and CONSTANT.fullmatch(changed.id):
                yield file, node, f"changes {changed.id}"
