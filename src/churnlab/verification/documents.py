"""JSON, YAML and tables, number by number; everything that is no number must be the same."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import yaml

from churnlab.serialization import read_parquet
from churnlab.verification.numbers import Allowance, Comparison, compare_numbers, other, worst

if TYPE_CHECKING:
    import pandas as pd


def compare_json(committed: bytes, rerun: bytes, allowance: Allowance) -> Comparison:
    """Compare two JSON documents; lists must have the same length, objects the same keys."""
    return worst(_differences(json.loads(committed), json.loads(rerun), allowance, ""))


def compare_yaml(committed: bytes, rerun: bytes, allowance: Allowance) -> Comparison:
    """Compare two YAML documents as JSON ones."""
    first, second = yaml.safe_load(committed), yaml.safe_load(rerun)
    return worst(_differences(first, second, allowance, ""))


def compare_csv(
    committed: bytes, rerun: bytes, allowance: Allowance, separator: str = ","
) -> Comparison:
    """Compare two tables of text; a column is numeric where all its cells are, on both sides."""
    first, second = (_read_csv(side, separator) for side in (committed, rerun))
    return _compare_frames(first, second, allowance)


def compare_tsv(committed: bytes, rerun: bytes, allowance: Allowance) -> Comparison:
    """Compare two tables with tabs."""
    return compare_csv(committed, rerun, allowance, "\t")


def compare_parquet(committed: bytes, rerun: bytes, allowance: Allowance) -> Comparison:
    """Compare two Parquet tables; columns must have the same names, order and types."""
    first, second = (read_parquet(side) for side in (committed, rerun))
    types = [
        other(f"column {name}: type {first[name].dtype} -> {second[name].dtype}")
        for name in first.columns.intersection(second.columns)
        if first[name].dtype != second[name].dtype
    ]
    return types[0] if types else _compare_frames(first, second, allowance)


def _read_csv(content: bytes, separator: str) -> pd.DataFrame:
    import pandas as pd

    text = pd.read_csv(io.BytesIO(content), sep=separator, dtype=str, keep_default_na=False)
    return text.apply(_as_numbers)


def _as_numbers(column: pd.Series) -> pd.Series:
    import pandas as pd

    numbers = pd.to_numeric(column, errors="coerce")
    return column if numbers[column != ""].isna().any() else numbers


def _compare_frames(first: pd.DataFrame, second: pd.DataFrame, allowance: Allowance) -> Comparison:
    if list(first.columns) != list(second.columns):
        return other(f"columns {_names(first)} -> {_names(second)}")
    if len(first) != len(second):
        return other(f"{len(first)} -> {len(second)} rows")
    compared = [name for name in first.columns if name not in allowance.ignored]
    return worst(_compare_column(first[name], second[name], allowance) for name in compared)


def _names(frame: pd.DataFrame) -> str:
    return ", ".join(map(str, frame.columns))


def _compare_column(first: pd.Series, second: pd.Series, allowance: Allowance) -> Comparison:
    from pandas.api.types import is_numeric_dtype

    def place(row: int) -> str:
        return f"column {first.name}, row {row + 1}"

    if is_numeric_dtype(first) and is_numeric_dtype(second):
        return compare_numbers(first.to_numpy(), second.to_numpy(), allowance, place)
    texts = [side.astype(object).where(side.notna(), None).tolist() for side in (first, second)]
    for row, (a, b) in enumerate(zip(*texts, strict=True)):
        if a != b:
            return other(f"{place(row)}: {_short(a)} -> {_short(b)}")
    return Comparison(True)


def _differences(first: Any, second: Any, allowance: Allowance, path: str) -> Iterator[Comparison]:
    """Yield the comparison of every leaf below `path`."""
    if isinstance(first, dict) and isinstance(second, dict):
        for key in first.keys() ^ second.keys():
            yield other(f"{_step(path, key)}: on one side only")
        for key in first.keys() & second.keys():
            yield from _differences(first[key], second[key], allowance, _step(path, key))
    elif isinstance(first, list) and isinstance(second, list):
        if len(first) != len(second):
            yield other(f"{path or 'the list'}: {len(first)} -> {len(second)} items")
        for index, (a, b) in enumerate(zip(first, second, strict=False)):
            yield from _differences(a, b, allowance, f"{path}[{index}]")
    elif _is_number(first) and _is_number(second):
        yield _compare_scalars(first, second, allowance, path)
    elif first != second or type(first) is not type(second):
        yield other(f"{path or 'the document'}: {_short(first)} -> {_short(second)}")


def _compare_scalars(first: float, second: float, allowance: Allowance, path: str) -> Comparison:
    import numpy as np

    return compare_numbers(
        np.array([first]), np.array([second]), allowance, lambda _: path or "the number"
    )


def _step(path: str, key: object) -> str:
    return f"{path}.{key}" if path else str(key)


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _short(value: object) -> str:
    text = repr(value)
    return text if len(text) <= 40 else f"{text[:37]}..."
