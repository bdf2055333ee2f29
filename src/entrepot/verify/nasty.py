"""What no honest client sends: bodies, headers, addresses, and whole requests that are hardly HTTP."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

_ORDER: Final = b"POST /api/v1/orders HTTP/1.1\r\nHost: x\r\n"

BODIES: Final[Mapping[str, bytes]] = {
    "nothing": b"",
    "spaces": b"   ",
    "not JSON": b"hello",
    "half an object": b'{"a": ',
    "two values": b"{}{}",
    "an array": b"[]",
    "null": b"null",
    "a number": b"1",
    "NaN": b'{"quantity": NaN, "price": Infinity}',
    "a number beyond a double": b'{"price": 1e999, "amount": 1e999}',
    "a number of 5,000 digits": b'{"quantity": 1' + b"0" * 5_000 + b"}",
    "100,000 brackets": b"[" * 100_000 + b"]" * 100_000,
    "20,000 open braces": b'{"a":' * 20_000,
    "900 levels": b'{"metadata":' + b"[" * 900 + b"]" * 900 + b"}",
    "a null character": b'{"title": "a\\u0000b", "email": "a\\u0000@b.example", "name": "\\u0000"}',
    "half a surrogate": b'{"title": "\\ud800", "name": "\\udc00"}',
    "not UTF-8": b'{"title": "\xff\xfe", "name": "\xc0\xaf"}',
    "UTF-16": '{"title": "a"}'.encode("utf-16"),
    "a byte order mark": b"\xef\xbb\xbf{}",
    "a field of 10,000 characters": b'{"' + b"x" * 10_000 + b'": 1}',
    "a text of 500,000 characters": b'{"title": "' + b"a" * 500_000 + b'"}',
    "2 MB": b'{"title": "' + b"a" * 2_000_000 + b'"}',
    "direction marks": '{"title": "\u202e\u2066", "name": "\u202e"}'.encode(),
    "letters under a mountain of accents": ('{"title": "' + "a" + "\u0301" * 5_000 + '"}').encode(),
    "a prototype": b'{"__proto__": {"role": "admin"}, "constructor": {"prototype": {}}}',
    "SQL": b'{"title": "\'; drop table orders; --", "code": "\' or 1=1 --", "email": "\' or \'\'=\'"}',
    "wrong kinds": b'{"products": {}, "email": [], "name": 1, "price": "x", "quantity": true, "id": {}, "code": []}',
    "beyond a bigint": b'{"productId": 9223372036854775808, "quantity": 99999999999999999999, "companyId": -1}',
    "a form": b"a=1&b=2",
}

QUERIES: Final = (
    "limit=-1",
    "limit=99999999999999999999",
    "limit=x&skip=x",
    "limit=1&limit=2&limit=",
    "q=%00",
    "q=%ff%fe",
    "q=" + "a" * 5_000,
    "q=%F0%9F%98%80%E2%80%AE",
    "q=" + "(" * 500,
    "q=%22%27%3B--",
    "cursor=AAAA",
    "cursor=" + "A" * 3_000,
    "sortBy=;drop%20table",
    "sortBy=id&order=sideways",
    "minPrice=NaN&maxPrice=Infinity",
    "minPrice=1e308",
    "lang=" + "x" * 300,
    "&".join(f"a{number}=1" for number in range(2_000)),
    "%",
    "envelope=%",
)

PATHS: Final = (
    "/api/v1/products/99999999999999999999",
    "/api/v1/products/-1",
    "/api/v1/products/%00",
    "/api/v1/products/%ff",
    "/api/v1/products/1%2F2",
    "/api/v1/products/..%2f..%2fetc%2fpasswd",
    "/api/v1//products",
    "/api/v1/orders/%00",
    "/api/v1/orders/" + "A" * 5_000,
    "/api/v1/orders/%F0%9F%98%80",
    "/api/v1/nothing",
    "/media/../../keys",
    "/media/%2e%2e/%2e%2e/keys",
    "/media/private/keys",
    "/media/%00",
    "/%",
    "/%2",
    "/..",
    "/api",
    "/api/v2/products",
)

HEADERS: Final[Mapping[str, list[tuple[str, bytes]]]] = {
    "a token that is none": [("Authorization", b"Bearer x")],
    "a token of three parts": [("Authorization", b"Bearer a.b.c")],
    "a token of 20,000 characters": [("Authorization", b"Bearer " + b"a" * 20_000)],
    "a token in another alphabet": [("Authorization", b"Bearer \xff\xfe\xfd")],
    "an order's token that is none": [("X-Order-Token", b"\xff" * 10)],
    "a cart's token that is none": [("X-Cart-Token", b"'; drop table carts")],
    "a key of 300 characters": [("Idempotency-Key", b"k" * 300)],
    "a key that is not printable": [("Idempotency-Key", b"\xff")],
    "languages without end": [("Accept-Language", b",".join(b"xx-%d;q=0.1" % number for number in range(1_000)))],
    "weights that are none": [("Accept-Language", b"en;q=x,de;q=;;,;q"), ("Accept-Encoding", b";;q=,,br;q=nan")],
    "tags without end": [("If-None-Match", b'"a",' * 3_000)],
    "another type": [("Content-Type", b"text/xml")],
    "a type that is none": [("Content-Type", b";;;charset=")],
    "another alphabet": [("Content-Type", b"application/json; charset=utf-7")],
    "a form without its boundary": [("Content-Type", b"multipart/form-data")],
    "packed, and not": [("Content-Encoding", b"gzip")],
    "a range": [("Range", b"bytes=9999999999-1")],
    "another host": [("Host", b"evil.example")],
    "another address": [("X-Forwarded-For", b"\xff, 1.2.3.4'")],
    "another method": [("X-HTTP-Method-Override", b"DELETE")],
    "an origin that is none": [("Origin", b"\xff"), ("Access-Control-Request-Method", b"\xff")],
    "100 headers": [(f"X-{number}", b"1") for number in range(100)],
}

RAW: Final[Mapping[str, bytes]] = {
    "nothing but a line": b"\r\n",
    "no version": b"GET /health\r\n\r\n",
    "a version of the future": b"GET /health HTTP/9.9\r\nHost: x\r\n\r\n",
    "a method that is none": b"\x00\x01 / HTTP/1.1\r\nHost: x\r\n\r\n",
    "TLS": b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + b"\x00" * 200,
    "HTTP/2": b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
    "two lengths": _ORDER + b"Content-Length: 2\r\nContent-Length: 5\r\n\r\n{}",
    "a length below nothing": _ORDER + b"Content-Length: -5\r\n\r\n{}",
    "a length beyond all": _ORDER + b"Content-Length: 99999999999999999999\r\n\r\n{}",
    "length and chunks": _ORDER + b"Content-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    "a chunk that is none": _ORDER + b"Transfer-Encoding: chunked\r\n\r\nzz\r\n{}\r\n0\r\n\r\n",
    "a folded header": b"GET /health HTTP/1.1\r\nHost: x\r\nX-A: 1\r\n 2\r\n\r\n",
    "a header without a name": b"GET /health HTTP/1.1\r\nHost: x\r\n: 1\r\n\r\n",
    "a header of 100,000 bytes": b"GET /health HTTP/1.1\r\nHost: x\r\nX-A: " + b"a" * 100_000 + b"\r\n\r\n",
    "a line of 100,000 bytes": b"GET /" + b"a" * 100_000 + b" HTTP/1.1\r\nHost: x\r\n\r\n",
    "a null character": b"GET /\x00 HTTP/1.1\r\nHost: x\r\n\r\n",
    "websocket": b"GET / HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Key: x\r\n\r\n",
    "100 requests in one": b"GET /health HTTP/1.1\r\nHost: x\r\n\r\n" * 100,
}

UNFINISHED: Final[Mapping[str, bytes]] = {
    "half a line": b"GET /api/v1/prod",
    "half the headers": b"GET /api/v1/products HTTP/1.1\r\nHost: x\r\nX-Slow: ",
    "half a body": _ORDER + b'Content-Type: application/json\r\nContent-Length: 500\r\n\r\n{"a":',
    "half a chunk": _ORDER + b"Content-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\nff\r\n{",
    "nothing at all": b"",
}
"""What slow clients have sent when they fall asleep."""

INTERNAL: Final = ("Traceback", "asyncpg", "pydantic", "msgspec", "litestar", "entrepot/", '.py"', "PostgresError")
"""What no reply may say."""
