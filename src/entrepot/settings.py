"""Settings: one frozen object, built once from the environment and `.env`; wrong values are refused by name."""

from __future__ import annotations

from datetime import timedelta
from email.utils import formataddr, parseaddr
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any, Final, Literal
from urllib.parse import urlsplit

from pydantic import (
    AfterValidator,
    AliasChoices,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    SecretStr,
    ValidationError,
    model_validator,
)
from pydantic.alias_generators import to_camel
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

DEMO_PASSWORD = "Entrepot123!"  # noqa: S105  the published password of the demo accounts, refused in production


class Environment(StrEnum):
    DEVELOPMENT = "development"
    STAGING = "staging"
    PRODUCTION = "production"


class LogFormat(StrEnum):
    JSON = "json"
    PRETTY = "pretty"


class PaymentProvider(StrEnum):
    SANDBOX = "sandbox"
    STRIPE = "stripe"


class SettingsError(Exception):
    """Settings that the shop cannot start with; the message lists each by its environment name."""


def _duration(value: Any) -> Any:
    """`15m`, `7d`, `90s`, `12h` or a number of seconds, as the documents of other shops write them."""
    units = {"s": 1, "m": 60, "h": 3600, "d": 86400}
    if isinstance(value, str) and value[-1:] in units and value[:-1].isdigit():
        return timedelta(seconds=int(value[:-1]) * units[value[-1]])
    if isinstance(value, str) and value.isdigit():
        return timedelta(seconds=int(value))
    if isinstance(value, str):
        raise ValueError("write a number with s, m, h or d behind it, such as 15m or 7d")  # noqa: TRY004  Pydantic collects ValueErrors
    return value


def _comma_list(value: Any) -> Any:
    return tuple(part.strip() for part in value.split(",") if part.strip()) if isinstance(value, str) else value


def _origin(value: str) -> str:
    if value != "*" and not value.startswith(("http://", "https://")):
        raise ValueError(f"{value!r} is not an origin: write it as https://shop.example, or * for any")
    return value.rstrip("/")


def _sender(value: str) -> str:
    name, address = parseaddr(value)
    if value and (not address.rpartition("@")[0] or "\n" in value):
        raise ValueError(f"{value!r} is no sender: write shop@example.com, or My Shop <shop@example.com>")
    return formataddr((name, address))


def _issuer(value: str) -> str:
    """Whoever stands between us and the provider could sign anybody in: TLS, except on the same machine."""
    if not value.startswith(("https://", "http://localhost:", "http://127.0.0.1:")):
        raise ValueError("must begin with https://")
    return value


def _postgres(value: str | None) -> str | None:
    if value is not None and not value.startswith(("postgresql://", "postgres://")):
        raise ValueError("write it as postgresql://user:password@host:5432/name")
    return value


Duration = Annotated[timedelta, BeforeValidator(_duration)]
Origins = Annotated[tuple[Annotated[str, AfterValidator(_origin)], ...], NoDecode, BeforeValidator(_comma_list)]


class OidcProvider(BaseModel):
    """An OpenID provider that people may sign in with, and what it knows the shop by."""

    model_config = ConfigDict(frozen=True, extra="forbid", alias_generator=to_camel)

    issuer: Annotated[str, AfterValidator(_issuer)]
    client_id: str
    client_secret: SecretStr


class Settings(BaseSettings):
    """Every setting, its default and what it means. All are optional in development. `.env.example` shows them."""

    model_config = SettingsConfigDict(
        env_file=".env",
        env_file_encoding="utf-8",
        extra="ignore",
        frozen=True,
        env_ignore_empty=True,
    )

    # Server
    environment: Environment = Field(
        Environment.DEVELOPMENT,
        validation_alias=AliasChoices("ENTREPOT_ENV", "NODE_ENV"),
        description="development, staging or production",
    )
    host: str = Field("127.0.0.1", description="address to listen on; 0.0.0.0 for all")
    port: int = Field(3000, ge=1, le=65535)
    public_url: str = Field(
        "", description="address under which clients reach the shop; http://localhost:PORT if unset"
    )
    home: Path = Field(
        Path(".entrepot"), validation_alias="ENTREPOT_HOME", description="data folder: database, uploads, keys, mails"
    )
    trusted_proxies: str = Field(
        "127.0.0.1", description="addresses whose X-Forwarded-For is believed, comma separated"
    )
    max_body_bytes: int = Field(1_000_000, ge=1_000, le=100_000_000, description="largest JSON body")
    request_timeout_s: float = Field(30.0, gt=0, le=600, description="a request that takes longer is answered with 503")
    shutdown_timeout_s: int = Field(20, ge=1, le=600, description="time running requests get to finish at shutdown")

    # Database
    database_url: Annotated[str | None, AfterValidator(_postgres)] = Field(
        None, description="PostgreSQL 15 or newer; unset: the embedded server in the data folder"
    )
    database_pool_size: int = Field(20, ge=2, le=500, description="connections for each process")
    redis_url: str | None = Field(None, description="not used yet; PostgreSQL keeps shared state")

    # Sign-in
    jwt_private_key: SecretStr | None = Field(
        None, description="RSA key in PEM, or a path to it; required in production"
    )
    jwt_previous_keys: SecretStr | None = Field(
        None, description="keys that do not sign any more but still count: PEM, or paths with commas between"
    )
    jwt_expires_in: Duration = Field(timedelta(minutes=15), description="life of an access token")
    jwt_refresh_expires_in: Duration = Field(timedelta(days=7), description="life of a refresh token")
    oidc_providers: Annotated[
        dict[Annotated[str, Field(pattern=r"^[a-z0-9-]{1,50}$")], OidcProvider],
        Field(description='OpenID providers to sign in with, as {"google": {"issuer", "clientId", "clientSecret"}}'),
    ] = {}
    oidc_success_url: str = Field("", description="page that a browser comes back to from a provider; JSON if not set")
    frontend_url: str = Field(
        "",
        description="address of the web pages that mails link to; PUBLIC_URL if not set",
        pattern=r"^(https?://.*)?$",
    )
    approve_new_sellers: bool = Field(False, description="new sellers and shop owners wait for an admin's approval")

    # Shop
    currency: str = Field("USD", pattern=r"^[A-Z]{3}$", description="the shop's currency")
    currency_digits: Annotated[
        dict[str, int], Field(description='digits that differ from ISO 4217, as {"IQD": 0}')
    ] = {}
    tax_rate: Annotated[float, Field(ge=0, le=100, description="tax in percent where no location says otherwise")] = 8.0
    shop_name: str = Field("Entrepot", max_length=100, description="printed on invoices and mails")
    shop_address: str = Field("", max_length=500, description="printed on invoices; lines separated by semicolons")
    shop_tax_id: str = Field("", max_length=50, description="the shop's tax number, printed on invoices")
    guest_checkout: bool = Field(True, description="orders with an e-mail address and no account")
    payment_window: Duration = Field(
        timedelta(minutes=30), description="an unpaid card order gives its stock back then"
    )
    payment_patience: Duration = Field(
        timedelta(days=7),
        description="an order whose charge is under way for so long expires; a late success is refunded",
    )
    return_window: Duration = Field(timedelta(days=30), description="what was delivered can be given back so long")
    return_expiry: Duration = Field(timedelta(days=60), description="an approved return is cancelled if nothing came")
    notify_hold: Annotated[Duration, Field(ge=timedelta(minutes=1), le=timedelta(days=30))] = Field(
        timedelta(minutes=30), description="what is back in stock is held so long for who waited for it"
    )

    # Payments
    payment_provider: PaymentProvider = Field(
        PaymentProvider.SANDBOX, description="sandbox (built in, charges nobody) or stripe"
    )
    stripe_secret_key: SecretStr | None = Field(None, description="sk_...; required for stripe")
    stripe_webhook_secret: SecretStr | None = Field(
        None, description="whsec_..., of the endpoint at Stripe; required for stripe"
    )
    stripe_publishable_key: str | None = Field(
        None, description="pk_..., handed to clients with each intent", pattern=r"^pk_[A-Za-z0-9_]+$"
    )
    stripe_api_url: str = Field("https://api.stripe.com", pattern=r"^https?://.+")
    sandbox_webhooks: Literal["normal", "late", "twice", "reversed", "never"] = Field(
        "normal", description="how the sandbox delivers webhooks of intents that do not say it themselves"
    )
    sandbox_webhook_url: str = Field(
        "", description="where the sandbox sends them; this server's own port if not set", pattern=r"^(https?://.+)?$"
    )

    # Mail and text messages
    smtp_host: str | None = Field(None, description="mail server; unset: mails are written into the data folder")
    smtp_port: int = Field(587, ge=1, le=65535)
    smtp_user: str | None = Field(None, description="user at the mail server")
    smtp_pass: SecretStr | None = Field(None, description="password at the mail server")
    smtp_tls: Literal["starttls", "tls", "none"] = Field("starttls", description="none only on the same machine")
    email_from: Annotated[str, AfterValidator(_sender)] = Field(
        "", description="sender of mails; noreply@ and the host of PUBLIC_URL if not set"
    )
    twilio_account_sid: str | None = Field(None, description="account at Twilio, which sends text messages")
    twilio_auth_token: SecretStr | None = Field(None, description="its secret")
    twilio_from: str | None = Field(None, description="sender of text messages: a number, or MG... a messaging service")
    twilio_api_url: str = Field("https://api.twilio.com", pattern=r"^https?://.+")

    # Web
    cors_origins: Origins = Field((), description="origins of browser clients, comma separated; * for any")
    rate_limit_enabled: bool = Field(True, description="false for load tests")
    rate_limit_window_ms: int = Field(60_000, ge=1_000, le=86_400_000, description="window of the general limit")
    rate_limit_max_requests: int | None = Field(
        None, ge=1, description="general limit for an address in the window; 6000 in production, 60000 in development"
    )
    cache_max_bytes: int = Field(32_000_000, ge=0, description="memory for encoded catalog replies, for each process")

    # Files
    upload_max_size: int = Field(5_242_880, ge=1_000, le=100_000_000, description="largest upload in bytes")
    import_max_size: int = Field(
        200_000_000, ge=1_000, le=2_000_000_000, description="largest file of products to import, in bytes"
    )
    cdn_url: str = Field(
        "",
        validation_alias=AliasChoices("CDN_URL", "AWS_CLOUDFRONT_URL"),
        description="put before the addresses of public files; the shop's own /media if not set",
        pattern=r"^(https?://.*)?$",
    )
    aws_s3_bucket: str | None = Field(
        None,
        description="bucket that files are kept in, at Amazon or elsewhere; unset: in the data folder",
        pattern=r"^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$",
    )
    aws_region: str = Field("us-east-1", description="region of the bucket", pattern=r"^[a-z0-9-]{1,50}$")
    aws_access_key_id: str | None = Field(None, description="key to the bucket; unset: the machine's own role")
    aws_secret_access_key: SecretStr | None = Field(None, description="its secret")
    aws_endpoint_url: str | None = Field(
        None,
        validation_alias=AliasChoices("AWS_ENDPOINT_URL", "AWS_ENDPOINT_URL_S3"),
        description="address of a storage that speaks S3 (MinIO, R2, Ceph); unset: Amazon's",
        pattern=r"^https?://.+",
    )

    # Logs and monitoring
    log_level: str = Field("info", pattern="(?i)^(debug|info|warning|error)$")
    log_format: LogFormat | None = Field(None, description="json or pretty; pretty on a terminal, json elsewhere")
    sentry_dsn: SecretStr | None = Field(None, description="errors are reported there")
    otel_exporter_otlp_endpoint: str | None = Field(None, description="traces are sent there (OTLP over HTTP)")

    @property
    def is_production(self) -> bool:
        return self.environment is Environment.PRODUCTION

    @property
    def address(self) -> str:
        """Where clients reach the shop, without a slash at the end."""
        return self.public_url.rstrip("/") or f"http://localhost:{self.port}"

    @property
    def pages(self) -> str:
        """Where the web pages are that mails link to, without a slash at the end."""
        return self.frontend_url.rstrip("/") or self.address

    @property
    def sender(self) -> str:
        """Whom mails come from."""
        return self.email_from or f"noreply@{urlsplit(self.address).hostname or 'localhost'}"

    @property
    def sandbox_webhook_address(self) -> str:
        """Where the sandbox tells the shop what became of payments."""
        return self.sandbox_webhook_url or f"http://127.0.0.1:{self.port}/api/v1/payments/webhooks/sandbox"

    @property
    def tax_bp(self) -> int:
        """The flat tax rate in basis points."""
        return round(self.tax_rate * 100)

    @property
    def media_folder(self) -> Path:
        return self.home / "media"

    @property
    def mails_folder(self) -> Path:
        """Where mails and text messages are written that nobody sends."""
        return self.home / "mails"

    @property
    def general_rate_limit(self) -> int:
        return self.rate_limit_max_requests or (6_000 if self.is_production else 60_000)

    @model_validator(mode="after")
    def _complete_for_production(self) -> Settings:
        if self.is_production:
            missing = [
                name
                for name, value in (("DATABASE_URL", self.database_url), ("JWT_PRIVATE_KEY", self.jwt_private_key))
                if value is None
            ]
            if missing:
                raise ValueError(f"set {' and '.join(missing)}: production needs them")
        return self

    @model_validator(mode="after")
    def _complete_for_stripe(self) -> Settings:
        if self.payment_provider is PaymentProvider.STRIPE:
            missing = [
                name
                for name, value in (
                    ("STRIPE_SECRET_KEY", self.stripe_secret_key),
                    ("STRIPE_WEBHOOK_SECRET", self.stripe_webhook_secret),
                )
                if value is None
            ]
            if missing:
                raise ValueError(f"set {' and '.join(missing)}: PAYMENT_PROVIDER=stripe needs them")
        return self

    @model_validator(mode="after")
    def _whole_key_to_the_bucket(self) -> Settings:
        if (self.aws_access_key_id is None) != (self.aws_secret_access_key is None):
            raise ValueError("set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or neither of them")
        return self


# These are read under no other name: HOME and ENVIRONMENT belong to the system.
_ALIASES: Final = {
    "home": "ENTREPOT_HOME",
    "environment": "ENTREPOT_ENV",
    "cdn_url": "CDN_URL",
    "aws_endpoint_url": "AWS_ENDPOINT_URL",
}


def load_settings(**overrides: Any) -> Settings:
    """Read the environment and `.env`.

    Raises:
        SettingsError: naming every setting that is wrong or missing, and what to write instead.
    """
    by_alias = {_ALIASES.get(name, name): value for name, value in overrides.items()}
    try:
        return Settings(**by_alias)
    except ValidationError as error:
        raise SettingsError("\n".join(_complaints(error))) from None


def _complaints(error: ValidationError) -> list[str]:
    lines = []
    for fault in error.errors(include_input=False, include_url=False):
        name = str(fault["loc"][0]).upper() if fault["loc"] else "Settings"
        lines.append(f"{name}: {fault['msg'].removeprefix('Value error, ')}")
    return lines
