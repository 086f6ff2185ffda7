"""A study run from nothing in a clean checkout."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import time
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from churnlab.data.sources import MIRROR_VARIABLE, default_mirror
from churnlab.errors import ChurnlabError
from churnlab.verification.revision import without_hooks

RUNNING = re.compile(r"Running stage '([^']+)'")
SHOWN_LINES = 25
GRACE_SECONDS = 10.0


@dataclass(frozen=True)
class StageRun:
    """One stage of a run, with its wall time in seconds, the start of its process included."""

    name: str
    seconds: float


def environment(root: Path, variables: Mapping[str, str]) -> dict[str, str]:
    """Return the variables of a run: this interpreter first on the path, data from `root`'s mirror.

    Args:
        root: the repository that is verified; a mirror named relatively lies below it.
        variables: those of this process.
    """
    path = os.pathsep.join([str(Path(sys.executable).parent), variables.get("PATH", "")])
    mirror = str((root / default_mirror(root, variables)).resolve())
    return {
        **without_hooks(variables),
        "PATH": path,
        MIRROR_VARIABLE: mirror,
        # What DVC says is followed as it says it.
        "PYTHONUNBUFFERED": "1",
    }


def rerun(
    checkout: Path,
    studies: Sequence[str],
    variables: Mapping[str, str],
    on_stage: Callable[[str], None],
) -> list[StageRun]:
    """Run every stage of the studies, also those that no report needs, and return them in order.

    Args:
        checkout: a clean checkout.
        studies: the names of studies.
        variables: from `environment`.
        on_stage: called with the name of each stage when it starts.

    Raises:
        ChurnlabError: a stage failed; the message ends with the last lines that it wrote.
    """
    targets = [pattern for study in studies for pattern in (f"*@{study}", f"*@{study}-*")]
    # Forced: stages whose outputs are all in Git look finished in a clean checkout.
    command = [sys.executable, "-m", "dvc", "repro", "--force", "--glob", *targets]
    process = subprocess.Popen(
        command,
        cwd=checkout,
        env=dict(variables),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
        start_new_session=True,
    )
    starts: list[tuple[str, float]] = []
    lines: deque[str] = deque(maxlen=SHOWN_LINES)
    try:
        for line in process.stdout or ():
            lines.append(line.rstrip())
            if match := RUNNING.search(line):
                starts.append((match.group(1), time.monotonic()))
                on_stage(match.group(1))
        status = process.wait()
    finally:
        _stop(process)
    if status:
        stage = starts[-1][0] if starts else "the start of dvc"
        said = "\n".join(f"  {line}" for line in lines if line)
        raise ChurnlabError(f"{stage} failed in a clean checkout of the revision:\n{said}")
    ends = [*(begin for _, begin in starts[1:]), time.monotonic()]
    return [StageRun(n, end - begin) for (n, begin), end in zip(starts, ends, strict=True)]


def _stop(process: subprocess.Popen[str]) -> None:
    """End what is left of a run: as Ctrl-C does, and by force what does not listen."""
    if process.poll() is not None:
        return
    try:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGINT)
        process.wait(GRACE_SECONDS)
    except subprocess.TimeoutExpired:
        pass
    finally:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()
