"""The house company: it sells the shop's own goods."""

from __future__ import annotations

from entrepot import zones
from entrepot.companies import queries
from entrepot.companies.create_company import found_company
from entrepot.companies.model import CompanyFields, Terms
from entrepot.kernel.actors import Actor
from entrepot.kernel.db import Tx
from entrepot.zones import ZoneFields


async def set_up_house(tx: Tx, name: str) -> int | None:
    """Make the house company, called as the shop is, and a zone `main` if there is none; None where there is a house.

    Inventory opens its first warehouse, as it does for every new company that delivers somewhere.
    """
    if await queries.has_house(tx):
        return None
    shop = Actor()
    zone = await zones.first_zone(tx) or await zones.create_zone(tx, shop, ZoneFields(slug="main", name="Main"))
    fields = CompanyFields(name=name, is_house=True, description="The shop's own goods.")
    return await found_company(tx, shop, fields, [Terms(zone.slug, 0, None)])
