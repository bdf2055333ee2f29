"""Settings: read once, and refused by name where they are wrong."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from entrepot.settings import PaymentProvider, Settings, SettingsError, load_settings


@pytest.fixture(autouse=True)
def bare_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """No setting of the machine that the tests run on."""
    for name in Settings.model_fields:
        monkeypatch.delenv(name.upper(), raising=False)
    for name in ("ENTREPOT_ENV", "NODE_ENV", "ENTREPOT_HOME"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.chdir(tmp_path)


def test_all_is_optional_in_development() -> None:
    settings = load_settings()

    assert (settings.port, settings.is_production, settings.tax_bp) == (3000, False, 800)
    assert settings.address == "http://localhost:3000"


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("PORT", "0"), ("PORT", "65536"), ("PORT", "http"), ("JWT_EXPIRES_IN", "soon"), ("JWT_EXPIRES_IN", "15 m"),
        ("DATABASE_URL", "mysql://a/b"),
        ("CURRENCY", "dollars"), ("TAX_RATE", "-1"), ("TAX_RATE", "101"), ("CORS_ORIGINS", "shop.example"), ("LOG_LEVEL", "loud"),
        ("LOG_FORMAT", "xml"), ("NODE_ENV", "prod"), ("MAX_BODY_BYTES", "10"), ("REQUEST_TIMEOUT_S", "0"),
        ("DATABASE_POOL_SIZE", "1"),
        ("RATE_LIMIT_WINDOW_MS", "5"), ("RATE_LIMIT_ENABLED", "perhaps"), ("UPLOAD_MAX_SIZE", "big"),
    ],
)  # fmt: skip
def test_a_wrong_value_is_refused_by_its_name(monkeypatch: pytest.MonkeyPatch, name: str, value: str) -> None:
    monkeypatch.setenv(name, value)
    with pytest.raises(
        SettingsError, match=f"^{'(ENTREPOT_ENV|NODE_ENV|ENVIRONMENT)' if name == 'NODE_ENV' else name}: "
    ):
        load_settings()


def test_every_wrong_value_is_named_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PORT", "x")
    monkeypatch.setenv("TAX_RATE", "x")
    with pytest.raises(SettingsError) as refused:
        load_settings()
    assert {line.partition(":")[0] for line in str(refused.value).splitlines()} == {"PORT", "TAX_RATE"}


@pytest.mark.parametrize(
    ("name", "value", "field", "read"),
    [
        ("JWT_EXPIRES_IN", "15m", "jwt_expires_in", timedelta(minutes=15)),
        ("JWT_REFRESH_EXPIRES_IN", "7d", "jwt_refresh_expires_in", timedelta(days=7)),
        ("PAYMENT_WINDOW", "90", "payment_window", timedelta(seconds=90)),
        (
            "CORS_ORIGINS",
            "https://a.example/, https://b.example",
            "cors_origins",
            ("https://a.example", "https://b.example"),
        ),
        ("CORS_ORIGINS", "*", "cors_origins", ("*",)),
        ("CORS_ORIGINS", "", "cors_origins", ()),
        ("CURRENCY_DIGITS", '{"IQD": 0}', "currency_digits", {"IQD": 0}),
        ("RATE_LIMIT_ENABLED", "false", "rate_limit_enabled", False),
        ("NODE_ENV", "staging", "environment", "staging"),
    ],
)
def test_a_value_is_read_as_it_is_written(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str, field: str, read: Any
) -> None:
    monkeypatch.setenv(name, value)

    assert getattr(load_settings(), field) == read


def test_a_file_is_read_and_the_environment_comes_first(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("PORT=4000\nSHOP_NAME=From the file\nSOMEBODY_ELSES=1\n")
    monkeypatch.setenv("PORT", "5000")

    settings = load_settings()

    assert (settings.port, settings.shop_name) == (5000, "From the file")


def test_production_says_what_it_needs(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NODE_ENV", "production")
    with pytest.raises(SettingsError) as refused:
        load_settings()
    assert "DATABASE_URL" in str(refused.value)
    assert "JWT_PRIVATE_KEY" in str(refused.value)

    monkeypatch.setenv("DATABASE_URL", "postgresql://a:b@c/d")
    with pytest.raises(SettingsError) as refused:
        load_settings()
    assert "DATABASE_URL" not in str(refused.value)


def test_stripe_says_what_it_needs(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PAYMENT_PROVIDER", "stripe")
    with pytest.raises(SettingsError) as refused:
        load_settings()
    assert "STRIPE_SECRET_KEY and STRIPE_WEBHOOK_SECRET" in str(refused.value)

    monkeypatch.setenv("STRIPE_SECRET_KEY", "sk_test_1")
    monkeypatch.setenv("STRIPE_WEBHOOK_SECRET", "whsec_1")
    assert load_settings().payment_provider is PaymentProvider.STRIPE
    assert "sk_test_1" not in repr(load_settings())


def test_secrets_are_not_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("JWT_PRIVATE_KEY", "-----BEGIN very secret")
    monkeypatch.setenv("PORT", "x")
    with pytest.raises(SettingsError) as refused:
        load_settings()
    monkeypatch.delenv("PORT")

    assert "very secret" not in str(refused.value) + repr(load_settings())


def test_settings_do_not_change() -> None:
    with pytest.raises(ValueError, match="frozen"):
        load_settings().port = 5  # type: ignore[misc]
