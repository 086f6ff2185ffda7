"""Files that are the same bytes whenever the content is the same, and never half written."""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import yaml

if TYPE_CHECKING:
    import pyarrow as pa

DIGITS = 6


def write_json(path: Path, content: Any, digits: int = DIGITS) -> None:
    """Write JSON with sorted keys, two spaces, floats rounded to `digits` decimals.

    NumPy scalars and arrays become plain values; a number that is not finite becomes null, since
    JSON has no other word for it.
    """
    text = json.dumps(
        plain(content, digits), sort_keys=True, indent=2, ensure_ascii=False, allow_nan=False
    )
    write_text(path, text + "\n")


def write_yaml(path: Path, content: Any, digits: int | None = None) -> None:
    """Write YAML in the given key order, as `yaml.safe_dump(sort_keys=False)` prints it."""
    write_text(path, yaml.safe_dump(plain(content, digits), sort_keys=False, allow_unicode=True))


def write_csv(path: Path, frame: pd.DataFrame, float_format: str = "%.6g") -> None:
    """Write CSV without index, with LF line ends and a fixed float format."""
    write_text(path, frame.to_csv(index=False, lineterminator="\n", float_format=float_format))


def write_parquet(path: Path, frame: pd.DataFrame) -> None:
    """Write Parquet with fixed settings: no index, no pandas metadata, object columns as text."""
    import pyarrow as pa

    # A frame that is empty or all missing in a text column would otherwise change the schema.
    fields = [
        pa.field(
            str(name),
            pa.string() if pd.api.types.is_object_dtype(dtype) else pa.from_numpy_dtype(dtype),
        )
        for name, dtype in frame.dtypes.items()
    ]
    write_arrow(path, pa.Table.from_pandas(frame, schema=pa.schema(fields), preserve_index=False))


def read_parquet(source: Path | bytes) -> pd.DataFrame:
    """Return the rows of a Parquet file, or of its content.

    `pandas.read_parquet` hands Arrow's threads a Python file; on a busy machine a few of a hundred
    processes that end right after it are aborted while they end (apache/arrow#50482, #34314).
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    return pq.read_table(
        pa.BufferReader(source) if isinstance(source, bytes) else source
    ).to_pandas()


def write_arrow(path: Path, table: pa.Table) -> None:
    """Write an Arrow table as Parquet with the same fixed settings, without its metadata."""
    write_arrow_parts(path, [table])


def write_arrow_parts(
    path: Path, parts: Iterable[pa.Table], row_group_size: int = 1_000_000
) -> None:
    """Write the rows of one Arrow table that comes in parts, a row group in memory at a time.

    Args:
        path: the file to write.
        parts: at least one, all with the columns of the first; how they are cut leaves no trace.
        row_group_size: rows of a group.
    """
    import pyarrow.parquet as pq

    groups = _row_groups(parts, row_group_size)
    first = next(groups)
    with (
        _replacing(path) as temporary,
        pq.ParquetWriter(
            temporary,
            first.schema,
            version="2.6",
            compression="zstd",
            compression_level=3,
            data_page_version="1.0",
            store_schema=False,
        ) as writer,
    ):
        for group in chain([first], groups):
            writer.write_table(group, row_group_size)


def _row_groups(parts: Iterable[pa.Table], size: int) -> Iterator[pa.Table]:
    """Yield the rows `size` at a time, each column in one piece; at least one table."""
    import pyarrow as pa

    held: list[pa.Table] = []
    yielded = False
    for part in parts:
        held.append(part.replace_schema_metadata(None))
        while sum(map(len, held)) >= size:
            rows = pa.concat_tables(held)
            yield rows.slice(0, size).combine_chunks()
            held, yielded = [rows.slice(size)], True
    rest = pa.concat_tables(held)
    if len(rest) or not yielded:
        yield rest.combine_chunks()


def write_text(path: Path, text: str) -> None:
    """Write UTF-8 text; line ends stay as they are in `text`."""
    write_bytes(path, text.encode())


def write_bytes(path: Path, content: bytes) -> None:
    """Write bytes."""
    with _replacing(path) as temporary:
        temporary.write_bytes(content)


def plain(value: Any, digits: int | None = None) -> Any:
    """Return `value` as dicts, lists, text, numbers, booleans and None only.

    Floats are rounded to `digits` decimals unless it is None; -0.0 becomes 0.0.

    Raises:
        TypeError: something else is inside; it is better converted by who knows what it means.
    """
    if isinstance(value, Mapping):
        return {_plain_key(key): plain(item, digits) for key, item in value.items()}
    if isinstance(value, list | tuple | np.ndarray | pd.Series | pd.Index):
        return [plain(item, digits) for item in value]
    if isinstance(value, np.generic):
        return plain(value.item(), digits)
    if isinstance(value, float):
        if not math.isfinite(value):
            return None
        return (value if digits is None else round(value, digits)) + 0.0
    if value is None or isinstance(value, bool | int | str):
        return value
    raise TypeError(f"{type(value).__name__} {value!r} has no plain form; convert it first")


def _plain_key(key: Any) -> Any:
    return key.item() if isinstance(key, np.generic) else key


@contextmanager
def _replacing(path: Path) -> Iterator[Path]:
    """Yield a temporary path in the same folder that takes the place of `path` at the end.

    Readers see the old file or the new one, never a part; a failure leaves the old one.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    # A fixed name: the rest of a run that was killed is overwritten by the next one.
    temporary = path.with_name(f".{path.name}.part")
    try:
        yield temporary
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)
