"""What a basket costs before promotions: own discounts, tax, shipping, commission."""

from __future__ import annotations

from typing import Any, Final

import pytest

from entrepot.kernel.money import portion
from entrepot.pricing.explain import explain
from entrepot.pricing.model import Buyer
from entrepot.pricing.price import price
from entrepot.pricing.rules import Parcel, Rules, ShippingRate, ShippingRules, Taxed, TaxRate, TaxRules
from tests.pricing.baskets import a_basket, a_line, lines_of

EIGHT: Final = TaxRules(default=TaxRate(800))


def test_two_phones_at_a_discount_come_out_to_the_cent() -> None:
    priced = price(a_basket(a_line(price_minor=119_999, quantity=2, discount_bp=550)), Rules(tax=EIGHT))

    assert (priced.subtotal_minor, priced.discount_minor) == (226_798, 13_200)
    assert (priced.tax_minor, priced.shipping_minor, priced.total_minor) == (18_144, 0, 244_942)
    assert [(step.kind, step.amount_minor, step.total_minor) for step in explain(priced)] == [
        ("goods", 239_998, 239_998),
        ("line_discount", -13_200, 226_798),
        ("tax", 18_144, 244_942),
    ]


def test_an_empty_basket_costs_nothing() -> None:
    priced = price(a_basket(), Rules(tax=EIGHT))

    assert (priced.parts, priced.total_minor) == ((), 0)


def test_parts_stand_in_the_order_of_companies_and_lines_in_that_of_the_basket() -> None:
    basket = a_basket(a_line(3, company_id=2), a_line(9, company_id=1), a_line(1, company_id=2))

    priced = price(basket, Rules())

    assert [(part.company_id, [line.product_id for line in part.lines]) for part in priced.parts] == [
        (1, [9]),
        (2, [3, 1]),
    ]


def test_commission_is_on_what_remains() -> None:
    priced = price(a_basket(a_line(price_minor=687, discount_bp=1000, commission_bp=1250)), Rules(tax=EIGHT))

    assert (priced.parts[0].subtotal_minor, priced.parts[0].commission_minor) == (618, 77)


def test_the_price_for_everybody_is_told_beside_ones_own() -> None:
    lines = lines_of(price(a_basket(a_line(1, 800, list_price_minor=1000), a_line(2, 500)), Rules()))

    assert [(line.price_minor, line.list_price_minor) for line in lines.values()] == [(800, 1000), (500, 500)]


RATES: Final = TaxRules(
    rates={
        Taxed(): TaxRate(800),
        Taxed(category_id=7): TaxRate(700),
        Taxed("IQ"): TaxRate(500),
        Taxed("IQ", category_id=7): TaxRate(100),
        Taxed("IQ", category_id=70): TaxRate(50),
        Taxed("IQ", "Basra"): TaxRate(600),
        Taxed("DE"): TaxRate(1900, inclusive=True),
    },
    default=TaxRate(1234),
)


@pytest.mark.parametrize(
    ("country", "state", "category_path", "rate_bp"),
    [
        (None, None, (), 800),
        ("FR", None, (), 800),
        ("FR", None, (8, 7), 700),
        ("IQ", None, (), 500),
        ("IQ", "Erbil", (), 500),
        ("IQ", "Basra", (), 600),
        ("IQ", "Basra", (7,), 100),  # the category before the state
        ("IQ", None, (71, 70, 7), 50),  # the nearest category
        ("DE", None, (7,), 1900),  # a rate of the country before one for all countries
    ],
)
def test_the_nearest_tax_rate_counts(
    country: str | None, state: str | None, category_path: tuple[int, ...], rate_bp: int
) -> None:
    assert RATES.rate_for(country, state, category_path).rate_bp == rate_bp


def test_without_a_rate_the_default_counts() -> None:
    assert TaxRules(rates={Taxed("IQ"): TaxRate(1)}, default=TaxRate(800)).rate_for("FR", None, (1,)) == TaxRate(800)


def test_tax_that_prices_contain_is_told_and_not_added() -> None:
    basket = a_basket(a_line(price_minor=11_900), buyer=Buyer(country="DE"))

    priced = price(basket, Rules(tax=RATES))

    assert (priced.subtotal_minor, priced.tax_minor, priced.tax_included_minor) == (11_900, 0, 1900)
    assert priced.total_minor == 11_900


def test_goods_of_one_basket_are_taxed_by_their_categories() -> None:
    basket = a_basket(a_line(1, category_path=(70, 7)), a_line(2, category_path=(8,)), buyer=Buyer(country="IQ"))

    taxes = {product_id: line.tax_minor for product_id, line in lines_of(price(basket, Rules(tax=RATES))).items()}

    assert taxes == {1: 5, 2: 50}


@pytest.mark.parametrize(
    ("amount", "part", "whole", "expected"),
    [(100, 1, 3, 33), (100, 2, 3, 67), (1, 1, 2, 1), (-1, 1, 2, -1), (-100, 2, 3, -67), (0, 5, 7, 0)],
)
def test_a_portion_is_rounded_half_up(amount: int, part: int, whole: int, expected: int) -> None:
    assert portion(amount, part, whole) == expected


TARIFF: Final = ShippingRules(
    (
        ShippingRate(method="standard", company_id=1, zone_id=5, fee_minor=300, free_from_minor=5000),
        ShippingRate(method="standard", company_id=1, fee_minor=900),
        ShippingRate(method="standard", fee_minor=100),
        ShippingRate(method="express", to_weight_g=1000, fee_minor=1000),
        ShippingRate(method="express", from_weight_g=1000, to_weight_g=30_000, fee_minor=1500, per_kg_minor=50),
        ShippingRate(method="pickup", company_id=2),
        ShippingRate(method="freight", to_goods_minor=10_000, fee_minor=700),
        ShippingRate(method="freight", from_goods_minor=10_000, fee_minor=200),
    )
)


@pytest.mark.parametrize(
    ("method", "parcel", "price_minor"),
    [
        ("standard", {"company_id": 1, "zone_id": 5}, 300),
        ("standard", {"company_id": 1, "zone_id": 5, "goods_minor": 4999}, 300),
        ("standard", {"company_id": 1, "zone_id": 5, "goods_minor": 5000}, 0),
        ("standard", {"company_id": 1, "zone_id": 6, "goods_minor": 5000}, 900),
        ("standard", {"company_id": 1, "zone_id": None}, 900),
        ("standard", {"company_id": 2, "zone_id": 5}, 100),
        ("standard", {"company_id": 2, "zone_id": 5, "fee_minor": 450}, 450),  # the company's fee before general rates
        ("standard", {"company_id": 2, "zone_id": 5, "fee_minor": 450, "free_from_minor": 0}, 0),
        ("standard", {"company_id": 1, "zone_id": 5, "fee_minor": 450}, 300),  # and after its own rates
        ("express", {"company_id": 1, "weight_g": 999}, 1000),
        ("express", {"company_id": 1, "weight_g": 1000}, 1550),
        ("express", {"company_id": 1, "weight_g": 1001}, 1600),  # each started kilogram
        ("express", {"company_id": 1, "weight_g": 30_000}, None),
        ("pickup", {"company_id": 2}, 0),
        ("pickup", {"company_id": 1}, None),
        ("freight", {"company_id": 1, "goods_minor": 9999}, 700),
        ("freight", {"company_id": 1, "goods_minor": 10_000}, 200),
        ("drone", {"company_id": 1}, None),
    ],
)
def test_a_shipping_rate(method: str, parcel: dict[str, Any], price_minor: int | None) -> None:
    given: dict[str, Any] = {"zone_id": None, "goods_minor": 0, "weight_g": 0} | parcel

    assert TARIFF.price_minor(method, Parcel(**given)) == price_minor


def test_standard_shipping_without_any_rate_is_free() -> None:
    parcel = Parcel(company_id=1, zone_id=None, goods_minor=0, weight_g=0)

    assert ShippingRules().price_minor("standard", parcel) == 0


def test_each_company_ships_its_own_part_by_weight_and_goods() -> None:
    lines = (
        a_line(1, weight_g=400, quantity=2),
        a_line(2, weight_g=900, company_id=2),
        a_line(3, weight_g=200, company_id=2),
    )

    priced = price(a_basket(*lines, shipping_method="express"), Rules(shipping=TARIFF))

    assert [part.shipping_minor for part in priced.parts] == [1000, 1600]
    assert (priced.undelivered, priced.shipping_minor) == ((), 2600)


def test_a_company_that_does_not_offer_the_method_is_named() -> None:
    lines = (a_line(1, company_id=1), a_line(2, company_id=2))

    priced = price(a_basket(*lines, shipping_method="pickup"), Rules(shipping=TARIFF))

    assert priced.undelivered == (1,)
