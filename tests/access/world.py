"""Who there is, and what is whose: two sides of one shop, ours and theirs, each with a zone, a company and people.

`World` is made once for each worker. A `Scene` is one try of a route by one role: a new actor, and, on demand, new objects
that are its own or another's, so that whatever the try destroys is missed by nobody.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any, Final
from uuid import uuid4

import httpx
import msgspec

from entrepot.app import Application
from entrepot.identity import queries
from entrepot.identity.model import User, UserStatus
from entrepot.identity.tokens import issue_access_token
from entrepot.kernel.actors import Role
from entrepot.kernel.openapi import describe
from entrepot.kernel.secrets import hash_secret, new_secret
from tests import builders
from tests.builders import PASSWORD, Client, unique

GUEST: Final = "guest"
ROLES: Final = (GUEST, *Role)
"""The columns of the table, from left to right."""

SECRET: Final = "theirs-only"
"""Stands in what is written about everything of the other side: where it is read, somebody else's data was."""


class Person(msgspec.Struct, frozen=True, kw_only=True):
    """Somebody with an account, signed in."""

    user: User
    session_id: str
    token: str
    refresh_token: str

    @property
    def id(self) -> int:
        return self.user.id


class Side(msgspec.Struct, frozen=True, kw_only=True):
    """A zone, a company that delivers there alone, and a product of it."""

    zone_id: int
    zone: str
    company_id: int
    product_id: int


class World:
    """The shop, its description, and both sides."""

    def __init__(self, client: Client, ours: Side, theirs: Side, category: str, description: dict[str, Any]) -> None:
        self.client = client
        self.app: Application = client.app
        self.ours = ours
        self.theirs = theirs
        self.category = category
        self.description = description

    @classmethod
    async def made(cls, client: Client) -> World:
        category = await client.a_category()
        ours, theirs = [await a_side(client, category, mark) for mark in ("", f" {SECRET}")]
        return cls(client, ours, theirs, category, json.loads(json.dumps(describe(client.app.litestar))))

    async def with_new_sides(self) -> World:
        """The same shop, with sides where nobody has been yet."""
        ours, theirs = [await a_side(self.client, self.category, mark) for mark in ("", f" {SECRET}")]
        return World(self.client, ours, theirs, self.category, self.description)

    async def a_person(
        self,
        role: str,
        *,
        mark: str = "",
        zone_id: int | None = None,
        zone_ids: Sequence[int] = (),
        company_id: int | None = None,
        status: UserStatus = UserStatus.ACTIVE,
    ) -> Person:
        """A new user with a session and both tokens, without a password being checked. `mark` stands in what it is called."""
        refresh_token = new_secret()
        async with self.app.shop.database.transaction() as tx:
            user = await queries.insert_user(
                tx,
                email=f"{unique(mark or role.replace('_', '-'))}@example.com",
                username=None,
                password_hash=builders._hashes[PASSWORD],
                role=Role(role),
                status=status,
                first_name="Test",
                last_name=f"Person {mark}".strip(),
                phone="+1234567890",
                zone_id=zone_id,
                language="en",
            )
            if zone_ids:
                await tx.run(
                    "insert into admin_zones (user_id, zone_id) select $1, unnest($2::bigint[])", user.id, zone_ids
                )
            if company_id is not None:
                await tx.run(
                    "insert into company_members (company_id, user_id, is_owner, joined_at) values ($1, $2, true, now())",
                    company_id,
                    user.id,
                )
            session_id = await queries.insert_session(
                tx,
                user_id=user.id,
                device_id=mark or None,
                user_agent="Test",
                address="192.0.2.1",
                refresh_token_hash=hash_secret(refresh_token),
                lifetime=self.app.shop.settings.jwt_refresh_expires_in,
            )
        return Person(
            user=user, session_id=session_id, token=self.token_of(user, session_id), refresh_token=refresh_token
        )

    def token_of(self, user: User, session_id: str) -> str:
        token, _ = issue_access_token(self.app.shop.keys, user, session_id, self.app.shop.settings.jwt_expires_in)
        return token

    async def someone(self, role: str, side: Side | None = None, mark: str = "") -> Person:
        """A new person of this role, with the scope of the role on a side; on ours, if nothing else is said."""
        side = side or self.ours
        match Role(role):
            case Role.SELLER:
                return await self.a_person(role, mark=mark, company_id=side.company_id)
            case Role.LOCATION_ADMIN:
                return await self.a_person(role, mark=mark, zone_ids=[side.zone_id])
            case Role.SHOP_OWNER:
                return await self.a_person(role, mark=mark, zone_id=side.zone_id)
            case _:
                return await self.a_person(role, mark=mark)

    async def send(self, person: Person | None, method: str, path: str, **options: Any) -> httpx.Response:
        """A request as this person, or as a guest; the path is below /api/v1 or whole."""
        headers = dict(options.pop("headers", {}))
        if person is not None:
            headers.setdefault("Authorization", f"Bearer {person.token}")
        url = path if path.startswith("http") else f"http://shop.test{path}"
        return await self.client.http.request(method, url, headers=headers, **options)

    async def value(self, sql: str, *args: Any) -> Any:
        """Look into the database, or write what no route of these tests makes."""
        return await self.client.value(sql, *args)

    async def row_of(self, user_id: int) -> dict[str, Any]:
        """All that stands in the row of a user."""
        row: dict[str, Any] = await self.value("select to_jsonb(u) from users u where id = $1", user_id)
        return row


async def a_side(client: Client, category: str, mark: str = "") -> Side:
    zone_id = await client.a_zone()
    company_id = await client.a_company(zones={zone_id: (300, None)})
    product = await client.a_product(company_id=company_id, category=category, stock=1_000_000)
    await client.value("update companies set description = $2, tax_id = $2 where id = $1", company_id, mark.strip())
    return Side(
        zone_id=zone_id,
        zone=await client.value("select slug from zones where id = $1", zone_id),
        company_id=company_id,
        product_id=product["id"],
    )


class NothingOwn(Exception):
    """Nothing of this kind can belong to the role."""


class Scene:
    """One try: somebody of a role, and whose the object is that is tried on."""

    def __init__(self, world: World, role: str, *, mine: bool, actor: Person | None) -> None:
        self.world = world
        self.role = role
        self.actor = actor
        self.tokens: dict[str, str] = {}
        self.other: Person | None = None
        self.company_id: int | None = None
        self.product_id = 0
        self.has_object = False
        self._mine = mine

    @classmethod
    async def made(cls, world: World, role: str, *, mine: bool) -> Scene:
        actor = await world.someone(role) if role != GUEST else None
        return cls(world, role, mine=mine, actor=actor)

    @property
    def mine(self) -> bool:
        """Whether the object is to be the actor's own. Once it was asked for, the try is about an object."""
        self.has_object = True
        return self._mine

    @property
    def me(self) -> Person:
        """The actor, of whom something is. Raises NothingOwn for a guest."""
        if self.actor is None:
            raise NothingOwn
        return self.actor

    @property
    def side(self) -> Side:
        """Ours or theirs."""
        return self.world.ours if self.mine else self.world.theirs

    async def owner(self) -> Person:
        """Whose it is: the actor's own, or somebody else's on the other side."""
        return self.me if self.mine else await self.somebody_else()

    async def somebody_else(self, role: str = Role.SHOP_OWNER) -> Person:
        if self.other is None:
            self.other = await self.world.someone(role, self.world.theirs, SECRET)
        return self.other

    async def send(self, method: str, path: str, **options: Any) -> httpx.Response:
        """A request as the actor; a guest's with the tokens of its cart and its order."""
        return await self.world.send(self.actor, method, path, headers=self.tokens, **options)


def new_uuid() -> str:
    return str(uuid4())
