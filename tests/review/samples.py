"""Evidence on made-up models."""

import pandas as pd

from churnlab.evaluation.cross_validation import thresholds
from churnlab.review.evidence import Evidence
from evaluation.samples import cross_validated


def evidence(skill, *, name="model", seed=0, rows=400):
    """Return evidence on a model of some skill, on the same rows and folds as others of this seed.

    The noise of its probabilities is that of the length of its name.
    """
    held_out = cross_validated({name: skill}, seed=seed, rows=rows)
    test = cross_validated({name: skill}, repeats=1, seed=seed + 50, rows=rows)
    return Evidence(
        label=f"rev: {name}",
        test=test[["model", "id", "y", "p"]],
        held_out=held_out,
        threshold=thresholds(held_out)[name],
        primary="log_loss",
    )


def without_row(frame: pd.DataFrame) -> pd.DataFrame:
    return frame.iloc[1:].reset_index(drop=True)
