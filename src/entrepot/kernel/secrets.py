"""Random secrets that are given out once and stored hashed."""

from __future__ import annotations

import hashlib
import secrets


def new_secret() -> str:
    """256 random bits, URL-safe."""
    return secrets.token_urlsafe(32)


def hash_secret(secret: str) -> bytes:
    """What is stored of a random secret. It has 256 bits of its own, so a plain hash is enough."""
    return hashlib.sha256(secret.encode()).digest()
