"""A larger marketplace out of a smaller one: copies side by side, each with ids of its own.

    python benchmarks/features/copies.py EVENTS INTO TIMES

The features of a seller ask for nothing of another copy, so the work is that of as many sellers and
sales simulated at once, which takes longer to make than to measure. Within a copy rows stay in the
order of time.
"""

from __future__ import annotations

import sys
from pathlib import Path

import duckdb

TABLES = ("sellers", "products", "items", "payments")
IDS = {"order_id", "product_id", "seller_id", "customer_id"}


def copy_table(connection: duckdb.DuckDBPyConnection, source: Path, into: Path, times: int) -> None:
    """Write the rows of a table `times` over, ids told apart by the number of the copy."""
    columns = [row[0] for row in connection.sql(f"DESCRIBE FROM '{source}'").fetchall()]
    copies = [
        "SELECT "
        + ", ".join(f"{c} || '-{copy}' AS {c}" if c in IDS else c for c in columns)
        + f" FROM '{source}'"
        for copy in range(times)
    ]
    connection.sql(f"COPY ({' UNION ALL '.join(copies)}) TO '{into}' (FORMAT parquet)")


def main() -> None:
    """Copy the tables that the benchmark reads."""
    events, into, times = Path(sys.argv[1]), Path(sys.argv[2]), int(sys.argv[3])
    into.mkdir(parents=True, exist_ok=True)
    connection = duckdb.connect(config={"memory_limit": "4GiB"})
    for name in TABLES:
        copy_table(connection, events / f"{name}.parquet", into / f"{name}.parquet", times)


if __name__ == "__main__":
    main()
