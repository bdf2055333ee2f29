"""Invoices: numbered without gaps, frozen when they are made, printed once in each language and stored."""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
from datetime import date
from typing import Any

import msgspec

from entrepot.kernel import clock, languages
from entrepot.kernel.db import Database, Tx
from entrepot.kernel.files import PRIVATE, FileMissing
from entrepot.orders import queries
from entrepot.orders.invoice_document import (
    LANGUAGES,
    InvoiceDocument,
    InvoiceLine,
    InvoicePart,
    InvoiceParty,
    render_invoice,
)
from entrepot.orders.model import (
    InvoiceNotReady,
    Order,
    OrderLine,
    OrderPart,
    OrderStatus,
    PaymentMethod,
    PaymentStatus,
)
from entrepot.settings import Settings
from entrepot.shop import Shop


class InvoiceFile(msgspec.Struct, frozen=True):
    """A printed invoice."""

    number: str
    content: bytes


async def invoice_for(shop: Shop, order: Order, language: str) -> InvoiceFile:
    """The invoice of an order, in a language that there are labels for; made and stored at the first request.

    The number is given in a short transaction; printing happens outside it. Of two that print at once, both print the same
    bytes, and the first is kept. A file that was lost is printed once more.

    Raises:
        InvoiceNotReady: the order was cancelled, or is still to be paid.
    """
    printed_in = next((tag for tag in languages.candidates(language) if tag in LANGUAGES), languages.FALLBACK)
    async with shop.database.transaction() as tx:
        invoice = await _claim(tx, order, shop)
    kept = await queries.find_invoice_file(shop.database.reader, invoice.id, printed_in)
    if kept is not None:
        with contextlib.suppress(FileMissing):
            return InvoiceFile(invoice.number, await shop.files.get(kept))
    document = msgspec.convert({**invoice.document, "language": printed_in}, InvoiceDocument)
    content = await asyncio.to_thread(render_invoice, document)
    return InvoiceFile(invoice.number, await _keep(shop, shop.database, invoice, printed_in, content))


def refuse_unless_invoiced(order: Order) -> None:
    """What is printed is frozen: not before a card order is paid, and never for one that came to nothing.

    Raises:
        InvoiceNotReady: saying so.
    """
    to_pay = sum(part.total_minor for part in order.parts)
    waits = (
        to_pay > 0
        and order.payment_method is PaymentMethod.CARD
        and order.payment_status
        in (
            PaymentStatus.UNPAID,
            PaymentStatus.FAILED,
        )
    )
    if waits or (order.status is OrderStatus.CANCELLED and order.paid_at is None):
        raise InvoiceNotReady


async def _claim(tx: Tx, order: Order, shop: Shop) -> queries.Invoice:
    """The invoice; the first to ask makes it, with the next number of the year. A seller's is that of its part."""
    part_id = order.parts[0].id if order.partial else None
    if (made := await queries.find_invoice(tx, order.id, part_id)) is not None:
        return made
    refuse_unless_invoiced(order)
    now = clock.now()
    await queries.lock_order(tx, order.id)
    if (made := await queries.find_invoice(tx, order.id, part_id)) is not None:
        return made
    number = f"INV-{now:%Y}-{await queries.next_invoice_number(tx, f'{now:%Y}'):06d}"
    document = msgspec.to_builtins(document_of(order, number, now.date(), shop))
    return await queries.insert_invoice(tx, number, order.id, part_id, document, now)


async def _keep(shop: Shop, database: Database, invoice: queries.Invoice, language: str, content: bytes) -> bytes:
    digest = hashlib.sha256(content).digest()
    key = f"{PRIVATE}/invoices/{invoice.number}-{language}-{digest.hex()[:16]}.pdf"
    await shop.files.put(key, content)
    async with database.transaction() as tx:
        kept = await queries.claim_invoice_file(tx, invoice.id, language, key, digest)
    return content if kept == key else await shop.files.get(kept)


def document_of(order: Order, number: str, issued_on: date, shop: Shop) -> InvoiceDocument:
    """What is printed, from the order as it was bought."""
    return InvoiceDocument(
        invoice_number=number,
        order_number=order.number,
        issued_on=issued_on,
        ordered_on=order.created_at.date(),
        paid_on=order.paid_at.date() if order.paid_at else None,
        seller=_seller(shop.settings),
        buyer=_party(order.billing_address or order.shipping_address, order.email),
        shipping_address=_address(order.shipping_address),
        parts=tuple(_part(part, order.lines) for part in order.parts),
        subtotal_minor=sum(part.subtotal_minor for part in order.parts),
        discount_minor=sum(part.discount_minor for part in order.parts),
        shipping_minor=sum(part.shipping_minor for part in order.parts),
        tax_minor=sum(part.tax_minor for part in order.parts),
        total_minor=sum(part.total_minor for part in order.parts),
        currency=order.currency,
        currency_digits=shop.currency_of(order.currency).digits,
        payment_method=order.payment_method,
        payment_status=order.payment_status,
        language=order.language,
    )


def _seller(settings: Settings) -> InvoiceParty:
    lines = tuple(line.strip() for line in settings.shop_address.split(";") if line.strip())
    return InvoiceParty(name=settings.shop_name, address=lines, tax_id=settings.shop_tax_id or None)


def _part(part: OrderPart, lines: list[OrderLine]) -> InvoicePart:
    return InvoicePart(
        sold_by=part.company,
        shipping_minor=part.shipping_minor,
        lines=tuple(
            InvoiceLine(
                title=line.title,
                sku=line.sku,
                quantity=line.quantity,
                unit=line.unit,
                unit_price_minor=line.price_minor,
                discount_minor=line.total_minor - line.discounted_minor,
                tax_rate_bp=line.tax_bp,
                tax_minor=line.tax_minor,
                total_minor=line.discounted_minor,
            )
            for line in lines
            if line.company_id == part.company_id
        ),
    )


def _party(address: dict[str, Any], email: str | None) -> InvoiceParty:
    name, *rest = _address(address)
    return InvoiceParty(name=name, address=tuple(rest), email=email, phone=address.get("phone") or None)


def _address(address: dict[str, Any]) -> tuple[str, ...]:
    place = " ".join(filter(None, [address.get("city"), address.get("state"), address.get("zipCode")]))
    name = f"{address.get('firstName', '')} {address.get('lastName', '')}".strip()
    return tuple(filter(None, [name or "-", address.get("address"), place, address.get("country")]))
