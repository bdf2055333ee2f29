"""The other commands, each as a person runs it."""

from __future__ import annotations

import json
from pathlib import Path

from tests.cli.test_serve import run


def test_migrate_check_tells_what_is_pending_and_changes_nothing(home: Path) -> None:
    before = run(home, "migrate", "--check")
    assert (before.returncode, "0001_kernel" in before.stdout) == (1, True)
    assert run(home, "migrate", "--check").returncode == 1

    applied = run(home, "migrate")
    assert (applied.returncode, "applied  0001_kernel" in applied.stdout) == (0, True)
    assert run(home, "migrate", "--check").returncode == 0
    assert "applied" not in run(home, "migrate").stdout


def test_create_admin_makes_one_who_can_sign_in_and_refuses_weak_passwords(home: Path) -> None:
    weak = run(home, "create-admin", "--email", "root@example.com", ENTREPOT_ADMIN_PASSWORD="short")
    assert (weak.returncode, "8 characters" in weak.stderr) == (1, True)
    made = run(home, "create-admin", "--email", "root@example.com", ENTREPOT_ADMIN_PASSWORD="Secret123")
    assert made.returncode == 0, made.stderr
    again = run(home, "create-admin", "--email", "ROOT@example.com", ENTREPOT_ADMIN_PASSWORD="Secret123")
    assert (again.returncode, "has an account already" in again.stderr) == (1, True)


def test_openapi_prints_the_description_without_a_database(tmp_path: Path) -> None:
    printed = run(tmp_path / "home", "openapi")
    assert printed.returncode == 0, printed.stderr
    assert json.loads(printed.stdout)["openapi"].startswith("3.1")
    assert not (tmp_path / "home" / "postgres").exists()


def test_doctor_says_that_all_is_well_or_what_to_do(home: Path) -> None:
    run(home, "migrate")
    well = run(home, "doctor")
    assert (well.returncode, "All is well." in well.stdout) == (0, True), well.stdout + well.stderr
    ill = run(home, "doctor", DATABASE_URL="postgresql://127.0.0.1:1/shop")
    assert (ill.returncode, "No PostgreSQL server answers" in ill.stdout) == (1, True)
    wrong = run(home, "doctor", PORT="many")
    assert (wrong.returncode, "PORT" in wrong.stdout) == (1, True)


def test_every_command_explains_itself(tmp_path: Path) -> None:
    for command in ("serve", "worker", "migrate", "demo", "create-admin", "openapi", "doctor"):
        help_text = run(tmp_path / "home", command, "--help")
        assert help_text.returncode == 0
        assert len(help_text.stdout) > 200, command


def test_an_unknown_command_fails(tmp_path: Path) -> None:
    assert run(tmp_path / "home", "dance").returncode != 0
