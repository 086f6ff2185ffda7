"""Intervals of the churn rate of customers scored alike."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from statsmodels.stats.proportion import proportion_confint

from churnlab.evaluation.local_rates import GRID, local_rates

DRAW = np.random.default_rng(8)
P = DRAW.beta(0.6, 2.0, 4000)
Y = (DRAW.random(4000) < P).astype(int)
ALONE = np.arange(4000)


def test_where_all_are_alike_the_interval_is_wilsons():
    y = np.repeat([1, 0], [30, 170])
    found = local_rates(y, np.full(200, 0.2), np.arange(200), alike=200, confidence=0.95)
    expected = proportion_confint(30, 200, method="wilson")
    np.testing.assert_allclose([found.low[0], found.high[0]], expected, rtol=1e-12)


def test_the_nearest_customers_are_looked_at():
    """Twenty of a hundred at 0.1, ninety of a hundred at 0.9: two intervals, not their mean."""
    p = np.repeat([0.1, 0.9], 100)
    y = np.concatenate([np.repeat([1, 0], [20, 80]), np.repeat([1, 0], [90, 10])])
    found = local_rates(y, p, np.arange(200), alike=100, confidence=0.9)
    for score, churners in ((0.1, 20), (0.9, 90)):
        at = int(np.argmin(np.abs(GRID - score)))
        expected = proportion_confint(churners, 100, alpha=0.1, method="wilson")
        np.testing.assert_allclose([found.low[at], found.high[at]], expected, rtol=1e-12)


def test_rows_of_the_same_customer_make_the_interval_wider_as_fewer_customers_would():
    y, p = np.repeat([1, 0], [40, 160]), np.full(200, 0.2)
    fourfold = local_rates(y, p, np.arange(200) // 4, alike=200, confidence=0.95)
    expected = proportion_confint(10, 50, method="wilson")
    np.testing.assert_allclose([fourfold.low[0], fourfold.high[0]], expected, rtol=1e-12)


def test_the_intervals_hold_the_true_rate_as_often_as_they_say():
    """Calibrated scores: around each, the true rate is the score itself."""
    inside = []
    for seed in range(60):
        y = (np.random.default_rng(seed).random(4000) < P).astype(int)
        found = local_rates(y, P, ALONE, alike=200, confidence=0.9)
        at = (found.p > 0.05) & (found.p < 0.8)
        inside.append((found.low[at] <= found.p[at]) & (found.p[at] <= found.high[at]))
    assert np.mean(inside) == pytest.approx(0.9, abs=0.03)


@settings(max_examples=30, deadline=None)
@given(
    y=st.lists(st.integers(0, 1), min_size=1, max_size=40),
    seed=st.integers(0, 1000),
    alike=st.integers(1, 60),
)
def test_bounds_are_probabilities_in_order_and_hold_the_score(y, seed, alike):
    scores = np.random.default_rng(seed).random(len(y))
    found = local_rates(np.array(y), scores, np.arange(len(y)), alike, 0.95)
    low, high = found.around(scores)
    assert (low >= 0).all()
    assert (low <= scores).all()
    assert (scores <= high).all()
    assert (high <= 1).all()


def test_fewer_customers_than_asked_for_are_all_looked_at():
    found = local_rates(np.array([0, 1, 1]), np.array([0.1, 0.2, 0.9]), np.arange(3), 200, 0.95)
    expected = proportion_confint(2, 3, method="wilson")
    np.testing.assert_allclose([found.low[7], found.high[7]], expected, rtol=1e-12)


def test_the_order_of_the_rows_does_not_matter():
    shuffled = DRAW.permutation(4000)
    first = local_rates(Y, P, ALONE, 200, 0.95)
    second = local_rates(Y[shuffled], P[shuffled], ALONE[shuffled], 200, 0.95)
    np.testing.assert_allclose(first.low, second.low, rtol=1e-12)
