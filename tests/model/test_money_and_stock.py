"""Money and stock against a model: carts, orders, payments, webhooks, cancellations, returns and refunds in any order.

Everything goes through HTTP, jobs aside. After each step the shop's books must be what the model says: stock, orders, their
payments, credits and refunds, the ledger, the uses of coupons. What the model does not allow must be refused, and change
nothing.

By default a few examples are run, always the same ones. MODEL_EXAMPLES=1000 runs as many, at random; MODEL_STEPS (40 if not
given) says how long each may get.
"""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterator, Mapping
from datetime import timedelta
from typing import Any

import httpx
import msgspec
import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from entrepot.settings import Settings
from tests.builders import ADDRESS, Client, unique
from tests.model.expected import CHARGES, INTENTS, Intent, Line, Model, Order, Refund
from tests.model.stage import Stage, staged
from tests.payments.telling import an_event, an_intent_object

EXAMPLES = int(os.environ.get("MODEL_EXAMPLES", "0"))
STEPS = int(os.environ.get("MODEL_STEPS", "40"))
GUEST = 2

some = st.integers(0, 23)
"""Which of several, counted around."""
few = st.integers(1, 3)
whose = st.sampled_from([None, 0, 1])
"""A company, or none in particular."""
baskets = st.dictionaries(st.integers(0, 3), st.integers(1, 4), min_size=1, max_size=3)
methods = st.sampled_from(["card", "card", "cash_on_delivery", "invoice"])
stories = st.lists(
    st.tuples(
        st.integers(0, 2),
        baskets,
        methods,
        st.sampled_from([None, 0, 1]),
        st.booleans(),
        st.integers(0, 7),
        st.sampled_from([None, None, 1, 4]),
    ),
    max_size=3,
)
"""Orders to begin with: who buys what, how and with which coupon, whether it is paid, how far it has come, and of how many
pieces of each the price is given back before some are."""


class Shop(RuleBasedStateMachine):
    stage: Stage

    def __init__(self) -> None:
        super().__init__()
        self.model = Model([], [], [])
        self.ids: list[int] = []
        self.since = 0
        self.told: set[str] = set()

    @initialize(before=stories, is_late=st.booleans())
    def open(
        self, before: list[tuple[int, dict[int, int], str, int | None, bool, int, int | None]], is_late: bool
    ) -> None:
        goods = self.stage.run(self.stage.goods())
        self.model = Model(self.stage.companies, goods, self.stage.run(self.stage.coupons(goods)))
        self.ids = [product.id for product in goods]
        self.since = self.stage.newest_event()
        for user in range(2):
            self.stage.run(self.stage.buyers[user].delete("/cart"))
            self.model.carts[user] = {}
        for buyer, basket, method, coupon, is_paid, steps, refunded in before:
            orders = len(self.model.orders)
            self.buy(buyer, basket, method, coupon)
            if len(self.model.orders) > orders:
                if is_paid and method == "card":
                    self.pay(0, "pm_card_pendingRefund" if buyer else "pm_card_visa")
                elif is_paid:
                    self.mark_paid(0)
                self.go_on(0, None, min(steps, 3))
                if refunded is not None and self.model.orders[-1].captured:
                    pieces = {position: min(quantity, refunded) for position, quantity in basket.items()}
                    self.give_back_what_was_refunded(0, pieces, dict.fromkeys(basket, 1), shipping=steps % 2 == 0)
                if steps > 3:
                    self.ask_return(0, dict.fromkeys(basket, 1))
                if self.model.orders[-1].returns:
                    for came in (None, [(1, 1), (1, 0)], None)[: steps - 4]:
                        self.change_return(0, "approved", came)
        if is_late:
            self.time_is_over()

    # Who asks, and what is asked of.

    def ask(self, buyer: int, method: str, path: str, json: Any = None, token: str | None = None) -> httpx.Response:
        client: Client = self.stage.guest if buyer == GUEST else self.stage.buyers[buyer]
        headers = {"X-Order-Token": token} if token is not None else {}
        return self.stage.run(client.request(method, path, json=json, headers=headers))

    def as_buyer(self, order: Order, method: str, path: str, json: Any = None) -> httpx.Response:
        return self.ask(order.buyer, method, path, json, order.token)

    def as_admin(self, method: str, path: str, json: Any = None) -> httpx.Response:
        return self.stage.run(self.stage.admin.request(method, path, json=json))

    def order(self, index: int) -> Order:
        return self.model.orders[-1 - index % len(self.model.orders)]

    def lines(self, order: Order, wanted: Mapping[int, int]) -> dict[int, int]:
        """Pieces of products that are in the order, as far as `wanted`, by position, speaks of them."""
        ids = sorted(order.lines)
        return {ids[position % len(ids)]: quantity for position, quantity in wanted.items()}

    def company(self, index: int | None) -> int | None:
        return None if index is None else self.stage.companies[index].id

    @property
    def intents(self) -> list[Intent]:
        return [one for order in self.model.orders for one in order.intents if one.provider == "sandbox"]

    def intent(self, index: int) -> Intent:
        return self.intents[-1 - index % len(self.intents)]

    # Buying.

    @rule(user=st.integers(0, 1), position=st.integers(0, 3), quantity=st.integers(1, 4))
    def put_into_cart(self, user: int, position: int, quantity: int) -> None:
        product, cart = self.ids[position], self.model.carts[user]
        reply = self.ask(user, "POST", "/cart/items", {"productId": product, "quantity": quantity})
        assert_answer(reply, allowed=True)
        cart[product] = cart.get(product, 0) + quantity

    @rule(user=st.integers(0, 1), position=st.integers(0, 3), quantity=st.integers(0, 3))
    def change_cart(self, user: int, position: int, quantity: int) -> None:
        product, cart = self.ids[position], self.model.carts[user]
        reply = self.ask(user, "PUT", f"/cart/items/{product}", {"quantity": quantity})
        if assert_answer(reply, allowed=product in cart):
            cart[product] = quantity
            if not quantity:
                del cart[product]
        shown = self.ask(user, "GET", "/cart").json()
        assert {line["id"]: line["quantity"] for line in shown["products"]} == cart

    @rule(user=st.integers(0, 1), method=methods, coupon=st.sampled_from([None, None, 0, 1]))
    def buy_the_cart(self, user: int, method: str, coupon: int | None) -> None:
        self.place(user, dict(self.model.carts[user]), method, coupon, from_cart=True)

    @rule(buyer=st.integers(0, 2), basket=baskets, method=methods, coupon=st.sampled_from([None, None, 0, 1]))
    def buy(self, buyer: int, basket: dict[int, int], method: str, coupon: int | None) -> None:
        wanted = {self.ids[position]: quantity for position, quantity in basket.items()}
        self.place(buyer, wanted, method, coupon, from_cart=False)

    @rule(
        user=st.integers(0, 1),
        basket=baskets,
        more=st.sampled_from([0, 0, 0, 1]),
        charge=st.sampled_from(sorted(CHARGES)),
    )
    def pay_and_buy(self, user: int, basket: dict[int, int], more: int, charge: str) -> None:
        """An intent is made and confirmed before there is an order; with an amount that the order must have."""
        wanted = {self.ids[position]: quantity for position, quantity in basket.items()}
        amount = sum(part.total for part in self.model.priced(wanted, None).values()) + more
        made = self.ask(user, "POST", "/payments/intents", {"amount": amount})
        assert_answer(made, allowed=True)
        intent_id, status = made.json()["id"], CHARGES[charge]
        confirmed = self.ask(user, "POST", f"/payments/intents/{intent_id}/confirm", {"paymentMethodId": charge})
        if assert_answer(confirmed, allowed=status != "failed"):
            assert confirmed.json()["status"] == status
        before = len(self.model.orders)
        self.place(user, wanted, "card", None, from_cart=False, intent=(intent_id, amount))
        if len(self.model.orders) > before:
            order = self.model.orders[-1]
            self.model.bind(Intent(intent_id, order, amount, status=status, sandbox=status, method=charge))

    def place(
        self,
        buyer: int,
        wanted: dict[int, int],
        method: str,
        coupon: int | None,
        *,
        from_cart: bool,
        intent: tuple[str, int] | None = None,
    ) -> None:
        user = None if buyer == GUEST else buyer
        code = None if coupon is None else self.model.coupons[coupon]
        body: dict[str, Any] = {"shippingAddress": ADDRESS, "paymentMethod": method, "zone": self.stage.zone}
        if not from_cart:
            body["products"] = [{"id": id_, "quantity": quantity} for id_, quantity in wanted.items()]
        if code is not None:
            body["couponCode"] = code.code
        if user is None:
            body["email"] = "guest@example.com"
        parts = self.model.priced(wanted, code)
        allowed = self.model.may_place(wanted, user, code)
        if intent is not None:
            body["paymentIntentId"], amount = intent
            allowed = allowed and amount == sum(part.total for part in parts.values())
        reply = self.ask(buyer, "POST", "/orders", body)
        if not assert_answer(reply, allowed=allowed):
            return
        made = reply.json()
        self.model.place(Order(made["id"], buyer, user, method, parts, code, token=made.get("token")))
        for id_ in wanted if user is not None else ():
            self.model.carts[buyer].pop(id_, None)
        assert cents(made["total"]) == self.model.orders[-1].total
        assert cents(made["total"]) == sum(cents(part["total"]) for part in made["parts"])

    # Paying.

    @precondition(lambda self: self.model.orders)
    @rule(
        which=some,
        more=st.sampled_from([0, 0, 0, 1]),
        webhooks=st.sampled_from(["normal", "never"]),
        times=st.sampled_from([1, 1, 1, 1, 1, INTENTS + 1]),
    )
    def make_intent(self, which: int, more: int, webhooks: str, times: int) -> None:
        """Once, or with each reload of a page, until there are enough."""
        order = self.order(which)
        amount = max(order.costs, 1) + more
        body = {"amount": amount, "metadata": {"orderId": order.number, "sandbox": {"webhooks": webhooks}}}
        for _ in range(times):
            reply = self.as_buyer(order, "POST", "/payments/intents", body)
            if not assert_answer(reply, allowed=self.model.may_make_intent(order, amount)):
                return
            order.intents.append(Intent(reply.json()["id"], order, amount))

    @precondition(lambda self: self.intents)
    @rule(which=some, method=st.sampled_from(sorted(CHARGES)))
    def confirm(self, which: int, method: str) -> None:
        intent = self.intent(which)
        reply = self.as_buyer(
            intent.order, "POST", f"/payments/intents/{intent.id}/confirm", {"paymentMethodId": method}
        )
        status = self.model.confirm(intent, method)
        if assert_answer(reply, allowed=status is not None):
            assert reply.json()["status"] == status

    @precondition(lambda self: any(order.waits_for_payment for order in self.model.orders))
    @rule(which=some, method=st.sampled_from(sorted(CHARGES)))
    def pay(self, which: int, method: str) -> None:
        """What most buyers do: an intent, confirmed."""
        waiting = [order for order in self.model.orders if order.waits_for_payment]
        order = waiting[-1 - which % len(waiting)]
        before = len(self.intents)
        self.make_intent(self.model.orders[::-1].index(order), 0, "normal", 1)
        if len(self.intents) > before:
            made = order.intents[-1]
            self.confirm(self.intents[::-1].index(made), method)

    @precondition(lambda self: self.intents)
    @rule(which=some, is_new=st.booleans())
    def deliver_webhook(self, which: int, is_new: bool) -> None:
        """What the provider tells: any of it, in any order and any number of times; also as another event."""
        events = self.stage.events([intent.id for intent in self.intents])
        if not events:
            return
        event = events[-1 - which % len(events)]
        name = unique("evt") if is_new else f"evt_sandbox_{event['id']}"
        is_again = not is_new and name in self.told
        thing = event["object"] if isinstance(event["object"], dict) else msgspec.json.decode(event["object"])
        assert_answer(self.stage.tell(an_event(event["kind"], thing, name)), allowed=True)
        self.told.add(name)
        if is_again:
            return
        intent = next(one for one in self.intents if one.id == event["intent_id"])
        if thing["object"] == "payment_intent":
            failed = thing["status"] == "requires_payment_method"
            self.model.is_told(intent, "failed" if failed else thing["status"])
        elif thing["object"] == "charge":
            self.model.ask_of_refunds([one for one in intent.order.refunds if one.intent is intent])
        else:
            refund = self.refund_of(thing["metadata"]["refund_id"])
            self.model.hear_of_refund(refund, thing["status"])

    def refund_of(self, refund_id: str) -> Refund:
        return next(
            one for order in self.model.orders for one in (*order.refunds, *order.replaced) if one.id == refund_id
        )

    @precondition(lambda self: self.intents)
    @rule(which=some, more=st.sampled_from([0, 0, 0, 1]))
    def paid_past_us(self, which: int, more: int) -> None:
        """The buyer pays an intent with the provider itself; or it speaks of another amount, which counts for nothing."""
        intent = self.intent(which)
        thing = an_intent_object(intent.id, amount=intent.amount + more)
        assert_answer(self.stage.tell(an_event("payment_intent.succeeded", thing)), allowed=True)
        if not more:
            self.model.is_told(intent, "succeeded")

    @rule()
    def bank_time_passes(self) -> None:
        self.stage.bank_time_passes()
        self.model.bank_time_passes()

    @rule()
    def ask_provider(self) -> None:
        self.model.ahead_s = self.stage.ask_provider()
        self.model.ask_provider()
        self.model.ahead_s = 0

    @rule()
    def time_is_over(self) -> None:
        self.stage.expire()
        self.model.expire()

    @precondition(lambda self: self.model.orders)
    @rule(which=some)
    def mark_paid(self, which: int) -> None:
        order = self.order(which)
        allowed = self.model.may_mark_paid(order)
        reply = self.as_admin("PUT", f"/orders/{order.number}/status", {"paymentStatus": "paid"})
        if assert_answer(reply, allowed=allowed):
            self.model.receive(order)

    # Handling.

    @precondition(lambda self: self.model.orders)
    @rule(which=some, company=whose, status=st.sampled_from(["confirmed", "processing", "shipped", "delivered"]))
    def move(self, which: int, company: int | None, status: str) -> None:
        order = self.order(which)
        body: dict[str, Any] = {"status": status}
        if company is not None:
            body["companyId"] = self.company(company)
        reply = self.as_admin("PUT", f"/orders/{order.number}/status", body)
        assert_answer(reply, allowed=self.model.move(order, status, self.company(company)))

    @precondition(lambda self: any(order.going for order in self.model.orders))
    @rule(which=some, company=whose, steps=few)
    def go_on(self, which: int, company: int | None, steps: int) -> None:
        """As most orders go: one step after the other."""
        going = [order for order in self.model.orders if order.status in ("pending", "processing", "shipped")]
        if going:
            order = going[-1 - which % len(going)]
            for _ in range(steps):
                following = {"pending": "processing", "processing": "shipped", "shipped": "delivered"}
                if (status := following.get(order.status)) is not None:
                    self.move(self.model.orders[::-1].index(order), company, status)

    @precondition(lambda self: any(len(order.going) > 1 for order in self.model.orders))
    @rule(
        which=some, company=st.integers(0, 1), steps=few, status=st.sampled_from(["processing", "shipped", "delivered"])
    )
    def parts_go_apart(self, which: int, company: int, steps: int, status: str) -> None:
        """A company is ahead, and then all are to come to the same."""
        several = [order for order in self.model.orders if len(order.going) > 1]
        index = self.model.orders[::-1].index(several[-1 - which % len(several)])
        for step in ("processing", "shipped", "delivered")[:steps]:
            self.move(index, company, step)
        self.move(index, None, status)

    @precondition(lambda self: self.model.orders)
    @rule(which=some, company=whose, by_admin=st.booleans())
    def cancel(self, which: int, company: int | None, by_admin: bool) -> None:
        order = self.order(which)
        body = {} if company is None else {"companyId": self.company(company)}
        self.cancelled(order, body, by_admin=by_admin, allowed=self.model.cancel(order, self.company(company), None))

    @precondition(lambda self: self.model.orders)
    @rule(which=some, pieces=baskets, by_admin=st.booleans())
    def cancel_pieces(self, which: int, pieces: dict[int, int], by_admin: bool) -> None:
        order = self.order(which)
        wanted = self.lines(order, pieces)
        body = {"lines": [{"productId": id_, "quantity": quantity} for id_, quantity in wanted.items()]}
        self.cancelled(order, body, by_admin=by_admin, allowed=self.model.cancel(order, None, wanted))

    def cancelled(self, order: Order, body: dict[str, Any], *, by_admin: bool, allowed: bool) -> None:
        path = f"/orders/{order.number}/cancel"
        reply = self.as_admin("PUT", path, body) if by_admin else self.as_buyer(order, "PUT", path, body)
        assert_answer(reply, allowed=allowed)

    # Giving back.

    @precondition(lambda self: any(order.captured for order in self.model.orders))
    @rule(which=some, percent=st.integers(1, 110), by_payment=st.booleans())
    def refund_amount(self, which: int, percent: int, by_payment: bool) -> None:
        order = self.paid(which)
        amount = max(1, order.kept * percent // 100)
        reply = self.refunded(order, {"amount": amount}, by_payment=by_payment)
        split = self.stage.split(order.number) if reply.is_success else None
        allowed = order.captured > 0 and amount <= order.costs and order.kept - (order.costs - amount) > 0
        if assert_answer(reply, allowed=allowed):
            assert self.model.refund_amount(order, amount, split)

    @precondition(lambda self: any(order.captured for order in self.model.orders))
    @rule(which=some, pieces=st.one_of(st.just({}), baskets), shipping=st.booleans(), by_payment=st.booleans())
    def refund_pieces(self, which: int, pieces: dict[int, int], shipping: bool, by_payment: bool) -> None:
        order = self.paid(which)
        wanted = self.lines(order, pieces) if pieces else {}
        lines = [{"productId": id_, "quantity": quantity} for id_, quantity in wanted.items()]
        reply = self.refunded(order, {"lines": lines, "shipping": shipping}, by_payment=by_payment)
        if lines or shipping:
            allowed = self.model.refund_pieces(order, wanted, shipping=shipping)
        else:
            allowed = self.model.refund_rest(order)
        assert_answer(reply, allowed=allowed)

    def paid(self, index: int) -> Order:
        paid = [order for order in self.model.orders if order.captured]
        return paid[-1 - index % len(paid)]

    def refunded(self, order: Order, body: dict[str, Any], *, by_payment: bool) -> httpx.Response:
        """Who names a payment of an order, whichever, means the order."""
        charged = [one.id for one in order.intents if one.provider == "sandbox"]
        target = {"paymentIntentId": charged[-1]} if by_payment and charged else {"orderId": order.number}
        return self.as_admin("POST", "/payments/refunds", {**target, **body})

    @rule()
    def send_refunds(self) -> None:
        self.stage.send_refunds()
        self.model.send_refunds()

    @precondition(lambda self: any(order.refunds for order in self.model.orders))
    @rule(which=some, what=st.sampled_from(["retry", "complete", "failed", "succeeded"]))
    def deal_with_refund(self, which: int, what: str) -> None:
        """Somebody sends it again, or has given it back by hand; or the provider says how it ended."""
        refunds = [(order, refund) for order in self.model.orders for refund in (*order.refunds, *order.replaced)]
        order, refund = refunds[-1 - which % len(refunds)]
        if what == "retry":
            reply = self.as_admin("POST", f"/payments/refunds/{refund.id}/retry")
            assert_answer(reply, allowed=self.model.retry(order, refund))
        elif what == "complete":
            reply = self.as_admin("POST", f"/payments/refunds/{refund.id}/complete")
            assert_answer(reply, allowed=self.model.complete(refund))
        elif refund.intent.provider == "sandbox":
            thing = {
                "id": unique("re"), "object": "refund", "amount": refund.amount, "currency": "usd", "status": what,
                "metadata": {"refund_id": refund.id},
            }  # fmt: skip
            assert_answer(self.stage.tell(an_event("refund.updated", thing)), allowed=True)
            if refund not in order.replaced:
                self.model.hear_of_refund(refund, what)

    @precondition(lambda self: any(self.delivered))
    @rule(which=some, pieces=baskets)
    def ask_return(self, which: int, pieces: dict[int, int]) -> None:
        if not self.delivered:
            return
        order = self.delivered[-1 - which % len(self.delivered)]
        wanted = self.lines(order, pieces)
        lines = [{"productId": id_, "quantity": quantity} for id_, quantity in wanted.items()]
        reply = self.as_buyer(order, "POST", f"/orders/{order.number}/return", {"lines": lines, "reason": "damaged"})
        if assert_answer(reply, allowed=self.model.may_return(order, wanted)):
            for made in reply.json()["returns"]:
                asked = {line["productId"]: line["quantity"] for line in made["lines"]}
                part = order.parts[made["companyId"]]
                assert asked == {id_: quantity for id_, quantity in wanted.items() if id_ in part.lines}
                self.model.ask_return(order, part, made["id"], asked)

    @property
    def delivered(self) -> list[Order]:
        return [
            order
            for order in self.model.orders
            if any(part.status in ("delivered", "returned", "refunded") for part in order.parts.values())
        ]

    @precondition(lambda self: any(order.returns for order in self.model.orders))
    @rule(
        which=some,
        status=st.sampled_from(["approved", "approved", "rejected", "cancelled"]),
        came=st.one_of(st.none(), st.lists(st.tuples(st.integers(0, 3), st.integers(0, 1)), min_size=1, max_size=4)),
    )
    def change_return(self, which: int, status: str, came: list[tuple[int, int]] | None) -> None:
        """Mostly the next step: what was approved comes, what came is refunded."""
        returns = [(order, one) for order in self.model.orders for one in order.returns]
        order, one = returns[-1 - which % len(returns)]
        if status == "approved":
            status = {"approved": "received", "received": "refunded"}.get(one.status, status)
        body: dict[str, Any] = {"status": status}
        arrived = None
        if status == "received" and came is not None:
            arrived = dict(zip(sorted(one.quantities), came, strict=False))
            body["lines"] = [
                {"productId": id_, "quantity": quantity, "damaged": damaged}
                for id_, (quantity, damaged) in arrived.items()
            ]
        reply = self.as_admin("PUT", f"/returns/{one.id}/status", body)
        assert_answer(reply, allowed=self.model.change_return(order, one, status, arrived))

    @precondition(lambda self: any(order.captured for order in self.model.orders))
    @rule(which=some, pieces=baskets, fewer=baskets, shipping=st.booleans())
    def give_back_what_was_refunded(
        self, which: int, pieces: dict[int, int], fewer: dict[int, int], shipping: bool
    ) -> None:
        """The price of pieces is given back, and then pieces of the same order are cancelled, or come back."""
        order = self.paid(which)
        self.refund_pieces(which, pieces, shipping, by_payment=False)
        if order not in self.delivered:
            self.cancel_pieces(self.model.orders[::-1].index(order), fewer, by_admin=True)
            return
        before = len(order.returns)
        self.ask_return(self.delivered[::-1].index(order), fewer)
        if len(order.returns) > before:
            returns = [one for other in self.model.orders for one in other.returns]
            for _ in range(3):
                self.change_return(returns[::-1].index(order.returns[-1]), "approved", None)

    # What must be true after each step.

    @property
    def numbers(self) -> list[str]:
        return [order.number for order in self.model.orders]

    @invariant()
    def all_is_well(self) -> None:
        self.stock_is_as_it_should_be()
        self.orders_are_as_they_should_be()
        self.coupons_are_counted()
        self.the_doctor_finds_nothing()
        assert not self.stage.published_twice(self.since)
        self.the_ledger_sums_to_zero()
        self.buyers_see_it()

    def stock_is_as_it_should_be(self) -> None:
        for id_, row in self.stage.stock(self.ids).items():
            product = self.model.products[id_]
            found = (row["on_hand"], row["reserved"], row["available"])
            assert found == (product.on_hand, product.reserved, product.available), id_
            assert (row["moved"], row["held"]) == (row["on_hand"], row["reserved"]), id_

    def orders_are_as_they_should_be(self) -> None:
        found = self.stage.orders(self.numbers)
        for order in self.model.orders:
            row = {
                key: msgspec.json.decode(value) if isinstance(value, str) and value[:1] in "{[" else value
                for key, value in found[order.number].items()
            }
            name_refunds(order, row["refunds"])
            assert expected_row(order) == observed_row(row), order.number

    def coupons_are_counted(self) -> None:
        for coupon in self.model.coupons:
            assert self.stage.coupon_uses(coupon) == len(coupon.uses)
            shown = self.as_admin("GET", f"/coupons?search={coupon.code}").json()
            used = next(one["used"] for one in shown["coupons"] if one["id"] == coupon.id)
            assert used == len(coupon.uses), coupon.code

    def the_doctor_finds_nothing(self) -> None:
        assert not self.stage.faults(self.numbers, self.ids)

    def the_ledger_sums_to_zero(self) -> None:
        shown = self.as_admin("GET", "/ledger/balances?limit=1").json()
        assert all(one["balance"] == 0 for one in shown["sums"])

    def buyers_see_it(self) -> None:
        if not self.model.orders:
            return
        order = self.model.orders[len(self.told) % len(self.model.orders)]
        shown = self.as_buyer(order, "GET", f"/orders/{order.number}").json()
        assert (shown["status"], shown["paymentStatus"]) == (order.status, order.payment_status)
        assert cents(shown["total"]) == order.total
        assert cents(shown.get("amountRefunded", 0)) == order.refunded
        assert {line["id"]: line.get("cancelledQuantity", 0) for line in shown["products"]} == {
            id_: line.cancelled for id_, line in order.lines.items()
        }

    def teardown(self) -> None:
        if self.ids:
            self.stage.forget(self.numbers)


def assert_answer(reply: httpx.Response, *, allowed: bool) -> bool:
    """It was done if it is allowed, and else refused with a reason."""
    assert reply.is_success == allowed, f"{reply.request.method} {reply.request.url.path}: {reply.text}"
    if not allowed:
        assert 400 <= reply.status_code < 500
        assert reply.json()["code"]
    return allowed


def cents(amount: float) -> int:
    return round(amount * 100)


def name_refunds(order: Order, rows: list[list[Any]]) -> None:
    """Which of the shop's refunds those of the model are that were made in this step."""
    known = {refund.id for refund in order.refunds}
    for id_, intent_id, amount, _ in rows:
        if id_ not in known:
            new = [one for one in order.refunds if (one.id, one.intent.id, one.amount) == (None, intent_id, amount)]
            assert new, f"{order.number} gives back {amount} that it should not"
            new[0].id = id_


def expected_row(order: Order) -> dict[str, Any]:
    return {
        "status": order.status,
        "payment_status": order.payment_status,
        "total": order.total,
        "expires": order.expires,
        "credited": order.credited,
        "parts": {id_: (part.status, part.shipping) for id_, part in order.parts.items()},
        "lines": {id_: line_of(line) for id_, line in order.lines.items()},
        "intents": Counter((one.id, one.status, one.captured, one.refunded) for one in order.intents),
        "refunds": Counter((one.id, one.amount, one.status) for one in order.refunds),
        "returns": {one.id: one.status for one in order.returns},
        "books": {kind: amount for kind, amount in books_of(order).items() if amount},
    }


def line_of(line: Line) -> tuple[int, ...]:
    return (
        line.quantity,
        line.goods,
        line.tax,
        line.cancelled,
        line.returning,
        line.held,
        line.shipped,
        line.credited_quantity,
        line.credited_goods,
        line.credited_tax,
    )


def books_of(order: Order) -> dict[str, int]:
    """What stands on each kind of account; debit is positive."""
    given_back = sum(one.amount for one in order.refunds if one.status == "succeeded")
    commission = sum(part.commission_left for part in order.parts.values())
    goods = sum(line.goods - line.credited_goods for line in order.lines.values())
    return {
        "buyers": order.costs - order.kept,
        "clearing": sum(one.captured - one.paid_before for one in order.intents) - given_back,
        "refunds": given_back - order.refunded,
        "commission": -commission,
        "payable": commission - goods,
        "tax": -sum(line.tax - line.credited_tax for line in order.lines.values()),
        "delivery": -sum(part.shipping - part.credited_shipping for part in order.parts.values()),
    }


def observed_row(row: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "status": row["status"],
        "payment_status": row["payment_status"],
        "total": row["total_minor"],
        "expires": row["expires"],
        "credited": row["credited"],
        "parts": {int(id_): (status, shipping) for id_, (status, shipping, _) in row["parts"].items()},
        "lines": {int(id_): tuple(line) for id_, line in row["lines"].items()},
        "intents": Counter(tuple(one) for one in row["intents"]),
        "refunds": Counter((id_, amount, status) for id_, _, amount, status in row["refunds"]),
        "returns": {int(id_): status for id_, status in row["returns"].items()},
        "books": {kind: amount for kind, amount in row["books"].items() if amount},
    }


@pytest.fixture(scope="module")
def stage(server: str, template: str, settings: Settings, worker_name: str) -> Iterator[Stage]:
    patient = settings.model_copy(update={"jwt_expires_in": timedelta(days=1)})
    with staged(server, template, f"model_{worker_name}", patient) as made:
        yield made


def test_money_and_stock_are_as_the_model_says(stage: Stage) -> None:
    Shop.stage = stage
    run_state_machine_as_test(
        Shop,
        settings=settings(
            max_examples=EXAMPLES or 20,
            stateful_step_count=STEPS,
            derandomize=not EXAMPLES,
            database=None,
            deadline=None,
            suppress_health_check=list(HealthCheck),
            print_blob=False,
            report_multiple_bugs=False,
        ),
    )
    assert not stage.all_faults()
