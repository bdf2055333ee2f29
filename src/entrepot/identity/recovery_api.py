"""The HTTP surface of getting back into an account, and in without a password: mailed links and one-time codes."""

from __future__ import annotations

from litestar import Controller

from entrepot.identity.model import AccountLocked, AccountPending, EmailExists, EmailVerifiedAlready, WrongLink
from entrepot.identity.one_time_codes import WrongCode, ask_for_code, sign_in_with_code
from entrepot.identity.recovery_requests import (
    CodeRequest,
    CodeSignIn,
    EmailVerification,
    ForgottenPassword,
    PasswordReset,
)
from entrepot.identity.reset_password import ask_for_reset, reset_password
from entrepot.identity.verify_email import ask_again, verify_email
from entrepot.identity.views import Done, SignedInView, UserView
from entrepot.kernel.actors import Actor, signed_in, visitor
from entrepot.kernel.db import Tx
from entrepot.kernel.routes import post
from entrepot.shop import Shop


class RecoveryController(Controller):
    path = "/auth"
    tags = ["Sign-in"]

    @post("/forgot-password", guard=visitor, status=200)
    async def forgot_password(self, tx: Tx, actor: Actor, data: ForgottenPassword) -> Done:
        """Mail a link to set a new password with.

        The answer is the same whether there is such an account or not. The link leads to the page `/reset-password` with
        `#token=...` behind it; it works once, for an hour, and takes the place of one that was mailed before.
        """
        await ask_for_reset(tx, actor, data.email)
        return Done("Password reset email sent")

    @post("/reset-password", guard=visitor, status=200, refuses=(WrongLink,))
    async def reset_password(self, shop: Shop, actor: Actor, data: PasswordReset) -> Done:
        """Set a new password with the token of the mailed link; all devices are signed out, and the account unlocked."""
        await reset_password(shop.database, actor, data.token, data.new_password)
        return Done("Password reset successfully")

    @post("/verify-email", guard=visitor, status=200, refuses=(WrongLink, EmailExists))
    async def verify_email(self, tx: Tx, actor: Actor, data: EmailVerification) -> Done:
        """Verify an email address with the token of the mailed link, which works once, for 24 hours.

        A new address becomes the user's here. Orders that were placed with the address as a guest become the user's too.
        """
        await verify_email(tx, actor, data.token)
        return Done("Email address verified")

    @post("/resend-verification", guard=signed_in, status=200, refuses=(EmailVerifiedAlready,))
    async def resend_verification(self, tx: Tx, actor: Actor) -> Done:
        """Mail the link once more, to the address that waits to be verified; five times an hour at most."""
        await ask_again(tx, actor)
        return Done("Verification email sent")

    @post("/request-otp", guard=visitor, status=200)
    async def request_otp(self, tx: Tx, actor: Actor, data: CodeRequest) -> Done:
        """Send a code of six digits to sign in with, as a text message or by mail.

        The answer is the same whether there is such an account or not, and whether or not too many codes were asked for
        (five in 15 minutes). A code works once, for five minutes, and takes the place of the one before it. A number that
        several accounts have belongs to the one that has signed in with it before; if none has, no code is sent.
        """
        await ask_for_code(tx, actor, data.subject)
        return Done("If there is such an account, a code is on its way")

    @post("/verify-otp", guard=visitor, status=200, refuses=(WrongCode, AccountLocked, AccountPending))
    async def verify_otp(self, shop: Shop, actor: Actor, data: CodeSignIn) -> SignedInView:
        """Sign in with the code that was sent last; answers as `POST /auth/login` does.

        A code stands five tries; five wrong codes lock the number or address for 15 minutes.
        """
        found = await sign_in_with_code(shop, actor, data.subject, data.code)
        return SignedInView.signed_in(
            UserView.of(found.user, shop.files),
            found.tokens.access_token,
            found.tokens.refresh_token,
            found.tokens.expires_at,
        )
