"""Carriers' pages about a parcel."""

from __future__ import annotations

from urllib.parse import urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from entrepot.orders.carriers import CARRIERS, tracking_url


@pytest.mark.parametrize(
    ("carrier", "number", "host"),
    [
        ("UPS", "1Z999AA10123456784", "www.ups.com"),
        ("ups ground", "1Z", "www.ups.com"),
        ("FedEx", "123", "www.fedex.com"),
        ("Royal Mail", "AB123", "www.royalmail.com"),
        ("royal-mail", "AB123", "www.royalmail.com"),
        ("DHL Express", "JD01", "www.dhl.com"),
        ("U.S.P.S.", "94", "tools.usps.com"),
    ],
)
def test_a_known_carriers_page(carrier: str, number: str, host: str) -> None:
    found = tracking_url(carrier, number)
    assert found is not None
    assert urlsplit(found).hostname == host
    assert number in found


@pytest.mark.parametrize(
    ("carrier", "number"), [("My cousin", "1"), (None, "1"), ("UPS", None), ("UPS", ""), (" ", "1")]
)
def test_no_page_is_known(carrier: str | None, number: str | None) -> None:
    assert tracking_url(carrier, number) is None


@given(st.sampled_from(sorted(CARRIERS)), st.text(min_size=1))
def test_a_number_never_leaves_its_place(carrier: str, number: str) -> None:
    template = CARRIERS[carrier].tracking_url
    found = tracking_url(carrier, number) or ""
    assert found.startswith(template[: template.index("{}")])
    assert urlsplit(found).hostname == urlsplit(template).hostname
    assert found.isascii()
