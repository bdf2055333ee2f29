"""The catalog's response times with and without a flood of sign-ins in the background.

    python -m benchmarks.sign_in_flood

Needs a shop that serves its demo data, with RATE_LIMIT_ENABLED=false and LOG_LEVEL=warning; names it by --url.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import multiprocessing
import time
from urllib.parse import urlsplit

from benchmarks.load import measure


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--url", default="http://127.0.0.1:3000")
    parser.add_argument("--sign-ins", type=int, default=50, help="a second")
    parser.add_argument("--connections", type=int, default=16)
    parser.add_argument("--seconds", type=float, default=8)
    options = parser.parse_args()
    target = urlsplit(options.url)
    host, port = target.hostname or "127.0.0.1", target.port or 3000
    paths = [f"/api/v1/products?skip={number}&n={number}" for number in range(100_000)]
    how = {"connections": options.connections, "seconds": options.seconds}

    print(f"list of 10, not cached   quiet   {measure(host, port, paths, **how)}")
    counts: multiprocessing.Queue[dict[str, int]] = multiprocessing.Queue()
    flood = multiprocessing.Process(target=_flood, args=(host, port, options.sign_ins, options.seconds + 2, counts))
    flood.start()
    print(f"list of 10, not cached   flood   {measure(host, port, paths, **how)}")
    print(f"sign-ins answered: {counts.get(timeout=60)}")
    flood.join()


def _flood(host: str, port: int, rate: int, seconds: float, counts: multiprocessing.Queue[dict[str, int]]) -> None:
    asyncio.run(_sign_in(host, port, rate, seconds, counts))


async def _sign_in(
    host: str, port: int, rate: int, seconds: float, counts: multiprocessing.Queue[dict[str, int]]
) -> None:
    answered: dict[str, int] = {}
    body = json.dumps({"email": "buyer@entrepot.test", "password": "Entrepot123!"}).encode()
    head = f"POST /api/v1/auth/login HTTP/1.1\r\nHost: {host}\r\nContent-Type: application/json\r\n"
    request = f"{head}Content-Length: {len(body)}\r\nConnection: close\r\n\r\n".encode() + body

    async def once() -> None:
        reader, writer = await asyncio.open_connection(host, port)
        writer.write(request)
        status = (await reader.readline()).split()[1].decode()
        answered[status] = answered.get(status, 0) + 1
        writer.close()

    tasks = []
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        tasks.append(asyncio.create_task(once()))
        await asyncio.sleep(1 / rate)
    await asyncio.wait(tasks, timeout=30)
    counts.put(answered)


if __name__ == "__main__":
    main()
