"""Deleting a company: once its orders are carried out. Its products are not shown any more; what it sold stays."""

from __future__ import annotations

from entrepot import identity
from entrepot.companies import member_queries, queries
from entrepot.companies.events import CompanyDeleted
from entrepot.companies.model import CompanyNotFound, HouseCompany, OpenOrders
from entrepot.kernel.actors import Actor
from entrepot.kernel.admin_log import Subject, record_change
from entrepot.kernel.db import Tx
from entrepot.kernel.events import publish


async def delete_company(tx: Tx, actor: Actor, company_id: int) -> None:
    """Delete a company; who sold for it is a buyer from now on.

    An order that is being placed at the same time is waited for, and counted.

    Raises:
        CompanyNotFound
        HouseCompany: the shop's own.
        OpenOrders: it has yet to deliver some; `details` says how many.
    """
    await queries.lock_for_deletion(tx, company_id)
    company = await queries.find_company(tx, actor, company_id)
    if company is None:
        raise CompanyNotFound
    if company.is_house:
        raise HouseCompany
    if open_parts := await queries.count_open_parts(tx, company_id):
        raise OpenOrders(details={"orders": open_parts})
    for user_id in await member_queries.list_member_ids(tx, company_id):
        await identity.stop_selling(tx, actor, user_id)
    await queries.set_deleted(tx, company_id)
    await record_change(tx, actor, "company.deleted", Subject("company", company_id), before=company)
    await publish(tx, CompanyDeleted(company_id=company_id), actor_id=actor.user_id)
