"""Fit XGBoost on Spark on a table larger than Spark's memory, beside a fit of this process.

Quality: both are fitted on the same rows, a part of the table that fits, and judged on rows that
neither saw; the difference has a bootstrap interval. Size: Spark then fits on the whole table. Its
heap is limited; each worker of XGBoost holds its share of the rows beside it, so on a cluster the
memory of a worker is the table divided by their number. Needs Java.

    python benchmarks/batch/training.py --rows 10000000

Writes docs/benchmarks/training.md.
"""

from __future__ import annotations

import argparse
import logging
import os
import platform
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT), str(ROOT / "src")]

from benchmarks.pipeline.memory import MemorySampler  # noqa: E402
from churnlab.errors import ChurnlabError  # noqa: E402
from churnlab.serialization import write_text  # noqa: E402

log = logging.getLogger("benchmarks.training")
OUTPUT = ROOT / "docs" / "benchmarks" / "training.md"
INPUTS = [f"x{number}" for number in range(50)]
SMALL_ROWS, JUDGED_ROWS, FILE_ROWS = 200_000, 100_000, 500_000
HEAP = "1g"
WORKERS = 2
PARAMETERS: dict[str, Any] = {
    "n_estimators": 60,
    "max_depth": 5,
    "learning_rate": 0.1,
    "max_bin": 128,
    "tree_method": "hist",
    "random_state": 0,
}
RESAMPLES = 1000


@dataclass(frozen=True)
class Fitted:
    """A fit: how many rows, how long, the peak of memory in bytes, and its booster."""

    where: str
    rows: int
    seconds: float
    bytes: int
    booster: Any


def rows_like_customers(rows: int, seed: int) -> pd.DataFrame:
    """Return `rows` with 50 inputs of which ten matter, by steps and in pairs, and `y`."""
    generator = np.random.default_rng(seed)
    values = generator.standard_normal((rows, len(INPUTS)), dtype=np.float32)
    log_odds = values[:, :5].sum(axis=1) / 2 + (values[:, 5] > 0.5) * values[:, 6]
    log_odds += np.where(values[:, 7] * values[:, 8] > 0, 0.8, -0.4) + values[:, 9] ** 2 / 3 - 2.2
    churned = generator.random(rows) < 1 / (1 + np.exp(-log_odds))
    return pd.DataFrame(values, columns=INPUTS).assign(y=churned.astype(np.int32))


def write_table(folder: Path, rows: int) -> int:
    """Write the rows to files of half a million; return the bytes that they take in memory."""
    folder.mkdir()
    used = 0
    for seed, first in enumerate(range(0, rows, FILE_ROWS)):
        part = rows_like_customers(min(FILE_ROWS, rows - first), seed)
        part.to_parquet(folder / f"{seed:03d}.parquet", index=False, compression=None)
        used += int(part.memory_usage(index=False).sum())
        log.info("%s rows written", f"{first + len(part):,}")
    return used


def fit_here(folder: Path) -> Any:
    """Return the booster of a fit in this process."""
    import xgboost as xgb

    rows = pd.read_parquet(folder)
    model = xgb.XGBClassifier(**PARAMETERS, n_jobs=WORKERS)
    return model.fit(rows[INPUTS], rows["y"]).get_booster()


def fit_on_spark(folder: Path) -> Any:
    """Return the booster of a fit by two workers of Spark."""
    from pyspark.sql import SparkSession
    from xgboost.spark import SparkXGBClassifier

    rows = SparkSession.active().read.parquet(str(folder)).repartition(WORKERS)
    model = SparkXGBClassifier(
        features_col=INPUTS, label_col="y", num_workers=WORKERS, **PARAMETERS
    )
    return model.fit(rows).get_booster()


def measure(where: str, fit: Callable[[Path], Any], folder: Path, rows: int) -> Fitted:
    """Return the fit with its time and the peak of this process and all that it started."""
    begin = time.monotonic()
    with MemorySampler(os.getpid()) as memory:
        booster = fit(folder)
    seconds = time.monotonic() - begin
    found = Fitted(where, rows, seconds, max(used for _, used in memory.samples), booster)
    log.info("%s: %s rows in %.0f s", where, f"{rows:,}", seconds)
    return found


def predictions(fitted: Fitted, judged: pd.DataFrame) -> np.ndarray:
    """Return churn probabilities, shape (rows,)."""
    import xgboost as xgb

    # The booster of Spark calls its inputs by number.
    fitted.booster.feature_names = None
    return np.asarray(fitted.booster.predict(xgb.DMatrix(judged[INPUTS].to_numpy())))


def losses(y: np.ndarray, p: np.ndarray) -> np.ndarray:
    """Return the log loss of every row."""
    return -np.log(np.where(y == 1, p, 1 - p))


def interval(differences: np.ndarray) -> tuple[float, float]:
    """Return the 95 % bootstrap interval of the mean."""
    generator = np.random.default_rng(0)
    size = len(differences)
    means = [differences[generator.integers(size, size=size)].mean() for _ in range(RESAMPLES)]
    low, high = np.quantile(means, [0.025, 0.975])
    return float(low), float(high)


@contextmanager
def limited_spark() -> Iterator[None]:
    """Run Spark in local mode with its heap limited; it is started before anything is measured."""
    try:
        from pyspark.sql import SparkSession
    except ImportError as error:
        raise ChurnlabError("install requirements-spark.txt first") from error
    session = (
        SparkSession.builder.appName("churnlab")
        .master(f"local[{WORKERS}]")
        .config("spark.driver.memory", HEAP)
        .config("spark.ui.enabled", "false")
        .getOrCreate()
    )
    try:
        session.range(1).count()
        yield
    finally:
        session.stop()


def page(fits: list[Fitted], judged: pd.DataFrame, bytes_of_table: int) -> str:
    """Return the Markdown page."""
    y = judged["y"].to_numpy()
    by_row = [losses(y, predictions(fitted, judged)) for fitted in fits]
    low, high = interval(by_row[1] - by_row[0])
    lines = [
        f"| {fit.where} | {fit.rows:,} | {fit.seconds:.0f} | {fit.bytes / 2**30:.1f} | "
        f"{loss.mean():.5f} |"
        for fit, loss in zip(fits, by_row, strict=True)
    ]
    machine = f"{os.cpu_count()} cores, {platform.system()} {platform.machine()}"
    return "\n".join(
        [
            "# XGBoost on Spark",
            "",
            f"`python benchmarks/batch/training.py --rows {fits[-1].rows}` wrote this page. "
            f"{machine}; {WORKERS} workers, a heap of {HEAP}; the whole table takes "
            f"{bytes_of_table / 2**30:.1f} GiB in memory. Judged on {len(judged):,} rows that no "
            f"fit saw. GiB is the peak of all processes together, the heap and the workers' rows.",
            "",
            "| fit | rows | seconds | GiB | log loss |",
            "|---|--:|--:|--:|--:|",
            *lines,
            "",
            f"On the same rows Spark minus this process: {np.mean(by_row[1] - by_row[0]):+.6f} "
            f"[{low:+.6f}, {high:+.6f}] (95 %, bootstrap of the judged rows).",
            "",
        ]
    )


def run(rows: int) -> str:
    """Return the page of the three fits."""
    judged = rows_like_customers(JUDGED_ROWS, seed=10_000)
    with tempfile.TemporaryDirectory(prefix="churnlab-bench-") as scratch, limited_spark():
        small, whole = Path(scratch) / "small", Path(scratch) / "whole"
        write_table(small, SMALL_ROWS)
        size = write_table(whole, rows)
        fits = [
            measure("this process", fit_here, small, SMALL_ROWS),
            measure("Spark", fit_on_spark, small, SMALL_ROWS),
            measure("Spark", fit_on_spark, whole, rows),
        ]
    return page(fits, judged, size)


def main() -> int:
    """Run what the command line asks for."""
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(message)s", datefmt="%H:%M:%S")
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--rows", type=int, default=10_000_000, help="default: 10000000")
    parser.add_argument("--output", type=Path, default=OUTPUT, help="page to write")
    given = parser.parse_args()
    try:
        write_text(given.output, run(given.rows))
    except ChurnlabError as mistake:
        log.error("error: %s", mistake)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
