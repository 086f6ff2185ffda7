"""The environment of the other tools, made from its lock with uv."""

from __future__ import annotations

import hashlib
import logging
import shutil
import subprocess
import sys
from pathlib import Path

from churnlab.errors import ChurnlabError

log = logging.getLogger("benchmarks.quality")

HERE = Path(__file__).resolve().parent
LOCK = HERE / "requirements-peers.txt"
FOLDER = HERE / ".venv-peers"


def peers_python() -> Path:
    """Return the interpreter of the peers' environment, making the environment where needed.

    Raises:
        ChurnlabError: uv is missing, or the packages cannot be installed.
    """
    python = FOLDER / "bin" / "python"
    stamp = FOLDER / f".installed-{hashlib.sha256(LOCK.read_bytes()).hexdigest()[:16]}"
    if python.exists() and stamp.exists():
        return python
    uv = _uv()
    log.info("making %s from %s", FOLDER, LOCK.name)
    _run(uv, "venv", "--quiet", "--clear", "--python", sys.executable, str(FOLDER))
    # The lock is complete and overrides what FLAML asks for: dependencies are not resolved again.
    _run(
        *(uv, "pip", "install", "--quiet", "--python", str(python), "--no-deps"),
        *("--require-hashes", "--compile-bytecode", "-r", str(LOCK)),
    )
    stamp.touch()
    return python


def _uv() -> str:
    beside = Path(sys.executable).with_name("uv")
    found = str(beside) if beside.exists() else shutil.which("uv")
    if found is None:
        raise ChurnlabError(
            f"uv is neither beside {sys.executable} nor on PATH; it makes the environment of the "
            "other tools. Run `make env-dev`, or `pip install uv`"
        )
    return found


def _run(*command: str) -> None:
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise ChurnlabError(
            f"{' '.join(command)} ended with {done.returncode}:\n{done.stderr.strip()}\n"
            "The other tools need a package index; `--systems churnlab` needs none"
        )
