"""Passwords: bcrypt, on threads of their own, so that neither the event loop nor other work waits for them."""

from __future__ import annotations

import asyncio
import hashlib
from base64 import b64encode
from concurrent.futures import ThreadPoolExecutor

import bcrypt

COST = 12
_threads = ThreadPoolExecutor(max_workers=2, thread_name_prefix="bcrypt")
"""bcrypt lets go of the interpreter while it works; two at a time leave room for everybody else."""

_NOBODY = b"$2b$12$FNxZW6rTYPxpV9266cpy/uQ0DKAB5lbUHK0zMGnUZWb5dutNabFFK"
"""The hash of a forgotten random text: compared with when there is no account, so that the time does not tell."""


async def hash_password(password: str) -> str:
    """The bcrypt hash to store."""
    hashed = await asyncio.get_running_loop().run_in_executor(
        _threads, bcrypt.hashpw, _digest(password), bcrypt.gensalt(COST)
    )
    return hashed.decode()


async def check_password(password: str, hashed: str | None) -> bool:
    """Whether the password fits; takes as long when there is nothing to compare with."""
    stored = hashed.encode() if hashed else _NOBODY
    fits = await asyncio.get_running_loop().run_in_executor(_threads, bcrypt.checkpw, _digest(password), stored)
    return fits and hashed is not None


def _digest(password: str) -> bytes:
    """bcrypt reads 72 bytes and stops at a zero byte: longer passwords are condensed first."""
    raw = password.encode()
    return raw if len(raw) <= 72 else b64encode(hashlib.sha256(raw).digest())


def refuse_weak_password(password: str) -> str:
    """The password, if it is long and mixed enough. Raises ValueError with everything that is missing."""
    faults = []
    if len(password) < 8:
        faults.append("must be at least 8 characters")
    if not any(character.isupper() for character in password):
        faults.append("must contain an uppercase letter")
    if not any(character.isdigit() for character in password):
        faults.append("must contain a number")
    if faults:
        raise ValueError(", ".join(faults))
    return password
