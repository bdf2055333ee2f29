"""What can go wrong, as the shop says it: a class per refusal, one reply shape for all.

A refusal is `{message, status, code, details?, requestId}`. Modules derive from `Refused` beside the rule that refuses.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

import msgspec


class ErrorReply(msgspec.Struct, omit_defaults=True, rename="camel"):
    """The body of every reply that is not a success."""

    message: str
    status: int
    code: str
    details: dict[str, Any] | None = None
    request_id: str | None = None


class Refused(Exception):
    """A request that is answered with a 4xx or 503: what happened and what to do, never anything internal."""

    status: ClassVar[int] = 400
    code: ClassVar[str] = "BAD_REQUEST"
    message: str = "The request cannot be carried out"

    def __init__(
        self,
        message: str | None = None,
        *,
        details: Mapping[str, Any] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        self.message = message or type(self).message
        self.details = dict(details) if details else None
        self.headers = dict(headers or {})
        super().__init__(self.message)


class Invalid(Refused):
    """Fields that do not fit; `details` maps each to all its faults."""

    status = 400
    code = "VALIDATION_ERROR"
    message = "Validation failed"

    def __init__(self, faults: Mapping[str, Sequence[str]], message: str | None = None) -> None:
        super().__init__(message, details={field: list(messages) for field, messages in faults.items()})


class Malformed(Refused):
    status = 400
    code = "VALIDATION_ERROR"
    message = "The body is not valid JSON"


class Unauthorized(Refused):
    status = 401
    code = "UNAUTHORIZED"
    message = "Sign in first: send Authorization: Bearer <token>"

    def __init__(self, message: str | None = None) -> None:
        super().__init__(message, headers={"WWW-Authenticate": "Bearer"})


class TokenExpired(Unauthorized):
    code = "TOKEN_EXPIRED"
    message = "The token has expired: refresh it or sign in again"


class Forbidden(Refused):
    status = 403
    code = "FORBIDDEN"
    message = "You don't have permission to do this"


class NotFound(Refused):
    status = 404
    code = "NOT_FOUND"
    message = "Not found"


class MethodNotAllowed(Refused):
    status = 405
    code = "METHOD_NOT_ALLOWED"
    message = "This address does not take that method"


class Conflict(Refused):
    status = 409
    code = "CONFLICT"
    message = "Something like this exists already"


class IdempotencyConflict(Refused):
    status = 409
    code = "IDEMPOTENCY_CONFLICT"
    message = "This Idempotency-Key was used for a different request"


class PayloadTooLarge(Refused):
    status = 413
    code = "PAYLOAD_TOO_LARGE"
    message = "The body is too large"


class UnsupportedMediaType(Refused):
    status = 415
    code = "UNSUPPORTED_MEDIA_TYPE"
    message = "Send the body as application/json"


class Unprocessable(Refused):
    status = 422
    code = "UNPROCESSABLE"
    message = "The request is well formed but cannot be carried out"


class RateLimited(Refused):
    status = 429
    code = "RATE_LIMITED"

    def __init__(self, retry_after_s: int, headers: Mapping[str, str] | None = None) -> None:
        super().__init__(
            f"Rate limit exceeded. Try again in {retry_after_s} seconds.",
            details={"retryAfter": retry_after_s},
            headers={"Retry-After": str(retry_after_s), **(headers or {})},
        )


class Unavailable(Refused):
    status = 503
    code = "SERVICE_UNAVAILABLE"
    message = "The shop is busy or its database cannot be reached: try again shortly"

    def __init__(self, message: str | None = None, retry_after_s: int = 1) -> None:
        super().__init__(message, headers={"Retry-After": str(retry_after_s)})


INTERNAL_ERROR = "INTERNAL_ERROR"
INTERNAL_MESSAGE = "Something went wrong on our side; the request id helps us to find it"
