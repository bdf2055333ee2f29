"""The search index from the command line."""

from __future__ import annotations

from pathlib import Path

from tests.cli.test_serve import run


def test_the_index_is_built_looked_at_and_found_damaged(home: Path) -> None:
    none = run(home, "search", "status")
    assert (none.returncode, "none yet" in none.stdout) == (1, True), none.stdout + none.stderr

    built = run(home, "search", "rebuild")
    assert (built.returncode, "The search index is built." in built.stdout) == (0, True), built.stdout + built.stderr
    sound = run(home, "search", "status")
    assert (sound.returncode, "by nobody" in sound.stdout) == (0, True), sound.stdout + sound.stderr

    [meta] = (home / "search").glob("*/*/meta.json")
    meta.write_text("{")
    damaged = run(home, "search", "status")
    assert (damaged.returncode, "meta.json cannot be read" in damaged.stdout) == (1, True), damaged.stdout
    again = run(home, "search", "rebuild")
    assert again.returncode == 0, again.stderr
    assert run(home, "search", "status").returncode == 0
