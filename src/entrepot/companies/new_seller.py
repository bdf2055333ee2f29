"""A person selling alone has a company of one, made with the account."""

from __future__ import annotations

from entrepot import identity
from entrepot.companies import member_queries
from entrepot.companies.create_company import found_company
from entrepot.companies.model import CompanyFields, CompanyStatus, Terms
from entrepot.companies.vendors import join_where_invited
from entrepot.kernel.actors import Actor, Role
from entrepot.kernel.db import Tx
from entrepot.zones import first_zone, zone_by_id


async def settle_new_seller(tx: Tx, event: identity.UserRegistered) -> None:
    """Give a new seller a company of its own, by the name it gave, or else by its own name.

    It delivers to the seller's zone, or else to the shop's oldest, for nothing until it says otherwise. It waits for approval
    if the seller does. Who names no company, and was invited to one, gets none: it joins that one (see vendors.py).
    """
    if event.role is not Role.SELLER:
        return
    seller = await member_queries.find_new_seller(tx, event.user_id)
    if seller is None:
        return
    if event.company_name is None and seller.invited:
        await join_where_invited(tx, event.user_id)
        return
    zone = await zone_by_id(tx, seller.zone_id) if seller.zone_id is not None else await first_zone(tx)
    company_id = await found_company(
        tx,
        Actor(user_id=event.user_id),
        CompanyFields(
            name=event.company_name or seller.name,
            status=CompanyStatus.PENDING if seller.waits else CompanyStatus.ACTIVE,
        ),
        [Terms(zone.slug, 0, None)] if zone is not None else [],
    )
    await member_queries.insert_member(tx, company_id, event.user_id, is_owner=True)
