"""The table that a person brings: read as the pipeline will read it, and its outcome."""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np
import pandas as pd

from churnlab.config.validation import suggestion
from churnlab.data.columns import missing_texts
from churnlab.data.schema import read_texts, repeated_names
from churnlab.errors import ChurnlabError
from churnlab.onboarding.proposal import Asked

SAID_OF_CHURNERS = """
1 1.0 yes y true t churn churned left exited leave cancelled canceled closed inactive lost
sim s si sí v verdadeiro verdadero cancelado saiu baja inativo inactivo
"""
YES = frozenset(SAID_OF_CHURNERS.split())
SHOWN = 5


def read_own_table(path: Path, asked: Asked) -> pd.DataFrame:
    """Return all fields of the file as text.

    Raises:
        ChurnlabError: the file cannot be read as the pipeline would read it, or a column that was
            named is not there.
    """
    _check_commas(path)
    texts = read_texts(path, repeated_names)
    for option in ("target", "id", "time"):
        name = getattr(asked, option)
        if name is not None and name not in texts:
            known = list(map(str, texts.columns))
            raise ChurnlabError(
                f"--{option} '{name}': {path} has no such column; {suggestion(name, known)}"
            )
    if asked.id is not None:
        _check_ids(texts[asked.id])
    return texts


def positive_value(values: pd.Series, asked: Asked) -> str:
    """Return the text of the target that means that a customer churned.

    Raises:
        ChurnlabError: the column does not have two values, or not the one that was named.
    """
    if (absent := missing_texts(values)).any():
        raise ChurnlabError(
            f"--target '{asked.target}': {int(absent.sum()):,} of {len(values):,} rows have no "
            "outcome; remove them from the file: they can neither teach nor judge"
        )
    found = values.value_counts()
    if len(found) != 2:
        shown = ", ".join(map(repr, found.index[:SHOWN])) + (", ..." if len(found) > SHOWN else "")
        raise ChurnlabError(
            f"--target '{asked.target}': the column has {len(found):,} values ({shown}), but a "
            "target has two: who left and who stayed; name another column or change the file"
        )
    if asked.positive is not None:
        if asked.positive not in found.index:
            raise ChurnlabError(
                f"--positive '{asked.positive}': the values of '{asked.target}' are "
                f"{found.index[0]!r} and {found.index[1]!r}; name one of the two"
            )
        return asked.positive
    spoken = [str(value) for value in found.index if str(value).strip().casefold() in YES]
    # Where both or none say so, churners are the fewer.
    return spoken[0] if len(spoken) == 1 else str(found.index[-1])


def outcome_of(values: pd.Series, positive: str) -> np.ndarray:
    """Return 1 for churners and 0 for the others, int8, shape (rows,)."""
    return (values == positive).to_numpy().astype(np.int8)


def _check_commas(path: Path) -> None:
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            header = file.readline()
    except FileNotFoundError as error:
        raise ChurnlabError(f"{path}: there is no such file; check the path") from error
    except UnicodeDecodeError as error:
        raise ChurnlabError(
            f"{path}: byte {error.start} is not UTF-8; save the file as UTF-8, for instance with "
            f"`iconv -f latin1 -t utf-8 {path.name}`"
        ) from error
    fields = {mark: len(next(csv.reader([header], delimiter=mark), [])) for mark in ",;\t|"}
    best = max(fields, key=lambda mark: fields[mark])
    if fields[","] < fields[best]:
        raise ChurnlabError(
            f"{path}: the fields are separated by {best!r}, but the pipeline reads commas; save it "
            "as a comma-separated file (with decimal points, not commas)"
        )


def _check_ids(ids: pd.Series) -> None:
    if (absent := missing_texts(ids)).any():
        raise ChurnlabError(
            f"--id '{ids.name}': {int(absent.sum()):,} rows have none; give each one, or leave "
            "--id out and rows are numbered"
        )
    again = int(ids.str.strip().duplicated().sum())
    if again:
        raise ChurnlabError(
            f"--id '{ids.name}': {again:,} of {len(ids):,} rows repeat an earlier one. Rows of one "
            "customer on both sides of a split flatter every metric, and the pipeline does not "
            "split by groups: keep one row per customer, such as the latest"
        )
