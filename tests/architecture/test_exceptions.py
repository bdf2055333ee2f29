"""What is caught is named: catching everything hides what nobody thought of."""

from __future__ import annotations

import ast
from typing import Final

from tests.architecture.source import files, refuse

BROAD: Final = frozenset({"Exception", "BaseException"})

CATCHES_ALL: Final = {
    "catalog/follow.py": "the edge of a background task: lists that stay as they were for ever would be worse than a new load",
    "kernel/edge.py": "the outermost place: whatever went wrong is answered, and logged",
    "kernel/events.py": "the edge of the event tail: a listener's mistake about one event must not silence the others",
    "search/keeper.py": "the edge of a task that runs for ever: what is served must outlive what cannot be indexed",
    "verify/hold.py": "the edge of a drill: whatever it breaks off with, it has failed, and the next one is held",
    "operations/api.py": "readiness: whatever keeps the database from answering, the reply is the same",
}


def test_exceptions_are_named() -> None:
    refuse(
        (
            (file, node, "catches everything")
            for file in files()
            for node in ast.walk(file.tree)
            if isinstance(node, ast.ExceptHandler) and _is_broad(node) and not _raises_again(node)
        ),
        "Catch the exceptions that the call is documented to raise; to clean up, end the block with a bare `raise`:",
        CATCHES_ALL,
    )


def _is_broad(handler: ast.ExceptHandler) -> bool:
    if handler.type is None:
        return True
    kinds = handler.type.elts if isinstance(handler.type, ast.Tuple) else [handler.type]
    return any(ast.unparse(kind) in BROAD for kind in kinds)


def _raises_again(handler: ast.ExceptHandler) -> bool:
    last = handler.body[-1]
    return isinstance(last, ast.Raise) and last.exc is None
