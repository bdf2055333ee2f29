"""Bodies of the warehouses' requests."""

from __future__ import annotations

from typing import Annotated, Any, Self

from pydantic import Field, field_validator, model_validator

from entrepot.kernel.bodies import Body
from entrepot.kernel.fields import not_null
from entrepot.kernel.types import MAX_ID
from entrepot.zones import Latitude, Longitude, refuse_half_a_place

Code = Annotated[str, Field(pattern="^[A-Z0-9][A-Z0-9-]*$", max_length=50, examples=["NORTH-1"])]
WarehouseName = Annotated[str, Field(min_length=1, max_length=200, examples=["Northern depot"])]
ZoneSlug = Annotated[str, Field(min_length=1, max_length=100, description="slug", examples=["north"])]


class WarehouseAddress(Body):
    """Where it stands, in words."""

    address: str = Field(min_length=1, max_length=300, examples=["12 Harbour Road"])
    city: str = Field(min_length=1, max_length=100, examples=["New York"])
    state: str = Field("", max_length=100)
    zip_code: str = Field("", max_length=20)
    country: str = Field(min_length=2, max_length=100, examples=["USA"])
    phone: str = Field("", max_length=30)


def _as_columns(address: WarehouseAddress) -> dict[str, Any]:
    return address.model_dump(by_alias=True)


class NewWarehouse(Body):
    """A warehouse. Where it lies decides which orders it serves: those of its zone first, then those near it."""

    name: WarehouseName
    code: Code
    zone: ZoneSlug
    company_id: Annotated[int, Field(ge=1, le=MAX_ID)] | None = Field(
        None, description="for administrators; the shop's own company, or the owner's, if not given"
    )
    address: WarehouseAddress | None = None
    latitude: Latitude | None = Field(None, description="degrees north")
    longitude: Longitude | None = Field(None, description="degrees east")

    @model_validator(mode="after")
    def _whole_place(self) -> Self:
        refuse_half_a_place(self.latitude, self.longitude)
        return self

    @property
    def address_column(self) -> dict[str, Any]:
        return _as_columns(self.address) if self.address is not None else {}


class WarehouseChange(Body):
    """What is given is changed, the rest stays. A place is taken away by `latitude` and `longitude` of null."""

    name: WarehouseName | None = None
    code: Code | None = None
    zone: ZoneSlug | None = None
    address: WarehouseAddress | None = None
    latitude: Latitude | None = None
    longitude: Longitude | None = None

    _given = field_validator("name", "code", "zone", "address", mode="after")(not_null)

    @model_validator(mode="after")
    def _whole_place(self) -> Self:
        refuse_half_a_place(self.latitude, self.longitude)
        if ("latitude" in self.model_fields_set) != ("longitude" in self.model_fields_set):
            raise ValueError("give latitude and longitude, or neither")
        return self

    @property
    def changes(self) -> dict[str, Any]:
        """What is to change, by name."""
        changes = self.model_dump(include=self.model_fields_set)
        if self.address is not None:
            changes["address"] = _as_columns(self.address)
        return changes
