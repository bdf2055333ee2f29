"""Making coupons: one code, or many with the same terms."""

from __future__ import annotations

from typing import Final

import msgspec

from entrepot.kernel import clock
from entrepot.kernel.actors import Actor
from entrepot.kernel.admin_log import Subject, record_change
from entrepot.kernel.db import Tx
from entrepot.kernel.errors import Invalid
from entrepot.kernel.events import publish
from entrepot.pricing import coupons_queries as queries
from entrepot.pricing import promotions_queries
from entrepot.pricing.coupons import CouponExists, StoredCoupon, new_code
from entrepot.pricing.coupons_requests import NewCoupon
from entrepot.pricing.events import CouponsCreated
from entrepot.pricing.promotions_create import new_terms
from entrepot.shop import Shop

TRIES: Final = 5
"""How often codes are made anew where some were taken already; with 60 random bits, none ever is."""


class MadeCoupons(msgspec.Struct, frozen=True):
    """The first coupon, and the codes of all."""

    first: StoredCoupon
    codes: list[str]


async def create_coupons(tx: Tx, actor: Actor, shop: Shop, new: NewCoupon) -> MadeCoupons:
    """Make one code, or a batch.

    Raises:
        Invalid: naming each field that does not fit, or names something that is not there.
        CouponExists: the code is taken, decided by the database.
    """
    terms = await new_terms(tx, actor, shop, new, needs_code=True)
    if terms.ends_at is not None and terms.ends_at <= clock.now():
        raise Invalid({"endsAt": ["must be in the future"]})
    name = terms.name or new.code or f"{new.batch.prefix if new.batch is not None else ''} batch".strip()
    # Each code has its own limit; the promotion counts for each user alone.
    terms = msgspec.structs.replace(terms, name=name, total_limit=None)
    promotion_id = await promotions_queries.insert_promotion(tx, terms, actor.user_id)
    made = await _codes(tx, new, promotion_id)
    await record_change(
        tx,
        actor,
        "coupons.created",
        Subject("promotion", promotion_id),
        after={"terms": terms, "codes": len(made), "code": new.code},
    )
    await publish(tx, CouponsCreated(promotion_id=promotion_id, count=len(made)), actor_id=actor.user_id)
    return MadeCoupons(await queries.get_first(tx, promotion_id), made)


async def _codes(tx: Tx, new: NewCoupon, promotion_id: int) -> list[str]:
    now, limit = clock.now(), new.uses_of_each
    if new.code is not None:
        made = await queries.insert_coupons(tx, promotion_id, [new.code], limit, now)
        if not made:
            raise CouponExists
        return made
    made = []
    wanted, prefix = (new.batch.count, new.batch.prefix) if new.batch is not None else (0, "")
    for _ in range(TRIES):
        codes = [new_code(prefix) for _ in range(wanted - len(made))]
        made += await queries.insert_coupons(tx, promotion_id, codes, limit, now)
        if len(made) == wanted:
            return made
    raise CouponExists("Codes with this prefix are taken: choose another one")
