"""Honest and flattering ways to cut rows that are several per seller, for the protocol ledger."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import pandas as pd

from churnlab.data.design import Design
from churnlab.data.splits import Fold, repeated_stratified_folds


class TimeProtocol(NamedTuple):
    """One way to cut the rows of both parts: its folds are positions in the rows, train first."""

    name: str
    title: str
    flawed: bool
    folds: list[Fold]


def time_protocols(
    train: pd.DataFrame, test: pd.DataFrame, design: Design, folds: int, seed: int
) -> list[TimeProtocol]:
    """Return the protocols, the honest ones first.

    Args:
        train, test: the prepared parts, with `y`, `entity` and `time`.
        design: folds of the training part.
        folds: number of folds of the protocols that shuffle.
        seed: of the shuffles.
    """
    rows = pd.concat([train, test], ignore_index=True)
    y, entity = rows["y"].to_numpy(), rows["entity"].to_numpy()
    return [
        TimeProtocol(
            "out_of_time",
            "fitted on the earlier dates, judged on the last ones",
            False,
            _last_dates(len(train), rows["time"].to_numpy()),
        ),
        TimeProtocol(
            "grouped_in_time",
            "judged on other sellers at later dates, fitted on outcomes known by then",
            False,
            design.judging_folds(train, 1, seed),
        ),
        TimeProtocol(
            "grouped",
            "judged on other sellers, at dates before and after",
            True,
            _grouped(y, entity, folds, seed),
        ),
        TimeProtocol(
            "row_split",
            "rows at random, so that the same seller is on both sides",
            True,
            repeated_stratified_folds(y, folds, 1, seed),
        ),
    ]


def _last_dates(fitted: int, time: np.ndarray) -> list[Fold]:
    late = np.arange(len(time)) >= fitted
    return [
        Fold(0, number, np.flatnonzero(~late), np.flatnonzero(late & (time == date)))
        for number, date in enumerate(np.unique(time[late]))
    ]


def _grouped(y: np.ndarray, entity: np.ndarray, folds: int, seed: int) -> list[Fold]:
    from sklearn.model_selection import StratifiedGroupKFold

    splitter = StratifiedGroupKFold(folds, shuffle=True, random_state=seed)
    return [
        Fold(0, number, train, test)
        for number, (train, test) in enumerate(splitter.split(np.zeros(len(y)), y, entity))
    ]
