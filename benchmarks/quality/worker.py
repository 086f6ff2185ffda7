"""Fit one system in every fold: `python -m benchmarks.quality.worker`, started by run.py.

A process per system, in the environment that the system needs; it must not import the pipeline's
package, but for the system that is made of it.
"""

from __future__ import annotations

import argparse
import logging
import time
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

import pandas as pd

from benchmarks.quality.cache import Cached, load, save
from benchmarks.quality.systems import SYSTEMS, Settings

log = logging.getLogger("benchmarks.quality")


def run_system(
    name: str, rows: pd.DataFrame, file: Path, fingerprint: str, settings: Settings
) -> None:
    """Fit the system in the folds that `file` lacks, saving after each.

    Args:
        name: one of `SYSTEMS`.
        rows: columns `row, fold, id, y` and the inputs.
        file: where the predictions go.
        fingerprint: of what they are made of; a file with another one is started anew.
        settings: seed, threads, budget.
    """
    cached = load(file, fingerprint) or Cached(fingerprint, versions(SYSTEMS[name].packages))
    folds = sorted(int(fold) for fold in rows["fold"].unique())
    for fold in folds:
        if fold in cached.notes:
            log.info("%s, %s: fold %d is done", settings.study, name, fold)
            continue
        seconds = _run_fold(name, rows, fold, cached, settings)
        save(file, cached)
        log.info("%s, %s: fold %d took %.0f s", settings.study, name, fold, seconds)


def versions(packages: tuple[str, ...]) -> dict[str, str]:
    """Return the installed versions; `x-cpu` may be installed as `x`."""
    found = {}
    for package in packages:
        for name in (package, package.removesuffix("-cpu")):
            try:
                found[name] = version(name)
                break
            except PackageNotFoundError:
                continue
    return found


def _run_fold(
    name: str, rows: pd.DataFrame, fold: int, cached: Cached, settings: Settings
) -> float:
    held_out = rows["fold"] == fold
    train, test = (part.reset_index(drop=True) for part in (rows[~held_out], rows[held_out]))
    started = time.perf_counter()
    found = SYSTEMS[name].load(name)(train, test, settings)
    seconds = time.perf_counter() - started
    judged = pd.DataFrame({"row": test["row"], "y": test["y"], "p": found.p})
    cached.add(fold, {"test": judged, "inner": found.inner}, {"seconds": seconds, **found.note})
    return seconds


def main() -> None:
    """Run the system that the command line names."""
    parser = argparse.ArgumentParser(description=__doc__)
    for name in ("system", "study", "fingerprint"):
        parser.add_argument(f"--{name}", required=True)
    for name in ("root", "rows", "predictions"):
        parser.add_argument(f"--{name}", required=True, type=Path)
    for name in ("seed", "threads"):
        parser.add_argument(f"--{name}", required=True, type=int)
    parser.add_argument("--budget-seconds", required=True, type=float)
    parser.add_argument("--models", required=True, type=lambda text: tuple(text.split(",")))
    given = parser.parse_args()
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(message)s", datefmt="%H:%M:%S")
    settings = Settings(
        given.root, given.study, given.seed, given.threads, given.budget_seconds, given.models
    )
    rows = pd.read_parquet(given.rows)
    run_system(given.system, rows, given.predictions, given.fingerprint, settings)


if __name__ == "__main__":
    main()
