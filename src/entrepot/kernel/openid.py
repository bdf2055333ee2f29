"""OpenID Connect: who a provider says has signed in there, and the proof of it.

The authorization code flow with PKCE. The provider describes itself (discovery); what it says of a person counts only with
its signature, for us, for this one sign-in, and in time.
"""

from __future__ import annotations

import ssl
import time
from functools import cached_property
from typing import Any, Final

import httpx2
import msgspec
from authlib.integrations.base_client import OAuthError
from authlib.integrations.httpx_client import AsyncOAuth2Client
from authlib.oidc.core import CodeIDToken
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from entrepot.kernel import clock
from entrepot.kernel.errors import Unavailable

TIMEOUT_S: Final = 10
DESCRIPTION_KEPT_S: Final = 3600.0
LEEWAY_S: Final = 60
SCOPE: Final = "openid email profile"
ALGORITHMS: Final = [
    "RS256",
    "RS384",
    "RS512",
    "PS256",
    "PS384",
    "PS512",
    "ES256",
    "ES384",
    "ES512",
    "Ed25519",
    "EdDSA",
]
"""Signatures that only the provider can make: a shared secret is none of them."""


class ProviderDown(Unavailable):
    message = "The provider to sign in with does not answer: try again shortly, or sign in another way"


class NotProven(Exception):
    """The provider does not vouch for anybody: the code is wrong or used, or its token does not hold."""


class Person(msgspec.Struct, frozen=True, kw_only=True):
    """Who signed in, as the provider says. `subject` is the provider's own id of the person, and never changes."""

    subject: str
    email: str | None
    email_verified: bool
    given_name: str
    family_name: str
    name: str


class _Description(msgspec.Struct, frozen=True):
    """What the provider says of itself."""

    issuer: str
    authorization_endpoint: str
    token_endpoint: str
    jwks_uri: str
    userinfo_endpoint: str | None = None
    token_endpoint_auth_methods_supported: list[str] | None = None


class _Known(msgspec.Struct, frozen=True):
    description: _Description
    keys: dict[str, Any]
    since: float


class OpenIdProvider:
    """A provider that people sign in with. One for each process: its description and keys are kept for an hour."""

    def __init__(self, issuer: str, client_id: str, client_secret: str) -> None:
        self.issuer = issuer.rstrip("/")
        self._client_id = client_id
        self._client_secret = client_secret
        self._known: _Known | None = None

    async def authorization_url(self, *, redirect_uri: str, state: str, nonce: str, code_verifier: str) -> str:
        """Where the browser goes to sign in. Raises ProviderDown."""
        description = (await self._ask()).description
        async with self._client(description, redirect_uri) as client:
            url, _ = client.create_authorization_url(
                description.authorization_endpoint, state=state, nonce=nonce, code_verifier=code_verifier
            )
        return str(url)

    async def who_signed_in(self, *, code: str, redirect_uri: str, nonce: str, code_verifier: str) -> Person:
        """Spend the code that the browser came back with.

        Raises:
            NotProven: the provider does not take the code, or its token does not hold.
            ProviderDown: it does not answer, or not in a way that can be understood.
        """
        description = (await self._ask()).description
        try:
            async with self._client(description, redirect_uri) as client:
                granted = await client.fetch_token(
                    description.token_endpoint,
                    grant_type="authorization_code",
                    code=code,
                    code_verifier=code_verifier,
                    redirect_uri=redirect_uri,
                )
                claims = await self._checked(granted, nonce)
                if "email" not in claims and description.userinfo_endpoint is not None:
                    claims = await self._completed(claims, client, description.userinfo_endpoint)
        except OAuthError as error:
            raise NotProven(str(error.error)) from None
        except (httpx2.HTTPError, ValueError):
            raise ProviderDown from None
        return _person(claims)

    async def _checked(self, granted: dict[str, Any], nonce: str) -> dict[str, Any]:
        """The claims of the ID token: signed by the provider, for us, for this sign-in, in time. Raises NotProven."""
        known = await self._ask()
        try:
            return self._verified(granted, nonce, known)
        except NotProven:
            renewed = await self._ask(after=known)  # it may have changed its keys within the hour
            return self._verified(granted, nonce, renewed)

    def _verified(self, granted: dict[str, Any], nonce: str, known: _Known) -> dict[str, Any]:
        try:
            token = jwt.decode(str(granted.get("id_token", "")), KeySet.import_key_set(known.keys), ALGORITHMS)  # type: ignore[arg-type]
            claims = CodeIDToken(
                token.claims,
                token.header,
                options={
                    "iss": {"essential": True, "value": known.description.issuer},
                    "aud": {"essential": True, "value": self._client_id},
                },
                params={"nonce": nonce, "client_id": self._client_id, "access_token": granted.get("access_token")},
            )
            claims.validate(now=int(clock.now().timestamp()), leeway=LEEWAY_S)
        except (JoseError, ValueError, TypeError, KeyError) as error:
            raise NotProven(type(error).__name__) from None
        return dict(claims)

    async def _completed(self, claims: dict[str, Any], client: AsyncOAuth2Client, address: str) -> dict[str, Any]:
        """With what the provider tells only of a person who is asked for."""
        reply = await client.get(address)
        reply.raise_for_status()
        told = reply.json()
        if not isinstance(told, dict) or told.get("sub") != claims["sub"]:
            raise NotProven("the provider speaks of somebody else")
        return {**told, **claims}

    async def _ask(self, *, after: _Known | None = None) -> _Known:
        """What the provider says of itself, and its keys; asked again when it is old, or is `after`. Raises ProviderDown."""
        known = self._known
        if known is None or known is after or time.monotonic() - known.since > DESCRIPTION_KEPT_S:
            try:
                async with httpx2.AsyncClient(timeout=TIMEOUT_S, verify=self._tls) as http:
                    known = await self._described(http)
            except (httpx2.HTTPError, httpx2.InvalidURL, ValueError):
                raise ProviderDown from None
            self._known = known
        return known

    async def _described(self, http: httpx2.AsyncClient) -> _Known:
        reply = (await http.get(f"{self.issuer}/.well-known/openid-configuration")).raise_for_status()
        description = msgspec.json.decode(reply.content, type=_Description)
        if description.issuer.rstrip("/") != self.issuer:
            raise ValueError("the description is of another provider")
        keys = (await http.get(description.jwks_uri)).raise_for_status()
        return _Known(description, msgspec.json.decode(keys.content, type=dict[str, Any]), time.monotonic())

    def _client(self, description: _Description, redirect_uri: str) -> AsyncOAuth2Client:
        methods = description.token_endpoint_auth_methods_supported or ["client_secret_basic"]
        return AsyncOAuth2Client(
            self._client_id,
            self._client_secret,
            token_endpoint_auth_method=(
                "client_secret_basic" if "client_secret_basic" in methods else "client_secret_post"
            ),
            scope=SCOPE,
            redirect_uri=redirect_uri,
            code_challenge_method="S256",
            timeout=TIMEOUT_S,
            verify=self._tls,
        )

    @cached_property
    def _tls(self) -> ssl.SSLContext:
        """Made once: reading the system's certificates takes long."""
        return ssl.create_default_context()


def _person(claims: dict[str, Any]) -> Person:
    email = _text(claims, "email")
    return Person(
        subject=_text(claims, "sub"),
        email=email or None,
        email_verified=bool(email) and claims.get("email_verified") in (True, "true"),
        given_name=_text(claims, "given_name"),
        family_name=_text(claims, "family_name"),
        name=_text(claims, "name"),
    )


def _text(claims: dict[str, Any], name: str) -> str:
    value = claims.get(name)
    return value.strip() if isinstance(value, str) else ""
