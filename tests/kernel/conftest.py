"""What these tests share."""

from __future__ import annotations

from collections.abc import AsyncIterator

import httpx
import pytest

from entrepot import app as composition
from tests.builders import Client
from tests.kernel.quick_passwords import quick_passwords

__all__ = ["quick_passwords"]


@pytest.fixture(autouse=True)
async def forget_addresses(request: pytest.FixtureRequest) -> AsyncIterator[None]:
    """All tests come from one address, which would be locked by the sign-ins that fail here."""
    yield
    if "app" in request.fixturenames:
        application: composition.Application = request.getfixturevalue("app")
        await application.shop.database.pool.execute("delete from sign_in_failures where subject like 'address:%'")


@pytest.fixture(scope="module")
async def module_client(app: composition.Application) -> AsyncIterator[Client]:
    """A guest for all tests of a module that change nothing about it."""
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app=app), base_url="http://shop.test/api/v1") as http:
        yield Client(http, app)
