"""The SQL of credit notes."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import msgspec

from entrepot.kernel.db import Db, Tx
from entrepot.orders.invoice_queries import Invoice


class Credited(msgspec.Struct, frozen=True):
    """What was taken off an order, or off one part of it, at a time."""

    id: int
    kind: str
    total_minor: int


class IssuedNote(msgspec.Struct, frozen=True, kw_only=True):
    """A credit note in a list, and what was taken off when."""

    number: str
    invoice_number: str
    kind: str
    currency: str
    total_minor: int
    credited_at: datetime
    issued_at: datetime


class InvoicedPart(msgspec.Struct, frozen=True):
    part_id: int


class CreditedLine(msgspec.Struct, frozen=True, kw_only=True):
    """What was taken off a bought line, or, without one, off the delivery of a part. `price_minor`: of one piece."""

    part_id: int
    company: str
    title: str | None
    sku: str | None
    unit: str | None
    quantity: int
    price_minor: int | None
    tax_bp: int | None
    goods_minor: int
    tax_minor: int
    tax_included_minor: int
    shipping_minor: int


async def list_pending(db: Db, order_id: int, part_id: int | None, after: int, limit: int) -> list[Credited]:
    """What was taken off an order, or a part of it, after this credit, and has no credit note yet; the first first."""
    return await db.many(
        Credited,
        """
        select k.id, k.kind, c.total_minor
        from credits k
        join lateral (
            select sum(c.goods_minor + c.tax_minor + c.shipping_minor)::bigint as total_minor
            from credit_lines c where c.credit_id = k.id and ($2::bigint is null or c.part_id = $2)
        ) c on c.total_minor > 0
        where k.order_id = $1 and k.id > $3
          and not exists (select from invoices n where n.order_id = $1 and n.kind = 'credit_note' and n.credit_id = k.id
                          and n.part_id is not distinct from $2)
        order by k.id limit $4
        """,
        order_id,
        part_id,
        after,
        limit,
    )


async def list_invoiced_parts(db: Db, order_id: int) -> list[int]:
    """The parts of an order that have an invoice of their own."""
    rows = await db.many(
        InvoicedPart,
        "select part_id from invoices where order_id = $1 and kind = 'invoice' and part_id is not null order by part_id",
        order_id,
    )
    return [row.part_id for row in rows]


async def list_notes(db: Db, order_id: int, part_id: int | None, skip: int, limit: int) -> list[IssuedNote]:
    """The first first."""
    return await db.many(
        IssuedNote,
        """
        select n.number, i.number as invoice_number, k.kind, k.currency,
               (n.document ->> 'total_minor')::bigint as total_minor, k.created_at as credited_at, n.issued_at
        from invoices n join invoices i on i.id = n.invoice_id join credits k on k.id = n.credit_id
        where n.order_id = $1 and n.kind = 'credit_note' and n.part_id is not distinct from $2::bigint
        order by n.id offset $3 limit $4
        """,
        order_id,
        part_id,
        skip,
        limit,
    )


async def count_notes(db: Db, order_id: int, part_id: int | None) -> int:
    total: int = await db.value(
        """
        select count(*) from invoices
        where order_id = $1 and kind = 'credit_note' and part_id is not distinct from $2::bigint
        """,
        order_id,
        part_id,
    )
    return total


async def list_credited_lines(db: Db, credit_id: int, part_id: int | None) -> list[CreditedLine]:
    """In the order of the invoice."""
    return await db.many(
        CreditedLine,
        """
        select c.part_id, y.name as company, l.title, l.sku, l.unit, c.quantity, l.price_minor, l.tax_bp, c.goods_minor,
               c.tax_minor, c.tax_included_minor, c.shipping_minor
        from credit_lines c
        join order_parts p on p.id = c.part_id
        join companies y on y.id = p.company_id
        left join order_lines l on l.id = c.line_id
        where c.credit_id = $1 and ($2::bigint is null or c.part_id = $2)
        order by p.company_id, l.position nulls last
        """,
        credit_id,
        part_id,
    )


async def insert_note(
    tx: Tx,
    number: str,
    *,
    order_id: int,
    part_id: int | None,
    credit_id: int,
    invoice_id: int,
    document: dict[str, Any],
    issued_at: datetime,
) -> None:
    await tx.run(
        """
        insert into invoices (number, order_id, part_id, kind, credit_id, invoice_id, document, issued_at)
        values ($1, $2, $3, 'credit_note', $4, $5, $6, $7)
        """,
        number,
        order_id,
        part_id,
        credit_id,
        invoice_id,
        document,
        issued_at,
    )


class CreditNote(msgspec.Struct, frozen=True):
    """A credit note: of a whole order, or of a part."""

    id: int
    number: str
    part_id: int | None
    document: dict[str, Any]

    @property
    def as_invoice(self) -> Invoice:
        return Invoice(self.id, self.number, self.document)


async def find_note(db: Db, order_id: int, number: str) -> CreditNote | None:
    return await db.maybe(
        CreditNote,
        """
        select id, number, part_id, document from invoices
        where order_id = $1 and number = $2 and kind = 'credit_note'
        """,
        order_id,
        number,
    )
