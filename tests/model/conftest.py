"""What these tests share."""

from __future__ import annotations

from tests.kernel.quick_passwords import quick_passwords

__all__ = ["quick_passwords"]
