"""The security log: what happened to accounts, from where, on which device. Rows are only ever added."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Any

from entrepot.identity import security_queries
from entrepot.kernel.actors import Actor
from entrepot.kernel.db import Tx


class SecurityAction(StrEnum):
    REGISTERED = "registered"
    SIGNED_IN = "signed_in"
    SIGN_IN_FAILED = "sign_in_failed"
    LOCKED = "locked"
    SIGNED_OUT = "signed_out"
    SESSION_REVOKED = "session_revoked"
    REFRESH_TOKEN_REUSED = "refresh_token_reused"  # noqa: S105
    PASSWORD_CHANGED = "password_changed"  # noqa: S105
    PASSWORD_RESET_ASKED = "password_reset_asked"  # noqa: S105
    PASSWORD_RESET = "password_reset"  # noqa: S105
    EMAIL_CHANGED = "email_changed"
    EMAIL_VERIFIED = "email_verified"
    CODE_SENT = "code_sent"
    IDENTITY_LINKED = "identity_linked"
    ROLE_CHANGED = "role_changed"
    DEACTIVATED = "deactivated"
    ACTIVATED = "activated"
    DELETION_ASKED = "deletion_asked"
    RESTORED = "restored"


async def record(
    tx: Tx, actor: Actor, user_id: int | None, action: SecurityAction, details: Mapping[str, Any] | None = None
) -> None:
    """Add a row about `user_id`; the actor says from where. Details never carry a secret."""
    await security_queries.insert_entry(
        tx,
        user_id=user_id,
        action=action,
        address=actor.address,
        device_id=actor.device_id,
        user_agent=actor.user_agent,
        details=dict(details or {}),
    )
