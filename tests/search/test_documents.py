"""The tree of categories as the index sees it, and the lock that one process holds."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import tantivy
from hypothesis import given, settings
from hypothesis import strategies as st

from entrepot.search import schema
from entrepot.search.documents import CategoryTree, different
from entrepot.search.folder import IndexFolder, Position, keep_position, position_of
from entrepot.search.model import IndexedProduct
from entrepot.search.queries import CategoryNames


def a_category(category_id: int, parent_id: int | None, name: str) -> CategoryNames:
    return CategoryNames(id=category_id, parent_id=parent_id, slug=f"c{category_id}", name=name, names={})


def test_a_path_goes_from_the_root() -> None:
    tree = CategoryTree([a_category(3, 2, "Lamps"), a_category(1, None, "Home"), a_category(2, 1, "Light")])
    assert [step.name for step in tree.path(3)] == ["Home", "Light", "Lamps"]
    assert tree.path(99) == []


def test_a_loop_ends() -> None:
    tree = CategoryTree([a_category(1, 2, "a"), a_category(2, 1, "b")])
    assert len(tree.path(1)) < 100


def test_what_is_below_a_change_is_different() -> None:
    before = CategoryTree([a_category(1, None, "Home"), a_category(2, 1, "Light"), a_category(3, None, "Garden")])
    renamed = CategoryTree([a_category(1, None, "House"), a_category(2, 1, "Light"), a_category(3, None, "Garden")])
    moved = CategoryTree([a_category(1, None, "Home"), a_category(2, 3, "Light"), a_category(3, None, "Garden")])
    assert different(before.marks(), before.marks()) == set()
    assert different(before.marks(), renamed.marks()) == {1, 2}
    assert different(before.marks(), moved.marks()) == {2}
    assert different(before.marks(), CategoryTree([]).marks()) == {1, 2, 3}


TEXT = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=60)
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | TEXT,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXT, inner, max_size=3),
    max_leaves=5,
)


@given(
    title=TEXT,
    description=TEXT,
    titles=st.dictionaries(st.sampled_from(["ar", "ru", "pt-BR", "x"]), TEXT, max_size=2),
    attributes=st.dictionaries(TEXT, VALUES, max_size=4),
    tags=st.lists(TEXT, max_size=3),
)
@settings(max_examples=150, deadline=None)
def test_whatever_is_in_a_product_can_be_indexed(
    title: str, description: str, titles: dict[str, str], attributes: dict[str, Any], tags: list[str]
) -> None:
    product = IndexedProduct(
        id=1, company_id=1, seller_id=None, group_id=None, group_title=None, sku=title[:10], barcode=description[:10],
        title=title, description=description, titles=titles, descriptions=titles, brand_id=1, brand=title, categories=[],
        tags=tags, attributes=attributes, options=attributes, price_minor=2**62,
    )  # fmt: skip
    index = tantivy.Index(schema.build())
    schema.register(index)
    writer = index.writer(15_000_000, 1)
    writer.add_document(schema.document(product))
    writer.commit()
    index.reload()
    assert index.searcher().num_docs == 1


def test_one_has_the_lock(tmp_path: Path) -> None:
    one, other = IndexFolder(tmp_path), IndexFolder(tmp_path)
    assert one.lock.acquire()
    assert one.lock.acquire()
    assert not other.lock.acquire()
    one.lock.release()
    assert other.lock.acquire()
    other.lock.release()


def test_a_folder_without_sense_is_none(tmp_path: Path) -> None:
    folder = IndexFolder(tmp_path)
    assert folder.current() is None
    for nonsense in (b"", b"\xff\xfe", b"../../etc", b"v0-abc", b"v1-zzz"):
        (tmp_path / "current").write_bytes(nonsense)
        assert folder.current() is None
    assert position_of(tmp_path) is None
    position = Position(snapshot="1:1:", event_id=3, complete=True, categories={7: 8})
    keep_position(tmp_path, position)
    assert position_of(tmp_path) == position
