"""The processes of the compose file, started on this machine with the repository's own files."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import time
from contextlib import contextmanager
from pathlib import Path

import httpx
import psycopg
import pytest
import yaml

from serving.server import free_port
from stages.studies import REPOSITORY

CONFIGURED = REPOSITORY / "deploy/prometheus"
STARTED = 120.0
EVERY = "250ms"


class Prometheus:
    """A running Prometheus, asked through its query API."""

    def __init__(self, port: int) -> None:
        self.url = f"http://127.0.0.1:{port}"

    def ask(self, query: str) -> list[dict]:
        """Return the series of a query at this moment."""
        answer = httpx.get(f"{self.url}/api/v1/query", params={"query": query}).json()
        assert answer["status"] == "success", (query, answer)
        return answer["data"]["result"]

    def values(self, query: str, label: str) -> dict[str, float]:
        """Return the values of a query by one of its labels."""
        return {one["metric"].get(label, ""): float(one["value"][1]) for one in self.ask(query)}

    def alerts(self) -> dict[str, dict]:
        """Return the labels of the alerts that fire, by name."""
        found = httpx.get(f"{self.url}/api/v1/alerts").json()["data"]["alerts"]
        return {one["labels"]["alertname"]: one for one in found if one["state"] == "firing"}


def wait_for(condition, what: str, seconds: float = 60.0):
    """Return what a condition returns as soon as that is true."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if found := condition():
            return found
        time.sleep(0.1)
    raise AssertionError(f"not within {seconds:g} seconds: {what}")


def answers(url: str) -> bool:
    try:
        return httpx.get(url).status_code == 200
    except httpx.TransportError:
        return False


@contextmanager
def process(command, log: Path, ready: str, **variables):
    """Run a program until the end of the block, from when it answers at `ready` on."""
    with log.open("w") as said:
        running = subprocess.Popen(
            [str(part) for part in command],
            env={**os.environ, **variables},
            cwd=log.parent,
            stdout=said,
            stderr=subprocess.STDOUT,
        )
    try:
        end = time.monotonic() + STARTED
        while not answers(ready):
            ended = running.poll() is not None
            assert not ended and time.monotonic() < end, log.read_text()[-3000:]
            time.sleep(0.1)
        yield running
    finally:
        running.terminate()
        running.wait(30)


def short(configuration: dict, target: str, key: Path) -> dict:
    """Return the configuration with this target and key, and steps that a test can wait for."""
    configuration["global"] = {"scrape_interval": EVERY, "evaluation_interval": EVERY}
    configuration["rule_files"] = [str(CONFIGURED / name) for name in configuration["rule_files"]]
    (job,) = configuration["scrape_configs"]
    job["authorization"]["credentials_file"] = str(key)
    job["static_configs"] = [{"targets": [target]}]
    return configuration


@contextmanager
def prometheus(folder: Path, target: str, key: str):
    """Start Prometheus on the repository's configuration; `key` is the operator's."""
    binary = shutil.which("prometheus")
    if binary is None:
        pytest.skip("there is no `prometheus` on the path; it is a package of Debian")
    file = folder / "prometheus_key"
    file.write_text(key + "\n")
    configuration = yaml.safe_load((CONFIGURED / "prometheus.yml").read_text())
    used = folder / "prometheus.yml"
    used.write_text(yaml.safe_dump(short(configuration, target, file)))
    port = free_port()
    command = [
        *(binary, f"--config.file={used}", f"--storage.tsdb.path={folder / 'tsdb'}"),
        f"--web.listen-address=127.0.0.1:{port}",
    ]
    server = Prometheus(port)
    with process(command, folder / "prometheus.log", f"{server.url}/-/ready"):
        yield server


@contextmanager
def mlflow(folder: Path, postgres):
    """Start MLflow's server as the container does, on a new database, and yield its address."""
    password = "f00d" * 16
    with psycopg.connect(plain(postgres.url()), autocommit=True) as connection:
        connection.execute("DROP DATABASE IF EXISTS mlflow")
        connection.execute("DROP ROLE IF EXISTS mlflow")
        connection.execute(f"CREATE ROLE mlflow LOGIN PASSWORD '{password}'")
        connection.execute("CREATE DATABASE mlflow OWNER mlflow")
    secret = folder / "postgres_password"
    secret.write_text(password + "\n")
    port = free_port()
    command = [REPOSITORY / "deploy/start-mlflow", "--host", "127.0.0.1", "--port", port]
    command += ["--artifacts-destination", folder / "artifacts"]
    command += ["--allowed-hosts", "localhost:*,127.0.0.1:*"]
    variables = {
        "DATABASE_HOST": f"127.0.0.1:{postgres.port}",
        "DATABASE_PASSWORD_FILE": str(secret),
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
        "MLFLOW_DISABLE_TELEMETRY": "true",
    }
    url = f"http://127.0.0.1:{port}"
    with process(command, folder / "mlflow.log", f"{url}/health", **variables):
        yield url


def registered(postgres) -> list[tuple]:
    """Return alias, model and version as PostgreSQL has them."""
    with psycopg.connect(plain(postgres.url("mlflow"))) as connection:
        query = "SELECT alias, name, version FROM registered_model_aliases ORDER BY 1"
        return connection.execute(query).fetchall()


def plain(url: str) -> str:
    """Return an address of SQLAlchemy as PostgreSQL's own library takes it."""
    return url.replace("postgresql+psycopg", "postgresql")


@contextmanager
def redis():
    """Start a Redis, and yield its URL."""
    binary = shutil.which("redis-server")
    if binary is None:
        pytest.skip("there is no `redis-server` on the path")
    port = free_port()
    command = [binary, "--port", str(port), "--bind", "127.0.0.1", "--save", ""]
    running = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    try:
        wait_for(lambda: listening(port), "redis-server listens")
        yield f"redis://127.0.0.1:{port}/0"
    finally:
        running.terminate()
        running.wait(20)


def listening(port: int) -> bool:
    with socket.socket() as one:
        return one.connect_ex(("127.0.0.1", port)) == 0
