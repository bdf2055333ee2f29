"""Parameter types that many routes share."""

from __future__ import annotations

from typing import Annotated, Final

from litestar.params import PathParameter

MAX_ID: Final = 2**63 - 1
"""What a bigint holds."""

Id = Annotated[int, PathParameter(ge=1, le=MAX_ID, description="Id.")]
