"""An order's rows: priced, split into parts, with its lines, history, reservations and payment."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Sequence
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
    PENDING,
    REFUNDED,
    RETURNED,
    SHIPPED,
    Fate,
    derive,
)
from entrepot.demo.people import COUNTRY, People, Person
from entrepot.demo.pictures import thumbnail_key
from entrepot.demo.tables import Books, moment
from entrepot.pricing import BasketLine, PricedBasket, price_basket

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


class Entered(msgspec.Struct, frozen=True):
    """The ids of an order's rows; of each part the company and its lines, by place in the basket given."""

    order_id: int
    parts: tuple[tuple[int, tuple[tuple[int, Line], ...]], ...]


class Entries:
    """Writes orders into the books."""

    def __init__(
        self, content: Content, catalogue: Catalogue, assortment: Assortment, people: People, courier_id: int, seed: int
    ) -> None:
        self._catalogue = catalogue
        self._assortment = assortment
        self._people = people
        self._courier_id = courier_id
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
        self._carriers = [
            _CARRIERS[shelves.get(company.slug) in _HEAVY_GOODS] for company in content.companies
        ]

    def parts_of(self, lines: Sequence[Line]) -> list[list[Line]]:
        """The lines of each company, in the order in which an order has its parts."""
        by_company: dict[int, list[Line]] = {}
        for line in sorted(lines, key=lambda line: line.place):
            by_company.setdefault(self._assortment.companies[line.place], []).append(line)
        return [by_company[company] for company in sorted(by_company)]

    def enter(
        self, books: Books, buyer: Person, placed_at: int, method: str, parts: list[list[Line]], fate: Fate,
        warehouse_ids: Sequence[int],
    ) -> Entered:  # fmt: skip
        """Write the order as it stands now. `warehouse_ids` by slot."""
        order_id = books.next_id("orders")
        basket = self._price(parts, buyer.zone or 0)
        statuses = [steps[-1][1] if steps else PENDING for steps in fate.steps]
        intent_id = self._enter_intent(books, order_id, buyer, basket.total_minor, placed_at, method, fate)
        self._enter_order(books, order_id, buyer, placed_at, method, basket, fate, derive(statuses), intent_id)
        first_part = books.last_id("order_parts") + 1
        entered = []
        position = 0
        for index, (priced, lines) in enumerate(zip(basket.parts, parts, strict=True)):
            part_id = books.next_id("order_parts")
            steps = dict((status, at) for at, status in fate.steps[index])
            shipped_at, delivered_at = steps.get(SHIPPED), steps.get(DELIVERED)
            books.of("order_parts").append((
                part_id, order_id, priced.company_id, statuses[index], priced.subtotal_minor, priced.discount_minor,
                priced.tax_minor, priced.shipping_minor, priced.total_minor, priced.commission_bp, priced.commission_minor,
                self._carriers[priced.company_id - 1] if shipped_at else None,
                f"ENT{mixed(self._seed + 5, part_id) % 10**10:010d}" if shipped_at else None,
                moment(shipped_at) if shipped_at else None,
                moment(delivered_at) if delivered_at else None,
                moment(fate.steps[index][-1][0] if fate.steps[index] else placed_at),
            ))  # fmt: skip
            held = "shipped" if shipped_at else "released" if statuses[index] == CANCELLED else "held"
            line_ids = []
            for line, line_priced in zip(lines, priced.lines, strict=True):
                line_id = books.next_id("order_lines")
                title, sku, picture, unit = self._catalogue.line(line.place, buyer.language)
                books.of("order_lines").append((
                    line_id, order_id, part_id, position, line.place + 1, sku, title, thumbnail_key(picture), unit,
                    line.quantity, line_priced.price_minor, line_priced.discount_bp, line_priced.total_minor,
                    line_priced.discounted_minor, line_priced.tax_bp, line_priced.tax_minor,
                ))  # fmt: skip
                reservations = books.of("stock_reservations")
                for slot, quantity in line.taken:
                    reservations.append((line_id, warehouse_ids[slot] + 1, line.place + 1, order_id, quantity, held))
                line_ids.append((line_id, line))
                position += 1
            entered.append((priced.company_id - 1, tuple(line_ids)))
        self._enter_history(books, order_id, first_part, buyer, placed_at, entered, fate)
        return Entered(order_id, tuple(entered))

    def _price(self, parts: list[list[Line]], zone: int) -> PricedBasket:
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
        return price_basket(lines, tax_bp=TAX_BP)

    def _enter_order(
        self, books: Books, order_id: int, buyer: Person, placed_at: int, method: str, basket: PricedBasket, fate: Fate,
        status: str, intent_id: str | None,
    ) -> None:  # fmt: skip
        placed = moment(placed_at)
        today = time.gmtime(placed_at)
        moments = [placed_at, fate.paid_at or 0, *(steps[-1][0] for steps in fate.steps if steps)]
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
            status,
            _payment_status(fate),
            method,
            intent_id,
            shipping_address(buyer),
            fate.cancel_reason,
            moment(fate.cancelled_at) if fate.cancelled_at else None,
            moment(fate.paid_at) if fate.paid_at else None,
            moment(fate.expires_at) if fate.expires_at else None,
            placed,
            moment(max(moments)),
        ))  # fmt: skip

    def _enter_intent(
        self, books: Books, order_id: int, buyer: Person, amount_minor: int, placed_at: int, method: str, fate: Fate
    ) -> str | None:
        """A card order's payment intent; its id."""
        if method != CARD:
            return None
        bits = mixed(self._seed + 6, order_id)
        intent_id = f"pi_{bits:016x}{order_id:08x}"
        payment_method, failure_code, status = None, None, "requires_payment_method"
        if fate.paid_at:
            payment_method, status = _CARDS[bits % len(_CARDS)], "succeeded"
        elif fate.payment_failed:
            (payment_method, failure_code), status = _DECLINES[bits % len(_DECLINES)], "failed"
        books.of("payment_intents").append((
            intent_id, buyer.id or None, order_id, _PROVIDER, amount_minor, CURRENCY, status,
            hashlib.sha256(intent_id.encode()).digest(), payment_method, failure_code, "{}",
            moment(placed_at + 4), moment(fate.paid_at or placed_at + 90 * fate.payment_failed + 4),
            moment(fate.paid_at) if fate.paid_at else None,
        ))  # fmt: skip
        return intent_id

    def _enter_history(
        self, books: Books, order_id: int, first_part: int, buyer: Person, placed_at: int,
        entered: list[tuple[int, tuple[tuple[int, Line], ...]]], fate: Fate,
    ) -> None:  # fmt: skip
        """Every step of every part, and every step of the order that follows from them.

        An order of one part has one row a step, which is the order's; the steps of several parts have rows of their own.
        What is cancelled is cancelled as a whole.
        """
        rows = books.of("order_history")
        rows.append((books.next_id("order_history"), order_id, None, None, PENDING, buyer.id or None, "", moment(placed_at)))
        statuses = [PENDING] * len(entered)
        order_status = PENDING
        happened = sorted((at, index, status) for index, steps in enumerate(fate.steps) for at, status in steps)
        for at, index, status in happened:
            before, statuses[index] = statuses[index], status
            actor_id = self._actor(status, entered[index][0], buyer, fate)
            note = fate.cancel_reason or "" if status == CANCELLED else _NOTES[status]
            if len(entered) > 1 and status != CANCELLED:
                rows.append((
                    books.next_id("order_history"), order_id, first_part + index, before, status, actor_id, note, moment(at)
                ))  # fmt: skip
            derived = derive(statuses)
            if derived != order_status:
                rows.append((
                    books.next_id("order_history"), order_id, None, order_status, derived, actor_id, note, moment(at)
                ))  # fmt: skip
                order_status = derived

    def _actor(self, status: str, company: int, buyer: Person, fate: Fate) -> int | None:
        """Who did it; nobody when an order expires or a guest acts."""
        if status == CANCELLED and not fate.cancelled_by_seller:
            return None if fate.paid_at is None and fate.cancel_reason == "not paid in time" else buyer.id or None
        if status == RETURNED:
            return buyer.id or None
        return self._courier_id if status == DELIVERED else self._people.sellers[company]


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
