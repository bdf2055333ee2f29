"""What can be refused about reviews."""

from __future__ import annotations

from entrepot.kernel.errors import Conflict, Forbidden, NotFound


class ReviewNotFound(NotFound):
    code = "REVIEW_NOT_FOUND"
    message = "Review not found"


class ReviewNotBought(Forbidden):
    code = "REVIEW_NOT_BOUGHT"
    message = "Only those who bought a product, and got it, review it"


class ReviewExists(Conflict):
    code = "REVIEW_EXISTS"
    message = "You have reviewed this purchase already: there is one review for each, which you may change"
