"""The service as people start it: a process, real sockets."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from contextlib import contextmanager

import httpx

from churnlab.serving.access import ROLES
from churnlab.serving.keys import Keys

STARTED = 60.0
HERE = (sys.executable, "-c", "from churnlab.cli import app; app()")


def free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return one.getsockname()[1]


def keys_of(home) -> dict[str, str]:
    """Draw a key for every role."""
    keys = Keys(home / "keys.db")
    return {role: keys.create(f"test {role}", role)[1] for role in ROLES}


class Server:
    """A running service: its address, process, what it wrote."""

    def __init__(self, home, log, workers=1, scheme="http", program=HERE, **settings):
        self.port = free_port()
        self.url = f"{scheme}://127.0.0.1:{self.port}"
        self.log = log
        variables = {f"CHURNLAB_{name.upper()}": str(value) for name, value in settings.items()}
        environment = {**os.environ, **variables, "CHURNLAB_WATCH_SECONDS": "0.1"}
        # Feast sets it for the process that imports it, which may be that of the tests.
        environment.pop("PROMETHEUS_MULTIPROC_DIR", None)
        command = [*program, "serve", "--home", str(home)]
        self.process = subprocess.Popen(
            [*command, "--port", str(self.port), "--workers", str(workers)],
            env=environment,
            stdout=subprocess.DEVNULL,
            stderr=log.open("w"),
        )

    def wait_until_ready(self, path="/health", **options):
        end = time.monotonic() + STARTED
        while time.monotonic() < end:
            try:
                if httpx.get(self.url + path, **options).status_code == 200:
                    return
            except httpx.TransportError:
                pass
            if self.process.poll() is not None:
                break
            time.sleep(0.05)
        raise AssertionError(f"the service did not start:\n{self.said()}")

    def said(self) -> str:
        return self.log.read_text()

    def stop(self) -> int:
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(30)


@contextmanager
def serving(home, log, path="/ready", options=None, **settings):
    """Start the service and stop it in the end."""
    server = Server(home, log, **settings)
    try:
        server.wait_until_ready(path, **(options or {}))
        yield server
    finally:
        if server.process.poll() is None:
            server.stop()
