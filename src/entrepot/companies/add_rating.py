"""What buyers say of a company, in sums."""

from __future__ import annotations

from entrepot.companies import queries
from entrepot.companies.events import CompanyRated
from entrepot.kernel.db import Tx
from entrepot.kernel.events import publish


async def add_rating(tx: Tx, company_id: int, *, overall: int, communication: int, timeliness: int) -> None:
    """Count one buyer's stars, each from 1 to 5. That it is one for each part of an order, the caller sees to."""
    await queries.add_rating(tx, company_id, overall, communication, timeliness)
    await publish(tx, CompanyRated(company_id=company_id))
