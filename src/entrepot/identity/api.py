"""The HTTP surface of identity."""

from __future__ import annotations

from typing import Annotated, Any, cast

import msgspec
from litestar import Controller, Response
from litestar.enums import MediaType
from litestar.params import HeaderParameter

from entrepot.identity import queries, security_queries, session_queries
from entrepot.identity.addresses_api import AddressesController, OwnAddressesController
from entrepot.identity.admins_api import AdminController
from entrepot.identity.change_password import WrongPassword, change_password
from entrepot.identity.model import (
    AccountLocked,
    AccountPending,
    EmailExists,
    InvalidCredentials,
    SessionNotFound,
    UsernameExists,
    UserStatus,
)
from entrepot.identity.openid_api import OpenIdController
from entrepot.identity.passwords import hash_password
from entrepot.identity.recovery_api import RecoveryController
from entrepot.identity.refresh import WrongRefreshToken, refresh
from entrepot.identity.register import register
from entrepot.identity.requests import PasswordChange, RefreshRequest, Registration, SignIn
from entrepot.identity.security_log import SecurityAction, record
from entrepot.identity.sign_in import open_session, sign_in
from entrepot.identity.tokens import WrongToken, bearer_token, read_access_token
from entrepot.identity.users_api import OwnAccountController, UsersController
from entrepot.identity.views import (
    ActivityPage,
    Done,
    InvalidView,
    RefreshedView,
    RegisteredView,
    SessionsView,
    SignedInView,
    UserView,
    ValidView,
)
from entrepot.kernel import clock
from entrepot.kernel.actors import Actor, signed_in, visitor
from entrepot.kernel.db import Db, Tx
from entrepot.kernel.errors import Unauthorized
from entrepot.kernel.pages import Page, encode_cursor, id_after
from entrepot.kernel.routes import delete, get, post
from entrepot.shop import Shop

__all__ = [
    "AddressesController",
    "AdminController",
    "AuthController",
    "OpenIdController",
    "OwnAccountController",
    "OwnAddressesController",
    "RecoveryController",
    "UsersController",
]

Authorization = Annotated[str, HeaderParameter(name="authorization", description="`Bearer` and the access token.")]


class AuthController(Controller):
    path = "/auth"
    tags = ["Sign-in"]

    @post("/register", guard=visitor, refuses=(EmailExists, UsernameExists))
    async def register(self, shop: Shop, actor: Actor, data: Registration) -> RegisteredView:
        """Make an account and sign in.

        The role is `user` unless `shop_owner` or `seller` is asked for; administrators are made by administrators. Where
        new sellers and shop owners need approval, no tokens are given until they have it.
        """
        password_hash = await hash_password(data.password)
        async with shop.database.transaction() as tx:
            user = await register(tx, actor, data, password_hash, shop.settings)
            view = UserView.of(user, shop.files)
            if user.status is not UserStatus.ACTIVE:
                return RegisteredView(user=view)
            tokens = await open_session(tx, user, actor, shop.keys, shop.settings)
        return RegisteredView(
            user=view,
            token=tokens.access_token,
            access_token=tokens.access_token,
            refresh_token=tokens.refresh_token,
            expires_at=tokens.expires_at,
        )

    @post("/login", guard=visitor, status=200, refuses=(InvalidCredentials, AccountPending, AccountLocked))
    async def login(self, shop: Shop, actor: Actor, data: SignIn) -> SignedInView:
        """Sign in with email or username and password.

        Answers an access token for the `Authorization: Bearer` header, a refresh token, and the user, both under `user`
        and at the top level. Five wrong passwords lock the account for 15 minutes.
        """
        found = await sign_in(shop.database, actor, data.login, data.password, shop.keys, shop.settings)
        return SignedInView.signed_in(
            UserView.of(found.user, shop.files),
            found.tokens.access_token,
            found.tokens.refresh_token,
            found.tokens.expires_at,
        )

    @post("/refresh", guard=visitor, status=200, refuses=(WrongRefreshToken,))
    async def refresh(self, shop: Shop, actor: Actor, data: RefreshRequest) -> RefreshedView:
        """Spend the refresh token for a new pair of tokens.

        A refresh token that is sent a second time has been stolen: its session ends, for whoever holds it.
        """
        async with shop.database.transaction() as tx:
            refreshed = await refresh(tx, actor, data.refresh_token, shop.keys, shop.settings)
        if refreshed is None:
            raise WrongRefreshToken
        tokens = refreshed.tokens
        return RefreshedView(
            token=tokens.access_token,
            access_token=tokens.access_token,
            refresh_token=tokens.refresh_token,
            expires_at=tokens.expires_at,
        )

    @post("/logout", guard=signed_in, status=200)
    async def logout(self, tx: Tx, actor: Actor) -> Done:
        """Sign out: the session ends at once, in every process, with its access and refresh tokens."""
        await session_queries.revoke_session(tx, actor.id, actor.session_id or "", "signed out")
        await record(tx, actor, actor.id, SecurityAction.SIGNED_OUT)
        return Done("Logged out successfully")

    @post("/validate", guard=visitor, status=200)
    async def validate(self, db: Db, shop: Shop, authorization: Authorization = "") -> ValidView | InvalidView:
        """Whether the access token that was sent still counts, and whose it is."""
        try:
            access = read_access_token(shop.keys, bearer_token(authorization))
        except Unauthorized as refusal:
            return cast("InvalidView", _not_valid(refusal))
        standing = await queries.find_standing(db, access.user_id, access.session_id, clock.now())
        if standing is None:
            return cast("InvalidView", _not_valid(WrongToken()))
        return ValidView(True, UserView.of(await queries.get_user(db, standing.user_id), shop.files))

    @get("/me", guard=signed_in)
    async def me(self, db: Db, actor: Actor, shop: Shop) -> UserView:
        """The signed-in user."""
        return UserView.of(await queries.get_user(db, actor.id), shop.files)

    @post("/change-password", guard=signed_in, status=200, refuses=(WrongPassword,))
    async def change_password(self, shop: Shop, actor: Actor, data: PasswordChange) -> Done:
        """Set a new password; all other devices are signed out."""
        await change_password(shop.database, actor, data.current_password, data.new_password)
        return Done("Password changed successfully")

    @get("/sessions", guard=signed_in)
    async def list_sessions(self, db: Db, actor: Actor) -> SessionsView:
        """The devices that are signed in, the last seen first."""
        sessions = await session_queries.list_sessions(db, actor.id, actor.session_id)
        return SessionsView(sessions, len(sessions))

    @delete("/sessions/{session_id:str}", guard=signed_in, refuses=(SessionNotFound,))
    async def revoke_session(self, tx: Tx, actor: Actor, session_id: str) -> None:
        """Sign one device out."""
        if not await session_queries.revoke_session(tx, actor.id, session_id, "signed out from another device"):
            raise SessionNotFound
        await record(tx, actor, actor.id, SecurityAction.SESSION_REVOKED, {"sessionId": session_id})

    @delete("/sessions", guard=signed_in)
    async def revoke_other_sessions(self, tx: Tx, actor: Actor) -> None:
        """Sign all other devices out."""
        ended = await session_queries.revoke_sessions(tx, actor.id, actor.session_id, "signed out from another device")
        await record(tx, actor, actor.id, SecurityAction.SESSION_REVOKED, {"sessions": ended})

    @get("/activity", guard=signed_in)
    async def list_activity(self, db: Db, actor: Actor, page: Page) -> ActivityPage:
        """What happened to this account: sign-ins, failures, password changes; newest first."""
        entries = await security_queries.list_entries(db, actor.id, page.skip, page.limit, id_after(page))
        return ActivityPage(
            activity=entries,
            total=await security_queries.count_entries(db, actor.id),
            skip=page.skip,
            limit=len(entries),
            next_cursor=encode_cursor(entries[-1].id) if entries and len(entries) == page.limit else None,
        )


def _not_valid(refusal: Unauthorized) -> Any:
    """The contract's own shape, with the status that a refusal has."""
    view = InvalidView(False, refusal.message, refusal.status, refusal.code)
    return Response(msgspec.json.encode(view), status_code=401, media_type=MediaType.JSON)
