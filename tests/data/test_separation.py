"""What one column alone says about the target."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import roc_auc_score

from churnlab.data.separation import separation

Y = np.arange(60) % 4 == 0


@given(st.lists(st.integers(0, 9), min_size=60, max_size=60))
def test_the_auc_of_a_few_texts_is_that_of_their_churn_rates(values):
    texts = pd.Series(list(map(str, values)))
    rates = pd.Series(Y).groupby(texts).transform("mean")

    found = separation(texts, Y)

    assert found.auc == pytest.approx(roc_auc_score(Y, rates))
    assert found.agreement >= max(Y.mean(), 1 - Y.mean()) - 1e-12


@given(st.lists(st.floats(0, 1), min_size=60, max_size=60))
def test_the_auc_of_numbers_is_at_least_that_of_their_order(values):
    by_order = roc_auc_score(Y, values)

    assert separation(pd.Series(values), Y).auc >= max(by_order, 1 - by_order) - 1e-12


def test_numbers_that_decide_by_a_value_in_the_middle_are_seen():
    values = pd.Series(np.where(Y, 0.5, np.linspace(0, 1, 60).round()))

    found = separation(values, Y)

    assert found.auc == 1.0
    assert found.agreement == 1.0


def test_noise_separates_nothing():
    noise = pd.Series(np.random.default_rng(0).normal(size=20_000))
    y = np.random.default_rng(1).random(20_000) < 0.2

    assert separation(noise, y).auc < 0.53
