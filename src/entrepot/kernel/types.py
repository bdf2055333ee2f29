"""Parameter types that many routes share."""

from __future__ import annotations

from typing import Annotated

from litestar.params import PathParameter

Id = Annotated[int, PathParameter(ge=1, le=2**63 - 1, description="Id.")]
