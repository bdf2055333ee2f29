"""Invoices: of a whole order or of one company's part, numbered without gaps, frozen when they are made."""

from __future__ import annotations

import msgspec

from entrepot.kernel import clock
from entrepot.kernel.db import Db, Tx
from entrepot.orders import invoice_queries, queries
from entrepot.orders.invoice_contents import document_of, without
from entrepot.orders.invoice_file import InvoiceFile, printed
from entrepot.orders.invoice_queries import Invoice
from entrepot.orders.model import InvoiceNotReady, Order, OrderStatus, PaymentMethod, PaymentStatus
from entrepot.shop import Shop


async def invoice_for(shop: Shop, order: Order, part_id: int | None, language: str) -> InvoiceFile:
    """The invoice of an order, or of a part of it that the reader may see; made and stored at the first request.

    The number is given in a short transaction; printing happens outside it.

    Raises:
        InvoiceNotReady: it was cancelled, or is still to be paid.
    """
    async with shop.database.transaction() as tx:
        invoice = await claim_invoice(tx, shop, order, part_id)
    return await printed(shop, invoice, language)


async def claim_invoice(tx: Tx, shop: Shop, order: Order, part_id: int | None) -> Invoice:
    """The invoice; the first to ask makes it, with the next number of the year. Raises InvoiceNotReady."""
    if (made := await invoice_queries.find_invoice(tx, order.id, part_id)) is not None:
        return made
    shown = of_part(order, part_id)
    refuse_unless_invoiced(shown)
    now = clock.now()
    await queries.lock_order(tx, order.id)
    if (made := await invoice_queries.find_invoice(tx, order.id, part_id)) is not None:
        return made
    if lowered := await not_charged(tx, order):
        shown = without(shown, await invoice_queries.list_lowered(tx, order.id, lowered))
        if not shown.lines:
            raise InvoiceNotReady
    seat = await invoice_queries.find_seat(tx, shown.parts[0].company_id) if part_id is not None else None
    number = f"INV-{now:%Y}-{await invoice_queries.next_number(tx, f'{now:%Y}'):06d}"
    document = msgspec.to_builtins(document_of(shown, number, now.date(), shop, seat))
    return await invoice_queries.insert_invoice(tx, number, order.id, part_id, document, now)


async def not_charged(db: Db, order: Order) -> int:
    """The last credit that was taken off before the order was invoiced: what a card was not charged is on no invoice."""
    if order.payment_method is not PaymentMethod.CARD or order.paid_at is None:
        return 0
    return await invoice_queries.get_not_charged(db, order.id)


def of_part(order: Order, part_id: int | None) -> Order:
    """The order with this part of it alone; the whole order if None."""
    if part_id is None:
        return order
    parts = [part for part in order.parts if part.id == part_id]
    sellers = {part.company_id for part in parts}
    return msgspec.structs.replace(
        order, parts=parts, lines=[line for line in order.lines if line.company_id in sellers]
    )


def is_invoiced(order: Order) -> bool:
    """What is printed is frozen: not before a card order is paid, and never what came to nothing."""
    to_pay = sum(part.total_minor for part in order.parts)
    waits = (
        to_pay > 0
        and order.payment_method is PaymentMethod.CARD
        and order.payment_status in (PaymentStatus.UNPAID, PaymentStatus.FAILED)
    )
    nothing = all(part.status is OrderStatus.CANCELLED for part in order.parts) and order.paid_at is None
    return not waits and not nothing


def refuse_unless_invoiced(order: Order) -> None:
    """Raises InvoiceNotReady."""
    if not is_invoiced(order):
        raise InvoiceNotReady
