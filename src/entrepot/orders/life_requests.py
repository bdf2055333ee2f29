"""Bodies of requests about what becomes of an order."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field

from entrepot.kernel.bodies import Body
from entrepot.kernel.card_data import CardlessBody
from entrepot.kernel.errors import Invalid
from entrepot.kernel.fields import IN_ANY_CASE
from entrepot.kernel.types import MAX_ID
from entrepot.orders.add_note import NewNote
from entrepot.orders.cancel import Cancellation
from entrepot.orders.handle import Handling
from entrepot.orders.life_queries import NewReview
from entrepot.orders.model import OrderStatus
from entrepot.orders.requests import MAX_LINES


def _spoken_status(value: Any) -> Any:
    """`ACCEPTED`, `Canceled` and the like of other shops' clients are understood."""
    spoken = {"accepted": "confirmed", "canceled": "cancelled", "in_transit": "shipped"}
    return spoken.get(value.lower(), value.lower()) if isinstance(value, str) else value


CompanyId = Annotated[int, Field(ge=1, le=MAX_ID)]
Reason = Annotated[str, Field(max_length=500)]
Carrier = Annotated[str, Field(min_length=1, max_length=100, examples=["UPS"])]
TrackingNumber = Annotated[str, Field(min_length=1, max_length=100, examples=["1Z999AA10123456784"])]
Stars = Annotated[int, Field(ge=1, le=5, examples=[5])]


class PartHandling(Body):
    """What has become of a seller's part of an order."""

    status: Annotated[OrderStatus, BeforeValidator(_spoken_status)] = Field(examples=["shipped"])
    carrier: Carrier | None = None
    tracking_number: TrackingNumber | None = None
    note: str = Field("", max_length=2000, examples=["Shipped via UPS Ground"])

    @property
    def handling(self) -> Handling:
        """Raises Invalid."""
        _refuse_tracking_unless_shipped(self)
        return Handling(status=self.status, note=self.note, carrier=self.carrier, tracking_number=self.tracking_number)


class OrderHandling(Body):
    """What has become of an order, or of one company's part of it; or that it was paid by transfer or in cash."""

    status: Annotated[OrderStatus, BeforeValidator(_spoken_status)] | None = Field(None, examples=["shipped"])
    company_id: CompanyId | None = Field(
        None, description="whose part; all parts if not given, a seller's own for sellers"
    )
    carrier: Carrier | None = None
    tracking_number: TrackingNumber | None = None
    note: str = Field("", max_length=2000, examples=["Shipped via UPS Ground"])
    payment_status: Annotated[Literal["paid"], IN_ANY_CASE] | None = Field(
        None, description="`paid`, by an administrator: the money came by bank transfer or in cash"
    )

    @property
    def handling(self) -> Handling:
        """Raises Invalid."""
        if self.status is None and self.payment_status is None:
            raise Invalid({"status": ["is required, unless paymentStatus is given"]})
        _refuse_tracking_unless_shipped(self)
        return Handling(
            status=self.status,
            is_paid=self.payment_status is not None,
            company_id=self.company_id,
            note=self.note,
            carrier=self.carrier,
            tracking_number=self.tracking_number,
        )


def _refuse_tracking_unless_shipped(body: PartHandling | OrderHandling) -> None:
    given = {"carrier": body.carrier, "trackingNumber": body.tracking_number}
    if body.status is not OrderStatus.SHIPPED and any(given.values()):
        raise Invalid({field: ["is given when it is shipped"] for field, value in given.items() if value is not None})


class CancelledPieces(Body):
    """Pieces of a product that are to be cancelled; all that are left of it if no quantity is given."""

    product_id: int = Field(ge=1, le=MAX_ID)
    quantity: int | None = Field(None, ge=1, le=1_000_000)


class CancelOrder(CardlessBody):
    """What is to be cancelled, and why: everything, if neither a company nor lines are named."""

    reason: Reason = Field("", examples=["Changed my mind"])
    company_id: CompanyId | None = Field(None, description="whose part")
    lines: Annotated[list[CancelledPieces], Field(min_length=1, max_length=MAX_LINES)] | None = None

    @property
    def cancellation(self) -> Cancellation:
        """Raises Invalid."""
        if self.lines is not None and len({line.product_id for line in self.lines}) < len(self.lines):
            raise Invalid({"lines": ["name each product once"]})
        return Cancellation(
            reason=self.reason,
            company_id=self.company_id,
            quantities=None if self.lines is None else {line.product_id: line.quantity for line in self.lines},
        )


class WriteNote(CardlessBody):
    """A note on an order. Buyers never see internal ones."""

    note: str = Field(min_length=1, max_length=2000, examples=["Please ring twice"])
    is_internal: bool = False
    company_id: CompanyId | None = Field(
        None, description="of an administrator's note: whose sellers alone may read it"
    )

    @property
    def new(self) -> NewNote:
        return NewNote(note=self.note, is_internal=self.is_internal, company_id=self.company_id)


class ReviewSeller(CardlessBody):
    """What a buyer says of a seller; stars from 1 to 5."""

    overall: Stars
    communication: Stars
    timeliness: Stars
    comment: str = Field("", max_length=2000, examples=["Quick and friendly"])
    company_id: CompanyId | None = Field(None, description="whom; may be left out where one company sold all")

    @property
    def review(self) -> NewReview:
        return NewReview(
            overall=self.overall,
            communication=self.communication,
            timeliness=self.timeliness,
            comment=self.comment,
        )
