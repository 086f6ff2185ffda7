"""What one column alone says about the target."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import roc_auc_score

from churnlab.data.separation import held_out_separation, separation

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


def test_missing_numbers_that_only_stayers_have_separate_the_classes():
    values = pd.Series(np.where(Y, np.nan, np.random.default_rng(0).normal(size=60)))

    assert separation(values, Y).auc == 1.0


def test_a_few_known_numbers_among_missing_ones_separate_nothing():
    known = np.full(60, np.nan)
    known[[0, 1]] = [5.0, 1.0]

    assert separation(pd.Series(known), Y).auc < 0.6


def test_texts_of_one_row_each_tell_nothing_of_rows_held_out():
    texts = pd.Series([f"street {i}" for i in range(2000)])
    y = np.random.default_rng(0).random(2000) < 0.2

    assert separation(texts, y).auc == 1.0, "by heart"
    assert held_out_separation(texts, y).auc == pytest.approx(0.5, abs=0.02)


def test_texts_of_many_levels_that_give_the_target_away_are_seen():
    generator = np.random.default_rng(0)
    y = generator.random(4000) < 0.2
    codes = generator.integers(0, 200, 4000)
    texts = pd.Series(np.where(y, "closed ", "open ")) + pd.Series(codes).astype(str)

    found = held_out_separation(texts, y)

    assert found.auc > 0.99
    assert found.agreement > 0.95
