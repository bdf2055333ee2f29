"""Arrays that are as wide as their largest number needs."""

from __future__ import annotations

from typing import Any, Final

import numpy as np
import numpy.typing as npt

WIDTHS: Final = (np.uint8, np.uint16, np.uint32, np.int64)


def put(array: npt.NDArray[Any], at: Any, values: npt.NDArray[Any]) -> npt.NDArray[Any]:
    """Write numbers into the array; returns it, or a wider copy where one did not fit."""
    least, most = (int(values.min()), int(values.max())) if len(values) else (0, 0)
    if not _fit(array.dtype, least, most):
        array = array.astype(next(width for width in WIDTHS if _fit(width, least, most)))
    array[at] = values
    return array


def _fit(width: Any, least: int, most: int) -> bool:
    return bool(np.iinfo(width).min <= least and most <= np.iinfo(width).max)
