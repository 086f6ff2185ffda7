"""What a person should look at before trusting a study of a table that no one has described."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np

from churnlab.config import Params
from churnlab.onboarding.proposal import Asked, Proposed

FEW_CHURNERS = 200
MANY_ROWS = 50_000
MANY_INPUTS = 100
SHOWN = 8


def advice(
    columns: Sequence[Proposed],
    churned: np.ndarray,
    asked: Asked,
    catalog: Mapping[str, Any],
    params: Params,
) -> list[str]:
    """Return what to look at, the most dangerous first, one sentence each."""
    return [
        *_leaks(columns),
        *(f"{column.name}: {column.check}" for column in columns if column.check),
        *_roles(columns),
        *_time(columns, asked, catalog),
        *_learnt(columns),
        *_size(columns, churned, params),
    ]


def _leaks(columns: Sequence[Proposed]) -> Iterator[str]:
    for column in columns:
        if column.role == "leak":
            yield (
                f"{column.name}: {column.reason}, so it is kept from models as a leak. Make it an "
                "input only if it is known before the outcome"
            )


def _roles(columns: Sequence[Proposed]) -> Iterator[str]:
    for role, words in (("identifier", "identifiers"), ("unused", "unused")):
        found = [f"{c.name} ({c.reason})" for c in columns if c.role == role and c.reason]
        if found:
            yield f"not seen by models, as {words}: {_listed(found)}"


def _time(columns: Sequence[Proposed], asked: Asked, catalog: Mapping[str, Any]) -> Iterator[str]:
    dated = [c.name for c in columns if c.role == "input" and c.kind.type == "date"]
    if dated and asked.time:
        yield f"{_listed(dated)}: count as days before {asked.time}"
    elif dated:
        yield (
            f"{_listed(dated)}: count as days before as_of, {catalog['as_of']}, the latest of "
            "them; write the day on which the table was drawn, or name a column with --time"
        )
    if not asked.time:
        yield "the split is random: with --time the latest customers are the test part"


def _learnt(columns: Sequence[Proposed]) -> Iterator[str]:
    inputs = [column for column in columns if column.role == "input"]
    gaps = [c.name for c in inputs if c.kind.missing]
    if gaps:
        yield (
            f"missing values in {_listed(gaps)}: numbers and dates get the median and a column "
            "that says so, texts a level of their own, learnt in each fold"
        )
    codes = [f"{c.name} ({c.kind.levels:,})" for c in inputs if c.kind.type == "code"]
    if codes:
        yield (
            f"too many levels to list in {_listed(codes)}: each fold learns how frequent each is, "
            "and the 20 most frequent get a column of their own"
        )


def _size(columns: Sequence[Proposed], churned: np.ndarray, params: Params) -> Iterator[str]:
    rows, churners = len(churned), int(churned.sum())
    if churners < FEW_CHURNERS:
        yield (
            f"{churners:,} churners are few: intervals will be wide, and a threshold or a "
            "difference between models that looks good may be chance"
        )
    if rows > MANY_ROWS:
        trials = ", ".join(f"{name} {params.tune.trials[name]}" for name in params.models)
        yield (
            f"{rows:,} rows: time grows with them, and the search of params.yaml ({trials} trials, "
            f"{params.tune.folds} folds) was sized for thousands. Lower tune.trials, tune.folds "
            "and cross_validate.repeats, or start with fewer models"
        )
    inputs = sum(column.role == "input" for column in columns)
    if inputs > MANY_INPUTS:
        yield (
            f"{inputs} inputs: explanations change each one, so score and explain take their time; "
            "score.explained, explain.rows and explain.permutation_repeats shorten it"
        )


def _listed(names: Sequence[str]) -> str:
    more = f" and {len(names) - SHOWN} more" if len(names) > SHOWN else ""
    return ", ".join(names[:SHOWN]) + more
