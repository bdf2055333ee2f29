"""Quality values of Accept headers (RFC 9110): how much a client wants what it names."""

from __future__ import annotations


def quality_of(parameters: str) -> float:
    """The weight in what follows a name's semicolon: 1 where none is given, 0 where it cannot be read."""
    name, _, value = parameters.strip().partition("=")
    if name.strip() != "q":
        return 1.0
    try:
        return float(value)
    except ValueError:
        return 0.0
