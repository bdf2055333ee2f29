"""The SQL of companies, their terms and their rates."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final

from entrepot.companies.model import Company, CompanyFields, CompanyStats, CompanyStatus, Rate
from entrepot.kernel import clock
from entrepot.kernel.actors import Actor, Role
from entrepot.kernel.db import Db, Tx
from entrepot.kernel.filters import Filters, Sort, SortKey

SORT_KEYS: Final = {
    "name": SortKey("lower(c.name)", "text"),
    "createdAt": SortKey("c.created_at", "timestamptz"),
    "id": SortKey("c.id", "bigint"),
}
BY_NAME: Final = Sort(SORT_KEYS["name"], descending=False, id_column="c.id")

# Arguments $1 to $4 say who looks, and when. A location admin manages companies that deliver in one of its zones.
_OWNED: Final = """
    exists (select from company_members m where m.company_id = c.id and m.user_id = $1 and m.is_owner)
    """
_MANAGED: Final = f"""
    ($2 or {_OWNED}
     or exists (select from company_zones z where z.company_id = c.id and z.zone_id = any($3::bigint[])))
    """
_CONCERNED: Final = f"""
    ({_MANAGED} or exists (select from company_members m where m.company_id = c.id and m.user_id = $1))
    """
_VISIBLE: Final = f"c.deleted_at is null and (c.status = 'active' or {_CONCERNED})"

_COMPANY: Final = f"""
    select c.id, c.slug, c.name, c.description, c.is_house, c.status, c.email, c.phone, c.tax_id, c.address,
           coalesce((select jsonb_agg(jsonb_build_object(
                         'zone_id', z.id, 'zone', z.slug, 'name', z.name, 'delivery_fee_minor', d.delivery_fee_minor,
                         'free_delivery_from_minor', d.free_delivery_from_minor) order by z.slug)
                     from company_zones d join zones z on z.id = d.zone_id where d.company_id = c.id), '[]') as zones,
           coalesce((select jsonb_agg(jsonb_build_object('rate_bp', r.rate_bp, 'valid_from', r.valid_from) order by r.valid_from)
                     from company_commissions r
                     where r.company_id = c.id and r.valid_from >= coalesce(
                         (select max(valid_from) from company_commissions
                          where company_id = c.id and valid_from <= $4), '-infinity')), '[]') as rates,
           coalesce({_MANAGED}, false) as managed, coalesce({_CONCERNED}, false) as concerned,
           coalesce({_OWNED}, false) as owned,
           (select to_jsonb(s) - 'company_id' from company_ratings s where s.company_id = c.id) as ratings,
           c.created_at, c.updated_at
    from companies c
    """


def _sight(actor: Actor) -> tuple[int | None, bool, list[int], datetime]:
    """Who has another role now sees what it came with no more, even if traces of the old one are left."""
    user_id = actor.user_id if actor.role is Role.SELLER else None
    return user_id, actor.is_admin, list(actor.zone_ids) if actor.role is Role.LOCATION_ADMIN else [], clock.now()


def visible_to(actor: Actor) -> Filters:
    """The conditions that every list of companies begins with."""
    filters = Filters(_VISIBLE)
    filters.args.extend(_sight(actor))
    return filters


async def list_companies(db: Db, filters: Filters, sort: Sort, skip: int, limit: int) -> list[Company]:
    skip_arg, limit_arg = f"${len(filters.args) + 1}", f"${len(filters.args) + 2}"
    return await db.many(
        Company,
        f"{_COMPANY} where {filters.sql} order by {sort.order_by} offset {skip_arg} limit {limit_arg}",
        *filters.args,
        skip,
        limit,
    )


async def count_companies(db: Db, filters: Filters) -> int:
    total: int = await db.value(
        f"select count(*) from companies c where $4::timestamptz is not null and {filters.sql}", *filters.args
    )
    return total


async def find_company(db: Db, actor: Actor, company_id: int) -> Company | None:
    return await db.maybe(Company, f"{_COMPANY} where {_VISIBLE} and c.id = $5", *_sight(actor), company_id)


async def find_company_of(db: Db, actor: Actor) -> Company | None:
    """The company that the actor sells for."""
    return await db.maybe(
        Company,
        f"""
        {_COMPANY} where c.deleted_at is null
                     and c.id = (select company_id from company_members where user_id = $1::bigint)
        """,
        *_sight(actor),
    )


async def has_house(db: Db) -> bool:
    found: bool = await db.value("select exists (select from companies where is_house)")
    return found


async def claim_company(tx: Tx, fields: CompanyFields, slug: str) -> int | None:
    """Make a company; None when the slug is taken."""
    company_id: int | None = await tx.value(
        """
        insert into companies (slug, name, description, is_house, status, email, phone, tax_id, address, created_at, updated_at)
        values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $10)
        on conflict (slug) where deleted_at is null do nothing returning id
        """,
        slug,
        fields.name,
        fields.description,
        fields.is_house,
        fields.status,
        fields.email,
        fields.phone,
        fields.tax_id,
        fields.address,
        clock.now(),
    )
    return company_id


async def lock_company(tx: Tx, company_id: int) -> int | None:
    """Who changes the company takes turns; it goes on selling meanwhile."""
    found: int | None = await tx.value(
        "select id from companies where id = $1 and deleted_at is null for no key update", company_id
    )
    return found


async def lock_for_deletion(tx: Tx, company_id: int) -> int | None:
    """Orders that are being placed are waited for, and wait."""
    found: int | None = await tx.value(
        "select id from companies where id = $1 and deleted_at is null for update", company_id
    )
    return found


async def set_company(tx: Tx, company_id: int, changes: dict[str, Any]) -> None:
    """Change the columns that are named in `changes`, to null where it says so; the others stay as they are."""
    await tx.run(
        """
        update companies c set (slug, name, description, email, phone, tax_id, address, updated_at) = (
            select n.slug, n.name, n.description, n.email, n.phone, n.tax_id, n.address, $3::timestamptz
            from jsonb_populate_record(c, $2::jsonb) n)
        where c.id = $1
        """,
        company_id,
        changes,
        clock.now(),
    )


async def set_status(tx: Tx, company_id: int, status: CompanyStatus) -> None:
    await tx.run("update companies set status = $2, updated_at = $3 where id = $1", company_id, status, clock.now())


async def claim_approval(tx: Tx, owner_id: int) -> int | None:
    """Activate the company of an owner who was approved, if it waits; returns its id."""
    company_id: int | None = await tx.value(
        """
        update companies set status = 'active', updated_at = $2
        where id = (select company_id from company_members where user_id = $1 and is_owner)
          and status = 'pending' and deleted_at is null
        returning id
        """,
        owner_id,
        clock.now(),
    )
    return company_id


async def set_terms(
    tx: Tx, company_id: int, zone_ids: Sequence[int], fees: Sequence[int], thresholds: Sequence[int | None]
) -> None:
    """Deliver to these zones, for these fees, and for nothing from these subtotals on; in minor units."""
    await tx.run(
        """
        insert into company_zones (company_id, zone_id, delivery_fee_minor, free_delivery_from_minor)
        select $1, * from unnest($2::bigint[], $3::bigint[], $4::bigint[])
        on conflict (company_id, zone_id) do update set
            delivery_fee_minor = excluded.delivery_fee_minor, free_delivery_from_minor = excluded.free_delivery_from_minor
        """,
        company_id,
        list(zone_ids),
        list(fees),
        list(thresholds),
    )


async def delete_terms(tx: Tx, company_id: int, zone_ids: Sequence[int]) -> None:
    """Deliver to these zones no more."""
    await tx.run(
        "delete from company_zones where company_id = $1 and zone_id = any($2::bigint[])", company_id, list(zone_ids)
    )


async def claim_rate(tx: Tx, company_id: int, rate: Rate, now: datetime) -> int:
    """Set the rate from a time on; 0 when one has begun then already. One that has not begun may be replaced."""
    return await tx.run(
        """
        insert into company_commissions as c (company_id, valid_from, rate_bp) values ($1, $2, $3)
        on conflict (company_id, valid_from) do update set rate_bp = excluded.rate_bp where c.valid_from > $4
        """,
        company_id,
        rate.valid_from,
        rate.rate_bp,
        now,
    )


async def add_rating(tx: Tx, company_id: int, overall: int, communication: int, timeliness: int) -> None:
    await tx.run(
        """
        insert into company_ratings as r (company_id, reviews, overall_sum, communication_sum, timeliness_sum)
        values ($1, 1, $2, $3, $4)
        on conflict (company_id) do update set
            reviews = r.reviews + 1, overall_sum = r.overall_sum + excluded.overall_sum,
            communication_sum = r.communication_sum + excluded.communication_sum,
            timeliness_sum = r.timeliness_sum + excluded.timeliness_sum
        """,
        company_id,
        overall,
        communication,
        timeliness,
    )


async def count_open_parts(db: Db, company_id: int) -> int:
    """Orders that the company has yet to deliver."""
    open_parts: int = await db.value(
        """
        select count(*) from order_parts
        where company_id = $1 and status in ('pending', 'confirmed', 'processing', 'shipped')
        """,
        company_id,
    )
    return open_parts


async def set_deleted(tx: Tx, company_id: int) -> None:
    await tx.run(
        """
        with members as (
            delete from company_members where company_id = $1
        ), invitations as (
            delete from company_invitations where company_id = $1
        )
        update companies set deleted_at = $2, updated_at = $2 where id = $1
        """,
        company_id,
        clock.now(),
    )


async def get_stats(db: Db, company: Company, actor: Actor) -> CompanyStats:
    """A location admin that does not own the company counts the orders of its zones only."""
    return await db.one(
        CompanyStats,
        """
        with parts as (
            select p.status, p.total_minor, p.commission_minor, o.currency
            from order_parts p join orders o on o.id = p.order_id
            where p.company_id = $1 and ($2 or o.zone_id = any($3::bigint[]))
        )
        select p.products, p.products_in_stock, p.rating_sum, p.rating_count,
               (select count(*) from company_members where company_id = $1) as sellers,
               (select count(*) from parts) as orders,
               (select count(*) from parts where status in ('pending', 'confirmed', 'processing', 'shipped')) as open_orders,
               coalesce((select jsonb_agg(to_jsonb(s) order by s.currency) from (
                   select currency, count(*) as orders, sum(total_minor) as total_minor,
                          sum(commission_minor) as commission_minor
                   from parts where status <> 'cancelled' group by currency) s), '[]') as sales
        from (
            select count(*) as products, count(*) filter (where s.available > 0) as products_in_stock,
                   coalesce(sum(rating_sum), 0)::bigint as rating_sum, coalesce(sum(rating_count), 0)::bigint as rating_count
            from products left join product_stock s on s.product_id = products.id
            where company_id = $1 and deleted_at is null
        ) p
        """,
        company.id,
        actor.is_admin or company.owned,
        list(actor.zone_ids),
    )
