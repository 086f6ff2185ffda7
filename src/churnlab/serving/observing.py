"""What Prometheus reads of the service, added up over its processes."""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path

import numpy as np
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
TENTHS = 10


class Metrics:
    """The measures of one process, or of all where `PROMETHEUS_MULTIPROC_DIR` is set."""

    def __init__(self) -> None:
        # As it is now: Feast, once a lookup imports it, sets the variable to a folder of its own.
        self._folder = os.environ.get(FOLDER)
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
        self.scores = Counter(
            "churnlab_scores",
            "Churn probabilities that were told, by tenth: 0 is below 0.1.",
            ["study", "version", "tenth"],
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

    def told(self, study: str, version: str, p: np.ndarray) -> None:
        """Count the probabilities of an answer, a tenth at a time: they may be thousands."""
        self.rows.labels(study).observe(len(p))
        tenths = np.minimum((p * TENTHS).astype(np.int64), TENTHS - 1)
        for tenth, count in enumerate(np.bincount(tenths).tolist()):
            if count:
                self.scores.labels(study, version, tenth).inc(count)

    def exposition(self) -> bytes:
        """Return all measures in the text format of Prometheus."""
        if self._folder is None:
            return generate_latest(self.registry)
        _forget_the_dead(Path(self._folder))
        together = CollectorRegistry()
        multiprocess.MultiProcessCollector(together, self._folder)
        return generate_latest(together)


def _forget_the_dead(folder: Path) -> None:
    """Remove what is only true of living processes: a worker that was killed cannot say its end."""
    for file in folder.glob("gauge_live*_*.db"):
        pid = int(file.stem.rpartition("_")[2])
        # Another worker may have removed it first.
        if not _lives(pid):
            with suppress(FileNotFoundError):
                multiprocess.mark_process_dead(pid, str(folder))


def _lives(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:  # One of another user.
        pass
    return True
