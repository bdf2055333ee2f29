"""Bodies of requests for mailed links and one-time codes."""

from __future__ import annotations

import re
from typing import Annotated, Final, Self

from pydantic import BeforeValidator, Field, model_validator

from entrepot.identity.one_time_codes import DIGITS, Subject
from entrepot.identity.requests import Password, Phone
from entrepot.kernel.bodies import Body

Address = Annotated[str, Field(max_length=254, pattern=r"^[^@\s]+@[^@\s]+$", examples=["buyer@entrepot.test"])]
"""Not as strict as when registering: whatever nobody has is answered alike."""
MailedSecret = Annotated[str, Field(min_length=1, max_length=200, description="from the mailed link")]


MIN_DIGITS: Final = 5


def _without_spaces(value: object) -> object:
    return re.sub(r"[\s-]", "", value) if isinstance(value, str) else value


class ForgottenPassword(Body):
    """The address of the account."""

    email: Address


class PasswordReset(Body):
    """The token of the mailed link, and the new password."""

    token: MailedSecret
    new_password: Password = Field(description="8 characters or more, with an uppercase letter and a number")


class EmailVerification(Body):
    """The token of the mailed link."""

    token: MailedSecret


class CodeRequest(Body):
    """Where the code goes: a telephone number or an email address."""

    phone: Phone | None = Field(None, description="as in the account, however it is written", examples=["+12025550100"])
    email: Address | None = None

    @model_validator(mode="after")
    def _one_of_both(self) -> Self:
        if (self.phone is None) == (self.email is None):
            raise ValueError("give phone or email")
        if self.phone is not None and sum(character.isdigit() for character in self.phone) < MIN_DIGITS:
            raise ValueError("phone has too few digits")
        return self

    @property
    def subject(self) -> Subject:
        return Subject.of(self.phone, self.email)


class CodeSignIn(CodeRequest):
    """The number or address that the code was sent to, and the code."""

    code: Annotated[str, BeforeValidator(_without_spaces), Field(pattern=rf"^[0-9]{{{DIGITS}}}$", examples=["123456"])]
