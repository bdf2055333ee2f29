"""Making a company: by an administrator, or by a seller who registers."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from typing import Final

from entrepot.companies import queries
from entrepot.companies.events import CompanyCreated
from entrepot.companies.model import Company, CompanyExists, CompanyFields, CompanyNotFound, Rate, Terms
from entrepot.companies.set_terms import offered, set_terms
from entrepot.kernel import clock
from entrepot.kernel.actors import Actor
from entrepot.kernel.admin_log import Subject, record_change
from entrepot.kernel.db import Tx
from entrepot.kernel.events import publish
from entrepot.kernel.slugs import slug_of

SLUG_TRIES: Final = 5


async def create_company(tx: Tx, actor: Actor, fields: CompanyFields, terms: Sequence[Terms], rate_bp: int) -> Company:
    """A new company, the zones it delivers to, and the commission it pays from now on.

    Raises:
        CompanyExists: the slug that was asked for is taken; one that is made from the name gets a number instead.
        Invalid: an unknown zone.
    """
    company_id = await found_company(tx, actor, fields, terms, rate_bp)
    company = await queries.find_company(tx, actor, company_id)
    if company is None:
        raise CompanyNotFound
    await record_change(tx, actor, "company.created", Subject("company", company_id), after=company)
    return company


async def found_company(tx: Tx, actor: Actor, fields: CompanyFields, terms: Sequence[Terms], rate_bp: int = 0) -> int:
    """As `create_company`, without an administrator's doing; returns the new id."""
    company_id = await _claim(tx, fields)
    now = clock.now()
    await queries.claim_rate(tx, company_id, Rate(rate_bp, now), now)
    zone_ids = await set_terms(tx, company_id, offered(terms), "deliveryFees")
    await publish(tx, CompanyCreated(company_id=company_id, zone_ids=zone_ids), actor_id=actor.user_id)
    return company_id


async def _claim(tx: Tx, fields: CompanyFields) -> int:
    slug = fields.slug or slug_of(fields.name)
    for _ in range(SLUG_TRIES):
        if (company_id := await queries.claim_company(tx, fields, slug)) is not None:
            return company_id
        if fields.slug is not None:
            break
        slug = f"{slug_of(fields.name)}-{secrets.token_hex(3)}"
    raise CompanyExists
