"""One system on one folder of events in a process of its own; prints seconds and peak memory.

python benchmarks/features/worker.py SYSTEM EVENTS OUTPUT [THREADS]

EVENTS is a folder of event tables, or, for `write alone`, a finished table of features.
"""

from __future__ import annotations

import json
import resource
import sys
import tempfile
import time
from datetime import date
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT), str(ROOT / "src")]

from churnlab.environment import settle  # noqa: E402

settle()

WINDOWS = (7, 28, 56, 182)
DATES = tuple(date(2017 + month // 12, month % 12 + 1, 1) for month in range(20))
MEMORY_LIMIT = "4GiB"
# What pandas computes as well, but for four shares of orders; the rest is left out on both sides.
FAMILIES = {"sales", "payments", "products", "delivery"}
LEFT_OUT = {"lateness"}


def in_duckdb(folder: Path, output: Path, threads: int) -> None:
    """Write the features as the stage `features` does, in the work of DuckDB."""
    from churnlab.event_features.engines import connect
    from churnlab.event_features.registry import FAMILIES as ALL
    from churnlab.event_features.registry import computable
    from churnlab.event_features.rows import ROWS_AT_A_TIME, feature_rows
    from churnlab.event_features.store import read_tables
    from churnlab.event_features.tables import Activity, Events
    from churnlab.serialization import write_arrow_parts

    with tempfile.TemporaryDirectory(prefix="churnlab-spill-") as scratch:
        backend = connect("duckdb", threads, MEMORY_LIMIT, Path(scratch) / "spill")
        tables = read_tables(backend, folder)
        families = [
            family
            for family in computable(ALL, tables)
            if family.name in FAMILIES and family.part not in LEFT_OUT
        ]
        events = Events(tables, DATES, WINDOWS, Activity(45, 1))
        rows = feature_rows(events, families, Path(scratch))
        write_arrow_parts(output, rows, ROWS_AT_A_TIME)


def in_pandas(folder: Path, output: Path, threads: int) -> None:
    """Write the features of the pandas implementation; it has one thread."""
    from benchmarks.features import in_pandas as pandas_way

    pandas_way.features(folder, DATES, WINDOWS).to_parquet(output)


def in_sqlite(folder: Path, output: Path, threads: int) -> None:
    """Write the features of the queries; SQLite has one thread."""
    from benchmarks.features import in_sqlite as sqlite_way

    sqlite_way.features(folder, DATES, WINDOWS).to_parquet(output)


def write_alone(finished: Path, output: Path, threads: int) -> None:
    """Write a finished table of features again: what no way of computing them can go below."""
    import duckdb

    connection = duckdb.connect(config={"threads": threads, "memory_limit": MEMORY_LIMIT})
    connection.sql(f"COPY (FROM '{finished}') TO '{output}' (FORMAT parquet)")


SYSTEMS: dict[str, Any] = {
    "duckdb": in_duckdb,
    "pandas": in_pandas,
    "sqlite": in_sqlite,
    "write alone": write_alone,
}


def main() -> None:
    """Run the system that the command line names."""
    system, folder, output = sys.argv[1], Path(sys.argv[2]), Path(sys.argv[3])
    threads = int(sys.argv[4]) if len(sys.argv) > 4 else 2
    begin = time.monotonic()
    SYSTEMS[system](folder, output, threads)
    seconds = time.monotonic() - begin
    used = resource.getrusage(resource.RUSAGE_SELF)
    found = {
        "seconds": seconds,
        "processor_seconds": used.ru_utime + used.ru_stime,
        "bytes": used.ru_maxrss * 1024,
    }
    sys.stdout.write(json.dumps(found) + "\n")


if __name__ == "__main__":
    main()
