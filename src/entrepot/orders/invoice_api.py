"""The HTTP surface of invoices and credit notes."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

import msgspec
from litestar import Controller, Response
from litestar.params import QueryParameter

from entrepot.kernel.actors import Actor, guest_or_user
from entrepot.kernel.db import Db
from entrepot.kernel.errors import Invalid, Unauthorized
from entrepot.kernel.languages import chosen_language
from entrepot.kernel.pages import Page
from entrepot.kernel.routes import get
from entrepot.kernel.types import MAX_ID
from entrepot.orders.credit_note import CreditNoteNotFound, credit_note_for, credit_notes_of
from entrepot.orders.credit_note_queries import IssuedNote
from entrepot.orders.invoice import invoice_for
from entrepot.orders.invoice_file import InvoiceFile
from entrepot.orders.model import InvoiceNotReady, NotYourOrder, Order, OrderNotFound
from entrepot.orders.read_order import visible_order
from entrepot.shop import Shop

Lang = Annotated[
    str | None, QueryParameter(name="lang", description="Language of the labels; the order's own if not given.")
]
OfCompany = Annotated[
    int | None,
    QueryParameter(name="companyId", ge=1, le=MAX_ID, description="Of what this company sold alone, in its own name."),
]


class CreditNoteView(msgspec.Struct, frozen=True, rename="camel", kw_only=True):
    """What was taken off an invoiced order, at `creditedAt`, as a document; `total` in major units.

    `kind`: cancellation, expiry, return, refund or goodwill.
    """

    number: str
    invoice_number: str
    kind: str
    total: int | float
    currency: str
    credited_at: datetime
    issued_at: datetime

    @classmethod
    def of(cls, note: IssuedNote, shop: Shop) -> CreditNoteView:
        return cls(
            number=note.number,
            invoice_number=note.invoice_number,
            kind=note.kind,
            total=shop.currency_of(note.currency).major(note.total_minor),
            currency=note.currency,
            credited_at=note.credited_at,
            issued_at=note.issued_at,
        )


class CreditNotePage(msgspec.Struct, frozen=True, rename="camel", kw_only=True):
    """A page of an order's credit notes, the first first."""

    credit_notes: list[CreditNoteView]
    total: int
    skip: int
    limit: int


class InvoiceController(Controller):
    path = "/orders"
    tags = ["Orders"]

    @get(
        "/{order_id:str}/invoice",
        guard=guest_or_user,
        refuses=(Unauthorized, OrderNotFound, NotYourOrder, InvoiceNotReady),
        binary="application/pdf",
    )
    async def get_invoice(
        self, db: Db, actor: Actor, shop: Shop, order_id: str, lang: Lang = None, company_id: OfCompany = None
    ) -> Response[bytes]:
        """The invoice as a PDF, in one of ten languages. Made once: the same bytes ever after.

        Of the whole order, in the shop's name; or, with `companyId`, of what one company sold, in its name, with its address
        and tax number. A seller gets that of its own part. A card order has one from the moment it is paid; others from the
        beginning. It says what was bought then; what is taken off later has a credit note each.
        """
        order = await visible_order(db, actor, order_id)
        part_id = _part_of(order, company_id)
        invoice = await invoice_for(shop, order, part_id, chosen_language(lang, order.language))
        return _pdf(invoice, f"invoice-{order.number}.pdf")

    @get(
        "/{order_id:str}/credit-notes",
        guard=guest_or_user,
        refuses=(Unauthorized, OrderNotFound, NotYourOrder, InvoiceNotReady),
    )
    async def list_credit_notes(
        self, db: Db, actor: Actor, shop: Shop, order_id: str, page: Page, company_id: OfCompany = None
    ) -> CreditNotePage:
        """The credit notes of an order: one for each time that something was taken off it after it was invoiced.

        A cancellation, a return, a refund. As with invoices, of the whole order, or, with `companyId` and for sellers, of what
        one company sold.
        """
        order = await visible_order(db, actor, order_id)
        if page.after is not None:
            raise Invalid({"cursor": ["is not a cursor of this list: start again without it"]})
        found = await credit_notes_of(shop, order, _part_of(order, company_id), page)
        notes = [CreditNoteView.of(note, shop) for note in found.notes]
        return CreditNotePage(credit_notes=notes, total=found.total, skip=page.skip, limit=len(notes))

    @get(
        "/{order_id:str}/credit-notes/{number:str}",
        guard=guest_or_user,
        refuses=(Unauthorized, OrderNotFound, NotYourOrder, CreditNoteNotFound),
        binary="application/pdf",
    )
    async def get_credit_note(
        self, db: Db, actor: Actor, shop: Shop, order_id: str, number: str, lang: Lang = None
    ) -> Response[bytes]:
        """A credit note as a PDF, in one of ten languages. Made once: the same bytes ever after."""
        order = await visible_order(db, actor, order_id)
        note = await credit_note_for(shop, order, number, chosen_language(lang, order.language))
        return _pdf(note, f"credit-note-{note.number}.pdf")


def _part_of(order: Order, company_id: int | None) -> int | None:
    """The part that is meant; the whole order if None. Raises Invalid for a company that sold nothing of it."""
    if company_id is None:
        return order.parts[0].id if order.partial else None
    for part in order.parts:
        if part.company_id == company_id:
            return part.id
    raise Invalid({"companyId": ["sold nothing of this order that you may see"]})


def _pdf(file: InvoiceFile, name: str) -> Response[bytes]:
    return Response(
        file.content,
        media_type="application/pdf",
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )
