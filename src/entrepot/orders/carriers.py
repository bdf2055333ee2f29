"""Carriers that are known, and where each shows how a parcel travels."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final
from urllib.parse import quote

import msgspec


class Carrier(msgspec.Struct, frozen=True):
    """What a carrier is called, and its tracking page; `{}` stands for the parcel's number."""

    name: str
    tracking_url: str


CARRIERS: Final[Mapping[str, Carrier]] = {
    "aramex": Carrier("Aramex", "https://www.aramex.com/track/results?ShipmentNumber={}"),
    "auspost": Carrier("Australia Post", "https://auspost.com.au/mypost/track/details/{}"),
    "canadapost": Carrier("Canada Post", "https://www.canadapost-postescanada.ca/track-reperage/en#/details/{}"),
    "correos": Carrier("Correos", "https://www.correos.es/es/en/tools/tracker/items/details?tracking-number={}"),
    "deutschepost": Carrier("Deutsche Post", "https://www.deutschepost.de/de/s/sendungsverfolgung.html?piececode={}"),
    "dhl": Carrier("DHL", "https://www.dhl.com/global-en/home/tracking.html?tracking-id={}"),
    "dpd": Carrier("DPD", "https://tracking.dpd.de/status/en_US/parcel/{}"),
    "evri": Carrier("Evri", "https://www.evri.com/track/parcel/{}"),
    "fedex": Carrier("FedEx", "https://www.fedex.com/fedextrack/?trknbr={}"),
    "gls": Carrier("GLS", "https://gls-group.com/track/{}"),
    "hermes": Carrier("Hermes", "https://www.myhermes.de/empfangen/sendungsverfolgung/sendungsinformation#{}"),
    "laposte": Carrier("La Poste", "https://www.laposte.fr/outils/suivre-vos-envois?code={}"),
    "postnl": Carrier("PostNL", "https://postnl.nl/tracktrace/?B={}"),
    "ptt": Carrier("PTT", "https://gonderitakip.ptt.gov.tr/Track/Verify?q={}"),
    "royalmail": Carrier("Royal Mail", "https://www.royalmail.com/track-your-item#/tracking-results/{}"),
    "russianpost": Carrier("Russian Post", "https://www.pochta.ru/en/tracking?barcode={}"),
    "tnt": Carrier("TNT", "https://www.tnt.com/express/en_gb/site/tracking.html?searchType=con&cons={}"),
    "ups": Carrier("UPS", "https://www.ups.com/track?tracknum={}"),
    "usps": Carrier("USPS", "https://tools.usps.com/go/TrackConfirmAction?tLabels={}"),
}
"""By the name in small letters, without what stands between the words."""


def tracking_url(carrier: str | None, number: str | None) -> str | None:
    """The carrier's page about a parcel; None for a carrier that is not known, or without a number."""
    if carrier is None or not number:
        return None
    known = CARRIERS.get(_key(carrier)) or CARRIERS.get(_key(carrier.split()[0] if carrier.split() else ""))
    return known.tracking_url.replace("{}", quote(number, safe="")) if known is not None else None


def _key(name: str) -> str:
    return re.sub(r"[^a-z]", "", name.lower())
