"""The protocol ledger: one model judged honestly, and as many published results are judged.

Each flawed protocol lets the held-out rows reach the fit in a way that is common in print. The
predictions are made as the flaw would make them, and are then measured like any others.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from joblib import Parallel, delayed
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from churnlab.data.splits import repeated_stratified_folds
from churnlab.models.out_of_fold import fold_table

Table = tuple[np.ndarray, np.ndarray]
NEIGHBOURS = 5


@dataclass(frozen=True)
class Protocol:
    """One way to judge a model.

    Attributes:
        name: key of the protocol in files.
        title: what is done, for people.
        resampled: SMOTE-ENN (Batista et al. 2004): `before` the split, `inside` each fold, or
            `never`.
        scaled_before: whether the scaler sees all rows instead of the fold's.
        leaks_kept: whether columns that the catalog marks as leaks stay in.
        threshold_on_test: whether each fold's threshold is chosen on the fold itself.
    """

    name: str
    title: str
    flawed: bool = True
    resampled: str = "never"
    scaled_before: bool = False
    leaks_kept: bool = False
    threshold_on_test: bool = False


PROTOCOLS = (
    Protocol("honest", "everything fitted inside the fold", flawed=False),
    Protocol(
        "oversampled_inside",
        "SMOTE-ENN on the training rows of each fold",
        flawed=False,
        resampled="inside",
    ),
    Protocol("oversampled_before_split", "SMOTE-ENN on all rows, then split", resampled="before"),
    Protocol("scaled_before_split", "scaler fitted on all rows, then split", scaled_before=True),
    Protocol("threshold_on_test", "threshold chosen on the rows it judges", threshold_on_test=True),
    Protocol("leak_kept", "columns that leak the target kept", leaks_kept=True),
)


def protocol_predictions(
    protocol: Protocol,
    X: np.ndarray,
    leaks: np.ndarray,
    y: np.ndarray,
    build: Callable[[int], object],
    folds: int,
    repeats: int,
    seed: int,
    threads: int,
) -> pd.DataFrame:
    """Return the predictions that `protocol` would judge.

    Args:
        protocol: what is done, and when.
        X: encoded inputs, shape (rows, columns).
        leaks: encoded leaking columns, shape (rows, leaks); used where the protocol keeps them.
        y: 0/1, shape (rows,).
        build: seed -> unfitted classifier.
        folds, repeats, seed: of the stratified splits.
        threads: processes.

    Returns:
        Columns `model, id, repeat, fold, y, p`; `model` is the protocol and `id` a position in the
        rows that were split, which after resampling are not those of the table.
    """
    X, y = _before_the_split(protocol, X, leaks, y, seed)
    splits = repeated_stratified_folds(y, folds, repeats, seed)
    probabilities: Sequence[np.ndarray] = Parallel(n_jobs=threads)(
        delayed(_fit_and_predict)(
            protocol, build(seed), (X[fold.train], y[fold.train]), X[fold.test], seed
        )
        for fold in splits
    )
    return pd.concat(
        [
            fold_table(protocol.name, fold, fold.test, y[fold.test], p)
            for fold, p in zip(splits, probabilities, strict=True)
        ],
        ignore_index=True,
    )


def _before_the_split(
    protocol: Protocol, X: np.ndarray, leaks: np.ndarray, y: np.ndarray, seed: int
) -> Table:
    if protocol.leaks_kept:
        X = np.hstack([X, leaks])
    if protocol.scaled_before:
        X = StandardScaler().fit_transform(X)
    return _resample(X, y, seed) if protocol.resampled == "before" else (X, y)


def _fit_and_predict(
    protocol: Protocol, classifier: object, fitted: Table, rows: np.ndarray, seed: int
) -> np.ndarray:
    X, y = _resample(*fitted, seed) if protocol.resampled == "inside" else fitted
    steps = [classifier] if protocol.scaled_before else [StandardScaler(), classifier]
    return np.asarray(make_pipeline(*steps).fit(X, y).predict_proba(rows)[:, 1], dtype=np.float64)


def _resample(X: np.ndarray, y: np.ndarray, seed: int) -> Table:
    from imblearn.combine import SMOTEENN
    from imblearn.over_sampling import SMOTE

    # A rare class may have fewer rows than the neighbours that SMOTE looks for.
    neighbours = min(NEIGHBOURS, int(np.bincount(y).min()) - 1)
    if neighbours < 1:
        return X, y
    smote = SMOTE(random_state=seed, k_neighbors=neighbours)
    resampled: Table = SMOTEENN(random_state=seed, smote=smote).fit_resample(X, y)
    return resampled
