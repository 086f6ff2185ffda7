"""What Prometheus reads of the service, added up over its processes."""

from __future__ import annotations

import os

from prometheus_client import (
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    generate_latest,
    multiprocess,
)

FOLDER = "PROMETHEUS_MULTIPROC_DIR"
SECONDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
SIZES = (1, 2, 5, 10, 50, 100, 500, 1000, 5000, 10000)
SCORES = tuple(tenth / 10 for tenth in range(1, 11))


class Metrics:
    """The measures of one process, or of all where `PROMETHEUS_MULTIPROC_DIR` is set."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self.requests = Counter(
            "churnlab_requests", "Requests.", ["route", "status"], registry=self.registry
        )
        self.seconds = Histogram(
            "churnlab_request_seconds",
            "Seconds until an answer.",
            ["route"],
            buckets=SECONDS,
            registry=self.registry,
        )
        self.rows = Histogram(
            "churnlab_rows", "Rows of a request.", ["study"], buckets=SIZES, registry=self.registry
        )
        self.scores = Histogram(
            "churnlab_score",
            "Churn probabilities that were told.",
            ["study", "version"],
            buckets=SCORES,
            registry=self.registry,
        )
        self.errors = Counter(
            "churnlab_errors", "Requests refused, by why.", ["code"], registry=self.registry
        )
        self.version = Gauge(
            "churnlab_model_version",
            "1 for the version that answers.",
            ["study", "version"],
            multiprocess_mode="livemax",
            registry=self.registry,
        )
        self.swaps = Counter(
            "churnlab_swaps", "Versions loaded.", ["study"], registry=self.registry
        )
        self.failures = Counter(
            "churnlab_swap_failures", "Versions not loaded.", ["study"], registry=self.registry
        )
        self._answering: dict[str, str] = {}

    def swapped(self, study: str, version: str) -> None:
        """Note which version answers from now on."""
        if before := self._answering.get(study):
            self.version.labels(study, before).set(0)
        self._answering[study] = version
        self.version.labels(study, version).set(1)
        self.swaps.labels(study).inc()

    def exposition(self) -> bytes:
        """Return all measures in the text format of Prometheus."""
        if FOLDER not in os.environ:
            return generate_latest(self.registry)
        together = CollectorRegistry()
        multiprocess.MultiProcessCollector(together)
        return generate_latest(together)
