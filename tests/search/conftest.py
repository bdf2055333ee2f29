"""What these tests share."""

from __future__ import annotations

from tests.kernel.conftest import module_client
from tests.kernel.quick_passwords import quick_passwords

__all__ = ["module_client", "quick_passwords"]
