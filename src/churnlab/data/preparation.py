"""From a published table to the rows that models learn from and are judged by."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from churnlab.config import Catalog
from churnlab.config.column import Role
from churnlab.config.params import SplitMode
from churnlab.data.correlation import columns_to_drop, correlation_matrix, correlation_view
from churnlab.data.leakage import leakage_report
from churnlab.data.profile import profile
from churnlab.data.schema import check_enough_rows, outcome
from churnlab.data.splits import split
from churnlab.errors import ChurnlabError
from churnlab.serialization import read_parquet

KEYS = ("id", "y")
PLACE = ("entity", "time")
UNSEEN: tuple[Role, ...] = ("time", "unused")


@dataclass(frozen=True)
class SplitRule:
    """How the rows are split: the mode, and share and seed for the random one."""

    mode: SplitMode
    test_share: float
    seed: int


@dataclass(frozen=True)
class Prepared:
    """The two parts (id, y, kept inputs), the figures, the findings, and the columns dropped."""

    train: pd.DataFrame
    test: pd.DataFrame
    profile: dict[str, Any]
    leakage: dict[str, Any]
    dropped: tuple[str, ...]


def prepare(
    frame: pd.DataFrame,
    catalog: Catalog,
    rule: SplitRule,
    correlation_threshold: float,
    folds: int = 2,
) -> Prepared:
    """Return the prepared parts of a table that `read_table` gave.

    Strongly correlated columns are found in the training part and dropped from both. `folds` is the
    largest number of folds that later stages cut the training part into.

    Raises:
        ChurnlabError: an input separates the classes by itself, there is no published split, or a
            class has fewer training rows than folds.
    """
    train, test = split(frame, catalog, rule.mode, rule.test_share, rule.seed)
    return prepare_parts(train, test, catalog, correlation_threshold, folds)


def prepare_parts(
    train: pd.DataFrame,
    test: pd.DataFrame,
    catalog: Catalog,
    correlation_threshold: float,
    folds: int = 2,
) -> Prepared:
    """Return the prepared parts of rows that are split already; see `prepare`.

    Raises:
        ChurnlabError: an input separates the classes by itself, or a class has fewer training rows
            than folds.
    """
    check_enough_rows(outcome(train, catalog), folds, f"{catalog.name}, train part")
    leakage = leakage_report(train, test, catalog, correlation_threshold)
    _refuse_leaks(leakage, catalog)
    matrix = correlation_matrix(correlation_view(train, catalog))
    pairs = columns_to_drop(matrix, catalog.numeric_inputs, correlation_threshold)
    dropped = tuple(pair.second for pair in pairs)
    kept = [name for name in catalog.inputs if name not in dropped]
    unseen: dict[str, list[str]] = {role: catalog.with_role(role) for role in UNSEEN}
    figures = {
        **profile(train, test, catalog),
        "dropped": {
            "identifier": catalog.with_role("identifier"),
            "leak": catalog.with_role("leak"),
            **{role: names for role, names in unseen.items() if names},
            "correlated": [asdict(pair) for pair in pairs],
        },
        "kept": kept,
    }
    return Prepared(
        train=_part(train, catalog, kept),
        test=_part(test, catalog, kept),
        profile=figures,
        leakage=leakage,
        dropped=dropped,
    )


def read_prepared(path: Path) -> pd.DataFrame:
    """Return one prepared part: `id`, `y`, then the inputs, in published order.

    Raises:
        ChurnlabError: the file is missing, or is not a prepared part.
    """
    if not path.is_file():
        raise ChurnlabError(f"{path}: there is no such file; run `dvc repro` up to prepare first")
    frame = read_parquet(path)
    if tuple(frame.columns[:2]) != KEYS:
        raise ChurnlabError(
            f"{path}: the first columns are {list(frame.columns[:2])}, expected {list(KEYS)}; "
            "run the prepare stage again"
        )
    return frame


def is_placed(frame: pd.DataFrame) -> bool:
    """Return whether the rows say whom they are about and when: those of event tables."""
    return set(PLACE) <= set(frame.columns)


def input_columns(frame: pd.DataFrame) -> list[str]:
    """Return the columns of a prepared part that models may see.

    Rows of event studies end with `entity` and `time`, which say whose and when, not how.
    """
    placed = PLACE if is_placed(frame) else ()
    return [name for name in frame.columns if name not in {*KEYS, *placed}]


def _refuse_leaks(leakage: dict[str, Any], catalog: Catalog) -> None:
    lines = [
        f"  column '{finding['column']}': {finding['cause']} {finding['remedy']}"
        for finding in leakage["findings"]
        if finding["severity"] == "error"
    ]
    if lines:
        raise ChurnlabError(
            "\n".join([f"{catalog.source.file}: an input gives the target away", *lines])
        )


def _part(rows: pd.DataFrame, catalog: Catalog, kept: list[str]) -> pd.DataFrame:
    ids = rows[catalog.id] if catalog.id else pd.Series(rows.index, index=rows.index)
    keys = {
        "id": ids.astype("int64") if pd.api.types.is_numeric_dtype(ids) else ids,
        "y": pd.Series(outcome(rows, catalog), index=rows.index),
    }
    return pd.DataFrame({**keys, **{name: rows[name] for name in kept}}).reset_index(drop=True)
