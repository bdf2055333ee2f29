"""Traces and error reports, for those who switch them on: OpenTelemetry and Sentry.

Their libraries are large, so they are imported only where a setting asks for them.
"""

from __future__ import annotations

from typing import cast

from entrepot.kernel.edge import App
from entrepot.settings import Settings


def watched(app: App, settings: Settings) -> App:
    """The application, with the reporting that the settings ask for."""
    if settings.sentry_dsn is not None:
        _report_errors(settings.sentry_dsn.get_secret_value(), settings)
    if settings.otel_exporter_otlp_endpoint is not None:
        app = _traced(app, settings.otel_exporter_otlp_endpoint)
    return app


def _report_errors(dsn: str, settings: Settings) -> None:
    """Sentry hears of every error that is logged; neither bodies nor headers nor local variables are sent."""
    import sentry_sdk

    sentry_sdk.init(
        dsn=dsn,
        environment=settings.environment,
        max_request_body_size="never",
        include_local_variables=False,
        default_integrations=True,
        auto_enabling_integrations=False,
    )


def _traced(app: App, endpoint: str) -> App:
    """A span for each request and each statement, sent by OTLP over HTTP."""
    from opentelemetry import trace
    from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
    from opentelemetry.instrumentation.asgi import OpenTelemetryMiddleware
    from opentelemetry.instrumentation.asyncpg import AsyncPGInstrumentor
    from opentelemetry.sdk.resources import Resource
    from opentelemetry.sdk.trace import TracerProvider
    from opentelemetry.sdk.trace.export import BatchSpanProcessor

    provider = TracerProvider(resource=Resource.create({"service.name": "entrepot"}))
    provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter(f"{endpoint.rstrip('/')}/v1/traces")))
    trace.set_tracer_provider(provider)
    AsyncPGInstrumentor().instrument(tracer_provider=provider)  # type: ignore[no-untyped-call]
    return cast("App", OpenTelemetryMiddleware(app, tracer_provider=provider))
