"""Slugs: names as they stand in addresses."""

from __future__ import annotations

import hashlib
import re
import unicodedata


def slug_of(name: str) -> str:
    """Lower case letters, digits and single hyphens; a name in another script gets a short hash instead."""
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    slug = re.sub(r"[^a-z0-9]+", "-", plain).strip("-")
    return slug or hashlib.sha256(name.encode()).hexdigest()[:12]
