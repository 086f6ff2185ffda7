from itertools import pairwise

import numpy as np
import pytest

from churnlab.data.splits import repeated_stratified_folds
from churnlab.models import learning
from churnlab.models.learning import learning_predictions
from churnlab.models.out_of_fold import out_of_fold
from models.samples import SMALL_PARAMETERS, prepared, recipe

ROWS = prepared(90)
LABELS = ROWS["y"].to_numpy()
FOLDS = repeated_stratified_folds(LABELS, 3, 1, seed=4)
FRACTIONS = (0.2, 0.5, 1.0)
FOREST = recipe("rf", SMALL_PARAMETERS["rf"])


@pytest.fixture
def fitted_rows(monkeypatch):
    """Watch which rows each share is fitted on."""
    seen = []

    def watched(recipes, rows, labels, folds, threads):
        seen.append([set(fold.train.tolist()) for fold in folds])
        return out_of_fold(recipes, rows, labels, folds[:1], threads)

    monkeypatch.setattr(learning, "out_of_fold", watched)
    learning_predictions(FOREST, ROWS, LABELS, FOLDS, FRACTIONS, threads=1)
    return seen


def test_a_smaller_share_lies_inside_every_larger_one(fitted_rows):
    for smaller, larger in pairwise(fitted_rows):
        assert all(few < many for few, many in zip(smaller, larger, strict=True))


def test_the_whole_share_is_the_fold_itself_and_no_share_touches_held_out_rows(fitted_rows):
    assert fitted_rows[-1] == [set(fold.train.tolist()) for fold in FOLDS]
    for share in fitted_rows:
        for rows, fold in zip(share, FOLDS, strict=True):
            assert not rows & set(fold.test.tolist())


def test_each_share_keeps_the_churn_rate_and_its_size(fitted_rows):
    for fraction, share in zip(FRACTIONS, fitted_rows, strict=True):
        for rows, fold in zip(share, FOLDS, strict=True):
            churners = LABELS[list(rows)].sum()
            assert abs(churners - fraction * LABELS[fold.train].sum()) <= 0.5
            assert abs(len(rows) - fraction * len(fold.train)) <= 1


def test_even_a_tiny_share_has_a_row_of_each_class():
    kept = learning._stratified_share(LABELS, np.arange(90), 0.001, seed=0)
    assert sorted(LABELS[kept]) == [0, 1]


def test_predictions_carry_their_share_and_cover_the_held_out_rows_of_each():
    found = learning_predictions(FOREST, ROWS, LABELS, FOLDS, (0.5, 1.0), threads=1)
    columns = ["model", "fraction", "id", "repeat", "fold", "y", "p", "fitted"]
    assert list(found.columns) == columns
    for fraction, part in found.groupby("fraction"):
        assert sorted(part["id"]) == sorted(ROWS["id"]), fraction
    whole = found[found["fraction"] == 1.0].drop(columns="fraction").reset_index(drop=True)
    whole_fit = out_of_fold([FOREST], ROWS, LABELS, FOLDS, threads=1)
    np.testing.assert_array_equal(whole["p"], whole_fit["p"])
