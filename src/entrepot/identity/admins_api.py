"""The HTTP surface of administration: administrators, shop owners, and what was changed."""

from __future__ import annotations

from typing import Annotated

from litestar import Controller
from litestar.params import QueryParameter

from entrepot.identity import admin_queries
from entrepot.identity.activate import set_admin_active, set_shop_owner_active
from entrepot.identity.admin_queries import AdminStats
from entrepot.identity.admin_requests import Activity, AdminChange, AdminPasswordReset, AdminZones, NewAdmin
from entrepot.identity.admin_views import (
    AdminPage,
    AdminView,
    ChangePage,
    ChangeView,
    ResetView,
    ShopOwnerPage,
    ShopOwnerView,
)
from entrepot.identity.appoint import appoint, change_admin, change_zones, dismiss, new_password, reset_password
from entrepot.identity.last_admin import LastAdmin
from entrepot.identity.list_admins import (
    AdminFilter,
    ChangeFilter,
    ShopOwnerFilter,
    list_admins,
    list_changes,
    list_shop_owners,
)
from entrepot.identity.model import (
    AdminNotFound,
    EmailExists,
    NotALocationAdmin,
    OwnAccount,
    ShopOwnerNotFound,
    UsernameExists,
    UserStatus,
)
from entrepot.identity.passwords import hash_password
from entrepot.kernel.actors import Actor, Role, admin, zone_admin
from entrepot.kernel.db import Db, Tx
from entrepot.kernel.fields import Since, Until, aware
from entrepot.kernel.pages import Page, encode_cursor
from entrepot.kernel.routes import delete, get, patch, post, put
from entrepot.kernel.types import MAX_ID, Id
from entrepot.shop import Shop

Q = Annotated[str | None, QueryParameter(max_length=100, description="Looked for in name, email address and username.")]
ZoneSlug = Annotated[str | None, QueryParameter(max_length=100, description="Slug of a zone.")]


class AdminController(Controller):
    path = "/admins"
    tags = ["Administration"]

    @get("/", guard=admin)
    async def list_admins(
        self,
        db: Db,
        page: Page,
        q: Q = None,
        role: Annotated[Role | None, QueryParameter(description="admin or location_admin.")] = None,
        zone: ZoneSlug = None,
        active: Annotated[bool | None, QueryParameter(description="Only those who may act, or may not.")] = None,
    ) -> AdminPage:
        """Administrators, of everything and of zones."""
        admins, total = await list_admins(db, AdminFilter(q=q, role=role, zone=zone, active=active), page)
        return AdminPage(
            admins=[AdminView.of(found) for found in admins],
            total=total,
            skip=page.skip,
            limit=len(admins),
            next_cursor=encode_cursor(admins[-1].id) if admins and len(admins) == page.limit else None,
        )

    @get("/stats", guard=admin)
    async def admin_stats(self, db: Db) -> AdminStats:
        """How many administrators there are, and how many act in each zone."""
        return await admin_queries.get_stats(db)

    @get("/activity", guard=admin)
    async def list_activity(
        self,
        db: Db,
        page: Page,
        by: Annotated[
            int | None, QueryParameter(name="actor", ge=1, le=MAX_ID, description="Id of who did it.")
        ] = None,
        action: Annotated[
            str | None, QueryParameter(max_length=100, description="What was done, such as `company.created`.")
        ] = None,
        subject: Annotated[
            str | None,
            QueryParameter(max_length=100, description="To what: a kind such as `company`, or `company:12`."),
        ] = None,
        since: Since = None,
        until: Until = None,
    ) -> ChangePage:
        """The admin log: every privileged change, with who made it, and what was there before and after."""
        wanted = ChangeFilter(
            actor=by, action=action, subject=subject, since=aware("since", since), until=aware("until", until)
        )
        changes, total = await list_changes(db, wanted, page)
        return ChangePage(
            activity=[ChangeView.of(change) for change in changes],
            total=total,
            skip=page.skip,
            limit=len(changes),
            next_cursor=encode_cursor(changes[-1].id) if changes and len(changes) == page.limit else None,
        )

    @get("/shop-owners", guard=zone_admin)
    async def list_shop_owners(
        self,
        db: Db,
        actor: Actor,
        page: Page,
        q: Q = None,
        zone: ZoneSlug = None,
        status: Annotated[UserStatus | None, QueryParameter(description="active, pending or deactivated.")] = None,
    ) -> ShopOwnerPage:
        """Shop owners; for a location admin those of its zones, in list, total and counts alike."""
        owners, total = await list_shop_owners(db, actor, ShopOwnerFilter(q=q, zone=zone, status=status), page)
        return ShopOwnerPage(
            shop_owners=[ShopOwnerView.of(owner) for owner in owners],
            counts=await admin_queries.get_shop_owner_counts(db, actor),
            total=total,
            skip=page.skip,
            limit=len(owners),
            next_cursor=encode_cursor(owners[-1].id) if owners and len(owners) == page.limit else None,
        )

    @patch("/shop-owners/{user_id:int}/active", guard=zone_admin, refuses=(ShopOwnerNotFound,))
    async def set_shop_owner_active(self, tx: Tx, actor: Actor, user_id: Id, data: Activity) -> ShopOwnerView:
        """Activate a shop owner of one's zones, which also approves one that waits, or deactivate it; it counts at once."""
        return ShopOwnerView.of(await set_shop_owner_active(tx, actor, user_id, active=data.is_active))

    @post("/", guard=admin, refuses=(EmailExists, UsernameExists))
    async def create_admin(self, shop: Shop, actor: Actor, data: NewAdmin) -> AdminView:
        """Create an administrator, of everything or of zones.

        Without `password`, one is made up, and answered this once.
        """
        password = data.password or new_password()
        password_hash = await hash_password(password)
        async with shop.database.transaction() as tx:
            appointed = await appoint(tx, actor, data, password_hash)
        return AdminView.of(appointed, password if data.password is None else None)

    @get("/{user_id:int}", guard=admin, refuses=(AdminNotFound,))
    async def get_admin(self, db: Db, user_id: Id) -> AdminView:
        """An administrator."""
        found = await admin_queries.find_admin(db, user_id)
        if found is None:
            raise AdminNotFound
        return AdminView.of(found)

    @put("/{user_id:int}", guard=admin, refuses=(AdminNotFound, OwnAccount, LastAdmin, EmailExists, UsernameExists))
    async def change_admin(self, tx: Tx, actor: Actor, user_id: Id, data: AdminChange) -> AdminView:
        """Change an administrator; another one than oneself also in role and zones. What is not given stays."""
        return AdminView.of(await change_admin(tx, actor, user_id, data))

    @patch("/{user_id:int}/zones", guard=admin, refuses=(AdminNotFound, NotALocationAdmin))
    async def change_zones(self, tx: Tx, actor: Actor, user_id: Id, data: AdminZones) -> AdminView:
        """Say which zones a location admin administers from now on; it counts at once."""
        return AdminView.of(await change_zones(tx, actor, user_id, data.zones))

    @patch("/{user_id:int}/active", guard=admin, refuses=(AdminNotFound, OwnAccount, LastAdmin))
    async def set_admin_active(self, tx: Tx, actor: Actor, user_id: Id, data: Activity) -> AdminView:
        """Activate or deactivate an administrator; it counts at once. Nobody deactivates itself, or the last one."""
        return AdminView.of(await set_admin_active(tx, actor, user_id, active=data.is_active))

    @post("/{user_id:int}/reset-password", guard=admin, status=200, refuses=(AdminNotFound, OwnAccount))
    async def reset_password(
        self, shop: Shop, actor: Actor, user_id: Id, data: AdminPasswordReset | None = None
    ) -> ResetView:
        """Set another administrator's password and sign it out everywhere.

        Without `password`, one is made up, and answered this once.
        """
        given = data.password if data is not None else None
        password = given or new_password()
        password_hash = await hash_password(password)
        async with shop.database.transaction() as tx:
            await reset_password(tx, actor, user_id, password_hash)
        return ResetView("Password reset: all sessions have ended", password if given is None else None)

    @delete("/{user_id:int}", guard=admin, refuses=(AdminNotFound, OwnAccount, LastAdmin))
    async def delete_admin(self, tx: Tx, actor: Actor, user_id: Id) -> None:
        """Delete an administrator's account; it counts at once. Nobody deletes itself, or the last one."""
        await dismiss(tx, actor, user_id)
