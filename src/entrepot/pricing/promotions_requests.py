"""Bodies that make and change promotions."""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated, Any

from pydantic import AfterValidator, Field, field_validator

from entrepot.kernel.actors import Role
from entrepot.kernel.bodies import Body
from entrepot.kernel.fields import IN_ANY_CASE, Amount, Moment
from entrepot.kernel.money import MajorAmount
from entrepot.kernel.types import MAX_ID
from entrepot.pricing.model import BundleItem, Kind, Scope, Target
from entrepot.pricing.promotions import MAX_TARGETS
from entrepot.pricing.promotions_terms import Wish

Id = Annotated[int, Field(ge=1, le=MAX_ID)]
Pieces = Annotated[int, Field(ge=1, le=1_000_000)]
Times = Annotated[int, Field(ge=1, le=1_000_000_000)]


SpokenRole = Annotated[Role, IN_ANY_CASE]
SpokenKind = Annotated[Kind, IN_ANY_CASE]


class TargetBody(Body):
    """The goods that it is about; a category stands for all that is below it."""

    scope: Scope = Field(examples=["categories"])
    ids: Annotated[list[Id], Field(max_length=MAX_TARGETS)] = []

    @field_validator("ids", mode="after")
    @classmethod
    def _fitting(cls, ids: list[int], info: Any) -> list[int]:
        if info.data.get("scope") is Scope.EVERYTHING and ids:
            raise ValueError("must be empty: everything is meant")
        return ids

    @property
    def target(self) -> Target:
        return Target(self.scope, frozenset(self.ids))


def _named(target: TargetBody) -> TargetBody:
    if target.scope is not Scope.EVERYTHING and not target.ids:
        raise ValueError("must have ids: say which")
    return target


class BundledProduct(Body):
    """So many pieces of a product in a bundle."""

    product_id: Id
    quantity: Pieces = 1


def _each_once(items: list[BundledProduct]) -> list[BundledProduct]:
    if len({item.product_id for item in items}) < len(items):
        raise ValueError("must name each product once")
    return items


NamedTarget = Annotated[TargetBody, AfterValidator(_named)]
Name = Annotated[str, Field(min_length=1, max_length=200, examples=["Spring sale"])]
Description = Annotated[str, Field(max_length=2000)]
Items = Annotated[list[BundledProduct], Field(max_length=MAX_TARGETS), AfterValidator(_each_once)]
Zones = Annotated[list[Annotated[str, Field(min_length=1, max_length=100)]], Field(max_length=500)]
Roles = Annotated[list[SpokenRole], Field(max_length=10)]
Priority = Annotated[int, Field(ge=-1_000_000, le=1_000_000)]

VALUE = (
    "what it takes off: percent for `percentage` and for the pieces that `buy_x_get_y` gives (100 if not given), an amount "
    "for `fixed`; for `bundle` the price of the whole"
)


class PromotionChange(Body):
    """What is given is changed, the rest stays. `endsAt`, `perUserLimit`, `totalLimit`, `mostTimes` and `gets` are removed
    by null."""

    name: Name | None = None
    description: Description | None = None
    type: SpokenKind | None = Field(None, description="cannot be changed; may be sent along")
    value: MajorAmount | None = Field(None, description=VALUE, examples=[10])
    per_piece: bool | None = Field(None, description="`fixed`: off each piece, not off all goods together")
    buy_quantity: Pieces | None = None
    get_quantity: Pieces | None = None
    same_product: bool | None = Field(None, description="`buy_x_get_y`: each product is counted by itself")
    most_times: Pieces | None = Field(None, description="how often it counts in one order at most")
    gets: NamedTarget | None = Field(None, description="`buy_x_get_y`: other goods that are given")
    items: Items | None = Field(None, description="`bundle`: what is in it")
    target: NamedTarget | None = None
    zones: Zones | None = Field(None, description="slugs; none: everywhere")
    roles: Roles | None = Field(None, description="who may use it; none: everybody")
    first_order_only: bool | None = None
    minimum_spend: Amount | None = None
    minimum_quantity: Annotated[int, Field(ge=0, le=1_000_000)] | None = None
    per_user_limit: Times | None = None
    total_limit: Times | None = None
    priority: Priority | None = Field(None, description="higher ones are taken off first")
    stackable: bool | None = Field(None, description="false: it combines with no other on the same goods")
    is_active: bool | None = Field(None, description="false: a draft")
    starts_at: Moment | None = None
    ends_at: Moment | None = None

    @field_validator(
        "name", "description", "per_piece", "same_product", "items", "target", "zones", "roles", "first_order_only",
        "minimum_spend", "minimum_quantity", "priority", "stackable", "is_active", "starts_at", "buy_quantity", "get_quantity",
        mode="after",
    )  # fmt: skip
    @classmethod
    def _given(cls, value: Any) -> Any:
        if value is None:
            raise ValueError("must not be null: leave it out to keep it as it is")
        return value

    @property
    def wishes(self) -> dict[str, Any]:
        """The fields of a `Wish` that are given; the zones are not among them."""
        given = [name for name in self.model_fields_set if name in Wish.__struct_fields__]
        return {name: _plain(name, getattr(self, name)) for name in given}


class NewPromotion(Body):
    """A promotion."""

    name: Name
    type: SpokenKind = Field(examples=["percentage"])
    value: MajorAmount | None = Field(None, description=VALUE, examples=[10])
    description: Description = ""
    per_piece: bool = Field(False, description="`fixed`: off each piece, not off all goods together")
    buy_quantity: Pieces | None = None
    get_quantity: Pieces | None = None
    same_product: bool = Field(False, description="`buy_x_get_y`: each product is counted by itself")
    most_times: Pieces | None = Field(None, description="how often it counts in one order at most")
    gets: NamedTarget | None = Field(None, description="`buy_x_get_y`: other goods that are given")
    items: Items = Field([], description="`bundle`: what is in it")
    target: NamedTarget = TargetBody(scope=Scope.EVERYTHING)
    zones: Zones = Field([], description="slugs; none: everywhere")
    roles: Roles = Field([], description="who may use it; none: everybody")
    first_order_only: bool = False
    minimum_spend: Amount = Decimal(0)
    minimum_quantity: Annotated[int, Field(ge=0, le=1_000_000)] = 0
    per_user_limit: Times | None = None
    total_limit: Times | None = None
    priority: Priority = Field(0, description="higher ones are taken off first")
    stackable: bool = Field(True, description="false: it combines with no other on the same goods")
    is_active: bool = Field(True, description="false: a draft")
    starts_at: Moment | None = Field(None, description="now if not given")
    ends_at: Moment | None = None
    company_id: Id | None = Field(
        None, description="for this company's goods only; a seller's promotions are for its own company's always"
    )
    currency: Annotated[str, Field(pattern="^[A-Z]{3}$")] | None = Field(
        None, description="of its amounts; the shop's own if not given", examples=["USD"]
    )

    @property
    def wishes(self) -> dict[str, Any]:
        """The fields of a `Wish`; zones and start are not among them."""
        given = [name for name in type(self).model_fields if name in Wish.__struct_fields__ and name != "starts_at"]
        return {"kind": self.type, **{name: _plain(name, getattr(self, name)) for name in given}}


def _plain(name: str, value: Any) -> Any:
    """What a `Wish` holds, not what a body does."""
    if value is None:
        return None
    match name:
        case "target" | "gets":
            return value.target
        case "items":
            return tuple(BundleItem(item.product_id, item.quantity) for item in value)
        case "roles":
            return frozenset(value)
        case _:
            return value


class PromotionsAsked(Body):
    """Where the cart is to go."""

    zone: str | None = Field(
        None,
        max_length=100,
        description="slug of the zone to deliver to; one's own if not given",
        examples=["north"],
    )


class Rehearsal(Body):
    """Which orders are replayed."""

    days: Annotated[int, Field(ge=1, le=365)] = Field(30, description="those of the last so many days", examples=[30])
