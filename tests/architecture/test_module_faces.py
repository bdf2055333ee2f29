"""Modules know each other by what their `__init__.py` hands out, and by nothing else."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from tests.architecture.source import File, files, packages, refuse

OPEN_TO_ALL = frozenset({"kernel"})
"""Vocabulary rather than a module: its files are imported one by one."""


def test_only_faces_are_imported() -> None:
    refuse(
        ((file, node, f"imports {name}") for file in files() for node, name in _inner_imports(file)),
        "Import another module by its face, `from entrepot import orders` or `from entrepot.orders import place`, and hand "
        "the name out in its __init__.py; only app.py may import a module's api:",
    )


def test_only_handed_out_names_are_used() -> None:
    refuse(
        ((file, node, f"uses {name}") for file in files() for node, name in _names_used(file)),
        "Use of another module only what stands in `__all__` of its __init__.py, or add the name there:",
    )


def _inner_imports(file: File) -> Iterator[tuple[ast.AST, str]]:
    for node in ast.walk(file.tree):
        if isinstance(node, ast.ImportFrom) and node.module:
            names = [node.module]
        elif isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        else:
            continue
        yield from ((node, name) for name in names if _is_inner(file, name))


def _is_inner(file: File, name: str) -> bool:
    """entrepot.X.y, seen from outside X."""
    root, _, rest = name.partition(".")
    module, _, inner = rest.partition(".")
    if root != "entrepot" or not inner or module not in packages() - OPEN_TO_ALL or module == file.owner:
        return False
    return not (file.path == "app.py" and inner == "api")


def _names_used(file: File) -> Iterator[tuple[ast.AST, str]]:
    """Names of another module: imported from its face, or reached through it (`orders.place`)."""
    faces = {}
    for node in ast.walk(file.tree):
        if not isinstance(node, ast.ImportFrom) or node.module is None:
            continue
        if node.module == "entrepot":
            faces.update({alias.asname or alias.name: alias.name for alias in node.names if _foreign(file, alias.name)})
        elif _foreign(file, module := node.module.removeprefix("entrepot.")):
            yield from (
                (node, f"{module}.{alias.name}") for alias in node.names if alias.name not in _handed_out(module)
            )
    for node in ast.walk(file.tree):
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id in faces:
            module = faces[node.value.id]
            if node.attr not in _handed_out(module) and not (file.path == "app.py" and node.attr == "api"):
                yield node, f"{module}.{node.attr}"


def _foreign(file: File, module: str) -> bool:
    return module in packages() - OPEN_TO_ALL and module != file.owner


def _handed_out(module: str) -> frozenset[str]:
    face = next(file for file in files() if file.path == f"{module}/__init__.py")
    for node in face.tree.body:
        if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "__all__":
            return frozenset(ast.literal_eval(node.value))
    return frozenset()
