"""Printing invoices and credit notes: once in each language, and kept."""

from __future__ import annotations

import asyncio
import contextlib
import hashlib

import msgspec

from entrepot.kernel import languages
from entrepot.kernel.files import PRIVATE, FileMissing
from entrepot.orders import invoice_queries
from entrepot.orders.invoice_document import LANGUAGES, InvoiceDocument, render_invoice
from entrepot.orders.invoice_queries import Invoice
from entrepot.shop import Shop


class InvoiceFile(msgspec.Struct, frozen=True):
    """A printed invoice or credit note."""

    number: str
    content: bytes


async def printed(shop: Shop, invoice: Invoice, language: str) -> InvoiceFile:
    """The PDF in a language that there are labels for; printed and stored at the first request.

    Of two that print at once, both print the same bytes, and the first is kept. A file that was lost is printed once more.
    """
    printed_in = next((tag for tag in languages.candidates(language) if tag in LANGUAGES), languages.FALLBACK)
    kept = await invoice_queries.find_file(shop.database.reader, invoice.id, printed_in)
    if kept is not None:
        with contextlib.suppress(FileMissing):
            return InvoiceFile(invoice.number, await shop.files.get(kept))
    document = msgspec.convert({**invoice.document, "language": printed_in}, InvoiceDocument)
    content = await asyncio.to_thread(render_invoice, document)
    return InvoiceFile(invoice.number, await _keep(shop, invoice, printed_in, content))


async def _keep(shop: Shop, invoice: Invoice, language: str, content: bytes) -> bytes:
    digest = hashlib.sha256(content).digest()
    key = f"{PRIVATE}/invoices/{invoice.number}-{language}-{digest.hex()[:16]}.pdf"
    await shop.files.put(key, content)
    async with shop.database.transaction() as tx:
        kept = await invoice_queries.claim_file(tx, invoice.id, language, key, digest)
    return content if kept == key else await shop.files.get(kept)
