"""Refunds that an administrator makes: of an order by line, delivery, amount or whole, or of a payment without an order."""

from __future__ import annotations

import secrets
from collections.abc import Sequence

from entrepot.kernel.actors import Actor
from entrepot.kernel.admin_log import Subject, record_change
from entrepot.kernel.db import Tx
from entrepot.kernel.errors import Invalid
from entrepot.kernel.events import publish
from entrepot.payments import credit_queries
from entrepot.payments import refund_queries as queries
from entrepot.payments.credit import credit, credit_rest
from entrepot.payments.credit_model import Credit, CreditKind, LineCredit, NothingLeft
from entrepot.payments.events import RefundCreated
from entrepot.payments.model import IntentNotFound
from entrepot.payments.provider_model import RefundOutcome, RefundStatus
from entrepot.payments.refund_due import owe_back, spread
from entrepot.payments.refund_model import (
    NotRefundable,
    Refund,
    RefundExceedsCaptured,
    RefundNotByHand,
    RefundNotFailed,
    RefundNotFound,
)
from entrepot.payments.refund_queries import OrderedLine, Refundable
from entrepot.payments.refund_requests import NewRefund, RefundedLine
from entrepot.payments.refund_settle import settle_refund


async def refund(tx: Tx, actor: Actor, new: NewRefund) -> Refund:
    """Give money back. Of an order, what it is for is taken back of the sale with it, and commission in proportion.

    Raises:
        IntentNotFound, Invalid: there is no such payment or order, or the order has no such lines.
        NotRefundable: nothing was paid.
        RefundExceedsCaptured: it is more than was paid and not given back; of twenty at once one wins.
    """
    made = await _get(tx, (await _give_back(tx, actor, new))[0])
    await record_change(
        tx,
        actor,
        "refund.created",
        Subject("refund", made.id),
        after={"amountMinor": made.amount_minor, "currency": made.currency, "reason": made.reason},
    )
    return made


async def send_again(tx: Tx, actor: Actor, refund_id: str) -> Refund:
    """Make a new refund in the place of one that failed.

    Raises:
        RefundNotFound, RefundNotFailed: there is none, or it is not one that waits for this.
    """
    failed = await _get(tx, refund_id)
    if failed.order_id is not None:
        await credit_queries.lock_order(tx, failed.order_id)
    new_id = f"re_{secrets.token_hex(12)}"
    if not await queries.claim_again(tx, refund_id, new_id, actor.id):
        raise RefundNotFailed
    made = await _get(tx, new_id)
    await publish(
        tx,
        RefundCreated(
            refund_id=new_id,
            intent_id=made.payment_intent_id,
            order_id=made.order_id,
            amount_minor=made.amount_minor,
            currency=made.currency,
        ),
        actor_id=actor.user_id,
    )
    await record_change(tx, actor, "refund.sent_again", Subject("refund", refund_id), after={"refundId": new_id})
    return made


async def give_back_by_hand(tx: Tx, actor: Actor, refund_id: str) -> Refund:
    """Cash or a bank transfer was given back by somebody of the shop.

    Raises:
        RefundNotFound, RefundNotByHand: there is none, or it is not one that waits for this.
    """
    found = await _get(tx, refund_id)
    if not found.is_by_hand or not await settle_refund(tx, refund_id, RefundOutcome(status=RefundStatus.SUCCEEDED)):
        raise RefundNotByHand
    await record_change(tx, actor, "refund.given_back", Subject("refund", refund_id))
    return await _get(tx, refund_id)


async def _give_back(tx: Tx, actor: Actor, new: NewRefund) -> Sequence[str]:
    target = await _target(tx, new)
    if target.order_id is None:
        try:
            return await _of_payment(tx, actor, new, target)
        except RefundExceedsCaptured:
            target = await _target(tx, new)
            if target.order_id is None:
                raise
    # The payment is an order's, if only since it was looked at: what was bought with it is taken back as well.
    await credit_queries.lock_order(tx, target.order_id)
    return await _of_order(tx, actor, new, target.order_id)


async def _target(tx: Tx, new: NewRefund) -> Refundable:
    target = await queries.find_refundable(tx, new.payment_intent_id, new.order_id)
    if target is not None:
        return target
    if new.payment_intent_id is not None:
        raise IntentNotFound
    raise Invalid({"orderId": ["there is no such order"]})


async def _get(tx: Tx, refund_id: str) -> Refund:
    found = await queries.find_refund(tx, refund_id)
    if found is None:
        raise RefundNotFound
    return found


async def _of_payment(tx: Tx, actor: Actor, new: NewRefund, target: Refundable) -> Sequence[str]:
    """Of a payment that has no order: an amount, or all that is left."""
    if new.lines or new.shipping:
        raise Invalid({"lines": ["this payment has no order: give an amount, or nothing for all of it"]})
    if target.paid is None:
        raise NotRefundable
    amount_minor = target.paid.left_minor if new.amount is None else new.amount
    if not 0 < amount_minor <= target.paid.left_minor:
        raise RefundExceedsCaptured.of(target.paid.left_minor, target.paid.currency)
    dues = spread([target.paid], amount_minor)
    return await owe_back(tx, dues, reason=new.reason, credit_id=None, actor_id=actor.user_id)


async def _of_order(tx: Tx, actor: Actor, new: NewRefund, order_id: int) -> Sequence[str]:
    account = await queries.get_account(tx, order_id)
    if not account.captured_minor:
        raise NotRefundable
    left_minor = sum(paid.left_minor for paid in account.paid)
    currency = account.currency
    try:
        made = await _credit(tx, actor, new, order_id)
    except NothingLeft as error:
        raise RefundExceedsCaptured(details=error.details) from None
    if made is None or not made.refund_ids:
        raise RefundExceedsCaptured.of(left_minor, currency)
    return made.refund_ids


async def _credit(tx: Tx, actor: Actor, new: NewRefund, order_id: int) -> Credit | None:
    if new.amount is not None:
        return await credit(
            tx,
            order_id,
            kind=CreditKind.REFUND,
            reason=new.reason,
            actor_id=actor.user_id,
            amount_minor=new.amount,
        )
    if not new.lines and not new.shipping:
        return await credit_rest(tx, order_id, kind=CreditKind.REFUND, reason=new.reason, actor_id=actor.user_id)
    ordered = await queries.list_ordered_lines(tx, order_id)
    lines = _named_lines(new.lines, ordered)
    of = {line.line_id for line in lines}
    parts = {line.part_id for line in ordered if not of or line.id in of} if new.shipping else set()
    return await credit(
        tx,
        order_id,
        kind=CreditKind.REFUND,
        reason=new.reason,
        actor_id=actor.user_id,
        lines=lines,
        shipping_of=sorted(parts),
    )


def _named_lines(asked: Sequence[RefundedLine], ordered: Sequence[OrderedLine]) -> list[LineCredit]:
    by_id = {line.id: line.id for line in ordered}
    by_product = {line.product_id: line.id for line in ordered}
    named, unknown = [], {}
    for place, line in enumerate(asked):
        line_id = by_id.get(line.line_id) if line.line_id is not None else by_product.get(line.product_id or 0)
        if line_id is None:
            unknown[f"lines.{place}"] = ["the order has no such line"]
        else:
            named.append(LineCredit(line_id, line.quantity))
    if unknown:
        raise Invalid(unknown)
    return named
