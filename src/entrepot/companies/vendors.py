"""Who sells for a company: joining, by consent or by an administrator's decision, and leaving.

An owner invites an address and is not told whether it has an account. The invitation counts when somebody registers as a
seller without a company's name of its own, and shows by verifying it that the address is its own: that is consent. Somebody
who has an account already is put into a company by an administrator only.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Final

import msgspec

from entrepot import identity
from entrepot.companies import member_queries
from entrepot.companies.change_company import lock_managed
from entrepot.companies.events import VendorInvited, VendorJoined, VendorLeft
from entrepot.companies.model import (
    MAX_INVITATIONS,
    Account,
    CannotSell,
    Invitation,
    LastOwner,
    Member,
    SellerNotFound,
    SellsAlready,
    TooManyInvitations,
)
from entrepot.kernel import clock
from entrepot.kernel.actors import Actor, Role
from entrepot.kernel.admin_log import Subject, record_change
from entrepot.kernel.db import Tx
from entrepot.kernel.events import publish

OPEN_FOR: Final = timedelta(days=14)


class Asked(msgspec.Struct, frozen=True):
    """What came of it: somebody sells for the company now, or an invitation waits."""

    member: Member | None = None
    invitation: Invitation | None = None


async def invite(tx: Tx, actor: Actor, company_id: int, email: str, *, is_owner: bool) -> Asked:
    """Ask somebody to sell for a company; an administrator decides it for who has an account.

    Raises:
        CompanyNotFound, Forbidden: not the actor's to decide.
        SellsAlready: for this company; or, if an administrator asks, for another one.
        CannotSell: if an administrator asks, an account of another kind.
        TooManyInvitations
    """
    await lock_managed(tx, actor, company_id)
    account = await member_queries.find_account(tx, email)
    if account is not None and account.company_id == company_id:
        raise SellsAlready
    if account is not None and actor.is_admin:
        return Asked(member=await _join(tx, actor, company_id, account, email, is_owner=is_owner))
    if await member_queries.count_other_invitations(tx, company_id, email) >= MAX_INVITATIONS:
        raise TooManyInvitations
    invitation = await member_queries.set_invitation(
        tx, company_id, email, is_owner=is_owner, invited_by=actor.id, expires_at=clock.now() + OPEN_FOR
    )
    after = {"invitation": invitation.id, "isOwner": is_owner}
    await record_change(tx, actor, "company.vendor_invited", Subject("company", company_id), after=after)
    event = VendorInvited(company_id=company_id, invitation_id=invitation.id)
    await publish(tx, event, actor_id=actor.user_id)
    return Asked(invitation=invitation)


async def _join(tx: Tx, actor: Actor, company_id: int, account: Account, email: str, *, is_owner: bool) -> Member:
    if account.company_id is not None:
        raise SellsAlready
    if not await identity.start_selling(tx, actor, account.user_id):
        raise CannotSell
    await member_queries.insert_member(tx, company_id, account.user_id, is_owner=is_owner)
    await member_queries.delete_invitation(tx, company_id, email)
    after = {"user": account.user_id, "isOwner": is_owner}
    await record_change(tx, actor, "company.vendor_joined", Subject("company", company_id), after=after)
    event = VendorJoined(company_id=company_id, user_id=account.user_id)
    await publish(tx, event, actor_id=actor.user_id)
    member = await member_queries.find_member(tx, company_id, account.user_id)
    if member is None:
        raise SellerNotFound
    return member


async def accept_invitation(tx: Tx, event: identity.UserEmailVerified) -> None:
    """A seller without a company, whose address is its own, joins the company that invited this address."""
    await join_where_invited(tx, event.user_id)


async def join_where_invited(tx: Tx, user_id: int) -> None:
    """As `accept_invitation`; nothing happens to who sells already, is no seller, or has not verified its address."""
    company_id = await member_queries.claim_membership(tx, user_id)
    if company_id is not None:
        await publish(tx, VendorJoined(company_id=company_id, user_id=user_id), actor_id=user_id)


async def leave_with_role(tx: Tx, event: identity.UserRoleChanged) -> None:
    """Who is no seller any more sells for no company; an administrator looks after one that is left without owner."""
    if event.role is Role.SELLER:
        return
    company_id = await member_queries.delete_member(tx, event.user_id)
    if company_id is not None:
        await publish(tx, VendorLeft(company_id=company_id, user_id=event.user_id))


async def remove_vendor(tx: Tx, actor: Actor, company_id: int, user_id: int) -> None:
    """Take somebody out of a company; it is a buyer from now on, and what it put up for sale stays the company's.

    Raises:
        CompanyNotFound, Forbidden: not the actor's to decide.
        SellerNotFound
        LastOwner: no owner who may act would be left.
    """
    await lock_managed(tx, actor, company_id)
    member = await member_queries.find_member(tx, company_id, user_id)
    if member is None:
        raise SellerNotFound
    if not await member_queries.claim_leaving(tx, company_id, user_id):
        raise LastOwner
    await identity.stop_selling(tx, actor, user_id)
    before = {"user": user_id, "isOwner": member.is_owner}
    await record_change(tx, actor, "company.vendor_left", Subject("company", company_id), before=before)
    event = VendorLeft(company_id=company_id, user_id=user_id)
    await publish(tx, event, actor_id=actor.user_id)
