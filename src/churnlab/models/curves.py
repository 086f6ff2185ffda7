"""Training curves, recorded with DVCLive."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd

from churnlab.data.splits import Fold
from churnlab.errors import ChurnlabError
from churnlab.models.family import Curve, load_family
from churnlab.models.recipe import Recipe


def training_curve(recipe: Recipe, rows: pd.DataFrame, labels: np.ndarray, fold: Fold) -> Curve:
    """Return how training goes on one fold of the training part, judged on its held-out rows."""
    _, _, fitted, held_out = fold
    pipeline = recipe.build()
    before = pipeline[:-1].fit(rows.iloc[fitted])
    return load_family(recipe.family).curve(
        pipeline[-1],
        before.transform(rows.iloc[fitted]),
        labels[fitted],
        before.transform(rows.iloc[held_out]),
        labels[held_out],
    )


def record_curve(directory: Path, curve: Curve) -> None:
    """Write a curve with DVCLive: one TSV per metric below `directory`, nothing that varies.

    Raises:
        ChurnlabError: the Git repository around `directory` has no commit, which DVCLive needs.
    """
    from scmrepo.exceptions import SCMError

    try:
        _record(directory, curve)
    except SCMError as error:
        raise ChurnlabError(
            f"the training curve cannot be recorded: {error}; DVCLive asks Git for the commit that "
            "a run starts from, so make one: git add --all && git commit"
        ) from error


def _record(directory: Path, curve: Curve) -> None:
    from dvclive import Live

    # The defaults would rewrite dvc.yaml and start an experiment inside the running stage.
    with Live(
        str(directory), dvcyaml=None, save_dvc_exp=False, report=None, monitor_system=False
    ) as live:
        for point in curve:
            live.step = int(point["step"])
            for name, value in point.items():
                if name != "step":
                    live.log_metric(name, round(value, 6), timestamp=False)
            live.make_summary()
