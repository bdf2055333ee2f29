"""Money is counted in integers: no float comes near it."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from typing import Final

from tests.architecture.source import File, files, functions, parameters, refuse

UNITS: Final = re.compile(r"\w*_(minor|bp)")
INTEGERS: Final = re.compile(r"(ClassVar\[|Final\[)?int( \| None)?\]?")
SHOWN: Final = ("_api.py", "_requests.py", "_views.py")
"""Where amounts come and go as JSON numbers in major units."""


def test_amounts_and_rates_are_integers() -> None:
    refuse(
        (
            (file, node, f"{name}: {ast.unparse(annotation)}")
            for file in files()
            for node, name, annotation in _annotated(file)
            if UNITS.fullmatch(name) and not INTEGERS.fullmatch(ast.unparse(annotation))
        ),
        "Names in _minor (smallest units) and _bp (basis points) are ints; call an amount in major units otherwise:",
    )


def test_pricing_never_divides_or_floats() -> None:
    refuse(
        (
            (file, node, what)
            for file in files()
            if file.owner == "pricing" and not file.path.endswith(SHOWN)
            for node in ast.walk(file.tree)
            if (what := _floats(node)) is not None
        ),
        "Use kernel.money: share() rounds a rate of an amount, allocate() splits an amount exactly:",
    )


def _annotated(file: File) -> Iterator[tuple[ast.AST, str, ast.expr]]:
    for node in ast.walk(file.tree):
        if isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name):
            yield node, node.target.id, node.annotation
    for function in functions(file.tree):
        if function.returns is not None:
            yield function, function.name, function.returns
        yield from ((arg, arg.arg, arg.annotation) for arg in parameters(function) if arg.annotation is not None)


def _floats(node: ast.AST) -> str | None:
    match node:
        case ast.BinOp(op=ast.Div()) | ast.AugAssign(op=ast.Div()):
            return "divides with /"
        case ast.Constant(value=float()):
            return f"has the float {ast.unparse(node)}"
        case ast.Name(id="float" | "round"):
            return f"uses {node.id}"
    return None
