"""Popularity: what sells decides between products that fit a query alike."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

import numpy as np
import numpy.typing as npt

from entrepot.kernel import clock
from entrepot.kernel.db import Db, Tx
from entrepot.kernel.events import publish
from entrepot.search import popularity_queries as queries
from entrepot.search.events import PopularityChanged
from entrepot.search.model import Ids

COUNTED: Final = timedelta(days=90)
BATCH: Final = 20_000


class Popularity:
    """Units sold by product, in two arrays: 12 bytes for each product that was sold."""

    def __init__(self, ids: Ids, sold: npt.NDArray[np.int32]) -> None:
        """`ids` are sorted."""
        self._ids = ids
        self._sold = sold

    @classmethod
    def none(cls) -> Popularity:
        return cls(np.zeros(0, np.int64), np.zeros(0, np.int32))

    def of(self, ids: Ids) -> npt.NDArray[np.int32]:
        """In the order of the ids; 0 where nothing was sold."""
        if not len(self._ids):
            return np.zeros(len(ids), np.int32)
        at = np.minimum(np.searchsorted(self._ids, ids), len(self._ids) - 1)
        return np.where(self._ids[at] == ids, self._sold[at], np.int32(0)).astype(np.int32)


async def read_popularity(db: Db) -> Popularity:
    ids, sold = [np.zeros(0, np.int64)], [np.zeros(0, np.int32)]
    after_id = 0
    while rows := await queries.list_sold_after(db, after_id, BATCH):
        ids.append(np.fromiter((row.product_id for row in rows), np.int64, len(rows)))
        sold.append(np.fromiter((row.sold for row in rows), np.int32, len(rows)))
        after_id = rows[-1].product_id
    return Popularity(np.concatenate(ids), np.concatenate(sold))


async def count_popularity(tx: Tx) -> None:
    """Count what was sold in the last 90 days, and tell every process if that is anything else than before."""
    if await queries.count_anew(tx, clock.now() - COUNTED):
        await publish(tx, PopularityChanged())
