"""The first yardstick: a handler that does nothing but return the same bytes, in a server with the same settings."""

from __future__ import annotations

import argparse
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import uvicorn
from litestar import Litestar, Response, get

from entrepot.bench.shopper import API

TRIES: Final = 100


@contextmanager
def bare_server(body: Path, port: int) -> Iterator[None]:
    """Serve the bytes of a file on a port of this machine, as long as the block runs."""
    program = "from entrepot.bench.bare import main; main()"
    process = subprocess.Popen([sys.executable, "-c", program, str(body), str(port)])  # noqa: S603  ourselves
    try:
        for _ in range(TRIES):
            try:
                urllib.request.urlopen(f"http://127.0.0.1:{port}{API}/", timeout=1).read()
                break
            except OSError:
                time.sleep(0.1)
        yield
    finally:
        process.terminate()
        process.wait()


def main() -> None:
    """Serve until told to stop."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("body", type=Path)
    parser.add_argument("port", type=int)
    options = parser.parse_args()
    body = options.body.read_bytes()

    @get(f"{API}/", sync_to_thread=False)
    def same_bytes() -> Response[bytes]:
        return Response(body, media_type="application/json")

    uvicorn.run(
        Litestar([same_bytes], openapi_config=None),
        port=options.port,
        loop="uvloop",
        http="httptools",
        access_log=False,
        log_level="warning",
        server_header=False,
    )
