"""Identity: users, sign-in, sessions and roles.

Owns `users`, `sessions`, `refresh_tokens`, `admin_zones` and `addresses`. Promises: passwords are bcrypt hashes made off
the event loop; refresh tokens are stored hashed; a request with a revoked session is refused in every process at once;
nobody can give itself an administrator's role.
"""

from entrepot.identity.authenticate import Authenticator
from entrepot.identity.create_admin import create_admin
from entrepot.identity.events import UserSignedIn
from entrepot.identity.model import CONSTRAINTS, EmailExists, InvalidCredentials
from entrepot.identity.passwords import refuse_weak_password

__all__ = [
    "CONSTRAINTS",
    "Authenticator",
    "EmailExists",
    "InvalidCredentials",
    "UserSignedIn",
    "create_admin",
    "refuse_weak_password",
]
