"""The HTTP surface of identity."""

from __future__ import annotations

from litestar import Controller

from entrepot.identity import queries
from entrepot.identity.model import AccountPending, EmailExists, InvalidCredentials, UsernameExists, UserStatus
from entrepot.identity.passwords import hash_password
from entrepot.identity.register import register
from entrepot.identity.requests import Registration, SignIn
from entrepot.identity.sign_in import check_credentials, open_session
from entrepot.identity.views import RegisteredView, SignedInView, UserView
from entrepot.kernel.actors import Actor, signed_in, visitor
from entrepot.kernel.db import Db
from entrepot.kernel.routes import get, post
from entrepot.shop import Shop


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
            user = await register(tx, data, password_hash, actor.language, shop.settings)
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

    @post("/login", guard=visitor, status=200, refuses=(InvalidCredentials, AccountPending))
    async def login(self, db: Db, shop: Shop, actor: Actor, data: SignIn) -> SignedInView:
        """Sign in with email or username and password.

        Answers an access token for the `Authorization: Bearer` header, a refresh token, and the user, both under `user`
        and at the top level.
        """
        user_id = await check_credentials(db, data.login, data.password)
        async with shop.database.transaction() as tx:
            user = await queries.get_user(tx, user_id)
            tokens = await open_session(tx, user, actor, shop.keys, shop.settings)
        return SignedInView.signed_in(
            UserView.of(user, shop.files), tokens.access_token, tokens.refresh_token, tokens.expires_at
        )

    @get("/me", guard=signed_in)
    async def me(self, db: Db, actor: Actor, shop: Shop) -> UserView:
        """The signed-in user."""
        return UserView.of(await queries.get_user(db, actor.id), shop.files)
