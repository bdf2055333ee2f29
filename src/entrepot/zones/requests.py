"""Bodies of the zones' requests."""

from __future__ import annotations

from typing import Annotated, Literal, Self

from pydantic import FailFast, Field, field_validator, model_validator

from entrepot.kernel.bodies import Body
from entrepot.zones.model import Polygon, Position
from entrepot.zones.polygon import MAX_POINTS, refuse_unsound

Latitude = Annotated[float, Field(ge=-90, le=90, allow_inf_nan=False)]
Longitude = Annotated[float, Field(ge=-180, le=180, allow_inf_nan=False)]
Ring = Annotated[list[tuple[Longitude, Latitude]], Field(min_length=4, max_length=MAX_POINTS), FailFast()]
ZoneName = Annotated[str, Field(min_length=1, max_length=100, examples=["North"])]
Slug = Annotated[str, Field(pattern="^[a-z0-9]+(-[a-z0-9]+)*$", max_length=100, examples=["north"])]


def refuse_half_a_place(latitude: float | None, longitude: float | None) -> None:
    """Raises ValueError for a latitude without a longitude, and the other way round."""
    if (latitude is None) != (longitude is None):
        raise ValueError("give latitude and longitude, or neither")


class PointBody(Body):
    """A place, in degrees."""

    latitude: Latitude = Field(examples=[36.867])
    longitude: Longitude = Field(examples=[42.988])

    @property
    def position(self) -> Position:
        return self.longitude, self.latitude


class PolygonBody(Body):
    """A GeoJSON Polygon: the outer ring, then its holes; each a list of [longitude, latitude] that ends where it begins."""

    type: Literal["Polygon"]
    coordinates: Annotated[list[Ring], Field(min_length=1, max_length=100), FailFast()] = Field(
        description="at most 1,000 points",
        examples=[[[[42.4, 36.6], [44.8, 36.6], [44.8, 37.4], [42.4, 37.4], [42.4, 36.6]]]],
    )

    @field_validator("coordinates")
    @classmethod
    def _sound(cls, rings: list[list[Position]]) -> list[list[Position]]:
        refuse_unsound(rings)
        return rings

    @property
    def polygon(self) -> Polygon:
        return Polygon(self.type, self.coordinates)

    @property
    def middle(self) -> Position:
        """The middle of the box around it."""
        longitudes, latitudes = zip(*self.coordinates[0], strict=True)
        return (min(longitudes) + max(longitudes)) / 2, (min(latitudes) + max(latitudes)) / 2


class NewZone(Body):
    """A zone, with its centre, its boundary, or both."""

    name: ZoneName
    slug: Slug | None = Field(None, description="made from the name if not given")
    centre: PointBody | None = Field(None, description="the middle of the boundary if not given")
    boundary: PolygonBody | None = Field(
        None, description="without one, the zone reaches up to 50 km, as far as its centre is the nearest"
    )

    @model_validator(mode="after")
    def _is_somewhere(self) -> Self:
        if self.centre is None and self.boundary is None:
            raise ValueError("give centre, boundary or both")
        return self


class ZoneChanges(Body):
    """What is to change; what is not given stays. A `boundary` of null takes it away."""

    name: ZoneName | None = None
    slug: Slug | None = None
    centre: PointBody | None = None
    boundary: PolygonBody | None = None
