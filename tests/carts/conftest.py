"""Devices: clients with cookies of their own, as browsers have them."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable

import httpx
import pytest

from entrepot import app as composition
from tests.builders import Client
from tests.kernel.quick_passwords import quick_passwords

__all__ = ["quick_passwords"]

NewDevice = Callable[[], Client]


def shopping_at(app: composition.Application) -> httpx.AsyncClient:
    """A browser: it keeps the cookies that it gets."""
    return httpx.AsyncClient(transport=httpx.ASGITransport(app=app), base_url="http://shop.test/api/v1")


@pytest.fixture
async def new_device(app: composition.Application) -> AsyncIterator[NewDevice]:
    """Makes guests who have nothing in common."""
    made: list[httpx.AsyncClient] = []

    def make() -> Client:
        made.append(shopping_at(app))
        return Client(made[-1], app)

    yield make
    for http in made:
        await http.aclose()
