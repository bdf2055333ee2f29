"""Where Redis shares state between processes, the shop goes on while Redis is away, and afterwards.

Entrepot keeps what processes share in PostgreSQL; REDIS_URL is read by nothing so far, so there is nothing to stop.
"""

from __future__ import annotations

from entrepot.verify.drill import Finding, Size
from entrepot.verify.ground import Ground


async def run(ground: Ground, size: Size) -> list[Finding]:  # noqa: ARG001
    """Nothing to try, and said so."""
    note = "REDIS_URL is not used: PostgreSQL keeps what processes share"
    return [Finding(tried="Redis stopped and started", times=0, skipped=True, note=note)]
