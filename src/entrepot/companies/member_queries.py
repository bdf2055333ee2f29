"""The SQL of who sells for a company, and who was asked to."""

from __future__ import annotations

from datetime import datetime

from entrepot.companies.model import Account, Invitation, Member, NewSeller
from entrepot.kernel import clock
from entrepot.kernel.db import Db, Tx


async def list_members(db: Db, company_id: int, skip: int, limit: int) -> list[Member]:
    """The owners first, then who joined first."""
    return await db.many(
        Member,
        """
        select u.id as user_id, u.first_name, u.last_name, u.email, u.status, m.is_owner, m.joined_at
        from company_members m join users u on u.id = m.user_id
        where m.company_id = $1 and u.deleted_at is null
        order by not m.is_owner, m.joined_at, u.id offset $2 limit $3
        """,
        company_id,
        skip,
        limit,
    )


async def count_members(db: Db, company_id: int) -> int:
    total: int = await db.value(
        """
        select count(*) from company_members m join users u on u.id = m.user_id
        where m.company_id = $1 and u.deleted_at is null
        """,
        company_id,
    )
    return total


async def find_member(db: Db, company_id: int, user_id: int) -> Member | None:
    return await db.maybe(
        Member,
        """
        select u.id as user_id, u.first_name, u.last_name, u.email, u.status, m.is_owner, m.joined_at
        from company_members m join users u on u.id = m.user_id where m.company_id = $1 and m.user_id = $2
        """,
        company_id,
        user_id,
    )


async def list_member_ids(db: Db, company_id: int) -> list[int]:
    return await db.values("select user_id from company_members where company_id = $1 order by user_id", company_id)


async def insert_member(tx: Tx, company_id: int, user_id: int, *, is_owner: bool) -> None:
    """Refused by the database for who sells for another company."""
    await tx.run(
        "insert into company_members (company_id, user_id, is_owner, joined_at) values ($1, $2, $3, $4)",
        company_id,
        user_id,
        is_owner,
        clock.now(),
    )


async def claim_leaving(tx: Tx, company_id: int, user_id: int) -> int:
    """Take a member out of a company that is locked, unless it is the only owner who is left; returns 1 if it left."""
    return await tx.run(
        """
        delete from company_members m where m.company_id = $1 and m.user_id = $2
          and (not m.is_owner or exists (
              select from company_members o join users u on u.id = o.user_id
              where o.company_id = $1 and o.user_id <> $2 and o.is_owner and u.status = 'active' and u.deleted_at is null))
        """,
        company_id,
        user_id,
    )


async def delete_member(tx: Tx, user_id: int) -> int | None:
    """Take somebody out of the company it sells for, if it does; returns the company's id."""
    company_id: int | None = await tx.value(
        "delete from company_members where user_id = $1 returning company_id", user_id
    )
    return company_id


async def find_account(db: Db, email: str) -> Account | None:
    return await db.maybe(
        Account,
        """
        select u.id as user_id, u.role, m.company_id from users u left join company_members m on m.user_id = u.id
        where lower(u.email) = lower($1) and u.deleted_at is null
        """,
        email,
    )


async def find_new_seller(db: Db, user_id: int) -> NewSeller | None:
    return await db.maybe(
        NewSeller,
        """
        select trim(u.first_name || ' ' || u.last_name) as name, u.zone_id, u.status = 'pending' as waits,
               exists (select from company_invitations i where lower(i.email) = lower(u.email) and i.expires_at > $2) as invited
        from users u where u.id = $1
        """,
        user_id,
        clock.now(),
    )


async def list_invitations(db: Db, company_id: int) -> list[Invitation]:
    """Those that are open, the newest first."""
    return await db.many(
        Invitation,
        """
        select id, email, is_owner, created_at, expires_at from company_invitations
        where company_id = $1 and expires_at > $2 order by id desc
        """,
        company_id,
        clock.now(),
    )


async def count_other_invitations(db: Db, company_id: int, email: str) -> int:
    """How many other addresses are invited."""
    total: int = await db.value(
        """
        select count(*) from company_invitations where company_id = $1 and expires_at > $3 and lower(email) <> lower($2)
        """,
        company_id,
        email,
        clock.now(),
    )
    return total


async def set_invitation(
    tx: Tx, company_id: int, email: str, *, is_owner: bool, invited_by: int, expires_at: datetime
) -> Invitation:
    """Invite an address, or invite it again."""
    return await tx.one(
        Invitation,
        """
        insert into company_invitations (company_id, email, is_owner, invited_by, created_at, expires_at)
        values ($1, $2, $3, $4, $5, $6)
        on conflict (company_id, lower(email)) do update set
            is_owner = excluded.is_owner, invited_by = excluded.invited_by, expires_at = excluded.expires_at
        returning id, email, is_owner, created_at, expires_at
        """,
        company_id,
        email,
        is_owner,
        invited_by,
        clock.now(),
        expires_at,
    )


async def claim_membership(tx: Tx, user_id: int) -> int | None:
    """Let a seller without company accept the newest invitation of its verified address; returns the company's id.

    What else the address was invited to is forgotten.
    """
    company_id: int | None = await tx.value(
        """
        with accepted as (
            delete from company_invitations i using users u
            where u.id = $1 and lower(i.email) = lower(u.email) and u.email_verified_at is not null and u.role = 'seller'
              and u.deleted_at is null and not exists (select from company_members where user_id = u.id)
            returning i.id, i.company_id, i.is_owner, i.expires_at
        )
        insert into company_members (company_id, user_id, is_owner, joined_at)
        select a.company_id, $1, a.is_owner, $2
        from accepted a join companies c on c.id = a.company_id
        where a.expires_at > $2 and c.deleted_at is null order by a.id desc limit 1
        returning company_id
        """,
        user_id,
        clock.now(),
    )
    return company_id


async def delete_invitation(tx: Tx, company_id: int, email: str) -> None:
    await tx.run(
        "delete from company_invitations where company_id = $1 and lower(email) = lower($2)", company_id, email
    )


async def delete_old_invitations(tx: Tx, before: datetime) -> int:
    return await tx.run("delete from company_invitations where expires_at < $1", before)


async def erase_member(tx: Tx, user_id: int) -> int | None:
    """Forget a member; returns the id of its company if nobody is left there, and forgets what told of it."""
    company_id: int | None = await tx.value(
        """
        with gone as (
            delete from company_members where user_id = $1 returning company_id
        )
        update companies c set name = 'Deleted company', slug = 'deleted-' || c.id, description = '', status = 'inactive',
               email = null, phone = null, tax_id = null, address = '{}', updated_at = $2
        from gone
        where c.id = gone.company_id and not c.is_house
          and not exists (select from company_members m where m.company_id = c.id and m.user_id <> $1)
        returning c.id
        """,
        user_id,
        clock.now(),
    )
    return company_id
