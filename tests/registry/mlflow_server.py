"""MLflow's own server with users, and `mlflow models serve`, as people start them."""

import os
import signal
import socket
import subprocess
import sys
import time
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import httpx

STARTED = 180.0
USER, PASSWORD = "ana", "a-long-password-of-the-tests"
BIN = Path(sys.executable).parent
# Jobs of MLflow are none of ours, and their six processes poll all the time.
QUIET = {
    "MLFLOW_DISABLE_TELEMETRY": "true",
    "DO_NOT_TRACK": "true",
    "MLFLOW_SERVER_ENABLE_JOB_EXECUTION": "false",
}


@dataclass(frozen=True)
class Server:
    """Where it is, and who may use it."""

    url: str
    user: str = USER
    password: str = PASSWORD


def free_port():
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return one.getsockname()[1]


@contextmanager
def started(arguments, url, folder, **settings):
    """Run MLflow until the end of the block; it answers when the block begins."""
    path = {"PATH": f"{BIN}:{os.environ['PATH']}"}
    log = folder / "log"
    with log.open("w") as said:
        process = subprocess.Popen(
            [str(BIN / "mlflow"), *arguments],
            env={**os.environ, **QUIET, **path, **settings},
            stdout=said,
            stderr=said,
            start_new_session=True,
        )
    try:
        end = time.monotonic() + STARTED
        while time.monotonic() < end and process.poll() is None:
            with suppress(httpx.TransportError):
                if httpx.get(url, timeout=5).status_code == 200:
                    break
            time.sleep(0.3)
        else:
            raise AssertionError(f"mlflow {arguments[0]} did not start:\n{log.read_text()[-3000:]}")
        yield
    finally:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGTERM)
        try:
            process.wait(20)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()


@contextmanager
def registry_server(folder):
    """`mlflow server` that knows one user."""
    settings = {
        "default_permission": "READ",
        "database_uri": f"sqlite:///{folder}/users.db",
        "admin_username": USER,
        "admin_password": PASSWORD,
        "authorization_function": "mlflow.server.auth:authenticate_request_basic_auth",
    }
    config = folder / "users.ini"
    lines = [f"{name} = {value}" for name, value in settings.items()]
    config.write_text("\n".join(["[mlflow]", *lines, ""]))
    port = free_port()
    stores = ["--backend-store-uri", f"sqlite:///{folder}/runs.db"]
    stores += ["--artifacts-destination", str(folder / "artifacts")]
    arguments = ["server", "--app-name", "basic-auth", *stores, "--host", "127.0.0.1"]
    with started(
        [*arguments, "--port", str(port), "--workers", "1"],
        f"http://127.0.0.1:{port}/health",
        folder,
        MLFLOW_AUTH_CONFIG_PATH=str(config),
        MLFLOW_FLASK_SERVER_SECRET_KEY="of the tests alone",
    ):
        yield Server(f"http://127.0.0.1:{port}")


@contextmanager
def model_server(model, folder, tracking):
    """`mlflow models serve` of a model's address; yields the address of its answers."""
    port = free_port()
    arguments = ["models", "serve", "--model-uri", model, "--env-manager", "local"]
    with started(
        [*arguments, "--host", "127.0.0.1", "--port", str(port)],
        f"http://127.0.0.1:{port}/ping",
        folder,
        **tracking,
    ):
        yield f"http://127.0.0.1:{port}/invocations"
