"""An order's statements as a script: what is new in each order is handed on, and all else stands as it was recorded."""

from __future__ import annotations

from entrepot.bench.pgbench import OrderIds, script_of
from entrepot.bench.statements import Statement

IDS = OrderIds(products=[501, 502, 503], order=9001, number="ORD-20260101123", parts=[7001], lines=[8001, 8002, 8003])
INSERT = Statement("insert into orders (x) values ($1, $2)", ({"product_id": 501, "n": 5015},), ("jsonb", "int8"))


def script(*statements: Statement, products: int = 300) -> str:
    return script_of(statements, IDS, 501, products)


def test_products_are_drawn_anew() -> None:
    written = script(Statement("select $1", ([501, 503],), ("int8[]",)))
    assert "\\set first 501 + 3 * random(0, 99)" in written
    assert """replace(replace('{"~p0~","~p2~"}', '~p0~', :p0::text), '~p2~', :p2::text))::int8[]""" in written


def test_with_three_products_everybody_buys_the_same() -> None:
    assert "random(0, 0)" in script(Statement("select 1", (), ()), products=3)


def test_ids_of_the_order_count_from_its_insert_on() -> None:
    before = Statement("select $1", (9001,), ("int8",))
    insert = Statement("insert into orders (x) values ($1)", (1,), ("int8",))
    lines = script(before, insert, before).splitlines()
    assert "select ('9001')::int8;" in lines
    assert "select (replace('~placed_id~', '~placed_id~', :placed_id::text))::int8;" in lines
    assert any(line.endswith("\\gset placed_") for line in lines)


def test_a_number_inside_another_stays() -> None:
    written = script(Statement("select $1", ({"n": 5015, "s": "sku-501"},), ("jsonb",)))
    assert "5015" in written
    assert "sku-501" in written


def test_the_order_number_in_a_text_is_the_new_one() -> None:
    insert = Statement("insert into orders (x) values ($1)", (1,), ("int8",))
    event = Statement("insert into events (data) values ($1)", ({"orderId": IDS.number},), ("jsonb",))
    assert "~number~', :placed_number::text" in script(insert, event)


def test_words_after_a_colon_are_no_variables() -> None:
    written = script(Statement("select $1", ("sale:rest",), ("text",)))
    assert ":rest" not in written
    assert "'sale:' || 'rest'" in written


def test_nothing_and_quotes_are_written_as_sql() -> None:
    written = script(Statement("select $1, $2, $3", (None, "it's", b"\x01\xff"), ("text", "text", "bytea")))
    assert "select null::text, ('it''s')::text, ('\\x01ff')::bytea;" in written


def test_ids_that_could_mean_two_things_clash() -> None:
    assert not IDS.clash()
    assert OrderIds(products=[501], order=501, number="", parts=[7001], lines=[8001]).clash()
