"""The HTTP surface of users: one's own account, and what is shown of others."""

from __future__ import annotations

from typing import Annotated, Final

from litestar import Controller, Response
from litestar.di import NamedDependency, Provide
from litestar.params import QueryParameter

from entrepot.identity import preferences_queries, user_queries
from entrepot.identity.avatar import FIELD, set_avatar
from entrepot.identity.change_password import WrongPassword
from entrepot.identity.deletion import GracePeriodOver, ask_for_deletion, delete_user, restore
from entrepot.identity.export import ExportView, export
from entrepot.identity.last_admin import LastAdmin
from entrepot.identity.list_users import UserFilter, list_users
from entrepot.identity.model import AccountLocked, EmailExists, OwnAccount, UsernameExists, UserNotFound, UserStatus
from entrepot.identity.preferences_queries import Preferences
from entrepot.identity.profile import change_profile, change_user
from entrepot.identity.user_requests import Deletion, PreferencesChange, ProfileChange, UserChange
from entrepot.identity.user_views import (
    AvatarView,
    DeletionView,
    DevicesView,
    ProfileView,
    PublicProfileView,
    ReceivedReviewPage,
    UserPage,
    UserStatsView,
    seen,
)
from entrepot.kernel.actors import Actor, Role, admin, anyone, signed_in
from entrepot.kernel.db import Db, Tx
from entrepot.kernel.errors import Forbidden
from entrepot.kernel.pages import Page, encode_cursor, id_after
from entrepot.kernel.pictures import NotAPicture
from entrepot.kernel.routes import delete, get, post, put
from entrepot.kernel.types import Id
from entrepot.kernel.uploads import Upload
from entrepot.shop import Shop

MAX_DEVICES: Final = 100


def user_filter(
    role: Annotated[Role | None, QueryParameter(description="Only users of this role.")] = None,
    zone: Annotated[
        str | None, QueryParameter(max_length=100, description="Slug of their home zone, or of one they administer.")
    ] = None,
    status: Annotated[UserStatus | None, QueryParameter(description="Only users of this status.")] = None,
    q: Annotated[
        str | None, QueryParameter(max_length=100, description="Part of a name, an address or a username.")
    ] = None,
) -> UserFilter:
    """Which users are wanted."""
    return UserFilter(role=role, zone=zone, status=status, q=q)


class UsersController(Controller):
    path = "/users"
    tags = ["Users"]
    dependencies = {"wanted": Provide(user_filter, sync_to_thread=False)}

    @get("/", guard=admin)
    async def list_users(self, db: Db, shop: Shop, wanted: NamedDependency[UserFilter], page: Page) -> UserPage:
        """Users, the newest first, with every filter combined freely."""
        users, total = await list_users(db, wanted, page)
        return UserPage(
            users=[ProfileView.shown(user, shop.files) for user in users],
            total=total,
            skip=page.skip,
            limit=len(users),
            next_cursor=encode_cursor(users[-1].id) if users and len(users) == page.limit else None,
        )

    @get("/{user_id:int}", guard=signed_in, refuses=(UserNotFound,))
    async def get_user(self, db: Db, actor: Actor, shop: Shop, user_id: Id) -> ProfileView | PublicProfileView:
        """A user: in full to itself and its administrators, what is public to others."""
        profile = await user_queries.find_profile(db, actor, user_id)
        if profile is None:
            raise UserNotFound
        return seen(profile, shop.files)

    @put(
        "/{user_id:int}",
        guard=signed_in,
        refuses=(UserNotFound, EmailExists, UsernameExists, LastAdmin, Forbidden, OwnAccount),
    )
    async def change_user(self, tx: Tx, actor: Actor, shop: Shop, user_id: Id, data: UserChange) -> ProfileView:
        """Change what is given of one's own profile, or, for administrators, of anybody's.

        Role, status and zone are changed by an administrator, never of itself. Whoever is deactivated is signed out at once.
        """
        changed = await change_user(tx, actor, user_id, data)
        return ProfileView.shown(changed, shop.files)

    @delete("/{user_id:int}", guard=signed_in, refuses=(UserNotFound, LastAdmin, Forbidden))
    async def delete_user(self, tx: Tx, actor: Actor, user_id: Id) -> None:
        """Delete one's own account at once, or, for administrators, anybody's.

        All its sessions end, its address is free again, and what it says of the person is erased after 30 days.
        """
        await delete_user(tx, actor, user_id)

    @get("/{user_id:int}/stats", guard=signed_in, refuses=(UserNotFound,))
    async def get_stats(self, db: Db, actor: Actor, shop: Shop, user_id: Id) -> UserStatsView:
        """What a user bought, for itself and its administrators; what a seller sold and how it is rated, for everybody."""
        stats = await user_queries.find_stats(db, actor, user_id)
        if stats is None:
            raise UserNotFound
        return UserStatsView.of(stats, shop)

    @get("/{user_id:int}/reviews", guard=anyone, refuses=(UserNotFound,))
    async def list_reviews(self, db: Db, user_id: Id, page: Page) -> ReceivedReviewPage:
        """Reviews of what a seller sells, the newest first."""
        summed = await user_queries.sum_received_reviews(db, user_id)
        if not summed.known:
            raise UserNotFound
        reviews = await user_queries.list_received_reviews(db, user_id, page.skip, page.limit, id_after(page))
        following = encode_cursor(reviews[-1].id) if reviews and len(reviews) == page.limit else None
        return ReceivedReviewPage.of(reviews, summed, page.skip, following)


class OwnAccountController(Controller):
    path = "/users/me"
    tags = ["Users"]

    @get("/", guard=signed_in, refuses=(UserNotFound,))
    async def get_me(self, db: Db, actor: Actor, shop: Shop) -> ProfileView:
        """One's own profile."""
        profile = await user_queries.find_profile(db, actor, actor.id)
        if profile is None:
            raise UserNotFound
        return ProfileView.shown(profile, shop.files)

    @put("/", guard=signed_in, refuses=(EmailExists, UsernameExists))
    async def change_me(self, tx: Tx, actor: Actor, shop: Shop, data: ProfileChange) -> ProfileView:
        """Change what is given of one's own profile.

        Another email address is `pendingEmail` until the link that is mailed to it has been followed.
        """
        changed = await change_profile(tx, actor, actor.id, data)
        return ProfileView.shown(changed, shop.files)

    @get("/preferences", guard=signed_in)
    async def get_preferences(self, db: Db, actor: Actor, shop: Shop) -> Preferences:
        """What one has chosen, and the shop's defaults for the rest."""
        return await preferences_queries.get_preferences(db, actor.id, shop.settings.currency)

    @put("/preferences", guard=signed_in)
    async def put_preferences(self, tx: Tx, actor: Actor, shop: Shop, data: PreferencesChange) -> Preferences:
        """Choose. What is not given stays as it is; the language is also that of mails and of what is shown."""
        return await preferences_queries.put_preferences(tx, actor.id, shop.settings.currency, **data.model_dump())

    @post("/avatar", guard=signed_in, status=200, multipart=FIELD, refuses=(NotAPicture,))
    async def set_avatar(self, actor: Actor, shop: Shop, upload: Upload) -> AvatarView:
        """Upload a picture: JPEG, PNG or WebP, by default up to 5 MB.

        It is cut to a square of at most 512 pixels and made anew, so that nothing else that the file tells is published.
        """
        key = await set_avatar(shop.database, shop.files, actor, upload.content)
        return AvatarView(actor.id, shop.files.url(key))

    @post("/delete", guard=signed_in, status=200, refuses=(WrongPassword, AccountLocked, LastAdmin))
    async def ask_for_deletion(self, actor: Actor, shop: Shop, data: Deletion) -> DeletionView:
        """Have the account deleted in 30 days. All devices are signed out.

        Until then, sign in and call `POST /users/me/restore` to keep it. Afterwards everything that tells of the person is
        erased; orders and invoices are kept as long as the law wants them.
        """
        due_at = await ask_for_deletion(shop.database, actor, data.password, data.reason)
        return DeletionView("Account scheduled for deletion", due_at)

    @post("/restore", guard=signed_in, status=200, refuses=(GracePeriodOver,))
    async def restore(self, tx: Tx, actor: Actor, shop: Shop) -> ProfileView:
        """Keep the account after all."""
        await restore(tx, actor)
        profile = await user_queries.find_profile(tx, actor, actor.id)
        if profile is None:
            raise UserNotFound
        return ProfileView.shown(profile, shop.files)

    @get("/export", guard=signed_in)
    async def export(self, db: Db, actor: Actor, shop: Shop) -> Response[ExportView]:
        """Everything that is held about the user, to take along."""
        return Response(
            await export(db, actor, shop), headers={"Content-Disposition": 'attachment; filename="my-data.json"'}
        )

    @get("/devices", guard=signed_in)
    async def list_devices(self, db: Db, actor: Actor) -> DevicesView:
        """The devices that named themselves with `x-device-id` when signing in, the last seen first."""
        devices = await user_queries.list_devices(db, actor.id, actor.device_id, MAX_DEVICES)
        return DevicesView(devices, len(devices))
