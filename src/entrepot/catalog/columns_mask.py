"""Masks: for each row, whether it fits."""

from __future__ import annotations

from typing import Final

import numpy as np
import numpy.typing as npt

Mask = npt.NDArray[np.bool_]

_SLOW_FROM: Final = 0.04
_SLOW_TO: Final = 0.1
"""Between these shares, numpy looks for each row by itself, which takes twice as long as looking at every row."""


def rows_in(mask: Mask) -> npt.NDArray[np.int64]:
    """The rows that fit, ascending."""
    count = int(np.count_nonzero(mask))
    if not _SLOW_FROM * len(mask) < count <= _SLOW_TO * len(mask):
        return np.flatnonzero(mask)
    denser = np.concatenate([mask, np.ones(len(mask) // 8, dtype=np.bool_)])
    return np.flatnonzero(denser)[:count]
