"""Bodies of price lists' requests."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any

from pydantic import AwareDatetime, Field, field_validator

from entrepot.kernel.actors import Role
from entrepot.kernel.bodies import Body
from entrepot.kernel.errors import Invalid
from entrepot.kernel.fields import Amount
from entrepot.kernel.money import Currency
from entrepot.kernel.types import MAX_ID
from entrepot.pricing.price_lists_model import MAX_BUYERS, MAX_PRICES, MAX_TIERS
from entrepot.pricing.price_lists_queries import NewTier

AnId = Annotated[int, Field(ge=1, le=MAX_ID)]
Name = Annotated[str, Field(min_length=1, max_length=100, examples=["Wholesale"])]
ForRole = Annotated[Role | None, Field(description="who has this role", examples=["shop_owner"])]
ForCompany = Annotated[AnId | None, Field(description="who belongs to this company")]
ForZone = Annotated[str | None, Field(max_length=100, description="slug; what is delivered there")]
ForBuyers = Annotated[
    Annotated[list[AnId], Field(max_length=MAX_BUYERS)] | None,
    Field(description="these users; a seller names users that bought from it"),
]
Starts = Annotated[AwareDatetime | None, Field(description="from the beginning if not given")]
Ends = Annotated[AwareDatetime | None, Field(description="until just before then; for good if not given")]


class NewPriceList(Body):
    """A price list. It is for whoever all of `for...` apply to; without any, for everybody."""

    name: Name
    company_id: AnId | None = Field(
        None, description="whose goods; for administrators, anybody's if not given. A seller's own company otherwise"
    )
    currency: str | None = Field(
        None, pattern="^[A-Z]{3}$", description="the shop's own if not given", examples=["USD"]
    )
    for_role: ForRole = None
    for_company_id: ForCompany = None
    for_zone: ForZone = None
    for_buyers: ForBuyers = None
    starts_at: Starts = None
    ends_at: Ends = None

    @property
    def given(self) -> Mapping[str, Any]:
        """Every field of the list, by name."""
        return {name: getattr(self, name) for name in type(self).model_fields if name not in ("company_id", "currency")}


class PriceListChange(Body):
    """What is given is changed, the rest stays; null takes a limit away."""

    name: Name | None = None
    for_role: ForRole = None
    for_company_id: ForCompany = None
    for_zone: ForZone = None
    for_buyers: ForBuyers = None
    starts_at: Starts = None
    ends_at: Ends = None

    @field_validator("name", mode="before")
    @classmethod
    def _named(cls, value: Any) -> Any:
        if value is None:
            raise ValueError("must not be null: leave it out to keep it as it is")
        return value

    @property
    def given(self) -> Mapping[str, Any]:
        """The fields that were sent."""
        return {name: getattr(self, name) for name in self.model_fields_set}


class TierBody(Body):
    """What a piece costs from so many pieces on, in major units."""

    from_quantity: int = Field(1, ge=1, le=1_000_000, examples=[12])
    price: Amount = Field(examples=[7.5])


class ProductTiers(Body):
    """The prices of one product; none takes it off the list."""

    product_id: AnId
    tiers: list[TierBody] = Field(max_length=MAX_TIERS)


class NewPrices(Body):
    """Prices of products; what the list had of each of them is replaced, other products stay."""

    prices: list[ProductTiers] = Field(min_length=1, max_length=MAX_PRICES)

    def tiers(self, currency: Currency) -> list[NewTier]:
        """In minor units. Raises Invalid for what is named twice, and amounts with too many digits."""
        faults: dict[str, list[str]] = {}
        tiers: list[NewTier] = []
        seen: set[int] = set()
        for place, product in enumerate(self.prices):
            if product.product_id in seen:
                faults[f"prices.{place}.productId"] = ["is named twice"]
            seen.add(product.product_id)
            quantities: set[int] = set()
            for number, tier in enumerate(product.tiers):
                where = f"prices.{place}.tiers.{number}"
                if tier.from_quantity in quantities:
                    faults[f"{where}.fromQuantity"] = ["is named twice"]
                quantities.add(tier.from_quantity)
                try:
                    tiers.append(NewTier(product.product_id, tier.from_quantity, currency.minor(tier.price)))
                except ValueError as fault:
                    faults[f"{where}.price"] = [str(fault)]
        if faults:
            raise Invalid(dict(list(faults.items())[:100]))
        return tiers

    @property
    def product_ids(self) -> list[int]:
        return [product.product_id for product in self.prices]
