"""The HTTP surface of exports."""

from __future__ import annotations

from typing import Annotated

from litestar import Controller
from litestar.params import QueryParameter
from litestar.response import Stream

from entrepot.catalog.export import MEDIA_TYPE, export_csv
from entrepot.catalog.start_import import company_for
from entrepot.kernel.actors import Actor, seller_or_zone_admin
from entrepot.kernel.db import Db
from entrepot.kernel.routes import get
from entrepot.kernel.types import MAX_ID
from entrepot.shop import Shop


class ExportController(Controller):
    path = "/products"
    tags = ["Catalog"]

    @get("/export", guard=seller_or_zone_admin, binary=MEDIA_TYPE, large=True)
    async def export_products(
        self,
        db: Db,
        actor: Actor,
        shop: Shop,
        company: Annotated[
            int | None,
            QueryParameter(ge=1, le=MAX_ID, description="For administrators; the house company if not given."),
        ] = None,
    ) -> Stream:
        """A company's products as CSV, which `POST /products/import` brings back to what they are now.

        Several tags, pictures or zones stand in one cell with `|` between them, or as a JSON list; attributes, options and
        translations as JSON. Texts that a spreadsheet would take for a formula have an apostrophe before them, which the
        import takes away.
        """
        company_id = await company_for(db, actor, company)
        return Stream(
            export_csv(db, shop, company_id),
            media_type=MEDIA_TYPE,
            headers={"Content-Disposition": 'attachment; filename="products.csv"'},
        )
