"""What companies know of a person who leaves for good."""

from __future__ import annotations

from entrepot import identity
from entrepot.companies import member_queries
from entrepot.companies.events import CompanyStatusChanged
from entrepot.companies.model import CompanyStatus
from entrepot.kernel.db import Tx
from entrepot.kernel.events import publish


async def erase_person(tx: Tx, event: identity.UserErased) -> None:
    """Take a person out of its company. Where nobody else sells for it, it sells no more, and its name and contacts go."""
    company_id = await member_queries.erase_member(tx, event.user_id)
    if company_id is not None:
        await publish(tx, CompanyStatusChanged(company_id=company_id, status=CompanyStatus.INACTIVE))
