"""Passwords: bcrypt, on threads of their own that step back, so that a flood of sign-ins slows nobody else down."""

from __future__ import annotations

import asyncio
import hashlib
import os
import sys
import threading
from base64 import b64encode
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Final, TypeVar

import bcrypt

from entrepot.kernel.errors import Unavailable

Result = TypeVar("Result")

COST = 12
MAX_WAITING: Final = 50
"""More would wait for so long that it is kinder, and safer, to turn them away."""

NICENESS: Final = 10


def _step_back() -> None:
    """Let the threads that answer requests go first: on Linux a priority belongs to a thread."""
    if sys.platform == "linux":
        os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), NICENESS)


class _Hashing:
    """Threads for bcrypt, which lets go of the interpreter while it works: at most half of the processors."""

    def __init__(self) -> None:
        self._threads = ThreadPoolExecutor(max(1, (os.cpu_count() or 2) // 2), "bcrypt", initializer=_step_back)
        self._waiting = 0

    async def run(self, function: Callable[[bytes, bytes], Result], password: bytes, other: bytes) -> Result:
        """Raises Unavailable when too many wait already."""
        if self._waiting >= MAX_WAITING:
            raise Unavailable("Too many people are signing in at once: try again shortly", retry_after_s=5)
        self._waiting += 1
        try:
            return await asyncio.get_running_loop().run_in_executor(self._threads, function, password, other)
        finally:
            self._waiting -= 1


_HASHING: Final = _Hashing()

_NOBODY = b"$2b$12$FNxZW6rTYPxpV9266cpy/uQ0DKAB5lbUHK0zMGnUZWb5dutNabFFK"
"""The hash of a forgotten random text: compared with when there is no account, so that the time does not tell."""


async def hash_password(password: str) -> str:
    """The bcrypt hash to store. Raises Unavailable when too many passwords wait to be hashed."""
    return (await _HASHING.run(bcrypt.hashpw, _digest(password), bcrypt.gensalt(COST))).decode()


async def check_password(password: str, hashed: str | None) -> bool:
    """Whether the password fits; takes as long when there is nothing to compare with. Raises Unavailable as above."""
    fits = await _HASHING.run(bcrypt.checkpw, _digest(password), hashed.encode() if hashed else _NOBODY)
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
