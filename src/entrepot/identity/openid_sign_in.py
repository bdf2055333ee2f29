"""Signing in at an OpenID provider: begun in a browser, finished in the same one, once.

Links are made only between addresses that both sides have verified: a provider that does not check addresses could be told
anybody's, and an account here whose address nobody has verified may have been made by somebody else, to lie in wait.

What a sign-in needs to be finished (the nonce and the code verifier of PKCE) is derived from a secret that only the browser
has, in a cookie; here stand hashes.
"""

from __future__ import annotations

import base64
import hmac
import re
from datetime import timedelta
from typing import Final

import msgspec

from entrepot.identity import openid_queries, queries
from entrepot.identity.events import UserEmailVerified, UserRegistered
from entrepot.identity.model import AccountPending, User, UserStatus
from entrepot.identity.security_log import SecurityAction, record
from entrepot.identity.sign_in import SignedIn, open_session
from entrepot.kernel.actors import Actor, Role
from entrepot.kernel.db import Tx
from entrepot.kernel.errors import Conflict, NotFound, Refused
from entrepot.kernel.events import publish
from entrepot.kernel.mail import WrongAddress, an_address
from entrepot.kernel.openid import NotProven, OpenIdProvider, Person
from entrepot.kernel.secrets import hash_secret, new_secret
from entrepot.shop import Shop

LIFETIME: Final = timedelta(minutes=10)
MAX_NAME: Final = 50

_SECRET: Final = re.compile(r"[A-Za-z0-9_-]{43}")


class ProviderNotFound(NotFound):
    code = "OAUTH_PROVIDER_NOT_FOUND"
    message = "There is no such provider to sign in with"


class WrongState(Refused):
    status = 400
    code = "OAUTH_STATE_INVALID"
    message = "This sign-in was not begun in this browser, was finished before or took too long: begin again"


class SignInDenied(Refused):
    status = 400
    code = "OAUTH_DENIED"
    message = "The sign-in was not completed at the provider: begin again"


class SignInFailed(Refused):
    status = 400
    code = "OAUTH_FAILED"
    message = "The provider does not confirm this sign-in, or the account may not be used: begin again"


class EmailMissing(Refused):
    status = 400
    code = "OAUTH_EMAIL_MISSING"
    message = "The provider does not tell an email address, which an account needs"


class LinkRefused(Conflict):
    code = "OAUTH_LINK_REQUIRED"
    message = (
        "An account with this email address exists already: sign in to it, verify the address, and have it verified at "
        "the provider as well; then both belong together"
    )


class Begun(msgspec.Struct, frozen=True):
    """Where the browser goes, and the secret that it has to come back with."""

    url: str
    browser: str


async def begin(shop: Shop, name: str, browser: str | None) -> Begun:
    """Begin a sign-in. A browser that has a secret keeps it, so that two sign-ins may be under way in it.

    Raises:
        ProviderNotFound
        ProviderDown: it does not answer.
    """
    provider = _provider(shop, name)
    browser = browser if browser is not None and _SECRET.fullmatch(browser) else new_secret()
    state = new_secret()
    url = await provider.authorization_url(
        redirect_uri=_redirect_uri(shop, name),
        state=state,
        nonce=_derived(browser, state, "nonce"),
        code_verifier=_derived(browser, state, "verifier"),
    )
    async with shop.database.transaction() as tx:
        await openid_queries.insert_state(tx, hash_secret(state), hash_secret(browser), name, LIFETIME)
    return Begun(url, browser)


async def finish(
    shop: Shop, actor: Actor, name: str, *, browser: str | None, state: str | None, code: str | None
) -> SignedIn:
    """Open a session for whoever the provider says has signed in there; makes the account if there is none.

    The provider is asked between two transactions.

    Raises:
        ProviderNotFound
        WrongState: not begun in this browser, finished before, or too long ago.
        SignInDenied: the provider sent no code.
        SignInFailed: it does not vouch for anybody, or the account may not be used.
        ProviderDown: it does not answer.
        EmailMissing, LinkRefused, AccountPending
    """
    provider = _provider(shop, name)
    if browser is None or state is None:
        raise WrongState
    async with shop.database.transaction() as tx:
        if not await openid_queries.claim_state(tx, hash_secret(state), hash_secret(browser), name):
            raise WrongState
    if code is None:
        raise SignInDenied
    try:
        person = await provider.who_signed_in(
            code=code,
            redirect_uri=_redirect_uri(shop, name),
            nonce=_derived(browser, state, "nonce"),
            code_verifier=_derived(browser, state, "verifier"),
        )
    except NotProven:
        raise SignInFailed from None
    async with shop.database.transaction() as tx:
        user = await _user_of(tx, actor, provider.issuer, person)
        if user.status is UserStatus.PENDING:
            raise AccountPending
        if user.status is not UserStatus.ACTIVE:
            raise SignInFailed
        return SignedIn(user, await open_session(tx, user, actor, shop.keys, shop.settings))


def _provider(shop: Shop, name: str) -> OpenIdProvider:
    if (provider := shop.openid.get(name)) is None:
        raise ProviderNotFound
    return provider


def _redirect_uri(shop: Shop, name: str) -> str:
    return f"{shop.settings.address}/api/v1/auth/oauth/{name}/callback"


def _derived(browser: str, state: str, purpose: str) -> str:
    digest = hmac.digest(browser.encode(), f"{purpose} {state}".encode(), "sha256")
    return base64.urlsafe_b64encode(digest).decode().rstrip("=")


async def _user_of(tx: Tx, actor: Actor, issuer: str, person: Person) -> User:
    """The linked user; else the one with the address, linked from now on; else a new one."""
    user_id = await openid_queries.find_linked_user(tx, issuer, person.subject)
    if user_id is None:
        user_id = await _link_or_make(tx, actor, issuer, person)
    return await queries.get_user(tx, user_id)


async def _link_or_make(tx: Tx, actor: Actor, issuer: str, person: Person) -> int:
    email = _email_of(person)
    account = await openid_queries.find_account(tx, email)
    if account is None:
        user_id = (await _make(tx, actor, email, person)).id
    elif account.email_verified and person.email_verified and account.status is not UserStatus.DEACTIVATED:
        user_id = account.user_id
    else:
        raise LinkRefused
    if not await openid_queries.claim_link(tx, issuer, person.subject, user_id):
        raise LinkRefused
    await record(tx, actor, user_id, SecurityAction.IDENTITY_LINKED, {"issuer": issuer})
    return user_id


def _email_of(person: Person) -> str:
    try:
        return an_address(person.email or "")
    except WrongAddress:
        raise EmailMissing from None


async def _make(tx: Tx, actor: Actor, email: str, person: Person) -> User:
    """An account without a password; its owner sets one with `forgot-password`, if it wants to."""
    first_name, last_name = _names_of(person, email)
    user = await queries.insert_user(
        tx,
        email=email,
        username=None,
        password_hash=None,
        role=Role.USER,
        status=UserStatus.ACTIVE,
        first_name=first_name,
        last_name=last_name,
        phone=None,
        zone_id=None,
        language=actor.language,
    )
    await record(tx, actor, user.id, SecurityAction.REGISTERED)
    await publish(tx, UserRegistered(user_id=user.id, role=user.role, company_name=None), actor_id=user.id)
    if person.email_verified:
        await openid_queries.set_email_verified(tx, user.id)
        await publish(tx, UserEmailVerified(user_id=user.id, email=email), actor_id=user.id)
    return user


def _names_of(person: Person, email: str) -> tuple[str, str]:
    """First and last name as the provider tells them, or what can be made of the rest."""
    first, _, last = (person.name or email.partition("@")[0]).partition(" ")
    return (person.given_name or first)[:MAX_NAME], (person.family_name or last.strip())[:MAX_NAME]
