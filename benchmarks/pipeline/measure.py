"""Measured runs: the whole pipeline in a clone, and DVC with nothing to do."""

from __future__ import annotations

import logging
import os
import subprocess
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from statistics import median

import yaml

from benchmarks.pipeline.events import StageTime, read_events, stage_times
from benchmarks.pipeline.memory import MemorySampler, Sample
from churnlab.data.sources import MIRROR_VARIABLE, default_mirror
from churnlab.errors import ChurnlabError

log = logging.getLogger("benchmarks.pipeline")

HOOK = Path(__file__).resolve().parent / "hook"
UP_TO_DATE = "Data and pipelines are up to date."
SHOWN_LINES = 20


@dataclass(frozen=True)
class PipelineRun:
    """One run from nothing: wall time, its stages, and memory samples of the whole tree."""

    seconds: float
    stages: list[StageTime]
    samples: list[Sample]


@dataclass(frozen=True)
class NoChange:
    """Median seconds of `dvc repro` with nothing to do, of the pipeline and of an empty one."""

    pipeline: float
    empty: float
    stages: int


def clone(root: Path, folder: Path) -> Path:
    """Return a clone of the commit that is checked out at `root`; its DVC cache is empty."""
    target = folder / "clone"
    _run(["git", "clone", "--quiet", "--no-hardlinks", str(root), str(target)], folder, {})
    return target


def environment(root: Path) -> dict[str, str]:
    """Return the variables of measured runs: this interpreter first, data from the same mirror."""
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", "")])
    mirror = str(default_mirror(root, os.environ).resolve())
    return {**os.environ, "PATH": path, MIRROR_VARIABLE: mirror}


def run_pipeline(
    repository: Path, target: str, variables: Mapping[str, str], folder: Path
) -> PipelineRun:
    """Run `dvc repro --force TARGET` with the hook and the memory sampler.

    Args:
        repository: a clone.
        target: such as `report@telecom`.
        variables: from `environment`.
        folder: where events and output go.

    Raises:
        ChurnlabError: a stage failed; the message ends with the last lines of the output.
    """
    events, output = folder / "events.jsonl", folder / "repro.log"
    hooked = os.pathsep.join(filter(None, [str(HOOK), variables.get("PYTHONPATH", "")]))
    measured = {**variables, "PYTHONPATH": hooked, "CHURNLAB_BENCH_EVENTS": str(events)}
    command = [_dvc(), "repro", "--force", target]
    with output.open("w", encoding="utf-8") as file:
        begin = time.monotonic()
        process = subprocess.Popen(
            command, cwd=repository, env=measured, stdout=file, stderr=subprocess.STDOUT
        )
        try:
            with MemorySampler(process.pid) as sampler:
                status = process.wait()
        finally:
            process.terminate()
        seconds = time.monotonic() - begin
    if status:
        raise _failure(command, status, output.read_text(encoding="utf-8"))
    return PipelineRun(seconds, stage_times(read_events(events)), sampler.samples)


def compare_no_change(
    repository: Path,
    target: str,
    stages: int,
    variables: Mapping[str, str],
    folder: Path,
    rounds: int,
) -> NoChange:
    """Time `dvc repro` where nothing changed, in turns with an empty pipeline of as many stages."""
    empty = make_empty_pipeline(folder / "empty", stages, variables)
    pairs = [
        (_no_change(repository, [target], variables), _no_change(empty, [], variables))
        for _ in range(rounds)
    ]
    ours, others = zip(*pairs, strict=True)
    return NoChange(median(ours), median(others), stages)


def make_empty_pipeline(folder: Path, stages: int, variables: Mapping[str, str]) -> Path:
    """Make a DVC repository whose stages read one line and write one, and run it once."""
    folder.mkdir(parents=True)
    _run(["git", "init", "--quiet"], folder, variables)
    _run([_dvc(), "init", "--quiet"], folder, variables)
    for option in ("core.analytics", "core.check_update"):
        _run([_dvc(), "config", option, "false"], folder, variables)
    stage = {
        "matrix": {"number": [str(number) for number in range(stages)]},
        "cmd": "cp input.txt output-${item.number}.txt",
        "deps": ["input.txt"],
        "outs": ["output-${item.number}.txt"],
    }
    (folder / "input.txt").write_text("nothing\n", encoding="utf-8")
    (folder / "dvc.yaml").write_text(yaml.safe_dump({"stages": {"copy": stage}}), encoding="utf-8")
    _run([_dvc(), "repro", "--quiet"], folder, variables)
    return folder


def _no_change(repository: Path, targets: list[str], variables: Mapping[str, str]) -> float:
    command = [_dvc(), "repro", *targets]
    begin = time.monotonic()
    output = _run(command, repository, variables)
    seconds = time.monotonic() - begin
    if UP_TO_DATE not in output:
        raise ChurnlabError(
            f"{' '.join(command)} in {repository} was to find nothing changed, and said:\n"
            f"{_last_lines(output)}"
        )
    return seconds


def _dvc() -> str:
    path = Path(sys.executable).with_name("dvc")
    if not path.exists():
        raise ChurnlabError(f"{path}: there is no such file; run `make env-dev` first")
    return str(path)


def _run(command: list[str], folder: Path, variables: Mapping[str, str]) -> str:
    done = subprocess.run(
        command,
        cwd=folder,
        env={**os.environ, **variables},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    if done.returncode:
        raise _failure(command, done.returncode, done.stdout)
    return done.stdout


def _failure(command: list[str], status: int, output: str) -> ChurnlabError:
    return ChurnlabError(f"{' '.join(command)} ended with {status}:\n{_last_lines(output)}")


def _last_lines(output: str) -> str:
    return "\n".join(output.splitlines()[-SHOWN_LINES:])
