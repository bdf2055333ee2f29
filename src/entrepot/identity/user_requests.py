"""Bodies of requests about users, their preferences and addresses."""

from __future__ import annotations

from typing import Annotated, Self

from pydantic import AfterValidator, EmailStr, Field, field_validator, model_validator

from entrepot.identity.model import UserStatus
from entrepot.identity.preferences_queries import Theme
from entrepot.identity.requests import Name, Phone
from entrepot.kernel.actors import Role
from entrepot.kernel.bodies import Body
from entrepot.kernel.fields import IN_ANY_CASE, LanguageTag, not_null
from entrepot.zones import Latitude, Longitude, refuse_half_a_place


class ProfileChange(Body):
    """What is given is changed, the rest stays. `phone`, `age`, `gender` and `username` are removed by null."""

    first_name: Name | None = Field(None, examples=["Jane"])
    last_name: Name | None = Field(None, examples=["Smith"])
    email: EmailStr | None = Field(None, max_length=254, description="counts once it is verified")
    username: str | None = Field(None, pattern=r"^[A-Za-z0-9._-]{3,50}$")
    phone: Phone | None = Field(None, examples=["+1987654321"])
    age: int | None = Field(None, ge=0, le=150)
    gender: str | None = Field(None, min_length=1, max_length=30)

    _given = field_validator("first_name", "last_name", "email", mode="after")(not_null)


class UserChange(ProfileChange):
    """As one's own profile; an administrator may also change role, status and zone of others."""

    role: Annotated[Role, IN_ANY_CASE] | None = None
    status: UserStatus | None = None
    zone: str | None = Field(None, max_length=100, description="slug of the home zone; null for none")

    _privileged = field_validator("role", "status", mode="after")(not_null)


class PreferencesChange(Body):
    """What is given is changed, the rest stays."""

    theme: Theme | None = None
    notifications: bool | None = None
    email_notifications: bool | None = None
    currency: Annotated[str, Field(pattern="^[A-Za-z]{3}$"), AfterValidator(str.upper)] | None = Field(
        None, description="ISO 4217 code", examples=["USD"]
    )
    language: LanguageTag | None = Field(None, description="language tag", examples=["en"])

    _given = field_validator("*", mode="after")(not_null)


class Deletion(Body):
    """The current password, and why, if you like to say."""

    password: str | None = Field(
        None, min_length=1, max_length=200, description="needed unless the account has none", examples=["Secret123"]
    )
    reason: str | None = Field(None, max_length=500, examples=["No longer needed"])


Line = Annotated[str, Field(min_length=1, max_length=100)]
PersonName = Annotated[str, Field(min_length=1, max_length=50)]


class NewAddress(Body):
    """An address to keep. The first one becomes the default."""

    label: Annotated[str, Field(min_length=1, max_length=50)] = "Home"
    first_name: PersonName = Field(examples=["John"])
    last_name: PersonName = Field(examples=["Doe"])
    address: str = Field(min_length=1, max_length=300, examples=["456 Office Blvd"])
    city: Line = Field(examples=["New York"])
    state: str = Field("", max_length=100, examples=["NY"])
    zip_code: str = Field("", max_length=20, examples=["10002"])
    country: str = Field(min_length=2, max_length=100, examples=["USA"])
    phone: str = Field("", max_length=30, examples=["+1234567890"])
    latitude: Latitude | None = Field(None, description="degrees north")
    longitude: Longitude | None = Field(None, description="degrees east")
    is_default: bool = False

    @model_validator(mode="after")
    def _whole_place(self) -> Self:
        refuse_half_a_place(self.latitude, self.longitude)
        return self


class AddressChange(Body):
    """What is given is changed, the rest stays; a new place without coordinates loses the old ones.

    `isDefault: true` makes it the default; `false` changes nothing: make another one the default instead.
    """

    label: Annotated[str, Field(min_length=1, max_length=50)] | None = None
    first_name: PersonName | None = None
    last_name: PersonName | None = None
    address: Annotated[str, Field(min_length=1, max_length=300)] | None = None
    city: Line | None = Field(None, examples=["New York"])
    state: Annotated[str, Field(max_length=100)] | None = None
    zip_code: Annotated[str, Field(max_length=20)] | None = None
    country: Annotated[str, Field(min_length=2, max_length=100)] | None = None
    phone: Annotated[str, Field(max_length=30)] | None = None
    latitude: Latitude | None = None
    longitude: Longitude | None = None
    is_default: bool | None = None

    _given = field_validator(
        "label", "first_name", "last_name", "address", "city", "state", "zip_code", "country", "phone", "is_default",
        mode="after",
    )(not_null)  # fmt: skip

    @model_validator(mode="after")
    def _whole_place(self) -> Self:
        refuse_half_a_place(self.latitude, self.longitude)
        return self
