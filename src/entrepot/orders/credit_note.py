"""Credit notes: what was taken off an invoiced order, each with a number of a gapless series of its own."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Final

import msgspec

from entrepot.kernel import clock
from entrepot.kernel.actors import Actor, Role
from entrepot.kernel.db import Tx
from entrepot.kernel.errors import NotFound
from entrepot.kernel.pages import Page
from entrepot.orders import credit_note_queries, invoice_queries, queries
from entrepot.orders.credit_note_queries import Credited, CreditedLine, IssuedNote
from entrepot.orders.invoice import claim_invoice, is_invoiced, not_charged, of_part
from entrepot.orders.invoice_document import InvoiceDocument, InvoiceKind, InvoiceLine, InvoicePart
from entrepot.orders.invoice_file import InvoiceFile, printed
from entrepot.orders.invoice_queries import Invoice
from entrepot.orders.model import Order
from entrepot.shop import Shop

BATCH: Final = 20


class CreditNoteNotFound(NotFound):
    code = "CREDIT_NOTE_NOT_FOUND"
    message = "Credit note not found"


class CreditNotes(msgspec.Struct, frozen=True):
    """A page of an order's credit notes; `total` counts all of them."""

    notes: Sequence[IssuedNote]
    total: int


async def credit_notes_of(shop: Shop, order: Order, part_id: int | None, page: Page) -> CreditNotes:
    """The credit notes of an order, or of one part of it: one for each time that something was taken off it.

    Those that are not there yet are made now, in the order of what they are for. What was taken off before a card order was
    paid was never invoiced, and has none; nor has what was taken off an order that came to nothing.
    """
    await _issue_pending(shop, order, part_id)
    reader = shop.database.reader
    return CreditNotes(
        await credit_note_queries.list_notes(reader, order.id, part_id, page.skip, page.limit),
        await credit_note_queries.count_notes(reader, order.id, part_id),
    )


async def issue_credit_notes(shop: Shop, number: str) -> None:
    """Make the credit notes that an order waits for, and those of its parts that have an invoice of their own.

    Whoever looks at an order's credit notes is answered the same; this is for numbers to follow what happened, not who looks.
    """
    reader = shop.database.reader
    order = await queries.find_order(reader, Actor(role=Role.ADMIN), number)
    if order is None:
        return
    for part_id in (None, *await credit_note_queries.list_invoiced_parts(reader, order.id)):
        await _issue_pending(shop, order, part_id)


async def credit_note_for(shop: Shop, order: Order, number: str, language: str) -> InvoiceFile:
    """A credit note that the reader of the order may see, printed and stored as invoices are.

    Raises:
        CreditNoteNotFound: the order has none with this number, or it is another part's.
    """
    note = await credit_note_queries.find_note(shop.database.reader, order.id, number)
    if note is None:
        raise CreditNoteNotFound
    seen = not order.partial if note.part_id is None else note.part_id in {part.id for part in order.parts}
    if not seen:
        raise CreditNoteNotFound
    return await printed(shop, note.as_invoice, language)


async def _issue_pending(shop: Shop, order: Order, part_id: int | None) -> None:
    """Unless nothing is pending, or there is no invoice that it could lower. Not all at once: numbers are for the whole shop."""
    reader = shop.database.reader
    while await credit_note_queries.list_pending(reader, order.id, part_id, await not_charged(reader, order), 1):
        if (
            not is_invoiced(of_part(order, part_id))
            and await invoice_queries.find_invoice(reader, order.id, part_id) is None
        ):
            return
        async with shop.database.transaction() as tx:
            await _issue(tx, shop, order, part_id)


async def _issue(tx: Tx, shop: Shop, order: Order, part_id: int | None) -> None:
    """Make the next notes that are not there yet, with the next numbers of the year."""
    invoice = await claim_invoice(tx, shop, order, part_id)
    await queries.lock_order(tx, order.id)
    now = clock.now()
    pending = await credit_note_queries.list_pending(tx, order.id, part_id, await not_charged(tx, order), BATCH)
    lines = {
        credited.id: await credit_note_queries.list_credited_lines(tx, credited.id, part_id) for credited in pending
    }
    for credited in pending:
        number = f"CN-{now:%Y}-{await invoice_queries.next_number(tx, f'CN-{now:%Y}'):06d}"
        await credit_note_queries.insert_note(
            tx,
            number,
            order_id=order.id,
            part_id=part_id,
            credit_id=credited.id,
            invoice_id=invoice.id,
            document=msgspec.to_builtins(note_of(invoice, credited, lines[credited.id], number, now.date())),
            issued_at=now,
        )


def note_of(
    invoice: Invoice, credited: Credited, lines: Sequence[CreditedLine], number: str, issued_on: date
) -> InvoiceDocument:
    """What is printed: parties and order as on the invoice that it lowers, and what was taken off."""
    invoiced = msgspec.convert(invoice.document, InvoiceDocument)
    parts = _parts(lines)
    return msgspec.structs.replace(
        invoiced,
        kind=InvoiceKind.CREDIT_NOTE,
        invoice_number=number,
        credited_invoice_number=invoice.number,
        credit_kind=credited.kind,
        issued_on=issued_on,
        paid_on=None,
        payment_status="",
        parts=parts,
        subtotal_minor=sum(line.goods_minor for line in lines),
        discount_minor=sum(line.discount_minor for part in parts for line in part.lines),
        shipping_minor=sum(line.shipping_minor for line in lines),
        tax_minor=sum(line.tax_minor for line in lines),
        tax_included_minor=sum(line.tax_included_minor for line in lines),
        total_minor=credited.total_minor,
    )


def _parts(lines: Sequence[CreditedLine]) -> tuple[InvoicePart, ...]:
    by_part: dict[int, list[CreditedLine]] = {}
    for line in lines:
        by_part.setdefault(line.part_id, []).append(line)
    return tuple(
        InvoicePart(
            sold_by=of_part[0].company,
            shipping_minor=sum(line.shipping_minor for line in of_part) or None,
            lines=tuple(_line(line) for line in of_part if line.title is not None),
        )
        for of_part in by_part.values()
    )


def _line(line: CreditedLine) -> InvoiceLine:
    """Where an amount was taken off before, pieces give back less than they cost: that shows as a discount."""
    price_minor = line.price_minor or 0
    return InvoiceLine(
        title=line.title or "",
        sku=line.sku,
        quantity=line.quantity,
        unit=line.unit,
        unit_price_minor=price_minor,
        discount_minor=max(0, price_minor * line.quantity - line.goods_minor),
        tax_rate_bp=line.tax_bp or 0,
        tax_minor=line.tax_minor,
        tax_included_minor=line.tax_included_minor,
        total_minor=line.goods_minor,
    )
