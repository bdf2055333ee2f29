"""What each row of many products comes to: its columns, pictures, zones and words, with all that speaks against it."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from typing import Any

import msgspec

from entrepot.catalog import upsert_queries as queries
from entrepot.catalog.images import thumbnail_after
from entrepot.catalog.product_columns import columns_of
from entrepot.catalog.requests import MAX_LANGUAGES
from entrepot.catalog.uploads import upload_of
from entrepot.catalog.upsert_rows import Columns, Row, Translation, same
from entrepot.catalog.zones_of_sale import changed_zones
from entrepot.inventory import NoWarehouse
from entrepot.kernel.actors import Actor, Role
from entrepot.kernel.db import Tx
from entrepot.kernel.errors import Invalid
from entrepot.kernel.slugs import slug_of
from entrepot.shop import Shop


class Plan(msgspec.Struct, kw_only=True):
    """What is to be written for a row: None where it stays as it is."""

    row: Row
    columns: Columns
    images: list[str] | None
    zone_ids: list[int] | None
    translations: dict[str, Translation] | None
    stock: int | None
    columns_changed: bool
    product_id: int | None = None

    @property
    def changed(self) -> bool:
        parts = (self.images, self.zone_ids, self.translations)
        return self.columns_changed or any(part is not None for part in parts)


class _Known(msgspec.Struct, kw_only=True):
    """What rows name, by name."""

    categories: dict[str, int]
    zones: dict[str, int]
    uploads: set[str]
    delivered: dict[int, set[int]]
    brands: dict[str, int] = {}
    groups: dict[tuple[int, str], int] = {}


async def plans_for(tx: Tx, shop: Shop, actor: Actor, rows: Sequence[Row]) -> list[Plan]:
    """A plan for each row that can be carried out; the others have their faults. Brands and groups that are new are made."""
    for row in rows:
        _read_columns(row, shop)
    await _refuse_taken_skus(tx, rows)
    known = await _look_up(tx, actor, rows)
    for row in rows:
        _refuse_unknown(row, known)
        _refuse_other_zones(row, actor, known)
    await _refuse_homeless(tx, rows)
    good = [row for row in rows if row.good]
    known.brands = await _claim_brands(tx, good)
    known.groups = await _claim_groups(tx, good)
    plans = [_plan(row, actor, known) for row in good]
    await _refuse_twins(tx, plans)
    return [plan for plan in plans if plan.row.good]


async def _refuse_taken_skus(tx: Tx, rows: Sequence[Row]) -> None:
    renamed = [row for row in rows if row.existing is not None and row.sku is not None and row.sku != row.existing.sku]
    if not renamed:
        return
    taken = await queries.list_taken_skus(
        tx, [row.company_id or 0 for row in renamed], [row.sku or "" for row in renamed]
    )
    owners = {(one.company_id, one.key) for one in taken}
    owners |= {(row.company_id or 0, row.sku or "") for row in rows if row.existing is None}
    for row in renamed:
        key = (row.company_id or 0, row.sku or "")
        if key in owners:
            row.refuse("sku", "the company has a product with this SKU already")
        owners.add(key)


def _read_columns(row: Row, shop: Shop) -> None:
    """What the row says, in the units of the database; addresses of our own files become their keys."""
    currency = shop.currency if row.existing is None else shop.currency_of(row.existing.currency)
    try:
        row.columns = {"currency": currency.code}
        row.columns |= columns_of(row.values, currency, shop.files)
    except Invalid as invalid:
        for field, messages in (invalid.details or {}).items():
            row.faults.setdefault(field, []).extend(messages)
    if "images" in row.values:
        row.images = list(dict.fromkeys(shop.files.location(address) for address in row.values["images"]))


async def _look_up(tx: Tx, actor: Actor, rows: Sequence[Row]) -> _Known:
    categories = sorted({row.values["category"] for row in rows if "category" in row.values})
    zones = sorted({zone for row in rows for zone in row.values.get("zones", ())})
    uploads = sorted({key for row in rows for one in row.locations if (key := upload_of(one)) is not None})
    companies = sorted({row.company_id for row in rows if row.company_id is not None and "zones" in row.values})
    delivered: dict[int, set[int]] = {}
    if actor.role is Role.LOCATION_ADMIN and companies:
        for one in await queries.list_delivered(tx, companies):
            delivered.setdefault(one.company_id, set()).add(one.zone_id)
    return _Known(
        categories={one.name: one.id for one in await queries.list_categories(tx, categories)} if categories else {},
        zones={one.name: one.id for one in await queries.list_zones(tx, zones)} if zones else {},
        uploads=set(await queries.list_uploads(tx, uploads)) if uploads else set(),
        delivered=delivered,
    )


def _refuse_unknown(row: Row, known: _Known) -> None:
    if "category" in row.values and row.values["category"] not in known.categories:
        row.refuse("category", "there is no such category: see GET /products/categories")
    if missing := sorted(set(row.values.get("zones", ())) - known.zones.keys()):
        row.refuse("zones", f"there is no zone {', '.join(missing[:10])}")
    for location in row.locations:
        if (key := upload_of(location)) is not None and key not in known.uploads:
            row.refuse("images" if location in (row.images or ()) else "thumbnail", f"there is no upload {location}")
    if len(_translations(row)) > MAX_LANGUAGES:
        row.refuse("translations", f"a product is in at most {MAX_LANGUAGES} languages: take one away first")


def _refuse_other_zones(row: Row, actor: Actor, known: _Known) -> None:
    """A location admin neither begins nor ends a sale in zones of others."""
    if actor.role is not Role.LOCATION_ADMIN or "zones" not in row.values or "zones" in row.faults:
        return
    after = {known.zones[zone] for zone in row.values["zones"]}
    if row.existing is None:
        changed = after
    else:
        changed = changed_zones(row.existing.zone_ids, after, known.delivered.get(row.company_id or 0, set()))
    if not changed <= set(actor.zone_ids):
        row.refuse("zones", "you administer other zones than these")


async def _refuse_homeless(tx: Tx, rows: Sequence[Row]) -> None:
    """Pieces of a new product need a warehouse."""
    stocked = [row for row in rows if row.good and row.existing is None and row.values.get("stock")]
    company_ids = sorted({row.company_id for row in stocked if row.company_id is not None})
    without = set(await queries.list_companies_without_warehouse(tx, company_ids)) if company_ids else set()
    for row in stocked:
        if row.company_id in without:
            row.refuse("stock", NoWarehouse.message)


async def _claim_brands(tx: Tx, rows: Sequence[Row]) -> dict[str, int]:
    names = {slug_of(row.values["brand"]): row.values["brand"] for row in reversed(rows) if row.values.get("brand")}
    slugs = sorted(names)
    found = await queries.claim_brands(tx, slugs, [names[slug] for slug in slugs]) if slugs else []
    return {one.name: one.id for one in found}


async def _claim_groups(tx: Tx, rows: Sequence[Row]) -> dict[tuple[int, str], int]:
    titles: dict[tuple[int, str], str | None] = {}
    fallbacks: dict[tuple[int, str], str] = {}
    for row in rows:
        if (group := row.values.get("group")) is not None:
            key = (row.company_id or 0, group.key)
            titles[key] = group.title or titles.get(key)
            fallbacks.setdefault(key, row.columns.get("title") or (row.existing.title if row.existing else group.key))
    keys = sorted(titles)
    if not keys:
        return {}
    found = await queries.claim_groups(
        tx,
        [company_id for company_id, _ in keys],
        [key for _, key in keys],
        [titles[key] for key in keys],
        [fallbacks[key] for key in keys],
    )
    return {(one.company_id, one.key): one.id for one in found}


def _plan(row: Row, actor: Actor, known: _Known) -> Plan:
    values, existing = row.values, row.existing
    images = row.images
    zone_ids = sorted({known.zones[zone] for zone in values["zones"]}) if "zones" in values else None
    translations: dict[str, Translation] | None = _translations(row)
    stock = values.get("stock")
    columns = _columns(row, actor, known)
    if existing is not None:
        images = None if images == existing.images else images
        zone_ids = None if zone_ids == existing.zone_ids else zone_ids
        translations = None if translations == existing.translations else translations
        stock = None if stock == existing.stock else stock
    if images is not None:
        removed = [one for one in existing.images if one not in images] if existing is not None else []
        columns = msgspec.structs.replace(columns, thumbnail=thumbnail_after(columns.thumbnail, images, removed))
    return Plan(
        row=row,
        columns=columns,
        images=images,
        zone_ids=zone_ids,
        translations=translations,
        stock=stock,
        columns_changed=existing is None or not same(columns, existing.columns()),
        product_id=existing.id if existing is not None else None,
    )


def _translations(row: Row) -> dict[str, Translation]:
    """All that the product will have: languages that a change does not name stay."""
    keeps = row.existing is not None and not (row.given.all_translations and "translations" in row.values)
    translations = dict(row.existing.translations) if row.existing is not None and keeps else {}
    for language, body in row.values.get("translations", {}).items():
        if body is None:
            translations.pop(language, None)
        else:
            translations[language] = Translation(body.title, body.description)
    return translations


def _columns(row: Row, actor: Actor, known: _Known) -> Columns:
    """The columns as they will be: what is given, over what is there."""
    values = row.values
    columns = dict(row.columns)
    if "category" in values:
        columns["category_id"] = known.categories[values["category"]]
    if "brand" in values:
        columns["brand_id"] = known.brands[slug_of(values["brand"])] if values["brand"] else None
    if "group" in values:
        group = values["group"]
        columns["group_id"] = known.groups[row.company_id or 0, group.key] if group is not None else None
    if row.existing is not None:
        return msgspec.structs.replace(row.existing.columns(), **columns)
    columns["sku"] = values["sku"] or f"{slug_of(values['title'])[:20].upper()}-{secrets.token_hex(4).upper()}"
    return Columns(
        company_id=row.company_id or 0, seller_id=actor.user_id if actor.role is Role.SELLER else None, **columns
    )


async def _refuse_twins(tx: Tx, plans: Sequence[Plan]) -> None:
    """Two members of a group never have the same options.

    What a member gives up here is taken until all is written: the database looks at each row as it comes.
    """
    grouped = [plan for plan in plans if plan.columns.group_id is not None and plan.columns_changed]
    if not grouped:
        return
    group_ids = sorted({plan.columns.group_id for plan in grouped if plan.columns.group_id is not None})
    holders: dict[tuple[int, bytes], int | None] = {
        (variant.group_id, _canonical(variant.options)): variant.id
        for variant in await queries.list_variants(tx, group_ids)
    }
    for plan in grouped:
        key = (plan.columns.group_id or 0, _canonical(plan.columns.options))
        if key in holders and (plan.product_id is None or holders[key] != plan.product_id):
            plan.row.refuse("options", "another product of the group has the same options")
        holders.setdefault(key, plan.product_id)


def _canonical(options: dict[str, Any]) -> bytes:
    return msgspec.json.encode(options, order="sorted")
