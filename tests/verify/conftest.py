"""Folders of drills that found what they should are taken away."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest


@pytest.fixture(autouse=True)
def no_folders_left(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Not below pytest's own temporary folder: that is closed to other users, and as root the database runs as one."""
    folder = Path(tempfile.mkdtemp(prefix="entrepot-test-verify-"))
    folder.chmod(0o711)
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    yield
    shutil.rmtree(folder, ignore_errors=True)
