"""One customer with other values: what a form offers, and what it sends."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import msgspec
import numpy as np

from churnlab.serving.model import ServedModel
from churnlab.serving.rows import Rows, texts
from churnlab.serving.schema import InputColumn, InputSchema

FIELD = "in."
NUMBER = re.compile(r"[+-]?\d{1,15}(\.\d{1,15})?([eE][+-]?\d{1,2})?")
MOST_CHARACTERS = 100
Value = float | int | str | None


@dataclass(frozen=True)
class Field:
    """What a form offers for a column.

    Attributes:
        column: of the schema.
        name: of the field.
        value: as it stands in the form.
        own: the customer's own.
        low, high: ends of the slider of a number: the schema's bounds or, where it has none, the
            ends of what training knew, and in any case around the values.
        options: of a category, the customer's own among them.
    """

    column: InputColumn
    name: str
    value: Value
    own: Value
    low: float = 0.0
    high: float = 0.0
    options: tuple[str, ...] = ()

    @property
    def changed(self) -> bool:
        """Whether the form says something else than the list."""
        return self.value != self.own


@dataclass(frozen=True)
class Told:
    """What the version in service says of one row."""

    p: float
    low: float
    high: float
    churn: bool
    group: str


def own_values(schema: InputSchema, inputs: str | None) -> dict[str, Value] | None:
    """Return the inputs of a row of a list; None where they are not those of the schema."""
    found = msgspec.json.decode(inputs) if inputs else None
    if not isinstance(found, dict) or set(found) != set(schema.columns):
        return None
    return {
        name: _plain(found[name]) if isinstance(found[name], float) else found[name]
        for name in schema.columns
    }


def sent_values(
    schema: InputSchema, own: Mapping[str, Value], query: Mapping[str, str]
) -> tuple[dict[str, Value], list[str]]:
    """Return the values of a form, the customer's own where it says nothing, and what is no number.

    A number that is no number stays the customer's own, and its column is named.
    """
    values, wrong = dict(own), []
    for name, column in schema.columns.items():
        sent = query.get(FIELD + name)
        if sent is None:
            continue
        if not column.numeric:
            values[name] = sent[:MOST_CHARACTERS]
        elif sent.strip() == "":
            values[name] = None
        elif NUMBER.fullmatch(sent.strip()):
            values[name] = _plain(float(sent))
        else:
            wrong.append(name)
    return values, wrong


def row_of_values(schema: InputSchema, values: Mapping[str, Value]) -> tuple[Rows, list[str]]:
    """Return one row to score, and the columns whose values the schema does not allow."""
    columns: dict[str, np.ndarray] = {}
    for name, column in schema.columns.items():
        value = values[name]
        if column.numeric:
            number = math.nan if value is None else float(value)
            columns[name] = np.array([number], dtype=np.float64)
        else:
            columns[name] = texts(["" if value is None else str(value)])
    faults = schema.settle(columns)
    return Rows(columns), list(dict.fromkeys(str(fault.column) for fault in faults))


def told(model: ServedModel, row: Rows) -> Told:
    """Return what a version says of one row."""
    scores = model.score(row)
    return Told(
        float(scores.p[0]),
        float(scores.low[0]),
        float(scores.high[0]),
        bool(scores.churn[0]),
        str(scores.group[0]),
    )


def fields(
    model: ServedModel, own: Mapping[str, Value], values: Mapping[str, Value]
) -> list[Field]:
    """Return the fields of the form, in the order of the schema."""
    return [
        (_number if column.numeric else _category)(model, column, own[name], values[name])
        for name, column in model.schema.columns.items()
    ]


def _number(model: ServedModel, column: InputColumn, own: Any, value: Any) -> Field:
    deciles = model.reference["numeric"][column.name]
    around = [float(one) for one in (own, value) if one is not None]
    low = column.minimum if column.minimum is not None else min([deciles[0], *around])
    high = column.maximum if column.maximum is not None else max([deciles[-1], *around])
    name = FIELD + column.name
    return Field(column, name, value, own, low=_plain(low), high=_plain(high))


def _category(model: ServedModel, column: InputColumn, own: Any, value: Any) -> Field:
    known = column.levels or tuple(model.reference["codes"][column.name])
    options = dict.fromkeys([*known, *(str(one) for one in (own, value) if one is not None)])
    return Field(column, FIELD + column.name, value, own, options=tuple(options))


def _plain(number: float) -> float | int:
    """Return a whole number as one, so that a form shows 3 and not 3.0."""
    return int(number) if float(number).is_integer() else float(number)
