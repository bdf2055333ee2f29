"""Which rows fit a filter."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from entrepot.catalog.columns_mask import Mask
from entrepot.catalog.columns_order import Rows
from entrepot.catalog.columns_table import EVERYWHERE, Table
from entrepot.catalog.columns_terms import Terms
from entrepot.catalog.product_filter import ProductFilter

Condition = tuple[str, Callable[[npt.NDArray[Any]], Mask]]
"""A column, and which of its numbers fit."""


def filtered(table: Table, wanted: ProductFilter, shown: Mask) -> Mask:
    """By row, which of the products that may be shown fit the filter.

    With a condition on terms (tags, attributes, a warehouse) that few rows have, only those are looked at; otherwise every
    column that matters is compared as a whole. Not to be written to: without conditions, it is `shown` itself.
    """
    conditions = list(_conditions(table, wanted))
    frequent: list[tuple[Terms, list[int]]] = []
    rare: list[tuple[Terms, list[int]]] = []
    for terms, codes in _on_terms(table, wanted):
        (frequent if terms.have_many(codes) else rare).append((terms, codes))
    masks = [terms.mask(codes, len(shown)) for terms, codes in frequent]
    if not rare:
        mask = shown
        for one in masks:
            mask = mask & one
        for name, fits in conditions:
            mask = mask & fits(table.column(name))
        return mask
    candidates = sorted((terms.rows_with(codes) for terms, codes in rare), key=len)
    rows = candidates[0]
    rows = rows[shown.take(rows)]
    for one in (*masks, *(_mask(len(shown), others) for others in candidates[1:])):
        rows = rows[one.take(rows)]
    for name, fits in conditions:
        rows = rows[fits(table.column(name).take(rows))]
    return _mask(len(shown), rows)


def _mask(size: int, rows: Rows) -> Mask:
    mask = np.zeros(size, dtype=np.bool_)
    mask[rows] = True
    return mask


def _conditions(table: Table, wanted: ProductFilter) -> Iterator[Condition]:
    low, high, rating = wanted.min_price_minor, wanted.max_price_minor, wanted.min_rating_hundredths
    if low is not None:
        yield "price", lambda prices: prices >= low
    if high is not None:
        yield "price", lambda prices: prices <= high
    if rating is not None:
        yield "rating", lambda ratings: ratings >= rating
    if wanted.in_stock is not None:
        yield "stock", (lambda stocks: stocks > 0) if wanted.in_stock else (lambda stocks: stocks == 0)
    if wanted.seller is not None:
        yield "seller", _one_of([table.sellers.code(wanted.seller)])
    if wanted.company is not None:
        yield "company", _one_of([table.companies.codes.code(wanted.company)])
    if wanted.brand is not None:
        yield "brand", _one_of(table.brands.named(wanted.brand))
    if wanted.category is not None:
        first, end = table.categories.subtree(wanted.category) or (0, 0)
        if end == first + 1:
            yield "category", lambda places: places == first
        else:
            yield "category", lambda places: (places >= first) & (places < end)
    if wanted.zone is not None:
        delivering = table.companies.delivering(table.zones.id_of(wanted.zone))
        yield "company", lambda companies: delivering.take(companies)


def _one_of(codes: Sequence[int | None]) -> Callable[[npt.NDArray[Any]], Mask]:
    known = [code for code in codes if code is not None]

    def fits(values: npt.NDArray[Any]) -> Mask:
        if len(known) == 1:
            only: Mask = values == known[0]
            return only
        mask = np.zeros(len(values), dtype=np.bool_)
        for code in known:
            mask |= values == code
        return mask

    return fits


def _on_terms(table: Table, wanted: ProductFilter) -> Iterator[tuple[Terms, list[int]]]:
    """For each condition on terms the codes of which a row must have one."""
    if wanted.tag is not None:
        yield table.tags, _codes(table.tags, [wanted.tag])
    if wanted.warehouse is not None:
        yield table.warehouses, _codes(table.warehouses, [wanted.warehouse])
    for name in dict.fromkeys(name for name, _ in wanted.attributes):
        yield table.attributes, _codes(table.attributes, [pair for pair in wanted.attributes if pair[0] == name])
    if wanted.zone is not None:
        yield table.zones_of_sale, _codes(table.zones_of_sale, [EVERYWHERE, table.zones.id_of(wanted.zone)])


def _codes(terms: Terms, wanted: Sequence[Any]) -> list[int]:
    return [code for term in wanted if (code := terms.code(term)) is not None]
