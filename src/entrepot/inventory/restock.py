"""What to order again: when, how many, and why; from how fast it sells, how unevenly, and how long it takes to come."""

from __future__ import annotations

import math
from datetime import date, timedelta
from statistics import NormalDist
from typing import Final

import msgspec

from entrepot.inventory.report_queries import Demand
from entrepot.kernel import clock

HORIZON_DAYS: Final = 14
"""What is to be ordered within so many days is suggested."""


class Policy(msgspec.Struct, frozen=True, kw_only=True):
    """`window_days` are looked back at; goods come `lead_days` after they are ordered, and are to last `cover_days`. In
    `service_level` of all such times nothing is to run out."""

    window_days: int = 90
    lead_days: int = 7
    cover_days: int = 30
    service_level: float = 0.95

    @property
    def z(self) -> float:
        """How many times the spread the safety stock is."""
        return NormalDist().inv_cdf(self.service_level)


class Suggestion(msgspec.Struct, frozen=True, kw_only=True):
    """Order `quantity` on `order_on`: what is left falls to `order_point` then. `runs_out_on`, if nothing is ordered."""

    order_point: int
    safety_stock: int
    quantity: int
    order_on: date
    runs_out_on: date
    reason: str


def suggest(demand: Demand, policy: Policy) -> Suggestion:
    """The order point is the demand of the lead time and the safety stock z x spread x sqrt(lead time), as in King, "Crack the
    Code: Understanding safety stock and mastering its equations" (APICS 2011); the quantity fills up to what lead time and
    cover need, with the safety stock of both."""
    safety = math.ceil(policy.z * demand.spread * math.sqrt(policy.lead_days))
    order_point = math.ceil(demand.mean * policy.lead_days) + max(0, safety)
    days = policy.lead_days + policy.cover_days
    needed = demand.mean * days + max(0.0, policy.z * demand.spread * math.sqrt(days))
    days_left = max(0, math.floor((demand.available - order_point) / demand.mean))
    at_arrival = demand.available - demand.mean * days_left if days_left else demand.available
    today = clock.today()
    return Suggestion(
        order_point=order_point,
        safety_stock=max(0, safety),
        quantity=max(1, math.ceil(needed - at_arrival)),
        order_on=today + timedelta(days=days_left),
        runs_out_on=today + timedelta(days=math.floor(max(0, demand.available) / demand.mean)),
        reason=_reason(demand, policy, order_point, days_left),
    )


def _reason(demand: Demand, policy: Policy, order_point: int, days_left: int) -> str:
    pace = f"{demand.sold} sold in {demand.days} days: {demand.mean:.2g} a day, give or take {demand.spread:.2g}"
    left = f"{demand.available} left last {max(0, demand.available) / demand.mean:.0f} days"
    when = "the order point is reached" if not days_left else f"the order point is reached in {days_left} days"
    return (
        f"{pace}. {left}; new goods take {policy.lead_days} days. With {order_point} left, {policy.service_level:.0%} of such "
        f"times pass without running out: {when}."
    )
