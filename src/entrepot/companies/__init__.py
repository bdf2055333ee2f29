"""Companies: who sells, where they deliver and for how much, and the marketplace's commission.

Owns `companies`, `company_members`, `company_invitations`, `company_zones`, `company_commissions` and `company_ratings`.
Promises: a rate that counted is never changed; an only owner cannot leave its company; nobody with an account sells for a
company without an administrator's decision or having agreed to it; a location admin changes only the terms of its zones.
"""

from entrepot.companies.add_rating import add_rating
from entrepot.companies.change_company import approve_with_owner
from entrepot.companies.erase import erase_person
from entrepot.companies.events import (
    CACHE_TAGS,
    COMPANIES_TAG,
    CompanyChanged,
    CompanyCreated,
    CompanyDeleted,
    CompanyRated,
    CompanyStatusChanged,
    VendorInvited,
    VendorJoined,
    VendorLeft,
    company_tag,
)
from entrepot.companies.jobs import JOBS
from entrepot.companies.model import CONSTRAINTS, CompanyNotFound
from entrepot.companies.new_seller import settle_new_seller
from entrepot.companies.set_up_house import set_up_house
from entrepot.companies.vendors import accept_invitation, leave_with_role

__all__ = [
    "CACHE_TAGS",
    "COMPANIES_TAG",
    "CONSTRAINTS",
    "JOBS",
    "CompanyChanged",
    "CompanyCreated",
    "CompanyDeleted",
    "CompanyNotFound",
    "CompanyRated",
    "CompanyStatusChanged",
    "VendorInvited",
    "VendorJoined",
    "VendorLeft",
    "accept_invitation",
    "add_rating",
    "approve_with_owner",
    "company_tag",
    "erase_person",
    "leave_with_role",
    "set_up_house",
    "settle_new_seller",
]
