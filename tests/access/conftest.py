"""The world of these tests, made once for each worker."""

from __future__ import annotations

from collections.abc import AsyncIterator

import httpx
import pytest

from entrepot.app import Application
from tests.access.world import World
from tests.builders import Client
from tests.kernel.quick_passwords import quick_passwords

__all__ = ["quick_passwords"]


@pytest.fixture(scope="session")
async def world(app: Application, quick_passwords: None) -> AsyncIterator[World]:
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app=app), base_url="http://shop.test/api/v1") as http:
        yield await World.made(Client(http, app))


@pytest.fixture(autouse=True)
async def forget_failures(world: World) -> AsyncIterator[None]:
    """All tests come from one address, which would be locked by the sign-ins that fail here; and guests get no cookies."""
    yield
    world.client.http.cookies.clear()
    await world.value("delete from sign_in_failures where subject like 'address:%'")
