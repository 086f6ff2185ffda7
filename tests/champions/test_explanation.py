import numpy as np
import pandas as pd
import pytest
from sklearn.inspection import permutation_importance as sklearn_permutation

from champions.fitted import FRESH, TRAIN, pipeline, single
from churnlab.champions.explanation import (
    impurity_importance,
    permutation_importance,
    shapley_values,
)
from churnlab.models.recipe import TableSchema
from models.samples import SCHEMA

LABELS = FRESH["y"].to_numpy()
COLUMNS = ["minutes", "calls", "plan"]


def without_calls(rows):
    """A model that never looks at `calls`."""
    return 1 / (1 + np.exp(-((rows["minutes"] - 110.0) / 10.0 + 2.0 * (rows["plan"] == "basic"))))


@pytest.fixture(scope="module")
def contributions():
    champion = single("xgb")
    return shapley_values(champion.log_odds, FRESH.head(12), TRAIN.head(20), SCHEMA, seed=3)


def test_shapley_values_add_up_to_the_distance_from_the_backgrounds_mean(contributions):
    champion = single("xgb")
    distance = champion.log_odds(FRESH.head(12)) - champion.log_odds(TRAIN.head(20)).mean()
    assert list(contributions.columns) == COLUMNS
    assert contributions.index.equals(FRESH.head(12).index)
    np.testing.assert_allclose(contributions.sum(axis=1), distance, atol=1e-8)
    assert np.abs(distance).max() > 0.5


def test_shapley_values_of_a_sum_are_the_terms_themselves():
    """For an additive model the value of a column is its term minus the term's mean."""

    def additive(rows):
        return (0.1 * rows["minutes"] - 2.0 * (rows["plan"] == "family")).to_numpy()

    found = shapley_values(additive, FRESH.head(8), TRAIN.head(20), SCHEMA, seed=1)
    background = TRAIN.head(20)
    expected = 0.1 * (FRESH["minutes"].head(8) - background["minutes"].mean())
    np.testing.assert_allclose(found["minutes"], expected, atol=1e-9)
    family = (FRESH["plan"].head(8) == "family") - (background["plan"] == "family").mean()
    np.testing.assert_allclose(found["plan"], -2.0 * family, atol=1e-9)
    np.testing.assert_allclose(found["calls"], 0.0, atol=1e-12)


def test_shapley_values_are_the_same_for_the_same_seed(contributions):
    again = shapley_values(single("xgb").log_odds, FRESH.head(12), TRAIN.head(20), SCHEMA, seed=3)
    pd.testing.assert_frame_equal(again, contributions, check_exact=True)


def test_shuffling_a_column_that_the_model_ignores_changes_nothing():
    found = permutation_importance(without_calls, FRESH, LABELS, COLUMNS, repeats=3, seed=0)
    assert found["calls"] == {"mean": 0.0, "low": 0.0, "high": 0.0}
    assert found["minutes"]["low"] > 0.1
    assert found["minutes"]["mean"] > found["plan"]["mean"] > 0


def test_permutation_importance_agrees_with_scikit_learns():
    class Scored:
        def fit(self, X, y):
            return self

    def log_loss_of(_, rows, labels):
        p = np.clip(without_calls(rows), 1e-15, 1 - 1e-15)
        return float(np.mean(labels * np.log(p) + (1 - labels) * np.log(1 - p)))

    oracle = sklearn_permutation(
        Scored(), FRESH[COLUMNS], LABELS, scoring=log_loss_of, n_repeats=40, random_state=0
    )
    found = permutation_importance(without_calls, FRESH, LABELS, COLUMNS, repeats=40, seed=0)
    means = [found[column]["mean"] for column in COLUMNS]
    np.testing.assert_allclose(means, oracle.importances_mean, rtol=0.1, atol=1e-12)


def test_permutation_importance_leaves_the_rows_as_they_were():
    before = FRESH.copy()
    permutation_importance(without_calls, FRESH, LABELS, COLUMNS, repeats=1, seed=0)
    pd.testing.assert_frame_equal(FRESH, before)


def test_impurity_importance_is_told_for_the_families_that_have_one():
    pipelines = {name: (name, pipeline(name)) for name in ("rf", "mlp")}
    found = impurity_importance(pipelines)
    assert set(found) == {"rf"}
    assert list(found["rf"]) == ["minutes", "calls", "plan=family", "plan=premium"]
    assert sum(found["rf"].values()) == pytest.approx(1.0)


def test_gaps_and_codes_have_shapley_values_of_their_own():
    """The score is a sum over the columns, so the values are known: term less its mean."""
    schema = TableSchema("small", ("fee",), {}, codes=("city",), filled=("fee",))
    fee = np.tile([1.0, np.nan], 20)
    rows = pd.DataFrame({"fee": fee, "city": [f"C{k % 5}" for k in range(40)]})

    def score(frame):
        city = frame["city"].str.removeprefix("C").astype(float).to_numpy()
        return frame["fee"].isna().to_numpy() * 2.0 + city

    found = shapley_values(score, rows.head(6), rows.head(20), schema, seed=0)
    assert list(found.columns) == ["fee", "city"]
    np.testing.assert_allclose(found["fee"], [-1.0, 1.0] * 3, atol=1e-9)
    np.testing.assert_allclose(found["city"], [-2, -1, 0, 1, 2, -2], atol=1e-9)
