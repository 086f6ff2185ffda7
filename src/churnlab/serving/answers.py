"""Scores as JSON, CSV and Arrow."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import msgspec
import numpy as np
import pyarrow as pa
import pyarrow.csv
import pyarrow.ipc

from churnlab.serving.model import Scores, ServedModel
from churnlab.serving.reasons import Reason
from churnlab.serving.rows import Rows

DIGITS = 6


class Prediction(msgspec.Struct, frozen=True, omit_defaults=True, gc=False):
    """What is said of one row."""

    p: float
    p_low: float
    p_high: float
    churn: bool
    risk_group: str
    id: str | int | None = None
    reasons: list[dict[str, Any]] | None = None


_encoder = msgspec.json.Encoder()


def as_json(
    model: ServedModel, rows: Rows, scores: Scores, reasons: Sequence[Sequence[Reason]] | None
) -> bytes:
    """Return the answer to a JSON request."""
    said = [None] * len(rows) if reasons is None else [_said(each) for each in reasons]
    ids = [None] * len(rows) if rows.ids is None else rows.ids
    columns = (
        *(rounded(part).tolist() for part in (scores.p, scores.low, scores.high)),
        scores.churn.tolist(),
        scores.group.tolist(),
    )
    predictions = [Prediction(*row) for row in zip(*columns, ids, said, strict=True)]
    return _encoder.encode({**origin(model), "predictions": predictions})


def as_csv(rows: Rows, scores: Scores) -> bytes:
    """Return the scores as a CSV file with a header."""
    sink = pa.BufferOutputStream()
    pyarrow.csv.write_csv(_table(rows, scores), sink)
    return sink.getvalue().to_pybytes()


def as_arrow(model: ServedModel, rows: Rows, scores: Scores) -> bytes:
    """Return the scores as an Arrow IPC stream, the version in its metadata."""
    table = _table(rows, scores).replace_schema_metadata(
        {name: str(value) for name, value in origin(model).items()}
    )
    sink = pa.BufferOutputStream()
    with pyarrow.ipc.new_stream(sink, table.schema) as stream:
        stream.write_table(table)
    return sink.getvalue().to_pybytes()


def origin(model: ServedModel) -> dict[str, Any]:
    """Return which version answers, and by which threshold it decides."""
    return {
        "study": model.study,
        "model": model.card["champion"],
        "model_version": model.version,
        "data_sha256": model.data,
        "threshold": model.threshold,
    }


def _table(rows: Rows, scores: Scores) -> pa.Table:
    columns: dict[str, Any] = {} if rows.ids is None else {"id": list(rows.ids)}
    columns |= {
        "p": rounded(scores.p),
        "p_low": rounded(scores.low),
        "p_high": rounded(scores.high),
        "churn": scores.churn,
        "risk_group": pa.array(scores.group, pa.string()),
    }
    return pa.table(columns)


def rounded(values: np.ndarray) -> np.ndarray:
    """Return probabilities with the digits that are said of them."""
    return np.round(values, DIGITS)


def _said(reasons: Sequence[Reason]) -> list[dict[str, Any]]:
    return [
        {
            "column": reason.column,
            "value": reason.value,
            "contribution": round(reason.contribution, DIGITS),
            "text": reason.text,
        }
        for reason in reasons
    ]
