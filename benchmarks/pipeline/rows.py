"""Measure time and memory of a new study against the rows of its table.

For each size: a table with a known signal is written, `churnlab new-study` makes it a study in a
clone of the checked-out commit, and `dvc repro --force report@grown` runs all of it. One family
and small budgets, the same for every size; the page states them. Needs Linux, and a machine
without other work.

Writes docs/benchmarks/rows.md.
"""

from __future__ import annotations

import argparse
import logging
import resource
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pandas as pd
import yaml

ROOT = Path(__file__).resolve().parents[2]
# Started as a file: the package that it is part of, and that of the pipeline, are found from here.
sys.path[:0] = [str(ROOT), str(ROOT / "src")]

from benchmarks.pipeline import measure  # noqa: E402
from benchmarks.pipeline.memory import MemorySampler  # noqa: E402
from benchmarks.pipeline.rows_page import Size, page  # noqa: E402
from churnlab.errors import ChurnlabError  # noqa: E402
from churnlab.serialization import write_text  # noqa: E402

log = logging.getLogger("benchmarks.pipeline")
OUTPUT = ROOT / "docs" / "benchmarks" / "rows.md"
STUDY = "grown"
SIZES = (1_000, 10_000, 100_000, 1_000_000)
SEED = 7
# What is searched and repeated is small, so that the largest table takes minutes, not days.
SMALL = {
    "threads": 1,
    "models": ["xgb"],
    "tune.folds": 2,
    "tune.trials.xgb": 2,
    "tune.space.xgb.n_estimators": 100,
    "cross_validate": {"folds": 2, "repeats": 1},
    "evaluate.bootstrap_samples": 200,
    "errors.learning_fractions": [0.5, 1.0],
    "explain": {"rows": 50, "permutation_repeats": 1},
    "protocols": {"folds": 2, "repeats": 1, "model": "xgb"},
}


def make_table(path: Path, rows: int) -> None:
    """Write a table of 12 columns: numbers, categories, codes, gaps and dates; a fifth churn."""
    generator = np.random.default_rng(SEED)
    tenure = generator.gamma(2.0, 20.0, rows).round()
    calls = generator.poisson(2.0, rows)
    plan = generator.choice(["basic", "family", "premium"], rows, p=[0.5, 0.3, 0.2])
    log_odds = -1.1 - 0.03 * tenure + 0.45 * calls - 0.5 * (plan == "family")
    drawn = pd.Timestamp("2024-06-30")
    income = generator.lognormal(8.0, 0.4, rows).round()
    columns = {
        "customer": np.arange(rows),
        "tenure": tenure.astype(int),
        "calls": calls,
        "plan": plan,
        "branch": [f"B{number}" for number in generator.zipf(1.3, rows) % 1000],
        "income": np.where(generator.random(rows) < 0.1, np.nan, income),
        "joined": (drawn - pd.to_timedelta(tenure * 30, unit="D")).strftime("%Y-%m-%d"),
        **{f"usage_{k}": generator.normal(size=rows).round(3) for k in range(4)},
        "churned": np.where(generator.random(rows) < 1 / (1 + np.exp(-log_odds)), "yes", "no"),
    }
    pd.DataFrame(columns).to_csv(path, index=False, lineterminator="\n")


def measure_size(rows: int, root: Path = ROOT) -> Size:
    """Return time and memory of one size."""
    variables = measure.environment(root)
    with tempfile.TemporaryDirectory(prefix="churnlab-rows-") as name:
        folder = Path(name)
        table = folder / f"{STUDY}.csv"
        make_table(table, rows)
        repository = measure.clone(root, folder)
        _shrink(repository / "params.yaml")
        log.info("%s rows: new-study", f"{rows:,}")
        seconds, most = _new_study(repository, table, variables)
        log.info("%s rows: dvc repro", f"{rows:,}")
        before = _processor_seconds()
        run = measure.run_pipeline(repository, f"report@{STUDY}", variables, folder)
        spent = _processor_seconds() - before
        log.info("%s rows: %.0f s, %.0f s of processor", f"{rows:,}", run.seconds, spent)
        return Size(rows, table.stat().st_size, seconds, most, run, spent)


def _processor_seconds() -> float:
    """Return the processor time of all processes that were started here and have ended."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def _shrink(path: Path) -> None:
    params = yaml.safe_load(path.read_text(encoding="utf-8"))
    for key, value in SMALL.items():
        *parents, last = key.split(".")
        block = params
        for parent in parents:
            block = block[parent]
        block[last] = value
    write_text(path, yaml.safe_dump(params, sort_keys=False))


def _new_study(repository: Path, table: Path, variables: Mapping[str, str]) -> tuple[float, int]:
    """Return processor seconds and the largest memory, in bytes, of making the study."""
    command = [sys.executable, "-m", "churnlab.cli", "new-study", str(table)]
    command += ["--target", "churned", "--id", "customer"]
    own = {**variables, "PYTHONPATH": str(repository / "src")}
    begin = _processor_seconds()
    process = subprocess.Popen(
        command,
        cwd=repository,
        env=own,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    with MemorySampler(process.pid, interval=0.05) as sampler:
        output, _ = process.communicate()
    if process.returncode:
        raise ChurnlabError(f"{' '.join(command)} ended with {process.returncode}:\n{output}")
    return _processor_seconds() - begin, max(size for _, size in sampler.samples)


def main() -> int:
    """Run what the command line asks for."""
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(message)s", datefmt="%H:%M:%S")
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    default = ",".join(map(str, SIZES))
    parser.add_argument("--rows", default=default, help=f"sizes, by comma (default: {default})")
    parser.add_argument("--output", type=Path, default=OUTPUT, help="page to write")
    given = parser.parse_args()
    try:
        if sys.platform != "linux":
            raise ChurnlabError("process times are read from /proc: run this on Linux")
        sizes = [measure_size(int(rows)) for rows in given.rows.split(",")]
        command = f"python benchmarks/pipeline/rows.py --rows {given.rows}"
        write_text(given.output, page(command, SMALL, sizes, ROOT))
        log.info("wrote %s", given.output)
    except ChurnlabError as mistake:
        log.error("error: %s", mistake)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
