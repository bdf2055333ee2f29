"""The order of what was found: fit first, and only between equals what sells, is liked and can be had."""

from __future__ import annotations

import numpy as np

from entrepot.search import look, rank
from entrepot.search.model import Signals
from tests.search.shelf import Shelf, a_product


def test_the_title_that_says_most_comes_first() -> None:
    shelf = Shelf(["Red shelf", "Shelf bracket, red", "Bracket for a red lamp and other things", "Red shelf bracket"])
    assert shelf.find("red shelf bracket")[0] == 4


def test_words_side_by_side_come_before_words_apart() -> None:
    shelf = Shelf(["Shower door with curtain hooks", "Door hooks with shower curtain"])
    assert shelf.find("shower curtain")[0] == 2


def test_a_title_comes_before_a_description() -> None:
    shelf = Shelf([a_product(1, "Blue lamp", description="Goes well with a sofa"), a_product(2, "Blue sofa")])
    assert shelf.find("sofa") == [2, 1]


def test_ties_are_broken_by_stock_then_sales_then_rating() -> None:
    shelf = Shelf(["Blue sofa"] * 4)
    assert shelf.find("sofa") == [1, 2, 3, 4]
    assert shelf.find("sofa", stock={1: 0, 2: 0}) == [3, 4, 1, 2]
    assert shelf.find("sofa", sold={4: 500, 2: 20}) == [4, 2, 1, 3]
    assert shelf.find("sofa", rating={3: 4.5}) == [3, 1, 2, 4]


def test_what_sells_does_not_outdo_what_fits() -> None:
    shelf = Shelf(["Blue sofa with footrest", "Lamp for a blue sofa"])
    assert shelf.find("sofa with footrest", sold={2: 10**6}, rating={2: 5.0}, stock={1: 0, 2: 9})[0] == 1


def test_a_translation_counts_like_a_title() -> None:
    shelf = Shelf(
        [a_product(1, "Table lamp", titles={"ru": "Настольная лампа"}), a_product(2, "Lamp", titles={"ru": "Лампа"})]
    )
    assert shelf.find("настольная лампа", "ru")[0] == 1
    assert shelf.find("настольная лампа", "en")[0] == 1


def test_hits_beyond_those_looked_at_closely_keep_their_order() -> None:
    shelf = Shelf(["Blue sofa"] * (rank.RERANKED + 30))
    found = shelf.find("sofa", sold={rank.RERANKED + 30: 1_000})
    assert sorted(found) == list(range(1, rank.RERANKED + 31))
    assert found[-1] == rank.RERANKED + 30


def test_nothing_found_has_no_order() -> None:
    nothing = np.zeros(0, dtype=np.int32)
    signals = Signals(nothing, nothing.astype(np.float32), nothing)
    assert rank.order(nothing.astype(np.float64), nothing.astype(np.int64), signals).tolist() == []
    assert Shelf(["Blue sofa"]).find("qqqq") == []


def test_what_is_looked_at_later_fits_as_it_does_at_first() -> None:
    shelf = Shelf(
        [a_product(1, "Blue sofa with footrest", sku="AB-12345"), "Sofa", "Lamp for a blue sofa", "Blue lamp"]
    )
    understood = shelf.understand("blue sofa ab12345")
    found = shelf.searcher.search(understood.query, 10)
    first = look.answer(shelf.opened, understood, found, count=len(found.hits), close=rank.RERANKED)
    later = look.answer(shelf.opened, understood, found, count=len(found.hits), close=0)
    assert np.isnan(later.fitness).all()
    everything = np.arange(len(first.ids))
    assert look.look_closer(shelf.opened, later, everything).tolist() == first.fitness.tolist()
    assert np.isnan(look.look_closer(shelf.opened, later, everything[1:])).tolist() == [
        True,
        *[False] * (len(first.ids) - 1),
    ]
