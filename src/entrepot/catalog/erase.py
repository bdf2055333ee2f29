"""What the catalog forgets of a person who is erased: what was kept for later, uploads that nothing shows, and the name on
reviews, which stay."""

from __future__ import annotations

from entrepot.catalog import favourites_queries
from entrepot.catalog.events import ProductChanged
from entrepot.catalog.uploads import forget_person
from entrepot.identity import UserErased
from entrepot.kernel.db import Tx
from entrepot.kernel.events import publish_all


async def erase_person(tx: Tx, erased: UserErased) -> None:
    """In the transaction that erases the person. Replies that show a review of theirs are made anew."""
    await forget_person(tx, erased.user_id)
    reviewed = await favourites_queries.erase_person(tx, erased.user_id)
    changed = dict.fromkeys((one.product_id, one.company_id) for one in reviewed)
    if changed:
        await publish_all(
            tx, [ProductChanged(product_id=product_id, company_id=company_id) for product_id, company_id in changed]
        )
