"""Rate limits: fixed windows per address and per user, by rules that are data.

Rules that guard secrets are counted in the database, so that every process shares them; the others, which only keep one
client from crowding out the rest, are counted in this process.
"""

from __future__ import annotations

import math
import re
import time
from collections import OrderedDict
from collections.abc import Sequence
from datetime import timedelta

import msgspec

from entrepot.kernel import clock
from entrepot.kernel.db import Database, Tx
from entrepot.kernel.errors import RateLimited

MAX_BUCKETS = 100_000
_SLASHES = re.compile("/{2,}")


class Rule(msgspec.Struct, frozen=True):
    """At most `limit` requests in `window_s` seconds, for paths that match, for each address and each user."""

    name: str
    paths: str
    limit: int
    window_s: int
    shared: bool = False


class Verdict(msgspec.Struct, frozen=True):
    """How a request stands with its rule. `reset_s` is the time until the window starts anew."""

    limit: int
    remaining: int
    reset_s: int
    allowed: bool

    @property
    def headers(self) -> dict[str, str]:
        return {
            "X-RateLimit-Limit": str(self.limit),
            "X-RateLimit-Remaining": str(self.remaining),
            "X-RateLimit-Reset": str(self.reset_s),
        }


class RateLimiter:
    """Counts requests. The first rule whose pattern matches a path is the one that counts."""

    def __init__(self, rules: Sequence[Rule], database: Database) -> None:
        self._rules = [(re.compile(rule.paths), rule) for rule in rules]
        self._database = database
        self._windows: OrderedDict[str, tuple[int, float]] = OrderedDict()

    def rule_for(self, path: str) -> Rule | None:
        path = _SLASHES.sub("/", path).rstrip("/")  # as the router reads it: /auth/login/ is /auth/login
        return next((rule for pattern, rule in self._rules if pattern.match(path)), None)

    async def hit(self, rule: Rule, subject: str) -> Verdict:
        """Count one request of `subject` (`address:1.2.3.4`, `user:5`) under the rule."""
        if rule.shared:
            async with self._database.transaction() as tx:
                return await count(tx, rule, subject)
        return _verdict(rule, *self._count_here(f"{rule.name}|{subject}", rule))

    async def refuse_too_many(self, path: str, subject: str) -> None:
        """Count a request of `subject` under the path's rule. Raises RateLimited."""
        if (rule := self.rule_for(path)) is not None:
            verdict = await self.hit(rule, subject)
            if not verdict.allowed:
                raise RateLimited(verdict.reset_s, verdict.headers)

    def _count_here(self, bucket: str, rule: Rule) -> tuple[int, float]:
        now = time.monotonic()
        count, ends_at = self._windows.get(bucket, (0, 0.0))
        if ends_at <= now:
            count, ends_at = 0, now + rule.window_s
        self._windows[bucket] = (count + 1, ends_at)
        self._windows.move_to_end(bucket)
        if len(self._windows) > MAX_BUCKETS:
            self._windows.popitem(last=False)
        return count + 1, ends_at - now


class _Window(msgspec.Struct, frozen=True):
    count: int
    reset_s: float


async def count(tx: Tx, rule: Rule, subject: str) -> Verdict:
    """Count one request of `subject` under the rule, for all processes; one that is rolled back does not count."""
    now = clock.now()
    window = await tx.one(
        _Window,
        """
        insert into rate_limits as r (bucket, count, expires_at) values ($1, 1, $2)
        on conflict (bucket) do update set
            count = case when r.expires_at <= $3 then 1 else r.count + 1 end,
            expires_at = case when r.expires_at <= $3 then $2 else r.expires_at end
        returning count, extract(epoch from expires_at - $3)::float8 as reset_s
        """,
        f"{rule.name}|{subject}",
        now + timedelta(seconds=rule.window_s),
        now,
    )
    return _verdict(rule, window.count, window.reset_s)


def _verdict(rule: Rule, count: int, reset_s: float) -> Verdict:
    return Verdict(rule.limit, max(0, rule.limit - count), max(1, math.ceil(reset_s)), count <= rule.limit)


async def forget_old(tx: Tx) -> int:
    """Delete windows that have ended; returns how many."""
    return await tx.run("delete from rate_limits where expires_at < $1", clock.now())


def rules(*, general_limit: int, general_window_s: int, generous: bool) -> list[Rule]:
    """The limits of the contract; `generous` (development) multiplies them by a hundred."""
    factor = 100 if generous else 1
    return [
        Rule("login", r"/api/v1/auth/(login|verify-otp)$", 5 * factor, 900, shared=True),
        Rule("register", r"/api/v1/auth/register$", 3 * factor, 3600, shared=True),
        Rule("secrets by mail", r"/api/v1/auth/(forgot-password|reset-password|request-otp|resend-verification)$",
             3 * factor, 3600, shared=True),
        Rule("products", r"/api/v1/products(/|$)", 100 * factor, 60),
        Rule("orders", r"/api/v1/orders(/|$)", 30 * factor, 60),
        Rule("payments", r"/api/v1/payments/(?!webhooks)", 10 * factor, 60),
        Rule("general", r"/api/", general_limit, general_window_s),
    ]  # fmt: skip
