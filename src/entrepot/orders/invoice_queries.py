"""The SQL of invoices and credit notes."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import msgspec

from entrepot.kernel.db import Db, Tx


class Invoice(msgspec.Struct, frozen=True):
    """An invoice, or a credit note, with what is printed on it."""

    id: int
    number: str
    document: dict[str, Any]


class Seat(msgspec.Struct, frozen=True, kw_only=True):
    """Who a company is, as its invoices say it."""

    name: str
    is_house: bool
    tax_id: str | None
    email: str | None
    phone: str | None
    address: dict[str, Any]


class Lowered(msgspec.Struct, frozen=True, kw_only=True):
    """What was taken off an order before it was paid: of a product, or, without one, of a part's delivery."""

    part_id: int
    product_id: int | None
    quantity: int
    goods_minor: int
    tax_minor: int
    tax_included_minor: int
    shipping_minor: int


async def find_invoice(db: Db, order_id: int, part_id: int | None) -> Invoice | None:
    """The invoice of a part, or of the whole order."""
    return await db.maybe(
        Invoice,
        """
        select id, number, document from invoices
        where order_id = $1 and part_id is not distinct from $2::bigint and kind = 'invoice'
        """,
        order_id,
        part_id,
    )


async def next_number(tx: Tx, series: str) -> int:
    """Gapless: the counter's row is taken by the transaction that makes the document, and given back if it fails."""
    number: int = await tx.value(
        """
        insert into invoice_counters (series, last_number) values ($1, 1)
        on conflict (series) do update set last_number = invoice_counters.last_number + 1
        returning last_number
        """,
        series,
    )
    return number


async def insert_invoice(
    tx: Tx, number: str, order_id: int, part_id: int | None, document: dict[str, Any], issued_at: datetime
) -> Invoice:
    return await tx.one(
        Invoice,
        """
        insert into invoices (number, order_id, part_id, document, issued_at) values ($1, $2, $3, $4, $5)
        returning id, number, document
        """,
        number,
        order_id,
        part_id,
        document,
        issued_at,
    )


async def find_seat(db: Db, company_id: int) -> Seat | None:
    return await db.maybe(
        Seat, "select name, is_house, tax_id, email, phone, address from companies where id = $1", company_id
    )


async def get_not_charged(db: Db, order_id: int) -> int:
    """The last of an order's credits that its payment was smaller by; 0 if it was charged in full.

    Told by the amounts: a piece may be cancelled while the charge of all of them is under way, whatever the clocks say.
    """
    last: int = await db.value(
        """
        select coalesce(max(k.id), 0)
        from (select id, sum(total_minor) over (order by id) as so_far from credits where order_id = $1) k
        where k.so_far <= (select o.total_minor - i.captured_minor
                           from orders o join payment_intents i on i.id = o.payment_intent_id where o.id = $1)
        """,
        order_id,
    )
    return last


async def list_lowered(db: Db, order_id: int, up_to: int) -> list[Lowered]:
    return await db.many(
        Lowered,
        """
        select c.part_id, l.product_id, sum(c.quantity)::bigint as quantity, sum(c.goods_minor)::bigint as goods_minor,
               sum(c.tax_minor)::bigint as tax_minor, sum(c.tax_included_minor)::bigint as tax_included_minor,
               sum(c.shipping_minor)::bigint as shipping_minor
        from credits k join credit_lines c on c.credit_id = k.id left join order_lines l on l.id = c.line_id
        where k.order_id = $1 and k.id <= $2
        group by c.part_id, l.product_id
        """,
        order_id,
        up_to,
    )


async def find_file(db: Db, invoice_id: int, language: str) -> str | None:
    key: str | None = await db.value(
        "select file_key from invoice_files where invoice_id = $1 and language = $2", invoice_id, language
    )
    return key


async def claim_file(tx: Tx, invoice_id: int, language: str, file_key: str, sha256: bytes) -> str:
    """The key of the file that counts: the first one that was kept."""
    key: str = await tx.value(
        """
        insert into invoice_files as f (invoice_id, language, file_key, sha256) values ($1, $2, $3, $4)
        on conflict (invoice_id, language) do update set file_key = f.file_key returning file_key
        """,
        invoice_id,
        language,
        file_key,
        sha256,
    )
    return key
