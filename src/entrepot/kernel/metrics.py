"""What Prometheus reads: requests by route, and how long they took."""

from __future__ import annotations

from collections.abc import Iterator

from prometheus_client import REGISTRY, CollectorRegistry, Counter, Histogram, generate_latest
from prometheus_client.core import CounterMetricFamily, Metric
from prometheus_client.openmetrics.exposition import CONTENT_TYPE_LATEST

from entrepot.kernel.db import Meter

_BUCKETS = (0.001, 0.0025, 0.005, 0.01, 0.02, 0.04, 0.06, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)


class _Statements:
    """What the database was asked, counted where it is asked."""

    def __init__(self, meter: Meter) -> None:
        self._meter = meter

    def collect(self) -> Iterator[Metric]:
        yield CounterMetricFamily(
            "entrepot_database_statements", "Statements sent to the database", value=self._meter.statements
        )


class Metrics:
    """Counters of this process. The children for known labels are kept, since looking them up costs most."""

    def __init__(self, meter: Meter) -> None:
        self._registry = CollectorRegistry()
        self._registry.register(_Statements(meter))
        self._requests = Counter(
            "entrepot_requests", "Requests answered", ["method", "route", "status"], registry=self._registry
        )
        self._durations = Histogram(
            "entrepot_request_duration_seconds",
            "Time from the first byte in to the last byte out",
            ["method", "route"],
            buckets=_BUCKETS,
            registry=self._registry,
        )
        self._children: dict[tuple[str, str, int], tuple[Counter, Histogram]] = {}

    def observe(self, method: str, route: str, status: int, duration_s: float) -> None:
        """Count one reply. `route` is a template such as /products/{id}, so that labels stay few."""
        label = (method, route, status)
        child = self._children.get(label)
        if child is None:
            child = (self._requests.labels(method, route, str(status)), self._durations.labels(method, route))
            self._children[label] = child
        child[0].inc()
        child[1].observe(duration_s)

    def render(self) -> tuple[bytes, str]:
        """The exposition and its content type: ours, and the process's memory, CPU and files."""
        return generate_latest(REGISTRY) + generate_latest(self._registry), CONTENT_TYPE_LATEST
