"""A load generator: keep-alive connections that ask again as soon as they are answered."""

from __future__ import annotations

import asyncio
import itertools
import re
import time
from collections.abc import Iterator, Sequence

import msgspec
import uvloop

WARM_UP_S = 1.0

_LENGTH = re.compile(rb"content-length: (\d+)", re.IGNORECASE)


class Measured(msgspec.Struct, frozen=True):
    """Rate in requests a second, response times in milliseconds."""

    requests: int
    rate: float
    p50_ms: float
    p95_ms: float
    p99_ms: float
    failed: int

    def __str__(self) -> str:
        return (
            f"{self.rate:9,.0f}/s   p50 {self.p50_ms:6.2f} ms   p95 {self.p95_ms:6.2f} ms   p99 {self.p99_ms:6.2f} ms"
            + (f"   {self.failed} FAILED" if self.failed else "")
        )


def measure(host: str, port: int, paths: Sequence[str], *, connections: int, seconds: float) -> Measured:
    """Ask for the paths in turn over so many connections, for so long, after a second of warming up."""
    return uvloop.run(_measure(host, port, paths, connections, seconds))


async def _measure(host: str, port: int, paths: Sequence[str], connections: int, seconds: float) -> Measured:
    requests = [f"GET {path} HTTP/1.1\r\nHost: {host}\r\n\r\n".encode() for path in paths]
    turns = itertools.cycle(requests)  # one for all: whoever is free asks the next, and nobody what another just asked
    await asyncio.gather(*(_ask(host, port, turns, WARM_UP_S) for _ in range(connections)))
    began = time.perf_counter()
    rounds = await asyncio.gather(*(_ask(host, port, turns, seconds) for _ in range(connections)))
    elapsed = time.perf_counter() - began
    times = sorted(took for took_times, _ in rounds for took in took_times)
    return Measured(
        requests=len(times),
        rate=len(times) / elapsed,
        p50_ms=times[len(times) // 2] * 1000,
        p95_ms=times[len(times) * 95 // 100] * 1000,
        p99_ms=times[len(times) * 99 // 100] * 1000,
        failed=sum(failed for _, failed in rounds),
    )


async def _ask(host: str, port: int, turns: Iterator[bytes], seconds: float) -> tuple[list[float], int]:
    reader, writer = await asyncio.open_connection(host, port)
    times, failed = [], 0
    deadline = time.perf_counter() + seconds
    while (began := time.perf_counter()) < deadline:
        writer.write(next(turns))
        head = await reader.readuntil(b"\r\n\r\n")
        if (length := _LENGTH.search(head)) is not None:
            await reader.readexactly(int(length[1]))
        times.append(time.perf_counter() - began)
        failed += not head.startswith(b"HTTP/1.1 200")
    writer.close()
    return times, failed
