"""Making, changing and deleting price lists, and setting their prices: sellers for their own goods, administrators for all."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from entrepot import zones
from entrepot.kernel.actors import Actor
from entrepot.kernel.admin_log import Subject, record_change
from entrepot.kernel.db import Db, Tx
from entrepot.kernel.errors import Forbidden, Invalid
from entrepot.pricing import price_lists_queries as queries
from entrepot.pricing.price_lists_model import PriceList, PriceListFields, PriceListNotFound, TooManyPriceLists
from entrepot.pricing.price_lists_queries import NewTier


async def create_price_list(
    tx: Tx, actor: Actor, company_id: int | None, currency: str, given: Mapping[str, Any]
) -> PriceList:
    """Make a list without prices. `given`: all its fields, by name.

    Raises:
        Forbidden: a seller names another company than its own.
        Invalid: an unknown company, zone or buyer.
        TooManyPriceLists: the seller has too many; decided under a lock.
    """
    seller_id = managed_company(actor)
    if actor.is_admin:
        seller_id = company_id
        if company_id is not None and not await queries.company_exists(tx, company_id):
            raise Invalid({"companyId": ["is not a company"]})
    elif company_id not in (None, seller_id):
        raise Forbidden("You make price lists for your own company's goods")
    changes, buyers = await _checked(tx, given, seller_id)
    await queries.lock_seller(tx, seller_id)
    fields = PriceListFields(
        name=changes["name"],
        for_role=changes["for_role"],
        for_company_id=changes["for_company_id"],
        for_zone_id=changes["for_zone_id"],
        for_named=changes["for_named"],
        starts_at=changes["starts_at"],
        ends_at=changes["ends_at"],
    )
    price_list_id = await queries.claim_price_list(tx, seller_id, currency, fields)
    if price_list_id is None:
        raise TooManyPriceLists
    if buyers:
        await queries.set_buyers(tx, price_list_id, buyers)
    made = await get_price_list(tx, actor, price_list_id)
    await record_change(tx, actor, "price_list.created", Subject("price_list", made.id), None, made)
    return made


async def change_price_list(tx: Tx, actor: Actor, price_list_id: int, given: Mapping[str, Any]) -> PriceList:
    """Change the fields that are given; null takes a limit away.

    Raises:
        PriceListNotFound, Invalid.
    """
    before = await _lock(tx, actor, price_list_id)
    changes, buyers = await _checked(tx, given, before.company_id)
    await queries.set_price_list(tx, price_list_id, changes)
    if "for_buyers" in given:
        await queries.set_buyers(tx, price_list_id, buyers)
    after = await get_price_list(tx, actor, price_list_id)
    await record_change(tx, actor, "price_list.changed", Subject("price_list", price_list_id), before, after)
    return after


async def delete_price_list(tx: Tx, actor: Actor, price_list_id: int) -> None:
    """Delete a list with its prices; orders keep theirs. Raises PriceListNotFound."""
    before = await _lock(tx, actor, price_list_id)
    await queries.delete_price_list(tx, price_list_id)
    await record_change(tx, actor, "price_list.deleted", Subject("price_list", price_list_id), before, None)


async def set_prices(
    tx: Tx, actor: Actor, price_list_id: int, product_ids: Sequence[int], tiers: Sequence[NewTier]
) -> PriceList:
    """Replace the tiers of these products; one without tiers is taken off the list.

    Raises:
        PriceListNotFound.
        Invalid: naming by its place each product that is not sold, is another company's, or has another currency.
    """
    before = await _lock(tx, actor, price_list_id)
    sold = {product.id: product for product in await queries.list_priceable(tx, product_ids)}
    faults = {}
    for place, product_id in enumerate(product_ids):
        product = sold.get(product_id)
        if product is None or before.company_id not in (None, product.company_id):
            faults[f"prices.{place}.productId"] = ["is not a product of this company"]
        elif product.currency != before.currency:
            faults[f"prices.{place}.productId"] = [
                f"is sold in {product.currency}, and this list is in {before.currency}"
            ]
    if faults:
        raise Invalid(faults)
    await queries.replace_tiers(tx, price_list_id, product_ids, tiers)
    await record_change(
        tx,
        actor,
        "price_list.prices_changed",
        Subject("price_list", price_list_id),
        None,
        {"tiers": [[tier.product_id, tier.from_quantity, tier.price_minor] for tier in tiers]},
    )
    return await get_price_list(tx, actor, price_list_id)


async def get_price_list(db: Db, actor: Actor, price_list_id: int) -> PriceList:
    """Raises PriceListNotFound for one that the actor may not know of."""
    found = await queries.find_price_list(db, managed_company(actor), price_list_id)
    if found is None:
        raise PriceListNotFound
    return found


def managed_company(actor: Actor) -> int | None:
    """Whose lists the actor manages; None for an administrator, who manages all. Raises Forbidden."""
    if actor.is_admin:
        return None
    if actor.company_id is None:
        raise Forbidden("You sell for no company")
    return actor.company_id


async def _lock(tx: Tx, actor: Actor, price_list_id: int) -> PriceList:
    found = await queries.lock_price_list(tx, managed_company(actor), price_list_id)
    if found is None:
        raise PriceListNotFound
    return found


async def _checked(tx: Tx, given: Mapping[str, Any], seller_id: int | None) -> tuple[dict[str, Any], list[int]]:
    """The columns that these fields are, and the buyers named.

    A seller names its own customers: who never bought from it stays unknown to it.
    """
    columns = {name: value for name, value in given.items() if name not in ("for_zone", "for_buyers")}
    if "for_zone" in given:
        slug = given["for_zone"]
        columns["for_zone_id"] = None if slug is None else (await zones.zones_named(tx, [slug], "forZone"))[0].id
    if (company_id := given.get("for_company_id")) is not None and not await queries.company_exists(tx, company_id):
        raise Invalid({"forCompanyId": ["is not a company"]})
    buyers = list(dict.fromkeys(given.get("for_buyers") or ()))
    if "for_buyers" in given:
        columns["for_named"] = given["for_buyers"] is not None
        known = set(await queries.list_customers(tx, seller_id, buyers)) if buyers else set()
        if unknown := [place for place, user_id in enumerate(given["for_buyers"] or ()) if user_id not in known]:
            raise Invalid({f"forBuyers.{place}": ["is not a customer"] for place in unknown})
    return columns, buyers
