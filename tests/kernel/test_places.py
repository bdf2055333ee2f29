"""Countries and states, as people write them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from entrepot.kernel.places import MAX_LENGTH, country_code, state_code


@pytest.mark.parametrize(
    ("written", "code"),
    [
        ("US", "US"),
        ("usa", "US"),
        (" U.S.A. ", "US"),
        ("United States", "US"),
        ("united states of america", "US"),
        ("United Kingdom", "GB"),
        ("UK", "GB"),
        ("Iraq", "IQ"),
        ("العراق", "IQ"),
        ("Deutschland", "DE"),
        ("Türkiye", "TR"),
        ("Turkey", "TR"),
        ("Cote d'Ivoire", "CI"),
        ("Côte d’Ivoire", "CI"),
        ("Atlantis", "ATLANTIS"),
        ("", ""),
        ("...", ""),
    ],
)
def test_a_country_has_one_code(written: str, code: str) -> None:
    assert country_code(written) == code


@pytest.mark.parametrize(
    ("country", "written", "code"),
    [
        ("US", "NY", "NY"),
        ("US", "New York", "NY"),
        ("US", "us-ny", "NY"),
        ("CA", "Québec", "QC"),
        ("AU", "new south wales", "NSW"),
        ("IQ", "Duhok", "DUHOK"),
        ("US", "", ""),
    ],
)
def test_a_state_has_one_code(country: str, written: str, code: str) -> None:
    assert state_code(country, written) == code


@given(st.text(max_size=300))
def test_what_has_one_spelling_keeps_it(written: str) -> None:
    code = country_code(written)
    assert country_code(code) == code
    assert len(code) <= MAX_LENGTH
    state = state_code(code, written)
    assert state_code(code, state) == state
