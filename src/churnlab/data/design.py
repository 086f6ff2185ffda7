"""How the prepared rows of an event study may be cut into folds; it lies beside the rows."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from churnlab.data.preparation import PLACE
from churnlab.data.splits import Fold
from churnlab.data.time_folds import grouped_time_folds


@dataclass(frozen=True)
class Cut:
    """Into how many runs of reference dates and how many groups of sellers."""

    blocks: int
    groups: int


@dataclass(frozen=True)
class Design:
    """Folds of rows that are several per seller: for the judgement and for the search.

    `horizon_days` after a reference date decide its outcome; no model is fitted on a row whose
    outcome was not known when the dates that judge it began.
    """

    horizon_days: int
    judge: Cut
    tune: Cut

    def judging_folds(self, rows: pd.DataFrame, repeats: int, seed: int) -> list[Fold]:
        """Return the folds on which models are judged."""
        return self._folds(rows, self.judge, repeats, seed)

    def tuning_folds(self, rows: pd.DataFrame, seed: int) -> list[Fold]:
        """Return the folds of the parameter search."""
        return self._folds(rows, self.tune, 1, seed)

    def content(self) -> dict[str, Any]:
        """Return the design as plain values for its file."""
        return asdict(self)

    def _folds(self, rows: pd.DataFrame, cut: Cut, repeats: int, seed: int) -> list[Fold]:
        entity, time = (rows[column].to_numpy() for column in PLACE)
        return grouped_time_folds(
            entity, time, self.horizon_days, cut.blocks, cut.groups, seed, repeats
        )


def read_design(path: Path) -> Design | None:
    """Return the design in a file; None where there is no file, since rows are customers."""
    if not path.is_file():
        return None
    content = json.loads(path.read_text(encoding="utf-8"))
    judge, tune = (Cut(**content[name]) for name in ("judge", "tune"))
    return Design(content["horizon_days"], judge, tune)
