"""The shop's own source, parsed once: what the tests of its architecture read."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from pathlib import Path

import msgspec

import entrepot

FOLDER = Path(entrepot.__file__).parent


class File(msgspec.Struct, frozen=True):
    """A source file; `path` is relative to src/entrepot, such as `orders/place.py`."""

    path: str
    tree: ast.Module

    @property
    def owner(self) -> str:
        """The module that the file belongs to: its first folder, or its own name at the top."""
        return self.path.partition("/")[0].removesuffix(".py")

    @property
    def dotted(self) -> str:
        parts = ["entrepot", *self.path.removesuffix(".py").split("/")]
        return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)

    @property
    def holds_sql(self) -> bool:
        """Whether SQL may stand here: `queries.py`, or `queries_<capability>.py` and `<capability>_queries.py`."""
        name = self.path.rpartition("/")[2].removesuffix(".py")
        return self.owner == "kernel" or name == "queries" or name.startswith("queries_") or name.endswith("_queries")

    def at(self, node: ast.AST) -> str:
        """Where a node stands, as an editor opens it."""
        return f"src/entrepot/{self.path}:{getattr(node, 'lineno', 1)}"


@cache
def files() -> tuple[File, ...]:
    """Every Python file of the shop."""
    paths = sorted(FOLDER.rglob("*.py"))
    return tuple(File(path.relative_to(FOLDER).as_posix(), ast.parse(path.read_text("utf-8"))) for path in paths)


def packages() -> frozenset[str]:
    """The modules of the shop: the folders that have a face."""
    return frozenset(file.owner for file in files() if file.path.count("/") == 1 and file.path.endswith("/__init__.py"))


def functions(tree: ast.AST) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    return (node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef))


def parameters(function: ast.FunctionDef | ast.AsyncFunctionDef) -> list[ast.arg]:
    return [*function.args.posonlyargs, *function.args.args, *function.args.kwonlyargs]


def method_calls(tree: ast.AST, names: Iterable[str]) -> Iterator[tuple[str, ast.Call]]:
    """Calls `receiver.name(...)` of these names, with the receiver as it is written."""
    wanted = frozenset(names)
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in wanted:
            yield ast.unparse(node.func.value), node


def refuse(faults: Iterable[tuple[File, ast.AST, str]], advice: str, allowed: Mapping[str, str] | None = None) -> None:
    """Fail with every fault and what to do about it; files on the list are excused, each for its reason.

    A list that excuses a file without faults fails as well, so that no excuse outlives its cause.
    """
    allowed = allowed or {}
    found = list(faults)
    wrong = [f"  {file.at(node)}: {what}" for file, node, what in found if file.path not in allowed]
    assert not wrong, "\n".join([advice, *wrong])
    needless = sorted(allowed.keys() - {file.path for file, _, _ in found})
    assert not needless, f"These files need no excuse any more, take them off the list: {needless}"
