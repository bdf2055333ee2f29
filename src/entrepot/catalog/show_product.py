"""A product by itself, with the others of its group."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from entrepot.catalog import groups_queries, queries
from entrepot.catalog.groups import Group
from entrepot.catalog.model import ProductNotFound, ProductRow
from entrepot.kernel.db import Db


class Shown(msgspec.Struct, frozen=True):
    """A product, and its group if it is in one."""

    product: ProductRow
    group: Group | None


async def show_product(db: Db, product_id: int, languages: Sequence[str] = (), *, hidden_too: bool = False) -> Shown:
    """The product in the first of the languages that it is translated to, or else in its own words.

    With `hidden_too`, also one of a company that does not sell now. Raises ProductNotFound.
    """
    product = await queries.find_product(db, product_id, languages, hidden_too=hidden_too)
    if product is None:
        raise ProductNotFound
    if product.group_id is None:
        return Shown(product, None)
    return Shown(product, await groups_queries.get_group(db, product.group_id, product.id, languages))
