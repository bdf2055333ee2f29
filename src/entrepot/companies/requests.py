"""Bodies of the companies' requests."""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated, Any

from pydantic import AfterValidator, EmailStr, Field, field_validator

from entrepot.companies.model import CompanyStatus
from entrepot.kernel.bodies import Body
from entrepot.kernel.fields import Amount, Moment, Percent, not_null

MAX_ZONES = 500


Name = Annotated[str, Field(min_length=2, max_length=200, examples=["Brightside Trading"])]
Slug = Annotated[str, Field(pattern="^[a-z0-9]+(-[a-z0-9]+)*$", max_length=100, examples=["brightside"])]
Description = Annotated[str, Field(max_length=5000)]
Phone = Annotated[str, Field(pattern=r"^\+?[0-9 ()./-]{5,30}$", examples=["+12025550100"])]
TaxId = Annotated[str, Field(min_length=2, max_length=50)]


class SeatBody(Body):
    """Where a company has its seat."""

    address: str = Field(min_length=1, max_length=300, examples=["12 Harbour Road"])
    city: str = Field(min_length=1, max_length=100, examples=["New York"])
    state: str = Field("", max_length=100, examples=["NY"])
    zip_code: str = Field("", max_length=20, examples=["10001"])
    country: str = Field(min_length=2, max_length=100, examples=["USA"])


class DeliveryFee(Body):
    """On which terms a company delivers to a zone, in major units of the shop's currency."""

    zone: str = Field(min_length=1, max_length=100, description="slug", examples=["north"])
    delivery_fee: Amount = Field(Decimal(0), examples=[4.5])
    free_delivery_from: Amount | None = Field(
        None, description="a subtotal from which on delivery costs nothing", examples=[60]
    )
    delivers: bool = Field(True, description="false: it does not deliver there any more")


def _each_zone_once(fees: list[DeliveryFee]) -> list[DeliveryFee]:
    if len({fee.zone for fee in fees}) < len(fees):
        raise ValueError("must name each zone once")
    return fees


DeliveryFees = Annotated[list[DeliveryFee], Field(max_length=MAX_ZONES), AfterValidator(_each_zone_once)]


class NewCompany(Body):
    """A company that sells in the shop."""

    name: Name
    slug: Slug | None = Field(None, description="made from the name if not given")
    description: Description = ""
    email: EmailStr | None = Field(None, max_length=254)
    phone: Phone | None = None
    tax_id: TaxId | None = None
    address: SeatBody | None = None
    delivery_fees: DeliveryFees = []
    commission_rate: Percent = Field(Decimal(0), description="percent of a sale", examples=[12.5])


class CompanyChange(Body):
    """What is given is changed, the rest stays. `email`, `phone` and `taxId` are removed by null."""

    name: Name | None = None
    description: Description | None = None
    email: EmailStr | None = Field(None, max_length=254)
    phone: Phone | None = None
    tax_id: TaxId | None = None
    address: SeatBody | None = None

    _given = field_validator("name", "description", "address", mode="after")(not_null)

    @property
    def columns(self) -> dict[str, Any]:
        """The columns that change."""
        columns = self.model_dump(include=self.model_fields_set)
        if self.address is not None:
            columns["address"] = self.address.model_dump(by_alias=True)
        return columns


class CompanyChangeByAdmin(CompanyChange):
    """As an owner's change, and the slug."""

    slug: Slug | None = None

    _given_slug = field_validator("slug", mode="after")(not_null)


class StatusChange(Body):
    """Whether the company sells; `isActive` says the same, for clients that know only two states."""

    status: CompanyStatus | None = Field(None, examples=["active"])
    is_active: bool | None = None

    @field_validator("status", mode="after")
    @classmethod
    def _decided(cls, status: CompanyStatus | None) -> CompanyStatus | None:
        if status is CompanyStatus.PENDING:
            raise ValueError("must be active or inactive")
        return status


class TermsChange(Body):
    """The zones whose terms change; others stay."""

    delivery_fees: Annotated[DeliveryFees, Field(min_length=1)]


class CommissionChange(Body):
    """A rate, and from when on it counts."""

    rate: Percent = Field(description="percent of a sale", examples=[12.5])
    valid_from: Moment | None = Field(None, description="a time or a date to come; now if not given")


class VendorInvitation(Body):
    """Who is to sell for the company."""

    email: EmailStr = Field(max_length=254, examples=["seller@example.com"])
    is_owner: bool = Field(
        False, description="owners invite and remove sellers, and change what is said of the company"
    )
