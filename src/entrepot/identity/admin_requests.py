"""Bodies of requests about administrators."""

from __future__ import annotations

from typing import Annotated, Final, Self

from pydantic import AfterValidator, BeforeValidator, EmailStr, Field, model_validator

from entrepot.identity.requests import Name, Password, Phone
from entrepot.identity.user_requests import ProfileChange
from entrepot.kernel.actors import Role
from entrepot.kernel.bodies import Body

MAX_ZONES = 500

_SPOKEN_ROLES: Final = {"super_admin": Role.ADMIN}


def _spoken(value: object) -> object:
    """`SUPER_ADMIN` and `LOCATION_ADMIN` of other shops' clients are understood."""
    return _SPOKEN_ROLES.get(value.lower(), value.lower()) if isinstance(value, str) else value


def _administers(role: Role) -> Role:
    if role not in (Role.ADMIN, Role.LOCATION_ADMIN):
        raise ValueError("must be admin or location_admin")
    return role


AdminRole = Annotated[Role, BeforeValidator(_spoken), AfterValidator(_administers)]
Zones = Annotated[
    list[Annotated[str, Field(min_length=1, max_length=100)]],
    Field(
        max_length=MAX_ZONES, description="slugs of the zones that a location admin administers", examples=[["north"]]
    ),
]


class NewAdmin(Body):
    """A new administrator. Without a password, one is made up and answered once."""

    email: EmailStr = Field(max_length=254, examples=["new.admin@example.com"])
    first_name: Name = Field(examples=["Jane"])
    last_name: Name = Field(examples=["Smith"])
    username: str | None = Field(None, pattern=r"^[A-Za-z0-9._-]{3,50}$")
    phone: Phone | None = None
    role: AdminRole = Field(examples=["location_admin"])
    zones: Zones = []
    password: Password | None = None

    @model_validator(mode="after")
    def _zones_fit(self) -> Self:
        if self.role is Role.LOCATION_ADMIN and not self.zones:
            raise ValueError("a location admin needs at least one of zones")
        if self.role is Role.ADMIN and self.zones:
            raise ValueError("zones are for location admins: an admin administers all")
        return self


class AdminChange(ProfileChange):
    """As one's own profile, with the role and the zones of another administrator."""

    role: AdminRole | None = Field(None, examples=["location_admin"])
    zones: Zones | None = None


class AdminZones(Body):
    """All the zones that it is to administer from now on."""

    zones: Annotated[Zones, Field(min_length=1)]


class Activity(Body):
    """Whether the account may act."""

    is_active: bool


class AdminPasswordReset(Body):
    """The new password; without one, one is made up and answered once."""

    password: Password | None = Field(None, examples=["Better456"])
