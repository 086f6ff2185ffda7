"""Folds for rows of the same customers at several times: no customer on both sides, time in order.

A random row split lets a model meet a customer's other rows, and rows whose outcome falls into the
time that it is judged on: both flatter. Here fold k is judged on the customers of group k at a late
block of times and fitted on the other groups' rows whose outcome was known when the block began
(López de Prado 2018, Advances in Financial Machine Learning, ch. 7, for the embargo).
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pandas as pd

from churnlab.data.splits import Fold
from churnlab.errors import ChurnlabError


def grouped_time_folds(
    entities: np.ndarray,
    times: np.ndarray,
    horizon_days: int,
    blocks: int,
    groups: int,
    seed: int,
    repeats: int = 1,
    first_dates: int = 1,
) -> list[Fold]:
    """Return `blocks * groups` folds per repeat, those of a block side by side, in order of time.

    The distinct times are cut into blocks of consecutive times, all but those before the outcomes
    of the first `first_dates` are known; each repeat draws the groups of entities anew. A row is
    held out at most once per repeat.

    Args:
        entities: who each row is about, shape (rows,).
        times: reference dates, shape (rows,), as dates or ISO texts.
        horizon_days: days after a reference date that decide its outcome.
        blocks: how many blocks of times are judged.
        groups: into how many groups the entities are cut.
        seed: of the first repeat; repeat r draws with `seed + r`.
        repeats: how often the groups are drawn.
        first_dates: how many reference dates the earliest block is at least trained on.

    Raises:
        ChurnlabError: there are too few times or entities for that many folds.
    """
    days = _days(times)
    judged = time_blocks(days, horizon_days, blocks, first_dates)
    names, codes = np.unique(np.asarray(entities, dtype=str), return_inverse=True)
    if groups < 2 or len(names) < groups:
        raise ChurnlabError(
            f"folds grouped by entity: {groups} groups of {len(names):,} entities; take at least 2 "
            "and at most as many as there are entities"
        )
    return [
        fold
        for repeat in range(repeats)
        for fold in _repeat(
            repeat, _drawn(len(names), groups, seed + repeat)[codes], days, judged, horizon_days
        )
    ]


def time_blocks(
    days: np.ndarray, horizon_days: int, blocks: int, first_dates: int = 1
) -> list[np.ndarray]:
    """Return the days of each judged block, rising.

    The days at which the outcomes of the first `first_dates` days are known are cut into `blocks`
    runs of about equal length.

    Raises:
        ChurnlabError: fewer days than blocks come so late.
    """
    distinct = np.unique(days)
    begun = distinct[min(first_dates, len(distinct)) - 1] + horizon_days
    late = distinct[distinct >= begun]
    if blocks < 1 or len(late) < blocks:
        raise ChurnlabError(
            f"folds ordered in time: {blocks} blocks, but only {len(late)} of {len(distinct)} "
            f"reference dates come {horizon_days} days or more after the first {first_dates}; take "
            "fewer blocks or more dates"
        )
    return list(np.array_split(late, blocks))


def _repeat(
    repeat: int, group: np.ndarray, days: np.ndarray, judged: list[np.ndarray], horizon_days: int
) -> Iterator[Fold]:
    number = 0
    for block in judged:
        decided = days + horizon_days <= block[0]
        inside = np.isin(days, block)
        for own in range(int(group.max()) + 1):
            train = np.flatnonzero(decided & (group != own))
            test = np.flatnonzero(inside & (group == own))
            if len(train) and len(test):
                yield Fold(repeat, number, train, test)
                number += 1


def _drawn(entities: int, groups: int, seed: int) -> np.ndarray:
    """Return the group of each entity: sizes differ by at most one, the order is drawn."""
    order = np.random.default_rng(seed).permutation(entities)
    group = np.empty(entities, dtype=np.int64)
    group[order] = np.arange(entities) % groups
    return group


def _days(times: np.ndarray) -> np.ndarray:
    """Return whole days since 1970-01-01, shape (rows,)."""
    moments = pd.to_datetime(pd.Series(np.asarray(times)))
    return moments.to_numpy().astype("datetime64[D]").astype(np.int64)
