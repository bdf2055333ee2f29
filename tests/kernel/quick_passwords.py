"""Passwords with little work, for tests that sign many people in."""

from __future__ import annotations

from collections.abc import Iterator

import bcrypt
import pytest

from entrepot.identity import passwords
from tests import builders

COST = 4


@pytest.fixture(scope="session", autouse=True)
def quick_passwords() -> Iterator[None]:
    """bcrypt at its lowest cost, for the builders' users and for those who register."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(passwords, "COST", COST)
        hashed = bcrypt.hashpw(builders.PASSWORD.encode(), bcrypt.gensalt(COST)).decode()
        patch.setattr(passwords, "_NOBODY", hashed.encode())
        patch.setitem(builders._hashes, builders.PASSWORD, hashed)
        yield
