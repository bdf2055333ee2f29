"""A product by itself, with the others of its group."""

from __future__ import annotations

from collections.abc import Sequence

from entrepot.catalog import queries
from entrepot.catalog.model import PageRow, ProductNotFound
from entrepot.kernel.db import Db


async def show_product(db: Db, product_id: int, languages: Sequence[str] = (), *, hidden_too: bool = False) -> PageRow:
    """The product in the first of the languages that it is translated to, or else in its own words.

    With `hidden_too`, also one of a company that does not sell now. Raises ProductNotFound.
    """
    product = await queries.find_product(db, product_id, languages, hidden_too=hidden_too)
    if product is None:
        raise ProductNotFound
    return product
