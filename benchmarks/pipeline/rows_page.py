"""The Markdown page of time and memory against rows."""

from __future__ import annotations

import math
import os
import platform
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from benchmarks.pipeline.measure import PipelineRun
from benchmarks.pipeline.memory import peak

GIB = 2**30
MIB = 2**20


@dataclass(frozen=True)
class Size:
    """One table: its rows and bytes, making a study of it, and the run of the whole pipeline."""

    rows: int
    bytes: int
    new_study_seconds: float
    new_study_memory: int
    run: PipelineRun
    processor_seconds: float

    @property
    def memory(self) -> int:
        """The largest memory of DVC and all processes below it, in bytes."""
        return max((size for _, size in self.run.samples), default=0)


def page(command: str, settings: Mapping[str, Any], sizes: Sequence[Size], root: Path) -> str:
    """Return the page: command, machine, the sizes side by side, their stages, the settings."""
    blocks = [
        "# Time and memory against rows\n",
        f"```\n{command}\n```\n",
        f"{_machine(root)}\n",
        _summary(sizes),
        _growth(sizes),
        f"## By stage\n\n{_stages(sizes)}",
        "## How it was measured\n\n"
        "A made-up table of 12 columns (numbers, a category, a code of up to 1,000 levels, gaps, "
        "dates). `churnlab new-study` makes it a study in a fresh clone, `dvc repro --force` runs "
        "all stages up to the report. Memory is the resident memory of all processes together, "
        "sampled; shared pages count once per process, so it is an upper bound. Processor time "
        "(CPU) is that of all processes, and unlike the time on the clock hardly depends on what "
        "else the machine does. Settings that "
        f"differ from params.yaml, the same for every size:\n\n```yaml\n{_yaml(settings)}```\n\n"
        "With the settings of params.yaml the stages that fit models take as many times longer as "
        "they fit more and larger models; `protocols` judges 20,000 rows at most.\n",
    ]
    return "\n".join(blocks)


def _summary(sizes: Sequence[Size]) -> str:
    head = [
        *("rows", "table, MiB", "new-study, CPU s", "new-study, GiB"),
        *("pipeline, CPU s", "pipeline, s", "peak, GiB"),
    ]
    rows = [
        [
            f"{size.rows:,}",
            f"{size.bytes / MIB:.1f}",
            f"{size.new_study_seconds:.1f}",
            f"{size.new_study_memory / GIB:.2f}",
            f"{size.processor_seconds:.0f}",
            f"{size.run.seconds:.0f}",
            f"{size.memory / GIB:.2f}",
        ]
        for size in sizes
    ]
    return _table(head, rows)


def _growth(sizes: Sequence[Size]) -> str:
    """Return how the time grows between the two largest sizes, as a power of the rows."""
    if len(sizes) < 2:
        return ""
    small, large = sizes[-2:]
    ratio = large.processor_seconds / small.processor_seconds
    power = math.log(ratio) / math.log(large.rows / small.rows)
    return (
        f"From {small.rows:,} to {large.rows:,} rows the pipeline takes {ratio:.1f} times the "
        f"processor time, which so grows with the power {power:.2f} of the rows (1 is linear).\n"
    )


def _stages(sizes: Sequence[Size]) -> str:
    names = [stage.name for stage in sizes[-1].run.stages]
    head = ["stage", *(f"{size.rows:,} rows, s" for size in sizes), "peak of the largest, GiB"]
    rows = []
    for name in names:
        found = [[s for s in size.run.stages if s.name == name] for size in sizes]
        last = found[-1][0]
        most = peak(sizes[-1].run.samples, last.begin, last.end) / GIB
        rows.append([name, *(f"{s[0].seconds:.1f}" if s else "" for s in found), f"{most:.2f}"])
    return _table(head, rows)


def _machine(root: Path) -> str:
    command = ["git", "rev-parse", "--short", "HEAD"]
    commit = subprocess.run(command, cwd=root, capture_output=True, text=True, check=True)
    load = os.getloadavg()[2]
    return (
        f"Commit {commit.stdout.strip()}, {os.cpu_count()} cores, {platform.system()} "
        f"{platform.machine()}, Python {platform.python_version()}; mean load of the last quarter "
        f"of an hour {load:.1f}, of which this run is about 1. Times are of this machine."
    )


def _yaml(settings: Mapping[str, Any]) -> str:
    return yaml.safe_dump(dict(settings), sort_keys=False, default_flow_style=None)


def _table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines) + "\n"
