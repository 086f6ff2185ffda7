"""Rows from JSON: as rows or as columns, in one pass where they are right."""

from __future__ import annotations

from operator import attrgetter
from typing import Any

import msgspec
import numpy as np

from churnlab.serving.faults import SHOWN, Fault, RequestError, invalid_rows, shown
from churnlab.serving.rows import Rows, texts
from churnlab.serving.schema import InputColumn, InputSchema

ID = "id"
# Names of fields that are not UTF-8 are told apart from other faults of the text.
NOT_JSON = (msgspec.DecodeError, RecursionError, UnicodeDecodeError)
BOTH = "send either 'rows', a list of objects, or 'columns', an object of lists"


class JsonReader:
    """Reads bodies of one schema. The decoder is made once: it knows the columns by type."""

    def __init__(self, schema: InputSchema) -> None:
        self.schema = schema
        self._fields = {name: f"c{place}" for place, name in enumerate(schema.columns)}
        self._decoder = msgspec.json.Decoder(self._body_type())

    def read(self, body: bytes, most_rows: int) -> tuple[Rows, int]:
        """Return the rows, and how many reasons are wanted for each.

        Raises:
            RequestError: 400 where the body is no JSON, 422 where rows break a rule, 413 where
                there are too many.
        """
        try:
            sent = self._decoder.decode(body)
        except NOT_JSON:
            raise self._explained(body) from None
        if (sent.rows is None) == (sent.columns is None):
            raise invalid_rows([Fault(None, None, None, BOTH)])
        rows = self._of_rows(sent.rows) if sent.columns is None else self._of_columns(sent)
        check_count(len(rows), most_rows)
        if faults := self.schema.settle(rows.values):
            raise invalid_rows(faults)
        return rows, sent.reasons

    def _of_rows(self, sent: list[Any]) -> Rows:
        if not sent:
            raise invalid_rows([Fault(None, "rows", None, "at least one row")])
        values = {
            name: _array(self.schema.columns[name], list(map(attrgetter(field), sent)))
            for name, field in self._fields.items()
        }
        ids = [row.id for row in sent]
        return Rows(values, ids if any(one is not None for one in ids) else None)

    def _of_columns(self, sent: Any) -> Rows:
        columns = sent.columns
        lengths = {
            name: len(values)
            for name, field in self._fields.items()
            if (values := getattr(columns, field)) is not None
        }
        if columns.id is not None:
            lengths[ID] = len(columns.id)
        longest = max(lengths.values(), default=0)
        if not longest:
            raise invalid_rows([Fault(None, "columns", None, "at least one row")])
        if wrong := [name for name, length in lengths.items() if length != longest]:
            rule = f"as many values as the longest column, {longest}"
            raise invalid_rows([Fault(None, name, lengths[name], rule) for name in wrong])
        values = {
            name: _array(self.schema.columns[name], getattr(columns, field) or [None] * longest)
            for name, field in self._fields.items()
        }
        return Rows(values, columns.id)

    def _body_type(self) -> Any:
        single, several = [], []
        for name, field in self._fields.items():
            kind = _python_type(column := self.schema.columns[name])
            single.append((field, kind, None) if column.optional else (field, kind))
            many: Any = list[kind]  # type: ignore[valid-type]
            several.append((field, many | None, None) if column.optional else (field, many))
        options: dict[str, Any] = {
            "rename": {field: name for name, field in self._fields.items()},
            "forbid_unknown_fields": True,
            "kw_only": True,
            "gc": False,
        }
        one_id = str | int | None
        row = msgspec.defstruct("Row", [*single, (ID, one_id, None)], **options)
        columns = msgspec.defstruct(
            "Columns", [*several, (ID, list[one_id] | None, None)], **options
        )
        return msgspec.defstruct(
            "Body",
            [
                ("rows", list[row] | None, None),  # type: ignore[valid-type]
                ("columns", columns | None, None),
                ("reasons", int, 0),
            ],
            forbid_unknown_fields=True,
        )

    def _explained(self, body: bytes) -> RequestError:
        """Return every fault of a body that the decoder refused at the first."""
        try:
            sent = msgspec.json.decode(body)
        except NOT_JSON as error:
            return RequestError(400, "not_json", f"the body is not JSON: {error}")
        if not isinstance(sent, dict):
            return invalid_rows([Fault(None, None, shown(sent), BOTH)])
        faults = [
            Fault(None, shown(name), None, f"not a field; {BOTH}")
            for name in sent
            if name not in ("rows", "columns", "reasons")
        ]
        if not isinstance(wanted := sent.get("reasons", 0), int) or isinstance(wanted, bool):
            faults.append(Fault(None, "reasons", shown(wanted), "a whole number"))
        rows, columns = sent.get("rows"), sent.get("columns")
        if rows is not None:
            faults += self._row_faults(rows)
        if columns is not None:
            faults += self._column_faults(columns)
        return invalid_rows(faults or [Fault(None, None, None, BOTH)])

    def _row_faults(self, rows: Any) -> list[Fault]:
        if not isinstance(rows, list):
            return [Fault(None, "rows", shown(rows), "a list of objects")]
        faults: list[Fault] = []
        for place, row in enumerate(rows):
            if not isinstance(row, dict):
                faults.append(Fault(place, None, shown(row), "an object of columns"))
            else:
                names = [name for name in row if name != ID]
                faults += self.schema.name_faults(names, place)
                faults += self._type_faults(row, place)
            if len(faults) >= SHOWN:
                break
        return faults

    def _column_faults(self, columns: Any) -> list[Fault]:
        if not isinstance(columns, dict):
            return [Fault(None, "columns", shown(columns), "an object of lists")]
        faults = self.schema.name_faults([name for name in columns if name != ID])
        for name, values in columns.items():
            if not isinstance(values, list):
                faults.append(Fault(None, shown(name), shown(values), "a list of values"))
                continue
            for place, value in enumerate(values):
                faults += self._type_faults({name: value}, place)
                if len(faults) >= SHOWN:
                    break
        return faults

    def _type_faults(self, row: dict[str, Any], place: int) -> list[Fault]:
        found = []
        for name, value in row.items():
            if name == ID:
                if not isinstance(value, str | int | None) or isinstance(value, bool):
                    found.append(Fault(place, ID, shown(value), "a text or a whole number"))
            elif (column := self.schema.columns.get(name)) and (rule := _type_rule(column, value)):
                found.append(Fault(place, name, shown(value), rule))
        return found


def check_count(rows: int, most: int) -> None:
    """Raise where a request has more rows than one may have.

    Raises:
        RequestError: 413.
    """
    if rows > most:
        raise RequestError(
            413,
            "too_many_rows",
            f"{rows:,} rows, and a request may have {most:,}; send several requests, or score the "
            "file with `churnlab score`",
        )


def _python_type(column: InputColumn) -> Any:
    if column.numeric:
        return float | None if column.optional else float
    return str | int if column.kind == "code" else str


def _type_rule(column: InputColumn, value: Any) -> str | None:
    number = isinstance(value, int | float) and not isinstance(value, bool)
    if value is None:
        return None if column.optional else "missing"
    if column.numeric:
        return None if number else "a number"
    if column.kind == "code":
        allowed = isinstance(value, str) or (isinstance(value, int) and number)
        return None if allowed else "a text or a whole number"
    return None if isinstance(value, str) else "a text"


def _array(column: InputColumn, values: list[Any]) -> np.ndarray:
    if column.numeric:
        return np.array(values, dtype=np.float64)
    if column.kind == "code":
        values = [value if isinstance(value, str) else str(value) for value in values]
    return texts(values)
