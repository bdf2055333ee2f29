"""Bodies that set what shipping costs, and ask for it."""

from __future__ import annotations

from decimal import Decimal
from itertools import combinations
from typing import Annotated, Any, Final, Self

from pydantic import AfterValidator, Field, field_validator, model_validator

from entrepot.kernel.bodies import Body
from entrepot.kernel.fields import Amount, minor_of
from entrepot.kernel.money import Currency, MajorAmount
from entrepot.kernel.types import MAX_ID
from entrepot.pricing.rules import ShippingRate
from entrepot.pricing.shipping import Method, TariffSetting
from entrepot.zones import Latitude, Longitude, refuse_half_a_place

MOST_TARIFFS: Final = 500
MOST_RATES: Final = 50
MOST_PRODUCTS: Final = 200
GRAMS_PER_KG: Final = 1000


def _weight(value: Decimal) -> Decimal:
    if not 0 <= value <= 1_000_000 or value * GRAMS_PER_KG % 1:
        raise ValueError("must be from 0 to 1,000,000 kilograms, with at most three digits after the point")
    return value


Kilograms = Annotated[MajorAmount, AfterValidator(_weight)]
CompanyId = Annotated[int, Field(ge=1, le=MAX_ID)]


def grams(kilograms: Decimal) -> int:
    return int(kilograms * GRAMS_PER_KG)


class MethodChange(Body):
    """What is given is changed, the rest stays."""

    name: str | None = Field(None, min_length=1, max_length=100, examples=["Express delivery"])
    description: str | None = Field(None, max_length=500)
    min_days: int | None = Field(None, ge=0, le=365, examples=[1])
    max_days: int | None = Field(None, ge=0, le=365, examples=[2])
    is_active: bool | None = Field(None, description="whether it is offered")

    @field_validator("*", mode="after")
    @classmethod
    def _not_null(cls, value: Any) -> Any:
        if value is None:
            raise ValueError("must not be null: leave it out to keep it as it is")
        return value

    @property
    def changes(self) -> dict[str, Any]:
        return self.model_dump(include=self.model_fields_set)


class ShippingRateBody(Body):
    """What is asked of a parcel that is so heavy and worth so much; amounts in the shop's currency, before promotions."""

    fee: Amount = Field(Decimal(0), examples=[9.5])
    per_kg: Amount = Field(Decimal(0), description="for each kilogram begun, besides the fee")
    from_weight: Kilograms = Field(Decimal(0), description="kilograms")
    to_weight: Kilograms | None = Field(None, description="kilograms, this itself not; null: no end", examples=[30])
    from_subtotal: Amount = Decimal(0)
    to_subtotal: Amount | None = Field(None, description="this itself not; null: no end")
    free_from: Amount | None = Field(None, description="a subtotal from which on it costs nothing", examples=[100])

    @model_validator(mode="after")
    def _runs_upwards(self) -> Self:
        if self.to_weight is not None and self.to_weight <= self.from_weight:
            raise ValueError("toWeight must be above fromWeight")
        if self.to_subtotal is not None and self.to_subtotal <= self.from_subtotal:
            raise ValueError("toSubtotal must be above fromSubtotal")
        return self

    def overlaps(self, other: ShippingRateBody) -> bool:
        return _overlap((self.from_weight, self.to_weight), (other.from_weight, other.to_weight)) and _overlap(
            (self.from_subtotal, self.to_subtotal), (other.from_subtotal, other.to_subtotal)
        )

    def rate(self, method: Method, where: str, currency: Currency) -> ShippingRate:
        """Raises Invalid for an amount with more digits than the currency."""
        minor = {
            name: minor_of(f"{where}.{spoken}", amount, currency)
            for name, spoken, amount in (
                ("fee_minor", "fee", self.fee),
                ("per_kg_minor", "perKg", self.per_kg),
                ("from_goods_minor", "fromSubtotal", self.from_subtotal),
                ("to_goods_minor", "toSubtotal", self.to_subtotal),
                ("free_from_minor", "freeFrom", self.free_from),
            )
            if amount is not None
        }
        return ShippingRate(
            method=method,
            from_weight_g=grams(self.from_weight),
            to_weight_g=grams(self.to_weight) if self.to_weight is not None else None,
            **minor,
        )


def _overlap(one: tuple[Decimal, Decimal | None], other: tuple[Decimal, Decimal | None]) -> bool:
    return (other[1] is None or one[0] < other[1]) and (one[1] is None or other[0] < one[1])


class TariffBody(Body):
    """All that is asked for a method by a company in a zone. Without company, by all that have no tariff; as with zones."""

    method: Method = Field(examples=["express"])
    company_id: CompanyId | None = None
    zone: str | None = Field(None, min_length=1, max_length=100, description="slug")
    rates: Annotated[list[ShippingRateBody], Field(max_length=MOST_RATES)] = Field(
        description="none: the tariff is taken away"
    )

    @field_validator("rates", mode="after")
    @classmethod
    def _apart(cls, rates: list[ShippingRateBody]) -> list[ShippingRateBody]:
        for (first, one), (second, other) in combinations(enumerate(rates), 2):
            if one.overlaps(other):
                raise ValueError(f"rates {first} and {second} both fit some parcels: set their ends apart")
        return rates

    def setting(self, place: int, currency: Currency) -> TariffSetting:
        """Raises Invalid for an amount with more digits than the currency."""
        return TariffSetting(
            method=self.method,
            company_id=self.company_id,
            zone=self.zone,
            rates=[
                rate.rate(self.method, f"tariffs.{place}.rates.{number}", currency)
                for number, rate in enumerate(self.rates)
            ],
        )


class TariffsBody(Body):
    """The tariffs that are set; others stay."""

    tariffs: Annotated[list[TariffBody], Field(min_length=1, max_length=MOST_TARIFFS)]

    @field_validator("tariffs", mode="after")
    @classmethod
    def _once(cls, tariffs: list[TariffBody]) -> list[TariffBody]:
        if len({(one.method, one.company_id, one.zone) for one in tariffs}) < len(tariffs):
            raise ValueError("must name each method, company and zone once")
        return tariffs

    def settings(self, currency: Currency) -> list[TariffSetting]:
        return [tariff.setting(place, currency) for place, tariff in enumerate(self.tariffs)]


class DestinationBody(Body):
    """As much of an address as is known."""

    country: str = Field("", max_length=100, examples=["USA"])
    state: str = Field("", max_length=100, examples=["NY"])
    city: str = Field("", max_length=100, examples=["New York"])
    zip_code: str = Field("", max_length=20)
    address: str = Field("", max_length=300)
    latitude: Latitude | None = None
    longitude: Longitude | None = None

    @model_validator(mode="after")
    def _whole_place(self) -> Self:
        refuse_half_a_place(self.latitude, self.longitude)
        return self


class ShippedProduct(Body):
    """So many pieces of a product."""

    id: int = Field(ge=1, le=MAX_ID)
    quantity: int = Field(ge=1, le=1_000_000)


class ShippingQuestion(Body):
    """What is to be shipped, and where to.

    Where to: `zone`, `address`, `addressId` of one's own address book, or one's own zone. What: `products`; or `weight` and
    `subtotal`, of a company or of the shop's own; or the cart.
    """

    zone: str | None = Field(None, min_length=1, max_length=100, description="slug")
    address: DestinationBody | None = None
    address_id: int | None = Field(None, ge=1, le=MAX_ID)
    products: Annotated[list[ShippedProduct], Field(min_length=1, max_length=MOST_PRODUCTS)] | None = None
    weight: Kilograms | None = Field(None, description="kilograms")
    subtotal: Amount | None = Field(None, description="after line discounts, in the shop's currency")
    company_id: CompanyId | None = Field(
        None, description="who sends it, by weight and subtotal; the shop's own if not given"
    )

    @model_validator(mode="after")
    def _one_way(self) -> Self:
        if sum(given is not None for given in (self.zone, self.address, self.address_id)) > 1:
            raise ValueError("give one of zone, address and addressId")
        if self.products is not None and self.is_measured:
            raise ValueError("give products, or weight and subtotal")
        return self

    @property
    def is_measured(self) -> bool:
        """Whether it says weight and value rather than what it is."""
        return any(given is not None for given in (self.weight, self.subtotal, self.company_id))
