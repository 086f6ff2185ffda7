"""Rows from CSV and Arrow."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv
import pyarrow.ipc

from churnlab.serving.faults import SHOWN, Fault, RequestError, invalid_rows, shown
from churnlab.serving.reading_json import ID, check_count
from churnlab.serving.rows import Rows, texts
from churnlab.serving.schema import InputColumn, InputSchema


def read_csv(body: bytes, schema: InputSchema, most_rows: int) -> Rows:
    """Return the rows of a CSV file with a header, in UTF-8.

    Raises:
        RequestError: 400 where the body is no CSV, 422 where rows break a rule, 413 where there are
            too many.
    """
    # Read as text, so that a value which is no number can be named with its row.
    header = body.split(b"\n", 1)[0].decode("utf-8", "replace").strip("\r\ufeff").split(",")
    as_text = {name.strip('"'): pa.string() for name in header}
    options = pyarrow.csv.ConvertOptions(
        column_types=as_text, strings_can_be_null=True, null_values=[""]
    )
    try:
        table = pyarrow.csv.read_csv(pa.BufferReader(body), convert_options=options)
        names = table.column_names
    except (pa.ArrowException, UnicodeDecodeError) as error:
        raise RequestError(400, "not_csv", f"the body is not CSV: {_one_line(error)}") from None
    return _rows(_without_numbers(table, names, schema), names, schema, most_rows)


def read_arrow(body: bytes, schema: InputSchema, most_rows: int) -> Rows:
    """Return the rows of an Arrow IPC stream.

    Raises:
        RequestError: 400 where the body is no Arrow stream, otherwise as `read_csv`.
    """
    try:
        with pyarrow.ipc.open_stream(pa.BufferReader(body)) as stream:
            table = stream.read_all()
        table.validate(full=True)
        # Names are decoded when they are read, and need not be UTF-8.
        names = table.column_names
    except (pa.ArrowException, OSError, UnicodeDecodeError) as error:
        message = f"the body is not an Arrow IPC stream: {_one_line(error)}"
        raise RequestError(400, "not_arrow", message) from None
    return _rows(table, names, schema, most_rows)


def _without_numbers(table: pa.Table, names: list[str], schema: InputSchema) -> pa.Table:
    """Return the table with null where a numeric column says that there is no number.

    In a text the same words are words: "NA" is Namibia.
    """
    no_number = pa.array(pyarrow.csv.ConvertOptions().null_values, pa.string())
    for place, name in enumerate(names):
        column, text = schema.columns.get(name), table.column(place)
        if column and column.numeric and pa.types.is_string(text.type):
            filled = pc.if_else(pc.is_in(text, no_number), pa.scalar(None, text.type), text)
            table = table.set_column(place, name, filled)
    return table


def _rows(table: pa.Table, sent: list[str], schema: InputSchema, most_rows: int) -> Rows:
    names = [name for name in sent if name != ID]
    faults = schema.name_faults(names)
    faults += [
        Fault(None, name, None, "one column of this name")
        for name in sorted(set(sent))
        if sent.count(name) > 1
    ]
    if not table.num_rows and not faults:
        faults = [Fault(None, None, None, "at least one row")]
    if faults:
        raise invalid_rows(faults)
    check_count(table.num_rows, most_rows)
    values: dict[str, np.ndarray] = {}
    for name, column in schema.columns.items():
        if name not in names:
            values[name] = np.full(table.num_rows, np.nan)
            continue
        values[name], found = _array(column, table.column(name))
        faults += found
    if faults := faults or schema.settle(values):
        raise invalid_rows(sorted(faults, key=lambda fault: fault.row or 0))
    return Rows(values, _ids(table) if ID in sent else None)


def _array(column: InputColumn, sent: pa.ChunkedArray) -> tuple[np.ndarray, list[Fault]]:
    if pa.types.is_dictionary(sent.type):
        sent = pc.cast(sent, sent.type.value_type)
    wanted = pa.float64() if column.numeric else pa.string()
    if _is_truth(sent.type) and column.numeric:
        return np.empty(0), [Fault(None, column.name, str(sent.type), "numbers")]
    try:
        found = pc.cast(sent, wanted)
    except (pa.ArrowInvalid, pa.ArrowNotImplementedError):
        return np.empty(0), _cast_faults(column, sent)
    if column.numeric:
        return found.to_numpy().astype(np.float64), []
    if found.null_count:
        places = pc.indices_nonzero(pc.is_null(found)).to_pylist()[:SHOWN]
        return np.empty(0), [Fault(place, column.name, None, "missing") for place in places]
    return texts(found.to_pylist()), []


def _is_truth(kind: pa.DataType) -> bool:
    return bool(pa.types.is_boolean(kind))


def _cast_faults(column: InputColumn, sent: pa.ChunkedArray) -> list[Fault]:
    rule = "a number" if column.numeric else "a text"
    if not pa.types.is_string(sent.type):
        return [Fault(None, column.name, str(sent.type), f"{rule} in every row")]
    wrong = [(row, text) for row, text in enumerate(sent.to_pylist()) if not _is_number(text)]
    return [Fault(row, column.name, shown(text), rule) for row, text in wrong[:SHOWN]]


def _is_number(text: str | None) -> bool:
    try:
        pc.cast(pa.array([text], pa.string()), pa.float64())
    except pa.ArrowInvalid:
        return False
    return True


def _ids(table: pa.Table) -> list[Any]:
    return pc.cast(table.column(ID), pa.string()).to_pylist()


def _one_line(error: Exception) -> str:
    return str(error).splitlines()[0][:200]
