"""Rows to score, from files: read in batches of an even size, however the files are cut."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from functools import cached_property
from pathlib import Path
from typing import Any, Protocol

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv
import pyarrow.dataset

from churnlab.errors import ChurnlabError

# What pandas and Arrow write for a number that is not there.
NO_NUMBER = pa.array(pyarrow.csv.ConvertOptions().null_values, pa.string())
NO_TEXT = pa.array([""])


class Source(Protocol):
    """A table to score."""

    @property
    def name(self) -> str:
        """What people call it."""

    @property
    def id(self) -> str | None:
        """The column that tells rows apart; None where there is none."""

    @property
    def schema(self) -> pa.Schema:
        """Its columns; the types of those that the model reads are not binding."""

    @property
    def rows(self) -> int | None:
        """How many rows there are, where that can be known before they are read."""

    def fingerprint(self) -> str:
        """Return a hash of all that it holds."""

    def batches(self, done: int, size: int) -> Iterator[pa.Table]:
        """Yield batches of `size` rows, the last one shorter, without the first `done` rows."""


class FileSource:
    """A CSV file, a Parquet file, or a folder of these.

    CSV has no types: what the model does not read stays text, as it is written.
    """

    def __init__(self, path: Path, columns: Mapping[str, Any], id_column: str) -> None:
        self.name = str(path)
        self._is_csv = path.suffix.lower() == ".csv"
        self._columns = columns
        self._dataset = _opened(path, self._is_csv)
        self.id = id_column if id_column in self._dataset.schema.names else None

    @cached_property
    def schema(self) -> pa.Schema:
        """The columns; text is plain, whether the file holds it as a dictionary or not."""
        return pa.schema([(field.name, _plain(field.type)) for field in self._dataset.schema])

    @cached_property
    def rows(self) -> int | None:
        """The number of rows; None for CSV, which would have to be read for it."""
        with _readable(self.name):
            return None if self._is_csv else int(self._dataset.count_rows())

    def fingerprint(self) -> str:
        """Return a hash of the bytes of the files, in their order."""
        found = hashlib.sha256()
        for file in self._dataset.files:
            with Path(file).open("rb") as content:
                found.update(hashlib.file_digest(content, "sha256").digest())
        return found.hexdigest()

    def batches(self, done: int, size: int) -> Iterator[pa.Table]:
        """Yield batches of `size` rows, the last one shorter, without the first `done` rows.

        Raises:
            ChurnlabError: a file is damaged.
        """
        read = self._dataset.to_batches(
            batch_size=size, batch_readahead=2, fragment_readahead=1, use_threads=False
        )
        with _readable(self.name):
            for table in _regrouped(read, done, size):
                yield self._with_gaps(table.cast(self.schema))

    def _with_gaps(self, table: pa.Table) -> pa.Table:
        """Return the table with null where CSV has words for a value that is not there."""
        if self._is_csv:
            for name, column in self._columns.items():
                gap = NO_NUMBER if column["type"] == "numeric" else NO_TEXT
                text = table[name]
                filled = pc.if_else(pc.is_in(text, gap), pa.scalar(None, text.type), text)
                table = table.set_column(table.column_names.index(name), name, filled)
        return table


def _opened(path: Path, is_csv: bool) -> pyarrow.dataset.Dataset:
    if not path.exists():
        raise ChurnlabError(f"{path}: there is no such file or folder; name a CSV or Parquet one")
    with _readable(str(path)):
        if is_csv:
            names = pyarrow.dataset.dataset(path, format="csv").schema.names
            options = pyarrow.csv.ConvertOptions(column_types=dict.fromkeys(names, pa.string()))
            as_text = pyarrow.dataset.CsvFileFormat(convert_options=options)
            return pyarrow.dataset.dataset(path, format=as_text)
        found = pyarrow.dataset.dataset(path, format="parquet")
        # The first file alone does not tell, where it lacks values in a column.
        schemas = [part.physical_schema for part in found.get_fragments()]
        return found.replace_schema(pa.unify_schemas(schemas, promote_options="permissive"))


def _plain(kind: pa.DataType) -> pa.DataType:
    return kind.value_type if pa.types.is_dictionary(kind) else kind


def _regrouped(read: Iterable[pa.RecordBatch], done: int, size: int) -> Iterator[pa.Table]:
    held: list[pa.RecordBatch] = []
    count, passed = 0, 0
    for batch in read:
        skipped = min(batch.num_rows, done - passed)
        passed += skipped
        rest = batch.slice(skipped)
        while count + rest.num_rows >= size:
            yield pa.Table.from_batches([*held, rest.slice(0, size - count)])
            rest = rest.slice(size - count)
            held, count = [], 0
        if rest.num_rows:
            held.append(rest)
            count += rest.num_rows
    if held:
        yield pa.Table.from_batches(held)


@contextmanager
def _readable(name: str) -> Iterator[None]:
    try:
        yield
    except (pa.ArrowException, OSError) as error:
        # Arrow wraps the reason in where it looked for it.
        reason = str(error).splitlines()[0].rpartition("Invalid: ")[2]
        raise ChurnlabError(f"{name}: cannot be read as CSV or Parquet: {reason}") from error
