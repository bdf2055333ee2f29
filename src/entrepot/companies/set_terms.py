"""Where a company delivers, for how much, and from which subtotal on for nothing."""

from __future__ import annotations

from collections.abc import Sequence

from entrepot.companies import queries
from entrepot.companies.events import CompanyChanged
from entrepot.companies.model import Company, CompanyNotFound, Terms
from entrepot.kernel.actors import Actor
from entrepot.kernel.admin_log import Subject, record_change
from entrepot.kernel.db import Tx
from entrepot.kernel.errors import Forbidden
from entrepot.kernel.events import publish
from entrepot.zones import zones_named


async def change_terms(tx: Tx, actor: Actor, company_id: int, terms: Sequence[Terms]) -> Company:
    """Set the terms for the zones that are named; those for others stay.

    Raises:
        CompanyNotFound: there is none, or a location admin's zones have nothing to do with it.
        Forbidden: a location admin names a zone of others.
        Invalid: an unknown zone.
    """
    await queries.lock_company(tx, company_id)
    before = await queries.find_company(tx, actor, company_id)
    if before is None or not before.managed:
        raise CompanyNotFound
    named = await zones_named(tx, [one.zone for one in terms], "deliveryFees")
    if not actor.is_admin and not {zone.id for zone in named} <= set(actor.zone_ids):
        raise Forbidden("You administer other zones than these")
    ids = {zone.slug: zone.id for zone in named}
    ended = [ids[one.zone] for one in terms if one.delivery_fee_minor is None]
    await queries.delete_terms(tx, company_id, ended)
    await set_terms(tx, company_id, offered(terms), "deliveryFees")
    after = await queries.find_company(tx, actor, company_id) or before
    await record_change(
        tx, actor, "company.delivery_fees_changed", Subject("company", company_id), _terms(before), _terms(after)
    )
    await publish(tx, CompanyChanged(company_id=company_id), actor_id=actor.user_id)
    return after


async def set_terms(tx: Tx, company_id: int, terms: Sequence[Terms], field: str) -> list[int]:
    """Deliver to the zones that are named; returns their ids. Raises Invalid, naming `field`, for an unknown zone."""
    by_slug = {one.zone: one for one in terms}
    zones = await zones_named(tx, list(by_slug), field)
    offers = [by_slug[zone.slug] for zone in zones]
    await queries.set_terms(
        tx,
        company_id,
        [zone.id for zone in zones],
        [offer.delivery_fee_minor or 0 for offer in offers],
        [offer.free_delivery_from_minor for offer in offers],
    )
    return [zone.id for zone in zones]


def offered(terms: Sequence[Terms]) -> list[Terms]:
    """Without those that end a delivery."""
    return [one for one in terms if one.delivery_fee_minor is not None]


def _terms(company: Company) -> dict[str, object]:
    return {"zones": company.zones}
