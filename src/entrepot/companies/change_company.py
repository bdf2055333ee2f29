"""Changing a company: what is said of it, whether it sells, what it pays."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from entrepot import identity
from entrepot.companies import member_queries, queries
from entrepot.companies.events import CompanyChanged, CompanyStatusChanged
from entrepot.companies.model import Company, CompanyNotFound, CompanyStatus, HouseCompany, Rate, RateBegun
from entrepot.kernel import clock
from entrepot.kernel.actors import Actor, Role
from entrepot.kernel.admin_log import Subject, record_change
from entrepot.kernel.db import Tx
from entrepot.kernel.errors import Forbidden, Invalid
from entrepot.kernel.events import publish


async def change_company(tx: Tx, actor: Actor, company_id: int, changes: dict[str, Any]) -> Company:
    """Set the columns that are named in `changes`.

    Raises:
        CompanyNotFound
        Forbidden: a seller that does not own it.
        CompanyExists: the slug is taken, decided by the database.
    """
    before = await lock_managed(tx, actor, company_id)
    await queries.set_company(tx, company_id, changes)
    return await _changed(tx, actor, "company.changed", before)


async def set_status(tx: Tx, actor: Actor, company_id: int, status: CompanyStatus) -> Company:
    """Let a company sell, or not. Who waits with it for approval is approved with it.

    Raises:
        CompanyNotFound
        HouseCompany: the shop's own company sells always.
    """
    before = await lock_managed(tx, actor, company_id)
    if before.is_house and status is not CompanyStatus.ACTIVE:
        raise HouseCompany
    if before.status is status:
        return before
    await queries.set_status(tx, company_id, status)
    if before.status is CompanyStatus.PENDING and status is CompanyStatus.ACTIVE:
        await identity.approve_sellers(tx, actor, await member_queries.list_member_ids(tx, company_id))
    await publish(tx, CompanyStatusChanged(company_id=company_id, status=status), actor_id=actor.user_id)
    return await _changed(tx, actor, "company.status_changed", before)


async def approve_with_owner(tx: Tx, event: identity.UserStatusChanged) -> None:
    """An owner who was approved sells with the company that waited for it."""
    if event.status != "active":
        return
    company_id = await queries.claim_approval(tx, event.user_id)
    if company_id is not None:
        await publish(tx, CompanyStatusChanged(company_id=company_id, status=CompanyStatus.ACTIVE))


async def set_commission(tx: Tx, actor: Actor, company_id: int, rate_bp: int, valid_from: datetime | None) -> Company:
    """Set the marketplace's share from a time on, or from now. Orders that were placed before keep theirs.

    Raises:
        CompanyNotFound
        Invalid: a time that is over.
        RateBegun: a rate began at this very time.
    """
    before = await lock_managed(tx, actor, company_id)
    now = clock.now()
    if valid_from is not None and valid_from < now:
        raise Invalid({"validFrom": ["must not be in the past"]})
    if not await queries.claim_rate(tx, company_id, Rate(rate_bp, valid_from or now), now):
        raise RateBegun
    return await _changed(tx, actor, "company.commission_changed", before)


async def lock_managed(tx: Tx, actor: Actor, company_id: int) -> Company:
    """The company, locked against other changes.

    Raises:
        CompanyNotFound: there is none that the actor may know of.
        Forbidden: it may know of it, and not change it.
    """
    await queries.lock_company(tx, company_id)
    company = await queries.find_company(tx, actor, company_id)
    if company is None:
        raise CompanyNotFound
    if not company.managed or (actor.role is Role.SELLER and not company.owned):
        raise Forbidden
    return company


async def _changed(tx: Tx, actor: Actor, action: str, before: Company) -> Company:
    after = await queries.find_company(tx, actor, before.id)
    if after is None:
        raise CompanyNotFound
    await record_change(tx, actor, action, Subject("company", before.id), before, after)
    await publish(tx, CompanyChanged(company_id=before.id), actor_id=actor.user_id)
    return after
