"""Batches of rows scored side by side, in order, few of them in memory at any time."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from churnlab.batch.bad_rows import BadValue
from churnlab.batch.checks import Violation, refusal, violations
from churnlab.batch.scorer import ANSWERS, Scorer
from churnlab.batch.sources import Source

# Batches of a thread: the one that it scores, and the one that it scores next.
IN_FLIGHT = 2
ANSWER_TYPES = dict(
    zip(
        ANSWERS,
        (*[pa.float64()] * 3, pa.bool_(), pa.string(), pa.string(), pa.date32()),
        strict=True,
    )
)


@dataclass(frozen=True)
class Scored:
    """A batch that is done with.

    Attributes:
        rows: what is written of it.
        read: rows that it had.
        bad: values for which rows were left out.
    """

    rows: pa.Table
    read: int
    bad: list[BadValue]


def output_schema(source: Source, scorer: Scorer) -> pa.Schema:
    """Return the columns that are written: those that the model does not read, and the answers."""
    kept = [field for field in source.schema if field.name not in scorer.columns]
    return pa.schema([*kept, *ANSWER_TYPES.items()])


def scored_batches(
    scorer: Scorer, source: Source, done: int, size: int, threads: int, leave_out: bool
) -> Iterator[Scored]:
    """Yield the batches after the first `done` rows, in the order of the source.

    Args:
        scorer: the version.
        source: rows.
        done: rows that are passed over.
        size: rows of a batch.
        threads: batches scored at the same time.
        leave_out: whether rows that cannot be scored are left out.

    Raises:
        ChurnlabError: a row cannot be scored, once all batches before it were yielded.
    """
    waiting: deque[Future[Scored]] = deque()
    first = done + 1
    with ThreadPoolExecutor(threads) as pool:
        for batch in source.batches(done, size):
            waiting.append(pool.submit(_scored, scorer, source, batch, first, leave_out))
            first += batch.num_rows
            if len(waiting) == IN_FLIGHT * threads:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()


def _scored(scorer: Scorer, source: Source, batch: pa.Table, first: int, leave_out: bool) -> Scored:
    read, rows = batch.num_rows, _inputs(batch, scorer.columns)
    found = violations(rows, scorer.columns)
    if found and not leave_out:
        raise refusal(found, source.name, first, read)
    bad = _bad_values(found, batch, source.id, first)
    if found:
        good = np.ones(read, dtype=bool)
        good[[place for one in found for place in one.places]] = False
        batch, rows = batch.filter(pa.array(good)), rows[good]
    answers = scorer.answers(rows)
    schema = output_schema(source, scorer)
    columns = [answers[name] if name in answers else batch[name] for name in schema.names]
    return Scored(pa.table(columns, schema=schema), read, bad)


def _inputs(batch: pa.Table, columns: dict[str, Any]) -> pd.DataFrame:
    """Return what the model reads: numbers where all are, and text."""
    return pd.DataFrame(
        {
            name: (_numbers if column["type"] == "numeric" else _texts)(batch[name])
            for name, column in columns.items()
        }
    )


def _numbers(values: pa.ChunkedArray) -> Any:
    try:
        return pc.cast(values, pa.float64()).to_numpy()
    except (pa.ArrowInvalid, pa.ArrowNotImplementedError):
        # One of them is no number; it is named with its row later.
        return np.array(values.to_pylist(), dtype=object)


def _texts(values: pa.ChunkedArray) -> Any:
    return np.array(pc.cast(values, pa.string()).to_pylist(), dtype=object)


def _bad_values(
    found: list[Violation], batch: pa.Table, key: str | None, first: int
) -> list[BadValue]:
    listed = [
        BadValue(
            first + place,
            batch[key][place].as_py() if key is not None else None,
            one.column,
            None if pd.isna(value) else value,
            one.rule,
        )
        for one in found
        for place, value in zip(one.places, one.found, strict=True)
    ]
    return sorted(listed, key=lambda value: value.row)
