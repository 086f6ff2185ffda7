"""A PostgreSQL server of the tests' own: a new cluster, a free port, gone in the end.

    from servers.postgres import postgres  # a fixture, of one server for all tests of a run

PostgreSQL refuses to run as root; then it runs as the user `postgres` or `nobody`.
"""

from __future__ import annotations

import os
import pwd
import shutil
import socket
import subprocess
import tempfile
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

DEBIAN = "/usr/lib/postgresql"
USER = "tester"
# The data are thrown away, so they need not be on the disk.
SETTINGS = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}


@dataclass(frozen=True)
class Postgres:
    """A running server; its database `postgres` belongs to the user `tester`, without password."""

    port: int

    def url(self, database: str = "postgres") -> str:
        """Return the address of a database, as SQLAlchemy takes it."""
        return f"postgresql+psycopg://{USER}@127.0.0.1:{self.port}/{database}"

    def new_database(self) -> str:
        """Make an empty database, and return its address."""
        import psycopg

        name = f"test_{uuid.uuid4().hex[:12]}"
        address = f"host=127.0.0.1 port={self.port} user={USER} dbname=postgres"
        with psycopg.connect(address, autocommit=True) as connection:
            connection.execute(f"CREATE DATABASE {name}")
        return self.url(name)


@pytest.fixture(scope="session")
def postgres() -> Iterator[Postgres]:
    """A server for all tests of a run; skips where PostgreSQL cannot be started."""
    with running_postgres() as server:
        yield server


@contextmanager
def running_postgres() -> Iterator[Postgres]:
    """Start a server and stop it in the end; skips where there is none to start."""
    programs, runner = _programs(), _other_user()
    # Paths of Unix sockets may have hundred characters, fewer than some folders of tests.
    folder = Path(tempfile.mkdtemp(prefix="pg-", dir="/tmp"))
    try:
        if runner:
            shutil.chown(folder, runner[2])
        data, port = folder / "data", _free_port()
        options = [f"-c {name}={value}" for name, value in SETTINGS.items()]
        listening = f"-p {port} -k {folder} -c listen_addresses=127.0.0.1 {' '.join(options)}"
        control = [*runner, str(programs / "pg_ctl"), "-D", str(data), "-w"]
        _run([*runner, str(programs / "initdb"), "-D", str(data), "-A", "trust", "-U", USER])
        _run([*control, "-l", str(folder / "log"), "-o", listening, "start"])
        try:
            yield Postgres(port)
        finally:
            _run([*control, "-m", "immediate", "stop"])
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _programs() -> Path:
    on_path = shutil.which("initdb")
    found = [Path(on_path).parent] if on_path else sorted(Path(DEBIAN).glob("*/bin"))
    if not found or not (found[-1] / "initdb").is_file():
        pytest.skip(f"there is no PostgreSQL server: no initdb on the path, nor in {DEBIAN}")
    return found[-1]


def _other_user() -> list[str]:
    """Return how to run a program as somebody else; nothing where this user will do."""
    if os.geteuid() != 0:
        return []
    if shutil.which("runuser") is None:
        pytest.skip("PostgreSQL does not run as root, and there is no runuser to change that")
    known = {entry.pw_name for entry in pwd.getpwall()}
    user = next((name for name in ("postgres", "nobody") if name in known), None)
    if user is None:
        pytest.skip("PostgreSQL does not run as root, and there is no user postgres or nobody")
    return ["runuser", "-u", user, "--"]


def _run(command: list[str]) -> None:
    # The server goes on after pg_ctl has ended; a pipe to it would never close.
    with tempfile.TemporaryFile("w+") as said:
        done = subprocess.run(command, stdout=said, stderr=said, cwd="/", timeout=60, check=False)
        said.seek(0)
        assert done.returncode == 0, f"{' '.join(command)}\n{said.read()[-2000:]}"


def _free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])
