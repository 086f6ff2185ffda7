"""Measure what a collaborator's `dvc pull` costs, beside computing the same study again.

For each kind of remote that can be started here: the outputs of the checked-out commit are pushed
to a real server on loopback, then a fresh clone with an empty cache pulls them. Once per study: a
fresh clone computes everything with `dvc repro --force`. Needs the outputs in DVC's cache
(`dvc pull` or `make repro`), and a machine without other work. Loopback has no latency and no limit
of bandwidth: add the bytes divided by your own.

Writes docs/benchmarks/remotes.md.
"""

from __future__ import annotations

import argparse
import importlib
import logging
import os
import platform
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
# The servers are those of the tests.
sys.path[:0] = [str(ROOT), str(ROOT / "src"), str(ROOT / "tests")]

from benchmarks.pipeline import measure  # noqa: E402
from churnlab.errors import ChurnlabError  # noqa: E402
from churnlab.serialization import write_text  # noqa: E402

log = logging.getLogger("benchmarks.remotes")
OUTPUT = ROOT / "docs" / "benchmarks" / "remotes.md"


@dataclass(frozen=True)
class Transfer:
    """One study through one kind of remote: bytes and files, seconds up and down."""

    kind: str
    bytes: int
    files: int
    push: float
    pull: float


def transfers(study: str, folder: Path, variables: Mapping[str, str]) -> Iterator[Transfer]:
    """Yield the transfer through every kind of remote that is installed here.

    Raises:
        ChurnlabError: a command failed; the message ends with what it said.
    """
    for kind, server_class in importlib.import_module("remotes.servers").KINDS.items():
        if server_class.missing:
            log.warning("%s is left out: %s", kind, server_class.missing)
            continue
        server = server_class(folder / kind / "server")
        server.start()
        try:
            log.info("%s through %s", study, kind)
            yield _transfer(study, folder / kind, server, variables)
        finally:
            server.stop()


def _transfer(study: str, folder: Path, server: Any, variables: Mapping[str, str]) -> Transfer:
    target = f"report@{study}"
    owner = _clone(folder / "owner", server)
    shutil.copytree(ROOT / ".dvc/cache", owner / ".dvc/cache")
    push = _seconds(["dvc", "push", "--with-deps", target], owner, variables)
    other = _clone(folder / "other", server)
    pull = _seconds(["dvc", "pull", "--with-deps", target], other, variables)
    files = [file for file in (other / ".dvc/cache/files").rglob("*") if file.is_file()]
    return Transfer(server.kind, sum(f.stat().st_size for f in files), len(files), push, pull)


@dataclass(frozen=True)
class _Place:
    """What a server's `configure` asks of a repository."""

    root: Path


def _clone(folder: Path, server: Any) -> Path:
    folder.mkdir(parents=True)
    clone = measure.clone(ROOT, folder)
    server.configure(_Place(clone))
    return clone


def _seconds(command: list[str], folder: Path, variables: Mapping[str, str]) -> float:
    begin = time.monotonic()
    done = subprocess.run(
        command, cwd=folder, env=dict(variables), capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise ChurnlabError(f"{' '.join(command)}: {(done.stdout + done.stderr)[-2000:]}")
    return time.monotonic() - begin


def recomputed(study: str, folder: Path, variables: Mapping[str, str]) -> float:
    """Return the seconds of computing a study in a fresh clone."""
    folder.mkdir()
    log.info("%s: computing everything", study)
    clone = measure.clone(ROOT, folder)
    return _seconds(["dvc", "repro", "--force", f"report@{study}"], clone, variables)


def page(study: str, found: list[Transfer], recompute: float) -> str:
    """Return the Markdown page."""
    rows = [
        f"| {t.kind} | {t.files} | {t.bytes / 1e6:.1f} | {t.push:.1f} | {t.pull:.1f} | "
        f"{recompute / t.pull:.0f} |"
        for t in found
    ]
    commit = subprocess.run(
        ["git", "rev-parse", "--short", "HEAD"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    machine = f"{os.cpu_count()} cores, {platform.system()} {platform.machine()}"
    return "\n".join(
        [
            "# Pulling a study beside computing it",
            "",
            f"`python benchmarks/remotes/run.py --study {study}` wrote this page. Commit "
            f"{commit.stdout.strip()}, {machine}, Python {platform.python_version()}, DVC "
            f"{version('dvc')}. Servers on loopback: add the bytes divided by your bandwidth.",
            "",
            f"Computing the {study} study from its published bytes: {recompute:.0f} s. A fresh "
            "clone pulls the same outputs:",
            "",
            "| remote | files | MB | push, s | pull, s | computing ÷ pull |",
            "|---|---|---|---|---|---|",
            *rows,
            "",
        ]
    )


def main() -> int:
    """Run what the command line asks for."""
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(message)s", datefmt="%H:%M:%S")
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--study", default="telecom", help="the study (default: telecom)")
    parser.add_argument("--output", type=Path, default=OUTPUT, help="page to write")
    given = parser.parse_args()
    variables = measure.environment(ROOT)
    try:
        with tempfile.TemporaryDirectory(prefix="churnlab-bench-") as name:
            found = list(transfers(given.study, Path(name), variables))
            seconds = recomputed(given.study, Path(name) / "recompute", variables)
        write_text(given.output, page(given.study, found, seconds))
        log.info("wrote %s", given.output)
    except ChurnlabError as mistake:
        log.error("error: %s", mistake)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
