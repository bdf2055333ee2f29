"""Product lists and pages, cached and not, next to a bare handler that returns the same bytes.

    make bench-lists

Needs a shop that serves (`make serve`), with RATE_LIMIT_ENABLED=false and LOG_LEVEL=warning; names it by --url.
"""

from __future__ import annotations

import argparse
import random
import subprocess
import sys
import time
import urllib.request
from urllib.parse import urlsplit

import litestar
import uvicorn
from litestar import Litestar, Response, get

from benchmarks.load import Measured, measure

BARE_PORT = 3999


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--url", default="http://127.0.0.1:3000")
    parser.add_argument("--connections", type=int, default=16)
    parser.add_argument("--seconds", type=float, default=5)
    parser.add_argument("--bare", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.bare:
        serve_bare(options.bare)
        return
    target = urlsplit(options.url)
    host, port = target.hostname or "127.0.0.1", target.port or 3000
    how = {"connections": options.connections, "seconds": options.seconds}

    bare = measure_bare(f"{options.url}/api/v1/products", how)
    print(
        f"Litestar {litestar.__version__.formatted()}, {options.connections} connections, {options.seconds:g} s each\n"
    )
    show("bare handler, same bytes", bare, bare)
    show("list of 10, cached", measure(host, port, ["/api/v1/products"], **how), bare)
    show("product page, cached", measure(host, port, ["/api/v1/products/1"], **how), bare)
    show("list of 10, not cached", measure(host, port, fresh("/api/v1/products?skip={}"), **how), bare)
    show("product page, not cached", measure(host, port, fresh("/api/v1/products/1?nocache={}"), **how), bare)


def show(what: str, measured: Measured, bare: Measured) -> None:
    print(f"{what:<28}{measured}   {measured.rate / bare.rate:6.2f} of bare")


def fresh(path: str) -> list[str]:
    """Addresses that nobody has asked for yet, so that no cache knows them."""
    return [path.format(f"{random.randrange(250)}&n={random.random()}") for _ in range(200_000)]


def measure_bare(url: str, how: dict[str, float]) -> Measured:
    """A handler that does nothing but return the same bytes, in a server of its own with the same settings."""
    process = subprocess.Popen([sys.executable, "-m", "benchmarks.lists", "--bare", url])
    try:
        for _ in range(100):
            try:
                urllib.request.urlopen(f"http://127.0.0.1:{BARE_PORT}/", timeout=1).read()
                break
            except OSError:
                time.sleep(0.1)
        return measure("127.0.0.1", BARE_PORT, ["/"], connections=int(how["connections"]), seconds=how["seconds"])
    finally:
        process.terminate()
        process.wait()


def serve_bare(url: str) -> None:
    body = urllib.request.urlopen(url, timeout=10).read()  # noqa: S310

    @get("/")
    async def same_bytes() -> Response[bytes]:
        return Response(body, media_type="application/json")

    app = Litestar([same_bytes], openapi_config=None)
    uvicorn.run(
        app, port=BARE_PORT, loop="uvloop", http="httptools", access_log=False, log_level="warning", server_header=False
    )


if __name__ == "__main__":
    main()
