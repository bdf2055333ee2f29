"""What an invoice says of an order."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

import msgspec

from entrepot.orders.invoice_document import InvoiceDocument, InvoiceLine, InvoicePart, InvoiceParty
from entrepot.orders.invoice_queries import Lowered, Seat
from entrepot.orders.model import Order, OrderLine, OrderPart, PaymentStatus
from entrepot.settings import Settings
from entrepot.shop import Shop


def document_of(order: Order, number: str, issued_on: date, shop: Shop, seat: Seat | None) -> InvoiceDocument:
    """What is printed, from the order as it was bought. `seat`: the company that sells, on the invoice of its part."""
    return InvoiceDocument(
        invoice_number=number,
        order_number=order.number,
        issued_on=issued_on,
        ordered_on=order.created_at.date(),
        paid_on=order.paid_at.date() if order.paid_at else None,
        seller=seller_of(shop.settings, seat),
        buyer=buyer_of(order),
        shipping_address=address_lines(order.shipping_address),
        parts=tuple(_part(part, order.lines) for part in order.parts),
        subtotal_minor=sum(part.subtotal_minor for part in order.parts),
        discount_minor=sum(part.discount_minor for part in order.parts),
        shipping_minor=sum(part.shipping_minor for part in order.parts),
        tax_minor=sum(part.tax_minor for part in order.parts),
        tax_included_minor=sum(part.tax_included_minor for part in order.parts),
        total_minor=sum(part.total_minor for part in order.parts),
        currency=order.currency,
        currency_digits=shop.currency_of(order.currency).digits,
        payment_method=order.payment_method,
        payment_status=PaymentStatus.PAID if order.paid_at else order.payment_status,  # refunds have credit notes
        language=order.language,
    )


def without(order: Order, lowered: Sequence[Lowered]) -> Order:
    """The order without what was taken off it before it was paid: that was never charged."""
    lines = list(order.lines)
    parts = list(order.parts)
    for off in lowered:
        if off.product_id is not None:
            lines = [_line_without(line, off) if line.product_id == off.product_id else line for line in lines]
        parts = [_part_without(part, off) if part.id == off.part_id else part for part in parts]
    lines = [line for line in lines if line.quantity or line.discounted_minor]
    sellers = {line.company_id for line in lines}
    parts = [
        msgspec.structs.replace(
            part,
            discount_minor=sum(
                line.total_minor - line.discounted_minor for line in lines if line.company_id == part.company_id
            ),
        )
        for part in parts
        if part.company_id in sellers
    ]
    return msgspec.structs.replace(order, lines=lines, parts=parts)


def _line_without(line: OrderLine, off: Lowered) -> OrderLine:
    quantity = line.quantity - off.quantity
    discounted_minor = line.discounted_minor - off.goods_minor
    return msgspec.structs.replace(
        line,
        quantity=quantity,
        total_minor=max(line.price_minor * quantity, discounted_minor),
        discounted_minor=discounted_minor,
        tax_minor=line.tax_minor - off.tax_minor,
        tax_included_minor=line.tax_included_minor - off.tax_included_minor,
    )


def _part_without(part: OrderPart, off: Lowered) -> OrderPart:
    return msgspec.structs.replace(
        part,
        subtotal_minor=part.subtotal_minor - off.goods_minor,
        tax_minor=part.tax_minor - off.tax_minor,
        tax_included_minor=part.tax_included_minor - off.tax_included_minor,
        shipping_minor=part.shipping_minor - off.shipping_minor,
        total_minor=part.total_minor - off.goods_minor - off.tax_minor - off.shipping_minor,
    )


def seller_of(settings: Settings, seat: Seat | None) -> InvoiceParty:
    """Who sells: the company of a part, or the shop, which also sells its own goods."""
    if seat is not None and not seat.is_house:
        _, *place = address_lines(seat.address)
        return InvoiceParty(
            name=seat.name, address=tuple(place), tax_id=seat.tax_id, email=seat.email, phone=seat.phone
        )
    lines = tuple(line.strip() for line in settings.shop_address.split(";") if line.strip())
    return InvoiceParty(name=settings.shop_name, address=lines, tax_id=settings.shop_tax_id or None)


def buyer_of(order: Order) -> InvoiceParty:
    address = order.billing_address or order.shipping_address
    name, *place = address_lines(address)
    return InvoiceParty(name=name, address=tuple(place), email=order.email, phone=address.get("phone") or None)


def address_lines(address: dict[str, Any]) -> tuple[str, ...]:
    """Name, street, place and country."""
    place = " ".join(filter(None, [address.get("city"), address.get("state"), address.get("zipCode")]))
    name = f"{address.get('firstName', '')} {address.get('lastName', '')}".strip()
    return (name or "-", *filter(None, [address.get("address"), place, address.get("country")]))


def _part(part: OrderPart, lines: Sequence[OrderLine]) -> InvoicePart:
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
                tax_included_minor=line.tax_included_minor,
                total_minor=line.discounted_minor,
            )
            for line in lines
            if line.company_id == part.company_id
        ),
    )
