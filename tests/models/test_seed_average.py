import numpy as np
import pytest
from sklearn.base import clone
from sklearn.tree import DecisionTreeClassifier

from churnlab.models.seed_average import SeedAverage

GENERATOR = np.random.default_rng(5)
X = GENERATOR.normal(size=(200, 6))
Y = (X[:, 0] + GENERATOR.normal(size=200) > 0).astype(int)
TREE = DecisionTreeClassifier(max_depth=3, max_features=1)


def averaged(*seeds):
    return SeedAverage(TREE, "random_state", seeds).fit(X, Y)


def test_the_average_is_that_of_single_fits_with_these_seeds():
    singles = [clone(TREE).set_params(random_state=seed).fit(X, Y) for seed in (3, 4, 9)]
    assert len({single.predict_proba(X).tobytes() for single in singles}) == 3
    expected = np.mean([single.predict_proba(X) for single in singles], axis=0)
    np.testing.assert_array_equal(averaged(3, 4, 9).predict_proba(X), expected)


def test_one_seed_is_the_estimator_itself():
    single = clone(TREE).set_params(random_state=7).fit(X, Y)
    np.testing.assert_array_equal(averaged(7).predict_proba(X), single.predict_proba(X))
    np.testing.assert_array_equal(averaged(7).predict(X), single.predict(X))


def test_several_seeds_judge_unseen_rows_better_than_one_on_average():
    fresh = GENERATOR.normal(size=(4000, 6))
    truth = (fresh[:, 0] > 0).astype(int)

    def brier(model):
        return float(np.mean((model.predict_proba(fresh)[:, 1] - truth) ** 2))

    assert brier(averaged(*range(8))) < np.mean([brier(averaged(seed)) for seed in range(8)])


def test_it_is_cloned_with_its_settings_and_without_its_members():
    copy = clone(averaged(1, 2))
    assert copy.seeds == (1, 2)
    with pytest.raises(AttributeError):
        copy.predict_proba(X)
