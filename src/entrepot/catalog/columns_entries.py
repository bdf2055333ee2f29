"""Counting the entries of a list, where a group of variants is one, without looking at each product.

Variants are mostly made together, so that a group is a range of rows. A selection is then one large integer with a bit for
each row, and an addition tells of all groups at once whether any bit is set: in each range, adding ones everywhere below its
last row carries into the bit of that row if there was any, and never further.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from entrepot.catalog.columns_mask import Mask


class Entries:
    """Which rows stand together, as it is now: made anew when a product joins a group or a row gets a product."""

    def __init__(self, groups: npt.NDArray[Any], live: Mask) -> None:
        """`groups`: by row, 0 for none."""
        self._groups = groups
        rows = np.flatnonzero(live)
        of = groups.take(rows)
        ends = np.ones(len(rows), dtype=np.bool_)
        ends[:-1] = (of[1:] != of[:-1]) | (of[1:] == 0)
        scattered = (np.bincount(of[ends], minlength=1) > 1).take(of) & (of > 0)
        self._scattered = rows[scattered].astype(np.int32)
        """Members of groups that other rows stand between: they are counted one by one."""
        last = np.zeros(len(groups), dtype=np.bool_)
        last[rows[ends | scattered]] = True
        self._last = _bits(last)
        self._before = _bits(~last)

    def count(self, mask: Mask) -> int:
        """Of selected live products, those in no group and the groups that have any."""
        bits = _bits(mask)
        entries = ((((bits & self._before) + self._before) | bits) & self._last).bit_count()
        if len(self._scattered):
            groups = self._groups.take(self._scattered[mask.take(self._scattered)])
            entries += len(np.unique(groups)) - len(groups)
        return entries


def _bits(mask: Mask) -> int:
    return int.from_bytes(np.packbits(mask, bitorder="little").tobytes(), "little")
