"""Data folders for shops in processes of their own."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest


@pytest.fixture(scope="module")
def home() -> Iterator[Path]:
    """A data folder for the tests of one file: the first start makes the database, the others find it.

    Not below pytest's own temporary folder: that is closed to other users, and as root the database runs as one.
    """
    folder = Path(tempfile.mkdtemp(prefix="entrepot-cli-"))
    yield folder / "home"
    shutil.rmtree(folder)
