"""Many products in one request."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any, Final

import msgspec
from litestar import Controller
from pydantic import Field

from entrepot.catalog.upsert import upsert_products
from entrepot.catalog.upsert_rows import MOST_ROWS, Given, Outcome, RowStatus
from entrepot.kernel.actors import Actor, seller_or_zone_admin
from entrepot.kernel.bodies import Body
from entrepot.kernel.db import Tx
from entrepot.kernel.errors import Unprocessable
from entrepot.kernel.routes import post
from entrepot.shop import Shop

MAX_BYTES: Final = 5_000_000

EXAMPLE: Final = {
    "title": "New Product",
    "description": "Product description here...",
    "price": 99.99,
    "thumbnail": "https://example.com/image.jpg",
    "category": "smartphones",
    "brand": "Brand",
    "stock": 50,
    "sku": "NEW-1",
}


class ProductRows(Body):
    """Products to make or to change."""

    products: list[dict[str, Any]] = Field(
        min_length=1,
        max_length=MOST_ROWS,
        description="the fields of POST /products; with `id`, or the `sku` of a product that is there, only what changes",
        examples=[[EXAMPLE, {"sku": "OLD-1", "price": 89.99}]],
    )
    atomic: bool = Field(False, description="all of them, or none")


class RowReport(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What became of a row; `index` counts from 0. A row that `failed` changed nothing, and `errors` has all its faults."""

    index: int
    status: RowStatus
    id: int | None = None
    sku: str | None = None
    errors: dict[str, list[str]] | None = None


class BulkReport(msgspec.Struct, frozen=True, kw_only=True):
    """What became of each row, in their order, and how many there were of each kind."""

    results: list[RowReport]
    created: int
    updated: int
    unchanged: int
    failed: int

    @classmethod
    def of(cls, outcomes: Sequence[Outcome]) -> BulkReport:
        counts = Counter(outcome.status for outcome in outcomes)
        return cls(
            results=[
                RowReport(
                    index=index,
                    status=outcome.status,
                    id=outcome.id,
                    sku=outcome.sku,
                    errors=dict(sorted(outcome.faults.items())) or None,
                )
                for index, outcome in enumerate(outcomes)
            ],
            created=counts[RowStatus.CREATED],
            updated=counts[RowStatus.UPDATED],
            unchanged=counts[RowStatus.UNCHANGED],
            failed=counts[RowStatus.FAILED],
        )


class RowsFailed(Unprocessable):
    code = "ROWS_FAILED"
    message = "Nothing was written, since some rows cannot be: mend those that `details` names, or send atomic: false"


class BulkController(Controller):
    path = "/products"
    tags = ["Catalog"]

    @post("/bulk", guard=seller_or_zone_admin, status=200, max_body_bytes=MAX_BYTES, refuses=(RowsFailed,))
    async def write_products(self, tx: Tx, shop: Shop, actor: Actor, data: ProductRows) -> BulkReport:
        """Create and change up to 1,000 products in one request of at most 5 MB.

        A row with an `id`, or with the `sku` of a product that its company has, changes what it gives of that product; any
        other makes one. A row that cannot be carried out changes nothing, and the report says why; with `atomic`, none is
        carried out then, and the faults come as `details`, `products.3.price` for the price of the row with index 3.
        """
        outcomes = await upsert_products(tx, shop, actor, [Given(fields) for fields in data.products])
        if data.atomic:
            refuse_failed(outcomes)
        return BulkReport.of(outcomes)


def refuse_failed(outcomes: Sequence[Outcome]) -> None:
    """Raises RowsFailed, naming each fault, if there is one."""
    faults = {
        f"products.{index}.{field}": list(messages)
        for index, outcome in enumerate(outcomes)
        for field, messages in sorted(outcome.faults.items())
    }
    if faults:
        raise RowsFailed(details=faults)
