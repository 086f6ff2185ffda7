"""Rows to score, from a table in a database: streamed in the order of its id."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from churnlab.batch.database import TableAddress, reflected, told
from churnlab.config.validation import suggestion
from churnlab.errors import ChurnlabError

if TYPE_CHECKING:
    import sqlalchemy as sa

FETCHED = 10_000


class TableSource:
    """A table or view.

    Of what the model does not read, whole numbers, floats, truth values, dates and times keep
    their type; everything else becomes text.
    """

    def __init__(
        self,
        connection: sa.Connection,
        address: TableAddress,
        columns: Mapping[str, Any],
        id_column: str,
    ) -> None:
        self.name = address.name
        self.id = id_column
        self.rows: int | None = None
        self._connection = connection
        self._columns = columns
        self._table = reflected(connection, address)
        names = [column.name for column in self._table.columns]
        if id_column not in names:
            raise ChurnlabError(
                f"{self.name}: column '{id_column}': missing; --id names the column that tells "
                f"rows apart; {suggestion(id_column, [n for n in names if n not in columns])}"
            )
        self.schema = pa.schema([(c.name, _arrow_type(c.type)) for c in self._table.columns])

    def fingerprint(self) -> str:
        """Return a hash of all rows in the order of the id, and count them."""
        found = hashlib.sha256(repr(self.schema.names).encode())
        self.rows = 0
        for rows in self._read(0, FETCHED):
            self.rows += len(rows)
            for row in rows:
                found.update(repr(tuple(row)).encode())
        return found.hexdigest()

    def batches(self, done: int, size: int) -> Iterator[pa.Table]:
        """Yield batches of `size` rows, the last one shorter, without the first `done` rows.

        Raises:
            ChurnlabError: a value is not of the type that the table declares.
        """
        for rows in self._read(done, size):
            columns = zip(self.schema, zip(*rows, strict=True), strict=True)
            arrays = [self._array(field, values) for field, values in columns]
            yield pa.table(arrays, names=self.schema.names)

    def _read(self, done: int, size: int) -> Iterator[Sequence[Any]]:
        import sqlalchemy as sa

        ordered = sa.select(self._table).order_by(self._table.columns[self.id])
        if done:
            ordered = ordered.offset(done)
        with told(self.name):
            # Rows come through a cursor of the server, `size` at a time.
            found = self._connection.execute(ordered, execution_options={"yield_per": size})
            yield from found.partitions()

    def _array(self, field: pa.Field, values: Sequence[Any]) -> pa.Array:
        column = self._columns.get(field.name)
        if column is not None:
            return _as_number(values) if column["type"] == "numeric" else _as_text(values)
        if pa.types.is_string(field.type):
            return _as_text(values)
        try:
            return pa.array(values, field.type)
        except (pa.ArrowInvalid, pa.ArrowTypeError) as error:
            raise ChurnlabError(
                f"{self.name}: column '{field.name}': declared as {field.type}, but {error}"
            ) from None


def _arrow_type(declared: Any) -> pa.DataType:
    import sqlalchemy as sa

    if isinstance(declared, sa.DateTime):
        return pa.timestamp("us", tz="UTC" if declared.timezone else None)
    kinds = {
        sa.Integer: pa.int64(),
        sa.Float: pa.float64(),
        sa.Boolean: pa.bool_(),
        sa.Date: pa.date32(),
    }
    return next((kind for of, kind in kinds.items() if isinstance(declared, of)), pa.string())


def _as_number(values: Sequence[Any]) -> pa.Array:
    try:
        # Decimals too, which Arrow does not take for floats.
        return pa.array([None if v is None else float(v) for v in values], pa.float64())
    except (TypeError, ValueError):
        # One of them is no number; it is named with its row later.
        return _as_text(values)


def _as_text(values: Sequence[Any]) -> pa.Array:
    return pa.array([None if value is None else str(value) for value in values], pa.string())
