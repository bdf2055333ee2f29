"""Units of measurement as shoppers and sellers spell them, and numbers as they write them."""

from __future__ import annotations

import re
from typing import Final

SPELLINGS: Final = {
    "mm": "mm millimeter millimeters millimetre millimetres мм مم",
    "cm": "cm centimeter centimeters centimetre centimetres см سم",
    "m": "m meter meters metre metres м متر",
    "km": "km kilometer kilometers kilometre kilometres км",
    "in": "in inch inches inchs дюйм дюйма дюймов \" ''",
    "ft": "ft foot feet '",
    "yd": "yd yds yard yards",
    "sqft": "sqft sq.ft",
    "sqm": "sqm m2 sq.m",
    "cuft": "cuft cu.ft",
    "cum": "cum m3 cu.m",
    "mg": "mg мг",
    "g": "g gr gram grams gramme grammes г гр",
    "kg": "kg kgs kilo kilos kilogram kilograms кг كجم كغ",
    "lb": "lb lbs pound pounds",
    "oz": "oz ounce ounces",
    "floz": "floz fl.oz",
    "ml": "ml milliliter milliliters millilitre millilitres мл",
    "cl": "cl centiliter centiliters centilitre centilitres",
    "l": "l lt ltr liter liters litre litres л литр литра литров لتر",
    "gal": "gal gals gallon gallons",
    "qt": "qt qts quart quarts",
    "w": "w watt watts вт ватт",
    "kw": "kw kilowatt kilowatts квт",
    "wh": "wh",
    "kwh": "kwh",
    "v": "v volt volts в вольт",
    "a": "a amp amps ampere amperes",
    "ah": "ah amp-hour amp-hours",
    "mah": "mah мач",
    "hz": "hz hertz гц",
    "khz": "khz",
    "mhz": "mhz",
    "ghz": "ghz",
    "kb": "kb",
    "mb": "mb",
    "gb": "gb gig gigs gigabyte gigabytes гб",
    "tb": "tb terabyte terabytes тб",
    "mp": "mp megapixel megapixels",
    "lm": "lm lumen lumens лм",
    "hp": "hp horsepower",
    "btu": "btu btus",
    "psi": "psi",
    "rpm": "rpm",
    "db": "db decibel decibels дб",
    "ga": "ga gauge",
    "pack": "pack packs pk",
    "pc": "pc pcs piece pieces шт",
    "pct": "% percent",
}
"""Unit -> how it is spelt; `sq.ft` stands for every way to write square feet."""

_SQUARE: Final = re.compile(
    r"\b(?:(sq|cu|fl)\.? ?(ft|m|oz)\b|(square|cubic|fluid) (foot|feet|met(?:er|re)s?|ounces?)\b)"
)
_SHORT: Final = {"square": "sq", "cubic": "cu", "fluid": "fl", "f": "ft", "m": "m", "o": "oz"}
_UNIT_OF: Final = {spelling: unit for unit, line in SPELLINGS.items() for spelling in line.split()}

UNIT: Final = "|".join(re.escape(spelling) for spelling in sorted(_UNIT_OF, key=len, reverse=True))
"""A pattern for any spelling, longest first."""

NUMBER: Final = r"(?:\d+(?:-|\s)\d+/\d+(?![/\d])|\d+/\d+(?![/\d])|\d+(?:[.,]\d+)*|\.\d+)"
"""A pattern for a number: 12, 1,000, 2.5, 3/4, 1-1/2, 1 1/2."""

_PARTS_OF_INCH: Final = frozenset({2, 3, 4, 5, 6, 8, 10, 12, 16, 32, 64})
_THOUSANDS: Final = re.compile(r"\d{1,3}(?:,\d{3})+(?:\.\d+)?")
_DIGITS_MAX: Final = 24


def unit_of(spelling: str) -> str:
    """`feet` -> `ft`."""
    return _UNIT_OF[spelling]


def with_short_areas(text: str) -> str:
    """Square feet, sq. ft. and sq ft become `sqft`; likewise cubic feet, square metres and fluid ounces."""
    if not _SQUARE.search(text):
        return text
    return _SQUARE.sub(_area, text)


def number(written: str) -> str:
    """A number in one spelling: `1-1/2` -> `1.5`, `1,000` -> `1000`, `.50` -> `0.5`, `3/4` -> `0.75`; `7/90` stays."""
    written = written.replace("-", " ")
    if len(written) > _DIGITS_MAX:
        return written.replace(" ", "")
    whole, _, fraction = written.rpartition(" ")
    if "/" in fraction:
        above, below = (int(part) for part in fraction.split("/"))
        if below not in _PARTS_OF_INCH or above >= below * 8:
            return written.replace(" ", "-")
        return _short(int(whole or 0) + above / below)
    if "," in written:
        written = written.replace(",", "" if _THOUSANDS.fullmatch(written) else ".")
    if written.count(".") == 1:
        return _short(float(written))
    return written


def _short(value: float) -> str:
    return f"{value:.4f}".rstrip("0").rstrip(".")


def _area(match: re.Match[str]) -> str:
    short, unit, long, of = match.groups()
    return short + unit if short else _SHORT[long] + _SHORT[of[0]]
