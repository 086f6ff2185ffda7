import numpy as np
import pandas as pd
import pytest
from sklearn.ensemble import RandomForestClassifier

from churnlab.data.splits import repeated_stratified_folds
from churnlab.models.out_of_fold import out_of_fold
from models.samples import SMALL_PARAMETERS, prepared, recipe

ROWS = prepared(90)
LABELS = ROWS["y"].to_numpy()
FOREST = recipe("rf", SMALL_PARAMETERS["rf"])
FOLDS = repeated_stratified_folds(LABELS, 3, 2, seed=4)


@pytest.fixture(scope="module")
def forest():
    return out_of_fold([FOREST], ROWS, LABELS, FOLDS, threads=1)


def test_every_row_is_predicted_exactly_once_per_repeat(forest):
    assert list(forest.columns) == ["model", "id", "repeat", "fold", "y", "p", "fitted"]
    for _, repeat in forest.groupby("repeat"):
        assert sorted(repeat["id"]) == sorted(ROWS["id"])
    assert forest["p"].between(0, 1).all()


def test_each_prediction_carries_the_label_of_its_own_customer(forest):
    labels = ROWS.set_index("id")["y"]
    np.testing.assert_array_equal(forest["y"], labels.loc[forest["id"]])


def test_a_folds_predictions_are_those_of_a_model_fitted_on_the_other_folds(forest):
    fold = FOLDS[4]
    matrix = FOREST.build()[0].fit_transform(ROWS)
    own = RandomForestClassifier(n_estimators=8, max_depth=4, random_state=7)
    own.fit(matrix[fold.train], LABELS[fold.train])
    found = forest[(forest["repeat"] == 1) & (forest["fold"] == 1)]
    np.testing.assert_array_equal(found["id"], ROWS["id"].to_numpy()[fold.test])
    votes = own.predict_proba(matrix[fold.test])[:, 1]
    # The tuned forest smooths the votes of its 8 trees by the rule of succession.
    np.testing.assert_allclose(found["p"], (8 * votes + 1) / (8 + 2), atol=1e-12)


@pytest.mark.usefixtures("own_families")
def test_a_model_that_knows_its_rows_by_heart_learns_nothing_of_those_held_out():
    """The canary: it answers 0.5 exactly when it has never seen the row."""
    rows = ROWS.assign(minutes=np.arange(float(len(ROWS))))
    canary = recipe("memory")
    fitted = canary.build().fit(rows, LABELS)
    np.testing.assert_array_equal(fitted.predict_proba(rows)[:, 1], LABELS)
    held_out = out_of_fold([canary], rows, LABELS, FOLDS, threads=1)
    assert (held_out["p"] == 0.5).all()


def test_the_label_column_of_the_table_is_never_read(forest):
    spoilt = ROWS.assign(y=np.random.default_rng(0).permutation(LABELS))
    pd.testing.assert_frame_equal(
        out_of_fold([FOREST], spoilt, LABELS, FOLDS, threads=1), forest, check_exact=True
    )


def test_the_number_of_processes_does_not_change_a_digit(forest):
    models = [FOREST, recipe("xgb", SMALL_PARAMETERS["xgb"])]
    one, two = (out_of_fold(models, ROWS, LABELS, FOLDS, threads=t) for t in (1, 2))
    pd.testing.assert_frame_equal(one, two, check_exact=True)
    assert one["model"].unique().tolist() == ["rf", "xgb"]
    pd.testing.assert_frame_equal(one[one["model"] == "rf"], forest, check_exact=True)
