"""A published table, read against its catalog: all that is wrong with it is told at once."""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import pandas as pd

from churnlab.config import Catalog
from churnlab.config.validation import nearest
from churnlab.data.columns import SHOWN, rows_and_values, typed
from churnlab.data.dates import before_prediction
from churnlab.errors import ChurnlabError


def read_table(path: Path, catalog: Catalog) -> pd.DataFrame:
    """Return all published columns, in catalog order: numeric as float64, the others as text.

    Dates are days before the time of prediction. Whole identifiers are int64, so that they stay
    exact. The index is the 0-based row number.

    Raises:
        ChurnlabError: the file is missing, empty, not UTF-8 or not CSV; a column is missing, extra
            or renamed; a value has the wrong type, is missing, infinite, out of bounds or of an
            unknown category; an id is there twice; the target has one class or a third value.
            The message names file, row count, columns, first rows and remedies.
    """
    texts = read_texts(path, lambda header: _header_violations(header, catalog))
    lines: list[str] = []
    columns: dict[str, pd.Series] = {}
    for name, column in catalog.columns.items():
        columns[name], violations = typed(name, texts[name], column)
        lines += violations
    lines += [*_duplicate_ids(texts, catalog), *_one_class(texts, catalog)]
    if lines:
        raise _invalid(path, len(texts), lines)
    return before_prediction(pd.DataFrame(columns), catalog)


def read_texts(path: Path, violations: Callable[[list[str]], list[str]]) -> pd.DataFrame:
    """Return all fields of a CSV file (RFC 4180) as text, once the header has no `violations`.

    Raises:
        ChurnlabError: as `read_table`, for all that concerns the file, its header and its shape.
    """
    header, rows = _read_rows(path)
    if lines := [*violations(header), *_ragged(header, rows)]:
        raise _invalid(path, len(rows), lines)
    if not rows:
        raise _invalid(path, 0, ["there are no rows below the header; fetch the file again"])
    return pd.DataFrame(rows, columns=pd.Index(header), dtype=object)


def repeated_names(header: Sequence[str]) -> list[str]:
    """Return one line per name that a header has more than once."""
    return [
        f"column '{name}': the header has it {count} times; keep one"
        for name, count in Counter(header).items()
        if count > 1
    ]


def outcome(frame: pd.DataFrame, catalog: Catalog) -> np.ndarray:
    """Return 1 for each row with the positive value of the target and 0 for the others, int8."""
    positive = frame[catalog.target.column] == catalog.target.positive
    return positive.to_numpy().astype(np.int8)


def check_enough_rows(y: np.ndarray, folds: int, where: str = "the training part") -> None:
    """Raise when a class has fewer rows than there are folds, so that a fold would lack it.

    Raises:
        ChurnlabError: the message names the class, its rows and the number of folds.
    """
    counts = np.bincount(np.asarray(y, dtype=int), minlength=2)
    label, count = int(counts.argmin()), int(counts.min())
    if count < folds:
        lower = f"set at most {count} folds in params.yaml, or " if count > 1 else ""
        raise ChurnlabError(
            f"{where}: {count} of {len(y):,} rows have y = {label}, fewer than {folds} folds; "
            f"{lower}bring more rows of this class"
        )


def _read_rows(path: Path) -> tuple[list[str], list[list[str]]]:
    """Return header and rows of a CSV file (RFC 4180), all as text; empty lines are passed over."""
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            lines = [row for row in csv.reader(file, strict=True) if row]
    except FileNotFoundError as error:
        raise ChurnlabError(f"{path}: there is no such file; run the ingest stage first") from error
    except UnicodeDecodeError as error:
        raise ChurnlabError(f"{path}: byte {error.start} is not UTF-8; save it as UTF-8") from error
    except csv.Error as error:
        raise ChurnlabError(f"{path}: not a CSV file: {error}; fetch the file again") from error
    if not lines:
        raise _invalid(path, 0, ["the file is empty; fetch it again"])
    return lines[0], lines[1:]


def _header_violations(header: Sequence[str], catalog: Catalog) -> list[str]:
    lines = repeated_names(header)
    missing = [name for name in catalog.columns if name not in header]
    extra = [name for name in dict.fromkeys(header) if name not in catalog.columns]
    for name in missing:
        if renamed := nearest(name, extra):
            extra.remove(renamed)
            lines.append(f"column '{renamed}': unknown; rename it back to '{name}'")
        else:
            lines.append(f"column '{name}': missing; add it to the file or drop it in the catalog")
    for name in extra:
        lines.append(f"column '{name}': not in the catalog; declare it there or remove it")
    return lines


def _ragged(header: Sequence[str], rows: Sequence[Sequence[str]]) -> list[str]:
    wrong = [number for number, row in enumerate(rows, start=1) if len(row) != len(header)]
    if not wrong:
        return []
    shown = "; ".join(f"row {n}: {len(rows[n - 1])} fields" for n in wrong[:SHOWN])
    return [
        f"{len(wrong):,} rows do not have the header's {len(header)} fields ({shown}); "
        "the file may be truncated: fetch it again"
    ]


def _duplicate_ids(texts: pd.DataFrame, catalog: Catalog) -> list[str]:
    if catalog.id is None:
        return []
    ids = texts[catalog.id].str.strip()
    lines = []
    if (empty := (ids == "").to_numpy()).any():
        lines.append(f"column '{catalog.id}': {rows_and_values(ids, empty)} empty; give each an id")
    if (again := (ids.duplicated() & (ids != "")).to_numpy()).any():
        lines.append(
            f"column '{catalog.id}': {rows_and_values(ids, again)} repeat an earlier id; "
            "keep one row per customer"
        )
    return lines


def _one_class(texts: pd.DataFrame, catalog: Catalog) -> list[str]:
    target = catalog.target
    present = set(texts[target.column])
    return [
        f"column '{target.column}': none of the rows has '{value}', so there is only one class; "
        "check the file, or positive and negative in the catalog"
        for value in (target.negative, target.positive)
        if value not in present
    ]


def _invalid(path: Path, rows: int, lines: Sequence[str]) -> ChurnlabError:
    count = f"{len(lines)} violation{'s' if len(lines) > 1 else ''}"
    return ChurnlabError("\n".join([f"{path}: {rows:,} rows, {count}", *(f"  {x}" for x in lines)]))
