"""Identity: users, sign-in, sessions and roles.

Owns `users`, `sessions`, `refresh_tokens`, `admin_zones`, `addresses` and `preferences`. Promises: passwords are bcrypt
hashes made off the event loop; refresh tokens are stored hashed; a request with a revoked session is refused in every
process at once; nobody can give itself an administrator's role, and there is always an administrator; a person who leaves
is erased after 30 days (`UserErased`: other modules erase what they keep in the same transaction), while orders and books
stay whole.
"""

from entrepot.identity.address_queries import Address
from entrepot.identity.addresses import AddressNotFound, get_address
from entrepot.identity.authenticate import Authenticator
from entrepot.identity.create_admin import create_admin
from entrepot.identity.events import (
    EmailChangeRequested,
    UserEmailVerified,
    UserErased,
    UserRegistered,
    UserRoleChanged,
    UserSignedIn,
    UserStatusChanged,
)
from entrepot.identity.jobs import JOBS
from entrepot.identity.last_admin import LastAdmin, refuse_last_admin
from entrepot.identity.model import CONSTRAINTS, EmailExists, InvalidCredentials
from entrepot.identity.passwords import refuse_weak_password
from entrepot.identity.selling import approve_sellers, start_selling, stop_selling

__all__ = [
    "CONSTRAINTS",
    "JOBS",
    "Address",
    "AddressNotFound",
    "Authenticator",
    "EmailChangeRequested",
    "EmailExists",
    "InvalidCredentials",
    "LastAdmin",
    "UserEmailVerified",
    "UserErased",
    "UserRegistered",
    "UserRoleChanged",
    "UserSignedIn",
    "UserStatusChanged",
    "approve_sellers",
    "create_admin",
    "get_address",
    "refuse_last_admin",
    "refuse_weak_password",
    "start_selling",
    "stop_selling",
]
