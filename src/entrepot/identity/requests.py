"""Bodies of identity's requests."""

from __future__ import annotations

from typing import Annotated, Final, Self

from pydantic import AfterValidator, BeforeValidator, EmailStr, Field, field_validator, model_validator

from entrepot.identity.model import SELF_ASSIGNED
from entrepot.identity.passwords import refuse_weak_password
from entrepot.kernel.actors import Role
from entrepot.kernel.bodies import Body

_SPOKEN_ROLES: Final = {"buyer": Role.USER, "vendor": Role.SELLER}


def _role(value: object) -> object:
    """`SHOP_OWNER`, `BUYER` and `VENDOR` of other shops' clients are understood."""
    if isinstance(value, str):
        return _SPOKEN_ROLES.get(value.lower(), value.lower())
    return value


Password = Annotated[
    str, Field(max_length=200, json_schema_extra={"format": "password"}), AfterValidator(refuse_weak_password)
]
Name = Annotated[str, Field(min_length=2, max_length=50)]
Phone = Annotated[str, Field(pattern=r"^\+?[0-9 ()./-]{5,30}$")]


class Registration(Body):
    """A new account. Give firstName and lastName, or one name."""

    email: EmailStr = Field(max_length=254, examples=["newuser@example.com"])
    password: Password = Field(description="8 characters or more, with an uppercase letter and a number")
    first_name: Name | None = Field(None, examples=["Jane"])
    last_name: Name | None = Field(None, examples=["Smith"])
    name: str | None = Field(None, min_length=2, max_length=101, description="instead of firstName and lastName")
    username: str | None = Field(None, pattern=r"^[A-Za-z0-9._-]{3,50}$")
    phone: Phone | None = None
    role: Annotated[Role, BeforeValidator(_role)] = Field(Role.USER, description="user, shop_owner or seller")
    zone: str | None = Field(None, max_length=100, description="slug of the zone of a shop owner")
    company_name: str | None = Field(None, min_length=2, max_length=200, description="of a seller or shop owner")

    @field_validator("role")
    @classmethod
    def _self_assigned(cls, role: Role) -> Role:
        if role not in SELF_ASSIGNED:
            raise ValueError("must be user, shop_owner or seller")
        return role

    @model_validator(mode="after")
    def _named(self) -> Self:
        if self.name is None and (self.first_name is None or self.last_name is None):
            raise ValueError("give firstName and lastName")
        return self

    @property
    def names(self) -> tuple[str, str]:
        """First and last name; one name is split at its first space."""
        if self.first_name is not None and self.last_name is not None:
            return self.first_name, self.last_name
        first, _, last = (self.name or "").partition(" ")
        return first, last.strip()


class SignIn(Body):
    """Email or username, and the password."""

    email: str | None = Field(None, min_length=1, max_length=254, examples=["buyer@entrepot.test"])
    username: str | None = Field(None, min_length=1, max_length=254)
    password: str = Field(min_length=1, max_length=200, examples=["Entrepot123!"])
    expires_in_mins: int | None = Field(None, ge=1, description="accepted for DummyJSON's clients; the shop decides")

    @model_validator(mode="after")
    def _one_login(self) -> Self:
        if (self.email is None) == (self.username is None):
            raise ValueError("give email or username")
        return self

    @property
    def login(self) -> str:
        return self.email or self.username or ""


class RefreshRequest(Body):
    """The refresh token of the last sign-in or refresh."""

    refresh_token: str = Field(min_length=1, max_length=200)
    expires_in_mins: int | None = Field(None, ge=1, description="accepted for DummyJSON's clients; the shop decides")


class PasswordChange(Body):
    """The current password, and the new one."""

    current_password: str = Field(min_length=1, max_length=200)
    new_password: Password
