"""Bodies that set tax rates."""

from __future__ import annotations

from typing import Annotated, Final, Self

from pydantic import Field, model_validator

from entrepot.kernel.bodies import Body
from entrepot.kernel.fields import Percent, basis_points
from entrepot.pricing.rules import TaxRate
from entrepot.pricing.tax import TaxSetting

MOST_AT_ONCE: Final = 1_000


class TaxRateBody(Body):
    """A rate, and what it is for. Without country, state and category it is for everything."""

    country: str = Field("", max_length=100, description="name or ISO code; empty: everywhere", examples=["US"])
    state: str = Field(
        "", max_length=100, description="name or abbreviation; empty: all of the country", examples=["NY"]
    )
    category: str | None = Field(None, min_length=1, max_length=100, description="slug; goods of it and all below it")
    rate: Percent | None = Field(description="percent; null: the rate is taken away", examples=[8.25])
    inclusive: bool = Field(False, description="prices contain the tax already")
    name: str = Field("", max_length=50, description="as an invoice says it", examples=["Sales tax"])

    @model_validator(mode="after")
    def _state_lies_somewhere(self) -> Self:
        if self.state and not self.country:
            raise ValueError("a state needs its country")
        return self

    @property
    def setting(self) -> TaxSetting:
        return TaxSetting(
            country=self.country,
            state=self.state,
            category=self.category,
            rate=TaxRate(basis_points(self.rate), self.inclusive) if self.rate is not None else None,
            name=self.name,
        )


class TaxRatesBody(Body):
    """The rates that are set, each once; others stay."""

    rates: Annotated[list[TaxRateBody], Field(min_length=1, max_length=MOST_AT_ONCE)]

    @property
    def settings(self) -> list[TaxSetting]:
        return [rate.setting for rate in self.rates]
