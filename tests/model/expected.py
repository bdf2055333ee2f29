"""The model: what a shop with few goods should hold, owe and have given back, in plain Python and cents.

A method that somebody may ask for answers whether that is allowed, and changes the model only if so. Nothing here is taken
from the shop's own code.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

OWED = ("unpaid", "failed")
CANCELLABLE = ("pending", "confirmed", "processing")
PROGRESS = ("pending", "confirmed", "processing", "shipped", "delivered", "returned", "refunded")
NEXT = {
    "pending": ("confirmed", "processing"),
    "confirmed": ("processing",),
    "processing": ("shipped",),
    "shipped": ("delivered",),
}
BY_HAND = {"cash_on_delivery": "cash", "invoice": "bank_transfer"}

CHARGES = {
    "pm_card_visa": "succeeded",
    "pm_card_pendingRefund": "succeeded",
    "pm_card_refundFail": "succeeded",
    "pm_card_chargeDeclined": "failed",
    "pm_card_authenticationRequired": "requires_action",
    "pm_usBankAccount_success": "processing",
    "pm_usBankAccount_insufficientFunds": "processing",
    "pm_usBankAccount_processing": "processing",
}
"""What the provider makes of a charge with a method; what is processing ends as SETTLES says, or never."""
SETTLES = {"pm_usBankAccount_success": "succeeded", "pm_usBankAccount_insufficientFunds": "failed"}
CONFIRMABLE = ("requires_payment_method", "requires_action", "failed")
INTENTS = 20
"""So many may be made for one order."""

TAX_PERCENT = 8


def rounded(amount: int, part: int, whole: int) -> int:
    """`part` of `whole` parts, half up; nothing here is negative."""
    return (2 * amount * part + whole) // (2 * whole)


@dataclass
class Product:
    id: int
    company: int
    price: int
    on_hand: int
    reserved: int = 0

    @property
    def available(self) -> int:
        return self.on_hand - self.reserved


@dataclass
class Coupon:
    """Percent off everything; a limit in all, and one for each user, which guests do not have."""

    id: int
    code: str
    percent: int
    total_limit: int | None = None
    per_user_limit: int | None = None
    uses: list[int | None] = field(default_factory=list)

    def counts_for(self, user: int | None) -> bool:
        if self.total_limit is not None and len(self.uses) >= self.total_limit:
            return False
        return self.per_user_limit is None or (user is not None and self.uses.count(user) < self.per_user_limit)


@dataclass
class Company:
    """It delivers for a fee; for nothing from so much on."""

    id: int
    commission_percent: int
    fee: int
    free_from: int | None


@dataclass
class Line:
    product: Product
    quantity: int
    goods: int
    tax: int
    cancelled: int = 0
    held: int = 0
    shipped: int = 0
    returning: int = 0
    received: int = 0
    credited_quantity: int = 0
    credited_goods: int = 0
    credited_tax: int = 0

    @property
    def left(self) -> int:
        return self.quantity - self.cancelled

    @property
    def uncredited(self) -> int:
        return self.quantity - self.credited_quantity

    def due(self, quantity: int) -> int:
        """Of so many pieces that were cancelled or came back now, those that nothing was given back for before."""
        return min(quantity, max(0, self.cancelled + self.received - self.credited_quantity))

    def take_back(self, quantity: int) -> int:
        """Pieces for their share of what is left of the line; the last ones for all that is left."""
        goods_left, tax_left = self.goods - self.credited_goods, self.tax - self.credited_tax
        if quantity == self.uncredited:
            goods, tax = goods_left, tax_left
        else:
            goods = rounded(goods_left, quantity, self.uncredited)
            tax = rounded(tax_left, quantity, self.uncredited)
        self.credited_quantity += quantity
        self.credited_goods += goods
        self.credited_tax += tax
        return goods + tax


@dataclass
class Part:
    company: Company
    shipping: int
    lines: dict[int, Line]
    status: str = "pending"
    credited_shipping: int = 0
    refunded: int = 0
    """Taken back by refunds."""

    @property
    def goods(self) -> int:
        return sum(line.goods for line in self.lines.values())

    @property
    def total(self) -> int:
        return self.shipping + sum(line.goods + line.tax for line in self.lines.values())

    @property
    def credited_goods(self) -> int:
        return sum(line.credited_goods for line in self.lines.values())

    @property
    def credited(self) -> int:
        return self.credited_shipping + self.credited_goods + sum(line.credited_tax for line in self.lines.values())

    @property
    def is_given_back(self) -> bool:
        """A refund has given back something of it, and nothing is left."""
        return self.refunded > 0 and self.credited == self.total

    @property
    def commission_left(self) -> int:
        whole = rounded(self.goods, self.company.commission_percent, 100)
        return whole - (rounded(whole, self.credited_goods, self.goods) if self.goods else 0)

    @property
    def is_all_back(self) -> bool:
        return all(line.received >= line.shipped for line in self.lines.values())


@dataclass
class Refund:
    intent: Intent
    amount: int
    status: str = "pending"
    id: str | None = None
    provider: str | None = None
    """How it stands with the provider; None: it was not asked for."""


@dataclass
class Intent:
    """A payment; `sandbox` is how it stands with the provider, None if that was never asked to charge it."""

    id: str
    order: Order
    amount: int
    provider: str = "sandbox"
    status: str = "requires_payment_method"
    sandbox: str | None = None
    method: str = ""
    paid_before: int = 0
    """What it took before it had an order: booked without one."""
    sandbox_refunded: int = 0
    captured: int = 0
    refunded: int = 0
    succeeded_at: tuple[float, int] = (0, 0)


@dataclass
class Return:
    id: int
    part: Part
    quantities: dict[int, int]
    status: str = "requested"
    received: dict[int, int] = field(default_factory=dict)


@dataclass
class Order:
    number: str
    buyer: int
    user: int | None
    method: str
    parts: dict[int, Part]
    coupon: Coupon | None
    token: str | None = None
    payment_status: str = "unpaid"
    expires: bool = False
    credits: int = 0
    intents: list[Intent] = field(default_factory=list)
    refunds: list[Refund] = field(default_factory=list)
    replaced: list[Refund] = field(default_factory=list)
    returns: list[Return] = field(default_factory=list)

    @property
    def lines(self) -> dict[int, Line]:
        return {id_: line for part in self.parts.values() for id_, line in part.lines.items()}

    @property
    def going(self) -> list[Part]:
        return [part for part in self.parts.values() if part.status != "cancelled"]

    @property
    def status(self) -> str:
        return min((part.status for part in self.going), key=PROGRESS.index, default="cancelled")

    @property
    def total(self) -> int:
        return sum(part.total for part in self.parts.values())

    @property
    def credited(self) -> int:
        return sum(part.credited_shipping for part in self.parts.values()) + sum(
            line.credited_goods + line.credited_tax for line in self.lines.values()
        )

    @property
    def costs(self) -> int:
        return self.total - self.credited

    @property
    def captured(self) -> int:
        return sum(intent.captured for intent in self.intents)

    @property
    def refunded(self) -> int:
        return sum(intent.refunded for intent in self.intents)

    @property
    def kept(self) -> int:
        return self.captured - self.refunded

    @property
    def is_charging(self) -> bool:
        return any(intent.status == "processing" for intent in self.intents)

    @property
    def waits_for_payment(self) -> bool:
        return self.status != "cancelled" and self.payment_status in OWED

    def part_of(self, product_id: int) -> Part:
        return next(part for part in self.parts.values() if product_id in part.lines)


class Model:
    def __init__(self, companies: Iterable[Company], products: Iterable[Product], coupons: Iterable[Coupon]) -> None:
        self.companies = {company.id: company for company in companies}
        self.products = {product.id: product for product in products}
        self.coupons = list(coupons)
        self.carts: dict[int, dict[int, int]] = {}
        self.orders: list[Order] = []
        self._successes = 0
        self.ahead_s = 0.0
        """By how much the shop's clock is moved just now."""

    # What is bought.

    def priced(self, wanted: Mapping[int, int], coupon: Coupon | None) -> dict[int, Part]:
        parts: dict[int, Part] = {}
        for company in self.companies.values():
            lines, worth = {}, 0
            for product_id, quantity in wanted.items():
                product = self.products[product_id]
                if product.company != company.id:
                    continue
                total = product.price * quantity
                worth += total
                goods = total - (rounded(total, coupon.percent, 100) if coupon is not None else 0)
                lines[product_id] = Line(product, quantity, goods, rounded(goods, TAX_PERCENT, 100))
            if lines:
                is_free = company.free_from is not None and worth >= company.free_from
                parts[company.id] = Part(company, 0 if is_free else company.fee, lines)
        return parts

    def may_place(self, wanted: Mapping[int, int], user: int | None, coupon: Coupon | None) -> bool:
        if not wanted or any(self.products[id_].available < quantity for id_, quantity in wanted.items()):
            return False
        return coupon is None or coupon.counts_for(user)

    def place(self, order: Order) -> None:
        for line in order.lines.values():
            line.held = line.quantity
            line.product.reserved += line.quantity
        if order.coupon is not None:
            order.coupon.uses.append(order.user)
        order.expires = order.method == "card" and order.total > 0
        self.orders.append(order)

    # Payments.

    def may_make_intent(self, order: Order, amount: int) -> bool:
        return order.waits_for_payment and 0 < amount == order.costs and len(order.intents) < INTENTS

    def bind(self, intent: Intent) -> None:
        """The order is placed with an intent that was made, and perhaps charged, before."""
        order = intent.order
        order.intents.append(intent)
        if intent.status == "succeeded":
            intent.captured = intent.paid_before = intent.amount
            order.payment_status, order.expires = "paid", False

    def confirm(self, intent: Intent, method: str) -> str | None:
        """The status that is answered; None when it is refused."""
        if intent.status == "succeeded":
            return "succeeded"
        order = intent.order
        if intent.status not in CONFIRMABLE or not order.waits_for_payment or intent.amount != order.costs:
            return None
        if order.is_charging:
            return None
        if intent.sandbox in (None, "failed", "requires_action"):
            fate = CHARGES[method]
            again = fate == "requires_action" and intent.sandbox == fate and intent.method == method
            intent.sandbox, intent.method = "succeeded" if again else fate, method
        intent.status = "processing"
        self.hear(intent, intent.sandbox)
        return None if intent.status == "failed" else intent.status

    def hear(self, intent: Intent, status: str) -> None:
        """What became of a charge is known; a success stays."""
        if "succeeded" in (intent.status, status):
            if intent.status != "succeeded":
                self._succeed(intent)
            return
        if intent.status == status:
            return
        intent.status = status
        if status == "failed" and intent.order.payment_status == "unpaid":
            intent.order.payment_status = "failed"

    def _succeed(self, intent: Intent) -> None:
        order = intent.order
        self._successes += 1
        intent.status, intent.captured = "succeeded", intent.amount
        intent.succeeded_at = (self.ahead_s, self._successes)
        if order.waits_for_payment:
            order.payment_status, order.expires = "paid", False
        self._settle(order)

    def is_told(self, intent: Intent, status: str) -> None:
        """A webhook. What is not final is looked up."""
        if status == "succeeded" or intent.status == "succeeded":
            self.hear(intent, status)
        else:
            self.hear(intent, intent.sandbox or "requires_payment_method")

    def bank_time_passes(self) -> None:
        for order in self.orders:
            for intent in order.intents:
                if intent.sandbox == "processing" and intent.method in SETTLES:
                    intent.sandbox = SETTLES[intent.method]
            for refund in (*order.refunds, *order.replaced):
                if refund.provider == "pending":
                    refund.provider = "succeeded"

    def ask_provider(self) -> None:
        self.bank_time_passes()
        for order in self.orders:
            for intent in order.intents:
                if intent.status in ("processing", "requires_action"):
                    self.hear(intent, intent.sandbox or "requires_payment_method")
        self.ask_of_refunds(refund for order in self.orders for refund in order.refunds)

    def ask_of_refunds(self, refunds: Iterable[Refund]) -> None:
        for refund in refunds:
            if refund.status == "pending" and refund.provider is not None:
                self.hear_of_refund(refund, refund.provider)

    def receive(self, order: Order) -> bool:
        """Money in the hand, of all that is owed."""
        if order.is_charging:
            return False
        if order.costs > order.kept:
            paid = Intent("", order, order.costs - order.kept, provider=BY_HAND[order.method])
            order.intents.append(paid)
            self._succeed(paid)
        return True

    def may_mark_paid(self, order: Order) -> bool:
        return (
            order.method in BY_HAND
            and order.payment_status in OWED
            and bool(order.going)
            and not (order.is_charging and order.costs > order.kept)
        )

    # Taking back.

    def _settle(self, order: Order) -> int:
        """What is kept beyond what the order costs goes back, from the newest payment first."""
        excess = order.kept - order.costs
        made = 0
        for intent in sorted(order.intents, key=lambda one: one.succeeded_at, reverse=True):
            amount = min(excess, intent.captured - intent.refunded)
            if amount > 0:
                intent.refunded += amount
                excess -= amount
                order.refunds.append(Refund(intent, amount))
                made += 1
        if made:
            self._show_refunded(order)
        return made

    def _show_refunded(self, order: Order) -> None:
        if order.kept == 0:
            order.payment_status = "refunded"
        elif order.credits:
            order.payment_status = "partially_refunded"

    def _credit(self, order: Order, pieces: Mapping[int, int], shipping_of: Iterable[Part]) -> None:
        something = False
        for product_id, quantity in pieces.items():
            if quantity:
                order.lines[product_id].take_back(quantity)
                something = True
        for part in shipping_of:
            something = something or part.shipping > part.credited_shipping
            part.credited_shipping = part.shipping
        self._settle_credit(order, something=something)

    def _settle_credit(self, order: Order, *, something: bool) -> None:
        if something:
            order.credits += 1
            order.expires = order.expires and order.costs > 0
            self._settle(order)

    def _refund(self, order: Order, before: Mapping[int, int]) -> None:
        """What was taken back since `before`, by company, was a refund. What it gave back all of has ended."""
        for id_, part in order.parts.items():
            part.refunded += part.credited - before[id_]
        self._end_given_back(order)

    def _end_given_back(self, order: Order) -> None:
        given_back = [part for part in order.going if part.is_given_back]
        ended = [part for part in given_back if part.status in CANCELLABLE]
        if ended and len(ended) == len(order.going):
            self._give_coupon_back(order)
            order.expires = False
        for part in ended:
            part.status = "cancelled"
            for line in part.lines.values():
                line.product.reserved -= line.held
                line.held, line.cancelled = 0, line.quantity
        for part in given_back:
            if part.status in ("delivered", "returned"):
                part.status = "refunded"

    def _credit_rest(self, order: Order, parts: Sequence[Part]) -> None:
        rest = {id_: line for part in parts for id_, line in part.lines.items()}
        something = False
        for line in rest.values():
            pieces = line.uncredited
            something = line.take_back(pieces) > 0 or pieces > 0 or something
        for part in parts:
            something = something or part.shipping > part.credited_shipping
            part.credited_shipping = part.shipping
        self._settle_credit(order, something=something)

    def cancel(self, order: Order, company: int | None, quantities: Mapping[int, int] | None) -> bool:
        """All, a company's part, or pieces."""
        if company is not None and company not in order.parts:
            return False
        parts = order.going if company is None else [order.parts[company]]
        if quantities is None:
            if not parts or any(part.status not in CANCELLABLE for part in parts):
                return False
            pieces = {id_: line.left for part in parts for id_, line in part.lines.items() if line.left}
            ended = parts
        else:
            for id_, quantity in quantities.items():
                if id_ not in order.lines or order.part_of(id_) not in parts:
                    return False
                if order.part_of(id_).status not in CANCELLABLE or not 0 < quantity <= order.lines[id_].left:
                    return False
            pieces = dict(quantities)
            ended = [
                part
                for part in parts
                if pieces.keys() & part.lines.keys()
                and all(line.left == pieces.get(id_, 0) for id_, line in part.lines.items())
            ]
        whole = all(part in ended for part in order.going)
        for id_, quantity in pieces.items():
            line = order.lines[id_]
            line.cancelled += quantity
            line.held -= quantity
            line.product.reserved -= quantity
        if whole:
            self._give_coupon_back(order)
        if ended:
            self._credit_rest(order, list(order.parts.values()) if whole else ended)
            for part in ended:
                part.status = "cancelled"
        fewer = {
            id_: order.lines[id_].due(quantity) for id_, quantity in pieces.items() if order.part_of(id_) not in ended
        }
        self._credit(order, fewer, [])
        self._end_given_back(order)
        if not order.going:
            order.expires = False
        return True

    def _give_coupon_back(self, order: Order) -> None:
        if order.coupon is not None:
            order.coupon.uses.remove(order.user)

    def expire(self) -> None:
        """The time of everything that is not paid is over."""
        for order in self.orders:
            if order.expires and order.status in CANCELLABLE and order.payment_status in OWED and not order.is_charging:
                order.expires = False
                for line in order.lines.values():
                    line.product.reserved -= line.held
                    line.held, line.cancelled = 0, line.quantity
                self._give_coupon_back(order)
                for part in order.parts.values():
                    part.status = "cancelled"
                self._credit_rest(order, list(order.parts.values()))

    def move(self, order: Order, status: str, company: int | None) -> bool:
        """Take the parts that are behind, or a company's, forward."""
        if company is not None and company not in order.parts:
            return False
        behind = [part for part in order.going if PROGRESS.index(part.status) < PROGRESS.index(status)]
        parts = behind if company is None else [order.parts[company]]
        if not parts or any(status not in NEXT.get(part.status, ()) for part in parts):
            return False
        if status == "shipped" and order.method == "card" and order.kept != order.costs:
            return False
        if status == "shipped" and any(part.is_given_back for part in parts):
            return False
        comes = {id(part): status for part in parts}
        became = min((comes.get(id(part), part.status) for part in order.going), key=PROGRESS.index)
        pays = status == became == "delivered" and order.method == "cash_on_delivery" and order.payment_status in OWED
        if pays and order.is_charging and order.costs > order.kept:
            return False
        for part in parts:
            part.status = status
            if status == "shipped":
                for line in part.lines.values():
                    line.product.on_hand -= line.held
                    line.product.reserved -= line.held
                    line.held, line.shipped = 0, line.held
        if pays:
            self.receive(order)
        if status == "delivered":
            self._end_given_back(order)
        return True

    # Returns.

    def may_return(self, order: Order, quantities: Mapping[int, int]) -> bool:
        return all(
            id_ in order.lines
            and order.part_of(id_).status == "delivered"
            and quantity <= order.lines[id_].shipped - order.lines[id_].returning
            for id_, quantity in quantities.items()
        )

    def ask_return(self, order: Order, part: Part, return_id: int, quantities: Mapping[int, int]) -> None:
        for id_, quantity in quantities.items():
            part.lines[id_].returning += quantity
        order.returns.append(Return(return_id, part, dict(quantities)))

    def change_return(self, order: Order, one: Return, status: str, came: Mapping[int, tuple[int, int]] | None) -> bool:
        """As an administrator. `came`: (how many, of these damaged) by product; None: all, in order."""
        allowed = {
            "requested": ("approved", "rejected"),
            "approved": ("received", "cancelled"),
            "received": ("refunded",),
        }
        if status not in allowed.get(one.status, ()):
            return False
        lines = one.part.lines
        if status == "received":
            arrived = {id_: (quantity, 0) for id_, quantity in one.quantities.items()} if came is None else dict(came)
            for id_, (quantity, damaged) in arrived.items():
                if id_ not in one.quantities or quantity > one.quantities[id_] or damaged > quantity:
                    return False
            if not any(quantity for quantity, _ in arrived.values()):
                return False
            for id_, asked in one.quantities.items():
                quantity, damaged = arrived.get(id_, (0, 0))
                one.received[id_] = quantity
                lines[id_].received += quantity
                lines[id_].returning -= asked - quantity
                lines[id_].product.on_hand += quantity - damaged
            if one.part.is_all_back and one.part.status == "delivered":
                one.part.status = "returned"
        one.status = status
        if status in ("rejected", "cancelled"):
            for id_, quantity in one.quantities.items():
                lines[id_].returning -= quantity
        if status == "refunded":
            all_back = one.part.is_all_back
            pieces = {id_: lines[id_].due(quantity) for id_, quantity in one.received.items()}
            self._credit(order, pieces, [one.part] if all_back else [])
            open_ = [
                r for r in order.returns if r.part is one.part and r.status in ("requested", "approved", "received")
            ]
            ends = one.part.is_given_back or (all_back and not open_)
            if ends and one.part.status in ("delivered", "returned"):
                one.part.status = "refunded"
        return True

    # Refunds.

    def refund_pieces(self, order: Order, pieces: Mapping[int, int], *, shipping: bool) -> bool:
        """Lines, with the delivery of their parts or without; the delivery of all, where there are no lines."""
        parts = [part for part in order.parts.values() if not pieces or pieces.keys() & part.lines.keys()]
        if not order.captured or any(
            id_ not in order.lines or quantity > order.lines[id_].uncredited for id_, quantity in pieces.items()
        ):
            return False
        worth = sum(_worth(order.lines[id_], quantity) for id_, quantity in pieces.items())
        if shipping:
            worth += sum(part.shipping - part.credited_shipping for part in parts)
        if order.kept - (order.costs - worth) <= 0:
            return False
        before = _credited(order)
        self._credit(order, pieces, parts if shipping else [])
        self._refund(order, before)
        return True

    def refund_rest(self, order: Order) -> bool:
        if not order.captured or not order.kept:
            return False
        before = _credited(order)
        self._credit_rest(order, list(order.parts.values()))
        self._refund(order, before)
        return True

    def refund_amount(self, order: Order, amount: int, split: Mapping[int, tuple[int, int]] | None) -> bool:
        """An amount. `split` says how the shop has spread it: (goods, tax) by product, and delivery under -company."""
        if not order.captured or amount > order.costs or order.kept - (order.costs - amount) <= 0:
            return False
        assert split is not None
        assert sum(goods + tax for goods, tax in split.values()) == amount
        costs, before = order.costs, _credited(order)
        weights: dict[int, int] = {
            id_: line.goods - line.credited_goods + line.tax - line.credited_tax for id_, line in order.lines.items()
        }
        weights |= {-id_: part.shipping - part.credited_shipping for id_, part in order.parts.items()}
        for key, weight in weights.items():
            goods, tax = split.get(key, (0, 0))
            assert goods >= 0
            assert tax >= 0
            assert abs((goods + tax) * costs - amount * weight) < costs, "it is spread in proportion"
            if key > 0:
                order.lines[key].credited_goods += goods
                order.lines[key].credited_tax += tax
            else:
                order.parts[-key].credited_shipping += goods
        self._settle_credit(order, something=True)
        self._refund(order, before)
        return True

    def send_refunds(self) -> None:
        for order in self.orders:
            for refund in order.refunds:
                if refund.status == "pending" and refund.provider is None and refund.intent.provider == "sandbox":
                    self._send(refund)

    def _send(self, refund: Refund) -> None:
        intent = refund.intent
        too_much = intent.sandbox is not None and refund.amount > intent.amount - intent.sandbox_refunded
        if intent.sandbox not in (None, "succeeded") or too_much or intent.method == "pm_card_refundFail":
            refund.provider = "failed"
        else:
            refund.provider = "pending" if intent.method == "pm_card_pendingRefund" else "succeeded"
            intent.sandbox_refunded += refund.amount
        refund.status = refund.provider

    def hear_of_refund(self, refund: Refund, status: str) -> None:
        if (status == "succeeded" and refund.status == "pending") or (status == "failed" and refund.status != "failed"):
            refund.status = status

    def retry(self, order: Order, refund: Refund) -> bool:
        if refund.status != "failed" or refund in order.replaced:
            return False
        order.refunds.remove(refund)
        order.replaced.append(refund)
        order.refunds.append(Refund(refund.intent, refund.amount))
        self._show_refunded(order)
        return True

    def complete(self, refund: Refund) -> bool:
        if refund.intent.provider not in BY_HAND.values() or refund.status != "pending":
            return False
        refund.status = "succeeded"
        return True


def _credited(order: Order) -> dict[int, int]:
    return {id_: part.credited for id_, part in order.parts.items()}


def _worth(line: Line, quantity: int) -> int:
    goods_left, tax_left = line.goods - line.credited_goods, line.tax - line.credited_tax
    if quantity == line.uncredited:
        return goods_left + tax_left
    return rounded(goods_left, quantity, line.uncredited) + rounded(tax_left, quantity, line.uncredited)
