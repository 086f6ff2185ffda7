"""The three services as processes, and how each is asked."""

from __future__ import annotations

import http.client
import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
STARTED = 120.0


@dataclass(frozen=True)
class Running:
    """A service that answers.

    Attributes:
        name: as the page calls it.
        port: on this machine.
        path: of scoring.
        headers: of every request.
        process: the one that was started; it may have started others.
    """

    name: str
    port: int
    path: str
    headers: dict[str, str]
    process: subprocess.Popen = field(repr=False)

    def body(self, rows: Sequence[dict[str, float]]) -> bytes:
        """Return rows as this service takes them."""
        if self.name == "mlflow":
            columns = list(rows[0])
            data = [[row[name] for name in columns] for row in rows]
            return json.dumps({"dataframe_split": {"columns": columns, "data": data}}).encode()
        return json.dumps({"rows": list(rows)}).encode()

    def probabilities(self, answer: bytes) -> list[float]:
        """Return what an answer says."""
        told: Any = json.loads(answer)
        if self.name == "churnlab":
            return [one["p"] for one in told["predictions"]]
        return told["p"] if self.name == "plain" else [row[1] for row in told["predictions"]]


def free_port() -> int:
    """Return a port that nobody listens on."""
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


@contextmanager
def churnlab(home: Path, key: str, workers: int) -> Iterator[Running]:
    """Start the service."""
    port = free_port()
    program = "from churnlab.cli import app; app()"
    command = [sys.executable, "-c", program, "serve", "--home", str(home), "--port", str(port)]
    headers = {"Authorization": f"Bearer {key}", "Content-Type": "application/json"}
    settings = {"CHURNLAB_RATE": "100000000", "CHURNLAB_MOST_ROWS": "100000"}
    with _started([*command, "--workers", str(workers)], home / "log", settings) as process:
        yield _ready(Running("churnlab", port, "/v1/telecom/predict", headers, process), "/ready")


@contextmanager
def mlflow(model: Path, workers: int) -> Iterator[Running]:
    """Start `mlflow models serve`."""
    port = free_port()
    program = str(Path(sys.executable).with_name("mlflow"))
    command = [program, "models", "serve", "-m", str(model), "--env-manager", "local"]
    options = ["--port", str(port), "--workers", str(workers)]
    headers = {"Content-Type": "application/json"}
    quiet = {"MLFLOW_DISABLE_TELEMETRY": "true", "DO_NOT_TRACK": "true"}
    log = model.parent / "mlflow.log"
    with _started([*command, *options], log, quiet) as process:
        yield _ready(Running("mlflow", port, "/invocations", headers, process), "/ping")


@contextmanager
def plain(model: Path, workers: int) -> Iterator[Running]:
    """Start the plain service."""
    port = free_port()
    command = [sys.executable, "-m", "uvicorn", "benchmarks.serving.plain:app"]
    options = ["--port", str(port), "--workers", str(workers), "--no-access-log"]
    settings = {"PLAIN_MODEL": str(model)}
    headers = {"Content-Type": "application/json"}
    with _started([*command, *options], model.parent / "plain.log", settings) as process:
        yield _ready(Running("plain", port, "/predict", headers, process), "/docs")


@contextmanager
def _started(command: list[str], log: Path, settings: dict[str, str]) -> Iterator:
    environment = {
        **os.environ,
        "OMP_NUM_THREADS": "1",
        # MLflow starts programs of this environment by their names.
        "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",
        "PYTHONPATH": f"{ROOT}/src:{ROOT}",
    }
    with log.open("w") as said:
        process = subprocess.Popen(
            command,
            env={**environment, **settings},
            stdout=said,
            stderr=said,
            cwd=ROOT,
            start_new_session=True,
        )
        try:
            yield process
        finally:
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGTERM)
                try:
                    process.wait(40)
                except subprocess.TimeoutExpired:
                    os.killpg(process.pid, signal.SIGKILL)


def _ready(service: Running, path: str) -> Running:
    end = time.monotonic() + STARTED
    while time.monotonic() < end and service.process.poll() is None:
        connection = http.client.HTTPConnection("127.0.0.1", service.port, timeout=5)
        try:
            connection.request("GET", path)
            if connection.getresponse().status == 200:
                return service
        except OSError:
            pass
        finally:
            connection.close()
        time.sleep(0.2)
    raise RuntimeError(f"{service.name} did not start; its log is beside its model")
