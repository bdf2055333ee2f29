"""Compression of replies: zstd, brotli or gzip, as the client prefers, from 1 KB on."""

from __future__ import annotations

import gzip
from collections.abc import Callable
from typing import Final

import brotli
import zstandard

from entrepot.kernel.quality_values import quality_of

MIN_BYTES: Final = 1_000
OFF_LOOP_BYTES: Final = 50_000
"""Bodies from this size on are compressed in a thread, so that the event loop is never held for long."""

_ENCODERS: Final[dict[str, Callable[[bytes], bytes]]] = {
    "zstd": lambda body: zstandard.ZstdCompressor(level=3).compress(body),
    "br": lambda body: brotli.compress(body, quality=4),
    "gzip": lambda body: gzip.compress(body, compresslevel=5, mtime=0),
}

_COMPRESSIBLE: Final = (b"application/json", b"text/", b"image/svg", b"application/javascript", b"application/vnd.oai")


def choose(accept_encoding: bytes) -> str | None:
    """The best encoding that the client accepts (quality values count; ours breaks ties), or None."""
    if not accept_encoding:
        return None
    accepted: dict[str, float] = {}
    for part in accept_encoding.decode("latin-1").split(","):
        name, _, parameters = part.strip().partition(";")
        accepted[name.strip().lower()] = quality_of(parameters)
    ranked = [(accepted.get(name, accepted.get("*", 0.0)), -order, name) for order, name in enumerate(_ENCODERS)]
    quality, _, name = max(ranked)
    return name if quality > 0 else None


def compress(body: bytes, encoding: str) -> bytes:
    return _ENCODERS[encoding](body)


def is_compressible(content_type: bytes) -> bool:
    return content_type.startswith(_COMPRESSIBLE)
