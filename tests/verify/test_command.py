"""`entrepot verify`, `backup` and `restore` as a person runs them, and what they refuse."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

from entrepot import verify


def entrepot(*options: str, **variables: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "entrepot", *options],
        capture_output=True, text=True, check=False, env={**os.environ, "COLUMNS": "200", **variables},
    )  # fmt: skip


def test_a_drill_is_held_and_written_down(server: str, tmp_path: Path) -> None:
    """The shop's own settings, which lead nowhere, are not looked at."""
    file = tmp_path / "found.json"
    done = entrepot(
        "verify", "--drill", "redis", "--database-url", server, "--json", str(file),
        DATABASE_URL="postgresql://nobody@192.0.2.1/nothing",
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    assert "REDIS_URL is not used" in done.stdout
    assert "Every promise was kept. 1 drills" in done.stdout
    report = json.loads(file.read_bytes())
    assert (report["passed"], report["size"]) == (True, "quick")
    (held,) = report["drills"]
    assert (held["name"], held["passed"]) == ("redis", True)
    assert held["findings"][0]["skipped"]


def test_the_drills_are_listed_with_their_promises() -> None:
    done = entrepot("verify", "--list")
    assert done.returncode == 0, done.stderr
    for drill in verify.catalogue():
        assert f"{drill.name:<20} {drill.promise}" in done.stdout
        assert drill.promise.endswith("."), "one sentence"


def test_an_unknown_drill_is_refused() -> None:
    done = entrepot("verify", "--drill", "juggling")
    assert done.returncode == 1
    assert "There is no drill juggling" in done.stderr


def test_what_is_no_backup_is_refused(tmp_path: Path, server: str) -> None:
    for name, content in (("empty.tar", b""), ("words.tar", b"hello" * 1_000)):
        file = tmp_path / name
        file.write_bytes(content)
        done = entrepot(
            "restore", str(file), DATABASE_URL=server.replace("/entrepot?", "/postgres?"), ENTREPOT_HOME=str(tmp_path)
        )
        assert done.returncode == 1
        assert "no whole backup" in done.stderr, done.stderr
