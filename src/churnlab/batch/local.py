"""Scores of a file on this machine, in batches, so that its length does not matter."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.csv
import pyarrow.dataset
import pyarrow.parquet as pq
from tqdm import tqdm

from churnlab.batch.checks import check_names, check_rows
from churnlab.champions.bundle import BundledModel
from churnlab.errors import ChurnlabError

BATCH_ROWS = 65_536
SCORE = "p"


def score_file(model: BundledModel, source: Path, target: Path, threads: int) -> int:
    """Write the columns that the model does not read and `p` for every row, in the same order.

    Args:
        model: the bundle.
        source: CSV or Parquet, or a folder of Parquet files.
        target: Parquet; it is there when every row has been scored, and not before.
        threads: batches scored at the same time.

    Returns:
        The number of rows.

    Raises:
        ChurnlabError: the source is missing or unreadable, or has a row that cannot be scored.
    """
    columns = model.document("schema")["columns"]
    table = _opened(source, columns)
    check_names(table.schema.names, columns, str(source))
    partial = target.with_name(f".{target.name}.partial")
    target.parent.mkdir(parents=True, exist_ok=True)
    try:
        rows = _write(partial, _scored(model, table, str(source), columns, threads), table)
        partial.replace(target)
    finally:
        partial.unlink(missing_ok=True)
    return rows


def scored_frame(
    model: BundledModel, rows: pd.DataFrame, columns: dict[str, Any], where: str, first: int
) -> pd.DataFrame:
    """Return what the model does not read of `rows`, and their scores as `p`.

    Raises:
        ChurnlabError: a row cannot be scored.
    """
    check_rows(rows, columns, where, first)
    kept = [name for name in rows if name not in columns]
    return rows[kept].assign(**{SCORE: model.predict(rows)})


def _opened(source: Path, columns: dict[str, Any]) -> pyarrow.dataset.Dataset:
    if not source.exists():
        raise ChurnlabError(f"{source}: there is no such file or folder; name a CSV or Parquet one")
    kind: str | pyarrow.dataset.FileFormat = "parquet"
    if source.suffix.lower() == ".csv":
        types = {n: pa.string() for n, column in columns.items() if column["type"] != "numeric"}
        options = pyarrow.csv.ConvertOptions(column_types=types)
        kind = pyarrow.dataset.CsvFileFormat(convert_options=options)
    try:
        return pyarrow.dataset.dataset(source, format=kind)
    except (pa.ArrowInvalid, OSError) as error:
        raise ChurnlabError(f"{source}: neither CSV nor Parquet: {error}") from error


def _scored(
    model: BundledModel,
    table: pyarrow.dataset.Dataset,
    where: str,
    columns: dict[str, Any],
    threads: int,
) -> Iterator[pa.RecordBatch]:
    """Yield the scored batches in order; few are in memory at any time."""
    waiting: deque[Future[pd.DataFrame]] = deque()
    first = 1
    with (
        ThreadPoolExecutor(threads) as pool,
        tqdm(total=table.count_rows(), unit="row", unit_scale=True, disable=None) as progress,
    ):

        def next_done() -> pa.RecordBatch:
            found = waiting.popleft().result()
            progress.update(len(found))
            return pa.RecordBatch.from_pandas(found, preserve_index=False)

        for batch in table.to_batches(batch_size=BATCH_ROWS):
            rows = batch.to_pandas()
            waiting.append(pool.submit(scored_frame, model, rows, columns, where, first))
            first += len(rows)
            if len(waiting) > threads:
                yield next_done()
        while waiting:
            yield next_done()


def _write(path: Path, batches: Iterator[pa.RecordBatch], table: pyarrow.dataset.Dataset) -> int:
    rows = 0
    writer: pq.ParquetWriter | None = None
    try:
        for batch in batches:
            writer = writer or pq.ParquetWriter(path, batch.schema)
            writer.write_batch(batch)
            rows += batch.num_rows
    finally:
        if writer:
            writer.close()
    if not rows:
        raise ChurnlabError(f"{table.files[0] if table.files else path}: there are no rows")
    return rows
