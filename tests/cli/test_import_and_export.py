"""Products into a shop and out again, from the command line."""

from __future__ import annotations

from pathlib import Path

from tests.cli.test_serve import run

HEAD = "sku,title,price,category,stock\n"


def test_a_file_goes_in_and_comes_out_again(home: Path, tmp_path: Path) -> None:
    run(home, "create-admin", "--email", "root@example.com", ENTREPOT_ADMIN_PASSWORD="Secret123")
    table = tmp_path / "products.csv"
    table.write_text(f"{HEAD}007,Green tea,3.50,tea,12\n008,Black tea,cheap,tea,1\n", encoding="utf-8")

    partly = run(home, "import", str(table), "--create-categories")
    assert partly.returncode == 1
    assert "1 made, 0 changed, 0 as they were, 1 refused" in partly.stdout
    assert "line 3, price: must be a number" in partly.stderr

    out = tmp_path / "out.xlsx"
    assert run(home, "export", str(out)).returncode == 0
    again = run(home, "import", str(out))
    assert (again.returncode, "0 made, 0 changed, 1 as they were, 0 refused" in again.stdout) == (0, True), again


def test_what_cannot_be_is_said_in_a_sentence(home: Path, tmp_path: Path) -> None:
    table = tmp_path / "products.csv"
    table.write_text("a,b\n1,2\n", encoding="utf-8")
    for arguments, says in (
        (["import", str(table), "--company", "nobody"], "There is no company nobody"),
        (["export", str(tmp_path / "x.csv"), "--company", "nobody"], "There is no company nobody"),
    ):
        refused = run(home, *arguments)
        assert (refused.returncode, says in refused.stderr) == (1, True), refused
        assert "Traceback" not in refused.stderr
