"""Entries of a list are counted as a set would: whichever rows are dead, selected, or stand together in groups."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from entrepot.catalog.columns_entries import Entries

# Runs of rows of one group, long enough to pass the ends of bytes and words; a group may have several.
runs = st.lists(st.tuples(st.integers(0, 6), st.sampled_from([1, 2, 3, 7, 8, 9, 63, 64, 65, 130])), max_size=8)


@given(runs, st.randoms(use_true_random=False), st.sampled_from([0.0, 0.02, 0.5, 1.0]), st.sampled_from([0.7, 1.0]))
def test_entries_are_counted(
    rows: list[tuple[int, int]], chance: np.random.RandomState, selected: float, living: float
) -> None:
    groups = np.repeat([group for group, _ in rows], [count for _, count in rows]).astype(np.uint16)
    live = np.array([chance.random() < living for _ in groups], dtype=np.bool_)
    mask = live & np.array([chance.random() < selected for _ in groups], dtype=np.bool_)

    found = groups[mask].tolist()

    assert Entries(groups, live).count(mask) == found.count(0) + len({group for group in found if group})
