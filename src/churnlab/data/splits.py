"""Train and test parts, and the folds inside the train part."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import pandas as pd

from churnlab.config import Catalog
from churnlab.config.params import SplitMode
from churnlab.data.schema import check_enough_rows, outcome
from churnlab.errors import ChurnlabError


class Fold(NamedTuple):
    """One fold: positions (not labels) of the rows to fit on and of those held out, rising."""

    repeat: int
    fold: int
    train: np.ndarray
    test: np.ndarray


def split(
    frame: pd.DataFrame, catalog: Catalog, mode: SplitMode, test_share: float, seed: int
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return the train and test rows, each in published order with their row numbers as index.

    `published` takes the first `split.published_train_rows` rows of the catalog as train part;
    `random` draws a stratified test part of `test_share` of the rows. `time` takes the latest rows
    by the catalog's column of times, at most `test_share` of them; rows of one time stay together.

    Raises:
        ChurnlabError: the study has no published split or no times, or a part would lack a class.
    """
    if mode == "published":
        train, test = _published(frame, catalog)
    elif mode == "time":
        train, test = _latest(frame, catalog, test_share)
    else:
        train, test = _random(frame, catalog, test_share, seed)
    for name, part in (("train", train), ("test", test)):
        _check_both_classes(outcome(part, catalog), f"{catalog.name}, {name} part")
    return train, test


def repeated_stratified_folds(y: np.ndarray, folds: int, repeats: int, seed: int) -> list[Fold]:
    """Return `folds * repeats` folds of the rows of `y`, shape (rows,), values 0 and 1.

    Each repeat r is scikit-learn's shuffled `StratifiedKFold` with the seed `seed + r`.

    Raises:
        ChurnlabError: a class has fewer rows than there are folds.
    """
    from sklearn.model_selection import StratifiedKFold

    check_enough_rows(y, folds)
    result = []
    for repeat in range(repeats):
        splitter = StratifiedKFold(n_splits=folds, shuffle=True, random_state=seed + repeat)
        for fold, (train, test) in enumerate(splitter.split(np.zeros(len(y)), y)):
            result.append(Fold(repeat, fold, train, test))
    return result


def _published(frame: pd.DataFrame, catalog: Catalog) -> tuple[pd.DataFrame, pd.DataFrame]:
    if catalog.split is None:
        raise ChurnlabError(
            f"params.yaml: split.{catalog.name}: 'published', but the catalog of {catalog.name} "
            "knows no published split; write random, or add split.published_train_rows to "
            f"data/catalog/{catalog.name}.yaml"
        )
    rows = catalog.split.published_train_rows
    if rows >= len(frame):
        raise ChurnlabError(
            f"data/catalog/{catalog.name}.yaml: split.published_train_rows: {rows:,} leaves no "
            f"test rows of {len(frame):,}; lower it, or set "
            f"split.{catalog.name}: random in params.yaml"
        )
    return frame.iloc[:rows], frame.iloc[rows:]


def _random(
    frame: pd.DataFrame, catalog: Catalog, test_share: float, seed: int
) -> tuple[pd.DataFrame, pd.DataFrame]:
    from sklearn.model_selection import train_test_split

    y = outcome(frame, catalog)
    try:
        train, test = train_test_split(
            np.arange(len(frame)), test_size=test_share, random_state=seed, stratify=y
        )
    except ValueError as error:
        raise ChurnlabError(
            f"{catalog.name}: {len(y):,} rows, {int(y.sum()):,} of them churners, are too few for "
            f"a stratified test part of {test_share:g}: {error}; change split.test_share in "
            "params.yaml or bring more rows"
        ) from error
    return frame.iloc[np.sort(train)], frame.iloc[np.sort(test)]


def _latest(
    frame: pd.DataFrame, catalog: Catalog, test_share: float
) -> tuple[pd.DataFrame, pd.DataFrame]:
    if catalog.time is None:
        raise ChurnlabError(
            f"params.yaml: split.{catalog.name}: 'time', but the catalog of {catalog.name} names "
            f"no time; write random, or name its column in data/catalog/{catalog.name}.yaml"
        )
    times = frame[catalog.time]
    border = float(np.quantile(times, 1.0 - test_share, method="higher"))
    late = (times > border).to_numpy()
    if not late.any():
        raise ChurnlabError(
            f"{catalog.name}: more than {test_share:g} of the rows have the latest "
            f"{catalog.time}, so no test part comes after the rest; set split.{catalog.name}: "
            "random in params.yaml, or raise split.test_share"
        )
    return frame[~late], frame[late]


def _check_both_classes(y: np.ndarray, where: str) -> None:
    if y.min() == y.max():
        raise ChurnlabError(
            f"{where}: all {len(y):,} rows have y = {y[0]}; choose another split or bring more rows"
        )
