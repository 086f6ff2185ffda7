"""Measure the features of 20 reference dates on DuckDB, beside pandas and one query per date.

Each system works on the same Parquet files in a process of its own: DuckDB with 4 GiB of memory
and spilling, vectorised pandas computing the same 207 features of sales, payments, products and
freight (their values are compared), and SQLite in the style of one correlated query per date,
computing a fifth of them. `write alone` is DuckDB writing its finished table once more: what every
system has to spend on the output, whatever it does before. Larger folders are for DuckDB alone,
above two million items by blocks of sellers: pandas holds all items at once, and SQLite takes
hours. Ratios are of one run. Needs a machine without other work.

    python benchmarks/features/run.py real=data/events/olist million=FOLDER …

`benchmarks/simulator/work.py` makes the folders of simulated sales; a hundred million items take
some 80 GB of disk until they are typed.
Writes docs/benchmarks/features.md.
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
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow.parquet as pq

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT), str(ROOT / "src")]

from churnlab.errors import ChurnlabError  # noqa: E402
from churnlab.serialization import write_text  # noqa: E402

log = logging.getLogger("benchmarks.features")
OUTPUT = ROOT / "docs" / "benchmarks" / "features.md"
WORKER = Path(__file__).with_name("worker.py")
SYSTEMS = ("duckdb", "pandas", "sqlite")
PEERS_UP_TO = 2_000_000
TOLERANCE = 1e-6


@dataclass(frozen=True)
class Measured:
    """One system on one folder of events."""

    name: str
    items: int
    system: str
    seconds: float
    processor_seconds: float
    bytes: int


def measure(
    name: str, items: int, system: str, source: Path, output: Path, threads: int
) -> Measured:
    """Return time and memory of one system, which leaves its features in `output`.

    Raises:
        ChurnlabError: the process failed; the message ends with what it said.
    """
    command = [sys.executable, str(WORKER), system, str(source), str(output), str(threads)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise ChurnlabError(f"{' '.join(command)}: {done.stderr[-2000:]}")
    found = Measured(name, items, system, **json.loads(done.stdout.splitlines()[-1]))
    log.info("%s", found)
    return found


def items_in(folder: Path) -> int:
    """Return the number of sold items."""
    return int(pq.ParquetFile(folder / "items.parquet").metadata.num_rows)


def compare(ours: Path, theirs: Path) -> int:
    """Return how many features of the two files were compared.

    Raises:
        ChurnlabError: a value differs by more than a millionth.
    """
    first, second = pd.read_parquet(ours), pd.read_parquet(theirs)
    keys = ["reference_date", "seller_id"]
    first, second = (x.sort_values(keys, ignore_index=True) for x in (first, second))
    shared = [name for name in second if name in first and name not in keys]
    for name in shared:
        a, b = first[name].to_numpy(float), second[name].to_numpy(float)
        # A count of nothing is 0 here; pandas leaves the seller out of the group.
        b = np.where(np.isnan(b) & (a == 0), 0.0, b)
        if not np.allclose(a, b, TOLERANCE, TOLERANCE, equal_nan=True):
            raise ChurnlabError(f"{theirs}: feature {name} differs from {ours}")
    return len(shared)


def page(found: Sequence[Measured], compared: int, threads: int, source: str) -> str:
    """Return the Markdown page; `source` says where the events come from."""
    base = {m.name: m for m in found if m.system == "duckdb"}
    rows = [
        f"| {m.name} | {m.items:,} | {m.system} | {m.seconds:.1f} | {m.processor_seconds:.1f} | "
        f"{m.bytes / 2**30:.1f} | {m.seconds / base[m.name].seconds:.1f} |"
        for m in found
    ]
    machine = f"{os.cpu_count()} cores, {platform.system()} {platform.machine()}"
    return "\n".join(
        [
            "# Features of 20 reference dates",
            "",
            f"`python benchmarks/features/run.py` wrote this page. {machine}, Python "
            f"{platform.python_version()}, DuckDB {version('duckdb')} with 4 GiB and {threads} "
            f"threads, pandas {version('pandas')} with one. The {compared} features that pandas "
            "computes equal those of DuckDB within a millionth; SQLite computes a fifth of them. "
            "`write alone` reads the finished table of DuckDB and writes it once more: a floor "
            "that no way of computing goes below. DuckDB's features are written as by the stage, "
            f"with zstd; the others with Snappy, which takes less time. {source}".rstrip(),
            "",
            "| events | items | system | seconds | processor seconds | GiB | time ÷ DuckDB |",
            "|---|---|---|---|---|---|---|",
            *rows,
            "",
        ]
    )


def run(folders: dict[str, Path], systems: Sequence[str], threads: int, source: str) -> str:
    """Return the page of all systems on all folders."""
    found, compared = [], 0
    with tempfile.TemporaryDirectory(prefix="churnlab-bench-") as scratch:
        for name, folder in folders.items():
            items = items_in(folder)
            outputs = {system: Path(scratch) / f"{name}-{system}.parquet" for system in systems}
            chosen = [s for s in systems if s == "duckdb" or items <= PEERS_UP_TO]
            found += [measure(name, items, s, folder, outputs[s], threads) for s in chosen]
            if {"duckdb", "pandas"} <= set(chosen):
                compared = compare(outputs["duckdb"], outputs["pandas"])
            if {"duckdb"} < set(chosen):
                again = Path(scratch) / "again.parquet"
                found.append(measure(name, items, "write alone", outputs["duckdb"], again, threads))
                again.unlink()
            for output in outputs.values():
                output.unlink(missing_ok=True)
    return page(found, compared, threads, source)


def main() -> int:
    """Run what the command line asks for."""
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(message)s", datefmt="%H:%M:%S")
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("folders", nargs="+", metavar="NAME=FOLDER", help="event tables")
    parser.add_argument("--systems", nargs="+", default=SYSTEMS, choices=SYSTEMS)
    parser.add_argument("--threads", type=int, default=2, help="of DuckDB (default: 2)")
    parser.add_argument("--source", default="", help="a sentence: where the events come from")
    parser.add_argument("--output", type=Path, default=OUTPUT, help="page to write")
    given = parser.parse_args()
    folders = {name: Path(folder) for name, folder in (f.split("=", 1) for f in given.folders)}
    try:
        write_text(given.output, run(folders, given.systems, given.threads, given.source))
    except ChurnlabError as mistake:
        log.error("error: %s", mistake)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
