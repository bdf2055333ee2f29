"""The security headers of every reply; the same set that Helmet sends, with a policy that suits an API."""

from __future__ import annotations

from typing import Final

Header = tuple[bytes, bytes]

_ALWAYS: Final[list[Header]] = [
    (b"content-security-policy", b"default-src 'none'; frame-ancestors 'none'"),
    (b"cross-origin-embedder-policy", b"require-corp"),
    (b"cross-origin-opener-policy", b"same-origin"),
    (b"cross-origin-resource-policy", b"cross-origin"),
    (b"origin-agent-cluster", b"?1"),
    (b"referrer-policy", b"no-referrer"),
    (b"x-content-type-options", b"nosniff"),
    (b"x-dns-prefetch-control", b"off"),
    (b"x-download-options", b"noopen"),
    (b"x-frame-options", b"DENY"),
    (b"x-permitted-cross-domain-policies", b"none"),
    (b"x-xss-protection", b"0"),
]
_TRANSPORT: Final[Header] = (b"strict-transport-security", b"max-age=31536000; includeSubDomains")


def security_headers(scheme: str, own: frozenset[bytes]) -> list[Header]:
    """What to add to a reply that came over `scheme` and has set the headers `own` itself."""
    added = [header for header in _ALWAYS if header[0] not in own] if own & _NAMES else _ALWAYS
    return [*added, _TRANSPORT] if scheme == "https" else added


_NAMES: Final = frozenset(name for name, _ in _ALWAYS)
