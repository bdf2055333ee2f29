"""Which way a part of an order may go, and what the order is when its parts stand as they do."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final

from entrepot.kernel.errors import Unprocessable
from entrepot.orders.model import OrderStatus

_S: Final = OrderStatus

TRANSITIONS: Final[Mapping[OrderStatus, frozenset[OrderStatus]]] = {
    _S.PENDING: frozenset({_S.CONFIRMED, _S.PROCESSING, _S.CANCELLED}),
    _S.CONFIRMED: frozenset({_S.PROCESSING, _S.CANCELLED}),
    _S.PROCESSING: frozenset({_S.SHIPPED, _S.CANCELLED}),
    _S.SHIPPED: frozenset({_S.DELIVERED}),
    _S.DELIVERED: frozenset({_S.RETURNED, _S.REFUNDED}),
    _S.RETURNED: frozenset({_S.REFUNDED}),
    _S.CANCELLED: frozenset(),
    _S.REFUNDED: frozenset(),
}
"""What a part may become. `confirmed` may be skipped: there are clients that know no such status."""

BY_HAND: Final = frozenset({_S.CONFIRMED, _S.PROCESSING, _S.SHIPPED, _S.DELIVERED, _S.CANCELLED})
"""What may be asked for by name; the others follow from a return or a refund."""

CANCELLABLE: Final = frozenset(before for before, after in TRANSITIONS.items() if _S.CANCELLED in after)

_PROGRESS: Final = (_S.PENDING, _S.CONFIRMED, _S.PROCESSING, _S.SHIPPED, _S.DELIVERED, _S.RETURNED, _S.REFUNDED)


class IllegalTransition(Unprocessable):
    code = "ORDER_ILLEGAL_TRANSITION"

    @classmethod
    def of(cls, before: OrderStatus, after: OrderStatus) -> IllegalTransition:
        """Names what it may become instead."""
        allowed = sorted(TRANSITIONS[before] & BY_HAND, key=list(OrderStatus).index)
        if after not in BY_HAND and after in TRANSITIONS[before]:
            may = f"becomes {after} by a return or a refund"
        else:
            may = f"may become {' or '.join(allowed)}" if allowed else "stays as it is"
        return cls(
            f"What is {before} cannot become {after}: it {may}",
            details={"status": [f"must be {' or '.join(allowed)}" if allowed else f"{before} is final"]},
        )


def refuse_unless_legal(before: OrderStatus, after: OrderStatus) -> None:
    """Raise IllegalTransition for what the table does not have."""
    if after not in TRANSITIONS[before]:
        raise IllegalTransition.of(before, after)


def is_before(status: OrderStatus, wanted: OrderStatus) -> bool:
    """Whether a part with this status has still to come to the wanted one. Everything may still be cancelled, or is refused."""
    if _S.CANCELLED in (status, wanted):
        return status is not wanted
    return _PROGRESS.index(status) < _PROGRESS.index(wanted)


def status_of(parts: Iterable[OrderStatus]) -> OrderStatus:
    """The order's status: as far as the slowest of its parts that were not cancelled; cancelled when all were.

    Takes at least one part.
    """
    going = set(parts) - {_S.CANCELLED}
    return min(going, key=_PROGRESS.index) if going else _S.CANCELLED
