"""An order's rows: priced, split into parts, with its lines, history, reservations and payment."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Collection, Mapping, Sequence
from datetime import UTC, datetime
from typing import Final

import msgspec

from entrepot.demo.assortment import Assortment
from entrepot.demo.catalogue import Catalogue
from entrepot.demo.chance import mixed
from entrepot.demo.content import Content, price_minor
from entrepot.demo.fates import (
    CANCELLED,
    CARD,
    DELIVERED,
    EXPIRY_REASON,
    PENDING,
    REFUNDED,
    RETURNED,
    SHIPPED,
    Fate,
    derive,
)
from entrepot.demo.people import COUNTRY, People, Person
from entrepot.demo.pictures import thumbnail_key
from entrepot.demo.stockroom import Stockroom
from entrepot.demo.tables import Books, moment
from entrepot.pricing import Basket, BasketLine, PricedBasket, PricedLine, PricedPart, Rules, TaxRate, TaxRules, price

CURRENCY: Final = "USD"
TAX_BP: Final = 800
_PROVIDER: Final = "sandbox"
_CARDS: Final = ("pm_card_visa", "pm_card_visa", "pm_card_mastercard", "pm_card_visa_debit", "pm_card_amex")
_DECLINES: Final = (
    ("pm_card_chargeDeclined", "card_declined"),
    ("pm_card_chargeDeclinedInsufficientFunds", "insufficient_funds"),
    ("pm_card_chargeDeclinedExpiredCard", "expired_card"),
)
_CARRIERS: Final = ("Entrepot Couriers", "Kani Cargo")
_HEAVY_GOODS: Final = ("building-materials", "food", "household", "motors")
_RETURN_REASONS: Final = ("no_longer_needed", "not_as_described", "arrived_late", "wrong_item", "other")
_NOTES: Final = {
    "confirmed": "Order accepted",
    "processing": "Being packed",
    "shipped": "Handed to the carrier",
    "delivered": "Delivered and signed for",
    "returned": "Goods came back in good order",
    "refunded": "Money returned",
}


class Line(msgspec.Struct, frozen=True):
    """A product's place, how many, and which slots serve it with how many."""

    place: int
    quantity: int
    taken: Sequence[tuple[int, int]]


class EnteredPart(msgspec.Struct, frozen=True):
    """A part's id, the place of its company, and its lines with their ids."""

    id: int
    company: int
    lines: tuple[tuple[int, Line], ...]


class Entered(msgspec.Struct, frozen=True):
    """An order that stands in the books."""

    order_id: int
    parts: tuple[EnteredPart, ...]


class Placed(msgspec.Struct, frozen=True):
    """An order as it comes in, and what becomes of it. `placed_at` in seconds since 1970."""

    buyer: Person
    placed_at: int
    method: str
    parts: list[list[Line]]
    fate: Fate


class Entries:
    """Writes orders into the books."""

    def __init__(
        self,
        content: Content,
        catalogue: Catalogue,
        assortment: Assortment,
        stockroom: Stockroom,
        people: People,
        seed: int,
    ) -> None:
        self._catalogue = catalogue
        self._assortment = assortment
        self._stockroom = stockroom
        self._people = people
        self._courier_id = next(person.id for person in people.everybody if person.role == "courier")
        self._seed = seed
        zones = [zone.slug for zone in content.zones]
        self._fees = [
            {
                zones.index(zone): (price_minor(delivery.fee), price_minor(delivery.free_from))
                for zone, delivery in company.zones.items()
            }
            for company in content.companies
        ]
        self._commissions_bp = [round(company.commission * 100) for company in content.companies]
        shelves = {article.company: article.shelf for article in content.articles}
        self._carriers = [_CARRIERS[shelves.get(company.slug) in _HEAVY_GOODS] for company in content.companies]

    def parts_of(self, lines: Sequence[Line]) -> list[list[Line]]:
        """The lines of each company, in the order in which an order has its parts."""
        by_company: dict[int, list[Line]] = {}
        for line in sorted(lines, key=lambda line: line.place):
            by_company.setdefault(self._assortment.companies[line.place], []).append(line)
        return [by_company[company] for company in sorted(by_company)]

    def enter(self, books: Books, placed: Placed) -> Entered:
        """Write the order as it stands now."""
        order_id = books.next_id("orders")
        basket = self._price(placed.parts, placed.buyer.zone or 0, placed.placed_at)
        intent_id = self._enter_intent(books, order_id, placed, basket.total_minor)
        self._enter_order(books, order_id, placed, basket, intent_id)
        parts: list[EnteredPart] = []
        position = 0
        for steps, priced, lines in zip(placed.fate.steps, basket.parts, placed.parts, strict=True):
            reached = {status: at for at, status in steps}
            part_id = self._enter_part(books, order_id, placed.placed_at, priced, reached)
            entered = [
                (
                    self._enter_line(
                        books, order_id, part_id, position + index, line, priced_line, placed.buyer, reached
                    ),
                    line,
                )
                for index, (line, priced_line) in enumerate(zip(lines, priced.lines, strict=True))
            ]
            position += len(lines)
            parts.append(EnteredPart(part_id, priced.company_id - 1, tuple(entered)))
            if RETURNED in reached:
                self._enter_return(books, order_id, placed.buyer, parts[-1], reached)
        self._enter_history(books, order_id, placed, parts)
        return Entered(order_id, tuple(parts))

    def actor(self, status: str, company: int, buyer: Person, fate: Fate) -> int | None:
        """Who takes a step; nobody when an order expires or a guest acts."""
        if status == CANCELLED and not fate.cancelled_by_seller:
            return None if fate.cancel_reason == EXPIRY_REASON else buyer.id or None
        return self._courier_id if status == DELIVERED else self._people.sellers[company]

    def _enter_part(
        self, books: Books, order_id: int, placed_at: int, priced: PricedPart, steps: dict[str, int]
    ) -> int:
        """`steps` says when the part reached which status."""
        part_id = books.next_id("order_parts")
        shipped_at, delivered_at = steps.get(SHIPPED), steps.get(DELIVERED)
        books.of("order_parts").append((
            part_id, order_id, priced.company_id, list(steps)[-1] if steps else PENDING, priced.subtotal_minor,
            priced.discount_minor, priced.tax_minor, priced.shipping_minor, priced.total_minor, priced.commission_bp,
            priced.commission_minor,
            self._carriers[priced.company_id - 1] if shipped_at else None,
            self._tracking_number(part_id) if shipped_at else None,
            moment(shipped_at) if shipped_at else None,
            moment(delivered_at) if delivered_at else None,
            moment(max(steps.values(), default=placed_at)),
        ))  # fmt: skip
        return part_id

    def _tracking_number(self, part_id: int) -> str:
        return f"ENT{mixed(self._seed + 5, part_id) % 10**10:010d}"

    def _enter_line(
        self, books: Books, order_id: int, part_id: int, position: int, line: Line, priced: PricedLine, buyer: Person,
        reached: Collection[str],
    ) -> int:  # fmt: skip
        """`reached`: the statuses that its part has had."""
        held = "released" if CANCELLED in reached else "shipped" if SHIPPED in reached else "held"
        line_id = books.next_id("order_lines")
        title, sku, picture, unit = self._catalogue.line(line.place, buyer.language)
        books.of("order_lines").append((
            line_id, order_id, part_id, position, priced.product_id, sku, title, thumbnail_key(picture), unit,
            priced.quantity, priced.price_minor, priced.discount_bp, priced.total_minor, priced.discounted_minor,
            priced.tax_bp, priced.tax_minor, priced.quantity if CANCELLED in reached else 0,
            priced.quantity if RETURNED in reached else 0,
        ))  # fmt: skip
        for slot, quantity in line.taken:
            books.of("stock_reservations").append((
                line_id, self._stockroom.warehouse_id(slot), priced.product_id, order_id, quantity, held
            ))  # fmt: skip
        return line_id

    def _price(self, parts: list[list[Line]], zone: int, placed_at: int) -> PricedBasket:
        assortment = self._assortment
        lines = []
        for part in parts:
            company = assortment.companies[part[0].place]
            fee_minor, free_from_minor = self._fees[company][zone]
            commission_bp = self._commissions_bp[company]
            lines += [
                BasketLine(
                    product_id=line.place + 1,
                    company_id=company + 1,
                    quantity=line.quantity,
                    price_minor=assortment.prices_minor[line.place],
                    discount_bp=assortment.discounts_bp[line.place],
                    delivery_fee_minor=fee_minor,
                    free_delivery_from_minor=free_from_minor,
                    commission_bp=commission_bp,
                )
                for line in part
            ]
        basket = Basket(lines=tuple(lines), currency=CURRENCY, at=datetime.fromtimestamp(placed_at, UTC))
        return price(basket, Rules(tax=TaxRules(default=TaxRate(TAX_BP))))

    def _enter_order(
        self, books: Books, order_id: int, placed: Placed, basket: PricedBasket, intent_id: str | None
    ) -> None:
        buyer, fate = placed.buyer, placed.fate
        placed_at = moment(placed.placed_at)
        today = time.gmtime(placed.placed_at)
        moments = [placed.placed_at, fate.paid_at or 0, *(steps[-1][0] for steps in fate.steps if steps)]
        books.of("orders").append((
            order_id,
            f"ORD-{today.tm_year}{today.tm_mon:02d}{today.tm_mday:02d}{order_id:02d}",
            buyer.id or None,
            None if buyer.id else buyer.email,
            None if buyer.id else hashlib.sha256(f"{self._seed} guest {order_id}".encode()).digest(),
            None if buyer.zone is None else buyer.zone + 1,
            buyer.language,
            CURRENCY,
            basket.subtotal_minor,
            basket.discount_minor,
            basket.tax_minor,
            basket.shipping_minor,
            basket.total_minor,
            derive([steps[-1][1] if steps else PENDING for steps in fate.steps]),
            _payment_status(fate),
            placed.method,
            intent_id,
            shipping_address(buyer),
            fate.cancel_reason,
            moment(fate.cancelled_at) if fate.cancelled_at else None,
            moment(fate.paid_at) if fate.paid_at else None,
            moment(fate.expires_at) if fate.expires_at else None,
            placed_at,
            moment(max(moments)),
        ))  # fmt: skip

    def _enter_intent(self, books: Books, order_id: int, placed: Placed, amount_minor: int) -> str | None:
        """A card order's payment intent; its id."""
        if placed.method != CARD:
            return None
        fate = placed.fate
        bits = mixed(self._seed + 6, order_id)
        intent_id = f"pi_{bits:016x}{order_id:08x}"
        payment_method, failure_code, status = None, None, "requires_payment_method"
        if fate.paid_at:
            payment_method, status = _CARDS[bits % len(_CARDS)], "succeeded"
        elif fate.payment_failed:
            (payment_method, failure_code), status = _DECLINES[bits % len(_DECLINES)], "failed"
        made_at = placed.placed_at + 4
        books.of("payment_intents").append((
            intent_id, placed.buyer.id or None, order_id, _PROVIDER, amount_minor, CURRENCY, status,
            hashlib.sha256(intent_id.encode()).digest(), payment_method, failure_code, "{}", moment(made_at),
            moment(fate.paid_at or made_at), moment(fate.paid_at) if fate.paid_at else None,
        ))  # fmt: skip
        return intent_id

    def _enter_return(
        self, books: Books, order_id: int, buyer: Person, part: EnteredPart, reached: Mapping[str, int]
    ) -> None:
        """All of a part came back: asked for and approved between the delivery and then, and refunded since, if it is."""
        return_id = books.next_id("returns")
        delivered_at, received_at = reached[DELIVERED], reached[RETURNED]
        waited = received_at - delivered_at
        seller_id = self._people.sellers[part.company]
        steps = [
            ("requested", "buyer", buyer.id or None, delivered_at + waited // 3),
            ("approved", "seller", seller_id, delivered_at + waited // 2),
            ("received", "seller", seller_id, received_at),
        ]
        if REFUNDED in reached:
            steps.append(("refunded", "seller", seller_id, reached[REFUNDED]))
        before = None
        for status, party, actor_id, at in steps:
            books.of("return_history").append((
                books.next_id("return_history"), return_id, before, status, party, actor_id, moment(at)
            ))  # fmt: skip
            before = status
        books.of("returns").append((
            return_id, order_id, part.id, part.company + 1, None if buyer.zone is None else buyer.zone + 1, before,
            _RETURN_REASONS[mixed(self._seed + 7, return_id) % len(_RETURN_REASONS)], moment(steps[0][3]),
            moment(steps[-1][3]),
        ))  # fmt: skip
        for line_id, line in part.lines:
            books.of("return_lines").append((return_id, line_id, line.quantity, line.quantity, line.quantity))

    def _enter_history(self, books: Books, order_id: int, placed: Placed, parts: list[EnteredPart]) -> None:
        """That it was placed, every step of every part since, and that it expired, if it did."""
        buyer, fate = placed.buyer, placed.fate

        def enter(
            part: EnteredPart | None, before: str | None, status: str, actor_id: int | None, note: str, at: int
        ) -> None:
            shipped = part if status == SHIPPED else None
            books.of("order_history").append((
                books.next_id("order_history"), order_id, part.id if part is not None else None, before, status, actor_id,
                _party(status, fate), note,
                self._carriers[shipped.company] if shipped is not None else None,
                self._tracking_number(shipped.id) if shipped is not None else None,
                moment(at),
            ))  # fmt: skip

        enter(None, None, PENDING, buyer.id or None, "", placed.placed_at)
        if fate.cancelled_at and fate.cancel_reason == EXPIRY_REASON:
            enter(None, PENDING, CANCELLED, None, EXPIRY_REASON, fate.cancelled_at)
            return
        statuses = [PENDING] * len(parts)
        steps = [(at, index, status) for index, steps in enumerate(fate.steps) for at, status in steps]
        for at, index, status in sorted(steps, key=lambda step: step[:2]):
            note = fate.cancel_reason or "" if status == CANCELLED else _NOTES[status]
            actor_id = self.actor(status, parts[index].company, buyer, fate)
            enter(parts[index], statuses[index], status, actor_id, note, at)
            statuses[index] = status


def _party(status: str, fate: Fate) -> str:
    """As what somebody takes a step; the courier delivers for the shop itself."""
    if status == CANCELLED and not fate.cancelled_by_seller:
        return "shop" if fate.cancel_reason == EXPIRY_REASON else "buyer"
    return {PENDING: "buyer", DELIVERED: "shop"}.get(status, "seller")


def shipping_address(buyer: Person) -> str:
    """JSON, in the words of an order."""
    home = buyer.home
    if home is None:
        raise ValueError(f"{buyer.email} lives nowhere")
    return msgspec.json.encode({
        "firstName": buyer.first_name,
        "lastName": buyer.last_name,
        "address": home.street if buyer.shop is None else f"{buyer.shop}, {home.street}",
        "city": home.town,
        "state": home.state,
        "zipCode": home.zip,
        "country": COUNTRY,
        "phone": buyer.phone,
    }).decode()  # fmt: skip


def _payment_status(fate: Fate) -> str:
    if fate.paid_at is None:
        return "failed" if fate.payment_failed else "unpaid"
    if fate.refunded_at is None:
        return "paid"
    everything = all(steps and steps[-1][1] in (REFUNDED, CANCELLED) for steps in fate.steps)
    return "refunded" if everything else "partially_refunded"
