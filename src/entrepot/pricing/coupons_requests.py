"""Bodies that make, change and give coupons."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import AfterValidator, Field, field_validator, model_validator

from entrepot.kernel.bodies import Body
from entrepot.pricing.coupons import MAX_BATCH
from entrepot.pricing.promotions_requests import NewPromotion, PromotionChange, Times


def _upper(code: str) -> str:
    return code.upper()


Code = Annotated[
    str,
    Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9_-]{2,39}$", description="in whatever case", examples=["SPRING10"]),
    AfterValidator(_upper),
]


class Batch(Body):
    """Many codes with the same terms, each of its own and not to be guessed."""

    count: Annotated[int, Field(ge=1, le=MAX_BATCH, examples=[100])]
    prefix: Annotated[str, Field(pattern=r"^[A-Za-z0-9]{0,20}$"), AfterValidator(_upper)] = Field(
        "", description="what each code begins with"
    )


class NewCoupon(NewPromotion):
    """A coupon: a promotion that counts for whoever gives its code. Give `code` or `batch`."""

    name: Annotated[str, Field(max_length=200)] = Field("", description="the code if not given")
    code: Code | None = None
    batch: Batch | None = None
    total_limit: Times | None = Field(
        None, description="how often each code can be used; for a batch once, if not given"
    )

    @model_validator(mode="after")
    def _one_or_many(self) -> NewCoupon:
        if (self.code is None) == (self.batch is None):
            raise ValueError("give code or batch")
        return self

    @property
    def uses_of_each(self) -> int | None:
        return 1 if self.batch is not None and "total_limit" not in self.model_fields_set else self.total_limit


class CouponChange(PromotionChange):
    """What is given is changed, the rest stays. Codes of a batch share their terms: all but `code` and `totalLimit` change
    for all of them."""

    code: Code | None = None

    @field_validator("code", mode="after")
    @classmethod
    def _given_code(cls, value: Any) -> Any:
        if value is None:
            raise ValueError("must not be null: leave it out to keep it as it is")
        return value


class GivenCode(Body):
    """A code that somebody has."""

    code: Annotated[str, Field(min_length=1, max_length=100, examples=["SPRING10"])]
    zone: str | None = Field(None, max_length=100, description="slug of the zone to deliver to; one's own if not given")

    @property
    def written(self) -> str:
        """As codes are kept."""
        return self.code.upper()
