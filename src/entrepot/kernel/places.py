"""Countries and states as people write them, in one spelling: `USA`, `usa` and `United States` are `US`."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Mapping
from importlib import resources
from typing import Final

MAX_LENGTH: Final = 100


def country_code(written: str) -> str:
    """A country's ISO 3166-1 code of two letters; what is no country's code or name comes back plain (`ATLANTIS`)."""
    plain = _plain(written)
    return _COUNTRIES.get(plain, plain)


def state_code(country: str, written: str) -> str:
    """A state's abbreviation within a country, which is named as `country_code` does: `New York` and `US-NY` are `NY`.

    Names are known of Australia, Canada and the United States; elsewhere a state is what was written, plainly.
    """
    plain = _plain(written.strip().upper().removeprefix(f"{country}-"))
    return _STATES.get((country, plain), plain)


def _plain(written: str) -> str:
    """Letters and digits only, without accents, in capitals."""
    decomposed = unicodedata.normalize("NFKD", written[:MAX_LENGTH].casefold())
    return "".join(character for character in decomposed if character.isalnum()).upper()[:MAX_LENGTH]


def _rows(name: str) -> Iterator[list[str]]:
    text = (resources.files("entrepot.kernel") / name).read_text(encoding="utf-8")
    return (line.split("\t") for line in text.splitlines())


_COUNTRIES: Final[Mapping[str, str]] = {
    _plain(spelling): code
    for code, three_letters, names in _rows("countries.tsv")
    for spelling in (code, three_letters, *names.split("; "))
}
_STATES: Final[Mapping[tuple[str, str], str]] = {
    (country, _plain(spelling)): code for country, code, name in _rows("states.tsv") for spelling in (code, name)
}
