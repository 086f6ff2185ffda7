"""Measure rows per second of batch scoring: fitted pipeline, exported bundle, Spark.

Rows of the study's test part are drawn again and again until there are enough of them. Every way
scores the same files in a process of its own, and must give the same probabilities. Ratios are of
one run. Needs a machine without other work, and Java for Spark.

    python benchmarks/batch/run.py --study telecom --rows 1000000

Writes docs/benchmarks/batch.md.
"""

from __future__ import annotations

import argparse
import json
import logging
import os
import platform
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT), str(ROOT / "src")]

from benchmarks.batch.worker import WAYS  # noqa: E402
from benchmarks.pipeline.memory import MemorySampler  # noqa: E402
from churnlab.errors import ChurnlabError  # noqa: E402
from churnlab.paths import StudyPaths  # noqa: E402
from churnlab.serialization import write_text  # noqa: E402

log = logging.getLogger("benchmarks.batch")
OUTPUT = ROOT / "docs" / "benchmarks" / "batch.md"
WORKER = Path(__file__).with_name("worker.py")
FILES = 8
# The graph computes in float32 where the pipeline computes in float64.
TOLERANCE = 1e-5


@dataclass(frozen=True)
class Measured:
    """One way on all rows; bytes are the peak of the process and all that it started."""

    way: str
    seconds: float
    bytes: int


def write_rows(study: str, rows: int, folder: Path) -> None:
    """Write so many rows of the test part, drawn with replacement, to several files."""
    test = pd.read_parquet(StudyPaths(ROOT, study).prepared_test).drop(columns="y")
    generator = np.random.default_rng(0)
    folder.mkdir()
    for number, size in enumerate(np.diff(np.linspace(0, rows, FILES + 1).astype(int))):
        drawn = test.iloc[generator.integers(len(test), size=size)]
        drawn.to_parquet(folder / f"{number}.parquet", index=False)


def measure(way: str, study: str, folder: Path, output: Path) -> Measured:
    """Return time and memory of one way.

    Raises:
        ChurnlabError: the process failed; the message ends with what it said.
    """
    command = [sys.executable, str(WORKER), way, study, str(folder), str(output)]
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        with MemorySampler(process.pid) as memory:
            said, complaint = process.communicate()
        if process.returncode:
            raise ChurnlabError(f"{way}: {complaint[-2000:]}")
    seconds = json.loads(said.splitlines()[-1])["seconds"]
    found = Measured(way, seconds, max(used for _, used in memory.samples))
    log.info("%s", found)
    return found


def check_equal(first: Path, second: Path, way: str) -> None:
    """Raise when the probabilities of two ways differ.

    Raises:
        ChurnlabError: names the way and the largest difference.
    """
    one, two = (pd.read_parquet(path).groupby("id")["p"].mean() for path in (first, second))
    if (off := float((one - two).abs().max())) > TOLERANCE or len(one) != len(two):
        raise ChurnlabError(f"{way}: differs from the pipeline by up to {off:g}")


def page(found: list[Measured], study: str, rows: int) -> str:
    """Return the Markdown page."""
    base = found[0].seconds
    lines = [
        f"| {m.way} | {m.seconds:.1f} | {rows / m.seconds:,.0f} | {base / m.seconds:.2f} | "
        f"{m.bytes / 2**30:.1f} |"
        for m in found
    ]
    machine = f"{os.cpu_count()} cores, {platform.system()} {platform.machine()}"
    return "\n".join(
        [
            "# Batch scoring",
            "",
            f"`python benchmarks/batch/run.py --study {study} --rows {rows}` wrote this page. "
            f"{machine}; {rows:,} rows of {study} in {FILES} files, read, checked, scored and "
            "written. Probabilities agree within 0.00001. The pipeline is the fitted estimators on "
            "all rows at once; the start of Spark is not counted.",
            "",
            "| way | seconds | rows per second | times the pipeline | GiB at the peak |",
            "|---|--:|--:|--:|--:|",
            *lines,
            "",
        ]
    )


def run(study: str, rows: int) -> str:
    """Return the page of all ways."""
    with tempfile.TemporaryDirectory(prefix="churnlab-bench-") as scratch:
        folder = Path(scratch) / "rows"
        write_rows(study, rows, folder)
        outputs = {way: Path(scratch) / f"{i}.parquet" for i, way in enumerate(WAYS)}
        found = [measure(way, study, folder, output) for way, output in outputs.items()]
        first = next(iter(outputs.values()))
        for way, output in outputs.items():
            check_equal(first, output, way)
    return page(found, study, rows)


def main() -> int:
    """Run what the command line asks for."""
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(message)s", datefmt="%H:%M:%S")
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--study", default="telecom", help="whose champion (default: telecom)")
    parser.add_argument("--rows", type=int, default=1_000_000, help="default: 1000000")
    parser.add_argument("--output", type=Path, default=OUTPUT, help="page to write")
    given = parser.parse_args()
    try:
        write_text(given.output, run(given.study, given.rows))
    except ChurnlabError as mistake:
        log.error("error: %s", mistake)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
