"""Facts that companies publish, and which cached replies they change."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, ClassVar, Final

from entrepot.companies.model import CompanyStatus
from entrepot.kernel.events import Event

COMPANIES_TAG: Final = "companies"
"""On every list of companies."""


class CompanyChanged(Event, frozen=True):
    """What is said of it, where it delivers, or what it pays. Its sellers may read this, and all that is told of it."""

    name: ClassVar[str] = "company.changed"

    company_id: int

    def companies(self) -> Sequence[int]:
        return (self.company_id,)


class CompanyCreated(CompanyChanged, frozen=True):
    """`zone_ids`: where it delivers at first."""

    name: ClassVar[str] = "company.created"

    zone_ids: list[int]


class CompanyStatusChanged(CompanyChanged, frozen=True):
    """Its products are sold from now on, or no more."""

    name: ClassVar[str] = "company.status_changed"

    status: CompanyStatus


class CompanyDeleted(CompanyChanged, frozen=True):
    name: ClassVar[str] = "company.deleted"


class VendorInvited(CompanyChanged, frozen=True):
    name: ClassVar[str] = "company.vendor_invited"

    invitation_id: int


class VendorJoined(CompanyChanged, frozen=True):
    name: ClassVar[str] = "company.vendor_joined"

    user_id: int


class VendorLeft(VendorJoined, frozen=True):
    name: ClassVar[str] = "company.vendor_left"


class CompanyRated(CompanyChanged, frozen=True):
    """A buyer said how it was."""

    name: ClassVar[str] = "company.rated"


def company_tag(company_id: int) -> str:
    """On every reply that depends on whether the company sells."""
    return f"company:{company_id}"


def _tags(data: dict[str, Any]) -> list[str]:
    return [COMPANIES_TAG, company_tag(data["companyId"])]


CACHE_TAGS: Final[Mapping[str, Callable[[dict[str, Any]], list[str]]]] = {
    event.name: _tags for event in (CompanyCreated, CompanyChanged, CompanyRated, CompanyStatusChanged, CompanyDeleted)
}
