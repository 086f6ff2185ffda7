"""Scores in a table of a database: one row per date, version and id, whatever is run again."""

from __future__ import annotations

import datetime
import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.compute as pc

from churnlab.batch.database import SQLITE, TableAddress, reflected, told
from churnlab.batch.progress import Progress, State, differences
from churnlab.batch.scorer import ANSWERS
from churnlab.batch.table_layout import RUNS, column_type, runs_table
from churnlab.config.validation import suggestion
from churnlab.errors import ChurnlabError

if TYPE_CHECKING:
    import sqlalchemy as sa


class TableTarget:
    """A table with the key `date`, `model_version` and the id; made where there is none.

    Each batch is a transaction, in which the table `churnlab_score_runs` beside it learns how far
    the run of a date and version has come.
    """

    def __init__(self, connection: sa.Connection, address: TableAddress, id_column: str) -> None:
        self.name = address.name
        self._connection = connection
        self._address = address
        self._id = id_column
        self._key = ["date", "model_version", id_column]
        self._runs = runs_table(address)
        self._scores: sa.Table | None = None
        self._run: Mapping[str, Any] = {}

    def state(self, run: Mapping[str, Any]) -> tuple[State | None, str]:
        """Return what is there of this run, or why nothing is that could be gone on with."""
        import sqlalchemy as sa

        self._run = dict(run)
        with told(self.name):
            there = sa.inspect(self._connection)
            place = {"schema": self._address.schema}
            if not (
                there.has_table(RUNS, **place) and there.has_table(self._address.table, **place)
            ):
                return None, ""
            self._scores = reflected(self._connection, self._address)
            runs = self._runs.select().where(self._runs.c.scores == self._address.table)
            of_date = runs.where(self._runs.c.date == self._date)
            found = {row.model_version: row for row in self._connection.execute(of_date)}
        mine = found.get(run["model_version"])
        if mine is None:
            begun = [row.model_version for row in found.values() if not row.finished]
            return None, f"begun with another model, {begun[0]}" if begun else ""
        if other := differences(json.loads(mine.run), self._run):
            return None, f"{'made' if mine.finished else 'begun'} with another {other}"
        if self._kept() < mine.rows_scored:
            return None, "rows were taken out of it"
        counts = Progress(mine.rows_read, mine.rows_scored, mine.bad_rows, mine.bad_bytes)
        return State(counts, finished=mine.finished), ""

    def start(self, run: Mapping[str, Any], schema: pa.Schema) -> None:
        """Make the tables where they are missing, and forget how far another run had come.

        Raises:
            ChurnlabError: the table is of another shape, or the database refuses.
        """
        import sqlalchemy as sa

        if self._id not in schema.names:
            kept = [name for name in schema.names if name not in ANSWERS]
            raise ChurnlabError(
                f"{self.name}: its key needs a column '{self._id}' of the input, and there is none "
                f"beside those that the model reads; --id names it; {suggestion(self._id, kept)}"
            )
        self._run = dict(run)
        columns = [
            sa.Column(field.name, column_type(field), primary_key=field.name in self._key)
            for field in schema
        ]
        made = sa.Table(self._address.table, sa.MetaData(), *columns, schema=self._address.schema)
        with told(self.name):
            made.create(self._connection, checkfirst=True)
            self._runs.create(self._connection, checkfirst=True)
            self._check(schema.names)
            self._connection.execute(self._runs.delete().where(*self._mine()))
            self._connection.commit()

    def write(self, rows: pa.Table, progress: Progress) -> None:
        """Keep rows together with the progress that they make: both, or none.

        Raises:
            ChurnlabError: an id is missing or there twice, or the database refuses.
        """
        self._check_ids(rows[self._id])
        with told(self.name):
            if rows.num_rows:
                self._upsert(self._table(), self._key, rows.to_pylist())
            self._note(progress, finished=False)
            self._connection.commit()

    def finish(self, progress: Progress) -> None:
        """Note that the run is complete.

        Raises:
            ChurnlabError: ids were not unique, so that rows replaced each other.
        """
        with told(self.name):
            kept = self._kept()
            if kept >= progress.scored:
                self._note(progress, finished=True)
                self._connection.commit()
        if kept < progress.scored:
            raise ChurnlabError(
                f"{self.name}: {progress.scored:,} rows have only {kept:,} different values of "
                f"'{self._id}'; let --id name a column that tells rows apart"
            )

    def _kept(self) -> int:
        """Return how many rows of the run's date and version are there."""
        import sqlalchemy as sa

        scores = self._table()
        mine = (scores.c.date == self._date, scores.c.model_version == self._run["model_version"])
        counted = sa.select(sa.func.count()).select_from(scores).where(*mine)
        return int(self._connection.execute(counted).scalar_one())

    @property
    def _date(self) -> datetime.date:
        return datetime.date.fromisoformat(self._run["date"])

    def _table(self) -> sa.Table:
        if self._scores is None:
            self._scores = reflected(self._connection, self._address)
        return self._scores

    def _check(self, names: list[str]) -> None:
        """Raise where the table that is there is another than this run would make."""
        self._scores = None
        there = self._table()
        if missing := [name for name in names if name not in there.columns]:
            raise ChurnlabError(
                f"{self.name}: the table there has no column '{missing[0]}'; name another output"
            )
        if {column.name for column in there.primary_key} != set(self._key):
            raise ChurnlabError(
                f"{self.name}: the key of the table there is not {', '.join(self._key)}; name "
                "another output"
            )

    def _check_ids(self, ids: pa.ChunkedArray) -> None:
        if ids.null_count:
            raise ChurnlabError(f"{self.name}: column '{self._id}': missing in a row of the input")
        counts = pc.value_counts(ids)
        for one in counts.filter(pc.greater(counts.field("counts"), 1))[:1]:
            raise ChurnlabError(
                f"{self.name}: column '{self._id}': {one['values'].as_py()!r} is there "
                f"{one['counts']} times; let --id name a column that tells rows apart"
            )

    def _note(self, progress: Progress, finished: bool) -> None:
        row = {
            "scores": self._address.table,
            "date": self._date,
            "model_version": self._run["model_version"],
            "run": json.dumps(self._run, sort_keys=True),
            "rows_read": progress.read,
            "rows_scored": progress.scored,
            "bad_rows": progress.bad,
            "bad_bytes": progress.bad_bytes,
            "finished": finished,
        }
        self._upsert(self._runs, ["scores", "date", "model_version"], [row])

    def _upsert(self, table: sa.Table, key: list[str], rows: list[dict[str, Any]]) -> None:
        from sqlalchemy.dialects import postgresql, sqlite

        is_sqlite = self._connection.dialect.name == SQLITE
        insert = (sqlite.insert if is_sqlite else postgresql.insert)(table)
        values = {name: insert.excluded[name] for name in rows[0] if name not in key}
        kept = insert.on_conflict_do_update(index_elements=key, set_=values)
        self._connection.execute(kept, rows)

    def _mine(self) -> tuple[Any, ...]:
        runs = self._runs.c
        return (
            runs.scores == self._address.table,
            runs.date == self._date,
            runs.model_version == self._run["model_version"],
        )
