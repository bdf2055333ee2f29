"""The HTTP surface of signing in at an OpenID provider, such as Google: for browsers, which are sent there and back."""

from __future__ import annotations

from typing import Annotated, Any, Final
from urllib.parse import quote

import msgspec
from litestar import Controller, Response
from litestar.datastructures import Cookie
from litestar.params import CookieParameter, QueryParameter

from entrepot.identity.model import AccountPending, EmailExists
from entrepot.identity.openid_sign_in import (
    LIFETIME,
    EmailMissing,
    LinkRefused,
    ProviderNotFound,
    SignInDenied,
    SignInFailed,
    WrongState,
    begin,
    finish,
)
from entrepot.identity.views import SignedInView, UserView
from entrepot.kernel.actors import Actor, visitor
from entrepot.kernel.errors import Refused
from entrepot.kernel.openid import ProviderDown
from entrepot.kernel.routes import get
from entrepot.shop import Shop

COOKIE: Final = "oauth_browser"

Browser = Annotated[
    str | None,
    CookieParameter(name=COOKIE, max_length=200, description="The browser's secret, set when a sign-in begins."),
]
Redirect = Annotated[
    bool,
    QueryParameter(name="redirect", description="`false` answers the address instead of sending the browser there."),
]
Code = Annotated[str | None, QueryParameter(name="code", max_length=4000, description="From the provider.")]
State = Annotated[str | None, QueryParameter(name="state", max_length=200, description="From the provider.")]


class AuthorizationView(msgspec.Struct, frozen=True, rename="camel"):
    """Where to sign in."""

    authorization_url: str


class OpenIdController(Controller):
    path = "/auth/oauth"
    tags = ["Sign-in"]

    @get("/{provider:str}", guard=visitor, refuses=(ProviderNotFound, ProviderDown), success="Where to sign in.")
    async def begin(
        self, shop: Shop, provider: str, browser: Browser = None, redirect: Redirect = True
    ) -> Response[AuthorizationView]:
        """Begin to sign in at a provider: the browser is redirected (302) to the provider's page.

        With `redirect=false` the address comes as JSON, for pages that go there by themselves. Either way a cookie is set,
        and the provider sends the browser back to `callback`, where that cookie is needed, within ten minutes.
        """
        begun = await begin(shop, provider, browser)
        return Response(
            AuthorizationView(begun.url),
            status_code=302 if redirect else 200,
            headers={"Location": begun.url} if redirect else {},
            cookies=[_cookie(shop, begun.browser)],
        )

    @get(
        "/{provider:str}/callback",
        guard=visitor,
        refuses=(
            ProviderNotFound,
            WrongState,
            SignInDenied,
            SignInFailed,
            EmailMissing,
            LinkRefused,
            EmailExists,
            AccountPending,
            ProviderDown,
        ),
    )
    async def callback(
        self,
        shop: Shop,
        actor: Actor,
        provider: str,
        browser: Browser = None,
        begun: State = None,
        code: Code = None,
    ) -> Response[SignedInView]:
        """Come back from the provider, and be signed in; answers as `POST /auth/login` does.

        An account is made if there is none with the address. One that there is already is linked if the address is
        verified on both sides; if not, sign in to it first. Where the shop has a page for it, the browser is redirected
        (302) there with `#refreshToken=...`, to be spent at once with `POST /auth/refresh`, or with `#error=CODE`.
        """
        page = shop.settings.oidc_success_url
        try:
            found = await finish(shop, actor, provider, browser=browser, state=begun, code=code)
        except Refused as refusal:
            if not page:
                raise
            return _redirected(page, "error", refusal.code)
        if page:
            # Not the access token: what stands in an address stays in the browser's history. A spent refresh token is of
            # no use there, and ends the session if somebody tries it.
            return _redirected(page, "refreshToken", found.tokens.refresh_token)
        return Response(
            SignedInView.signed_in(
                UserView.of(found.user, shop.files),
                found.tokens.access_token,
                found.tokens.refresh_token,
                found.tokens.expires_at,
            )
        )


def _redirected(page: str, name: str, value: str) -> Response[Any]:
    return Response(b"", status_code=302, headers={"Location": f"{page}#{name}={quote(value)}"})


def _cookie(shop: Shop, secret: str) -> Cookie:
    """Only for the way back, which begins on the provider's page: hence lax, not strict."""
    return Cookie(
        key=COOKIE,
        value=secret,
        path="/api",
        max_age=int(LIFETIME.total_seconds()),
        httponly=True,
        secure=shop.settings.address.startswith("https://"),
        samesite="lax",
    )
