"""A larger marketplace out of a smaller one: copies side by side, each with ids of its own.

    python benchmarks/features/copies.py EVENTS INTO TIMES

The features of a seller ask for nothing of another copy, so the work is that of as many sellers and
sales simulated at once, which takes longer to make than to measure. Within a copy rows stay in the
order of time.
"""

from __future__ import annotations

import sys
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

TABLES = ("sellers", "products", "items", "payments")
IDS = {"order_id", "product_id", "seller_id", "customer_id"}
ROWS = 1_000_000


def copy_table(source: Path, into: Path, times: int) -> None:
    """Write the rows of a table `times` over, ids told apart by the number of the copy."""
    read = pq.ParquetFile(source)
    with pq.ParquetWriter(into, read.schema_arrow) as writer:
        for copy in range(times):
            for batch in read.iter_batches(ROWS):
                writer.write_table(_renamed(pa.Table.from_batches([batch]), f"-{copy}"))


def _renamed(table: pa.Table, ending: str) -> pa.Table:
    for place, name in enumerate(table.column_names):
        if name in IDS:
            ids = pc.binary_join_element_wise(table[name], ending, "")
            table = table.set_column(place, table.schema.field(place), ids)
    return table


def main() -> None:
    """Copy the tables that the benchmark reads."""
    events, into, times = Path(sys.argv[1]), Path(sys.argv[2]), int(sys.argv[3])
    into.mkdir(parents=True, exist_ok=True)
    for name in TABLES:
        copy_table(events / f"{name}.parquet", into / f"{name}.parquet", times)


if __name__ == "__main__":
    main()
