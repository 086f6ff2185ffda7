"""Rows of one customer at several times count as one observation, not as several."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.special import expit
from statsmodels.stats.contingency_tables import mcnemar as reference_mcnemar

from churnlab.evaluation.clusters import cluster_counts, places
from churnlab.evaluation.intervals import bootstrap_intervals, paired_bootstrap_difference
from churnlab.evaluation.significance import (
    clustered_delong,
    clustered_mcnemar,
    delong,
    mcnemar,
)


def sample(rows=400, seed=0):
    """Outcomes and two models' probabilities, the first one better."""
    draw = np.random.default_rng(seed)
    truth = draw.normal(size=rows)
    y = (draw.random(rows) < expit(truth)).astype(int)
    noisy = [expit(truth + draw.normal(0, noise, rows)) for noise in (1.0, 1.4)]
    return y, noisy


def test_ids_of_customer_and_date_are_told_from_ids_of_customers():
    place = places(np.array(["b@2018-05-01", "a@2018-05-01", "b@2018-06-01"], dtype=object))
    assert place.entity.tolist() == [1, 0, 1]
    assert place.time.tolist() == ["2018-05-01", "2018-05-01", "2018-06-01"]
    assert places(np.array([1, 2])) is None
    assert places(np.array(["ann@example.org", "bob@2018-05-01"], dtype=object)) is None


@given(st.lists(st.integers(0, 6), min_size=1, max_size=30), st.integers(0, 2**32 - 1))
def test_the_rows_of_a_customer_are_drawn_together_and_as_many_customers_as_there_are(named, seed):
    _, entity = np.unique(named, return_inverse=True)
    counts = cluster_counts(entity, 70, seed)
    for one in range(entity.max() + 1):
        own = counts[:, entity == one]
        assert (own == own[:, :1]).all()
    first = [np.flatnonzero(entity == one)[0] for one in range(entity.max() + 1)]
    assert (counts[:, first].sum(axis=1) == entity.max() + 1).all()


def test_with_one_row_each_the_clustered_tests_are_the_usual_ones():
    y, (a, b) = sample(3000)
    alone = np.arange(len(y))
    clustered, usual = clustered_delong(y, a, b, alone), delong(y, a, b)
    assert clustered.difference == usual.difference
    assert clustered.high - clustered.low == pytest.approx(usual.high - usual.low, rel=1e-3)
    decided = (a >= 0.5), (b >= 0.5)
    right = [one == (y == 1) for one in decided]
    table = [[np.sum(p & q) for q in (right[1], ~right[1])] for p in (right[0], ~right[0])]
    expected = reference_mcnemar(table, exact=False, correction=False).pvalue
    assert clustered_mcnemar(y, *decided, alone).p_value == pytest.approx(expected)


@settings(max_examples=15)
@given(st.integers(2, 5), st.integers(0, 1000))
def test_copies_of_every_row_add_no_evidence(copies, seed):
    y, (a, b) = sample(200, seed)
    repeated = [np.tile(values, copies) for values in (y, a, b)]
    entity = np.tile(np.arange(len(y)), copies)
    once = clustered_delong(y, a, b, np.arange(len(y)))
    again = clustered_delong(*repeated, entity)
    assert (again.low, again.high) == pytest.approx((once.low, once.high))
    decisions = [values >= 0.5 for values in (a, b)]
    single = clustered_mcnemar(y, *decisions, np.arange(len(y))).p_value
    assert clustered_mcnemar(
        repeated[0], *(np.tile(d, copies) for d in decisions), entity
    ).p_value == pytest.approx(single)
    assert delong(*repeated).p_value <= once.p_value + 1e-12
    assert mcnemar(repeated[0], *(np.tile(d, copies) for d in decisions)).p_value <= 1.0


def test_drawing_customers_widens_the_intervals_of_repeated_rows():
    y, (a, b) = sample(150)
    repeated = [np.tile(values, 4) for values in (y, a, b)]
    entity = np.tile(np.arange(len(y)), 4)
    how = {"samples": 400, "confidence": 0.95, "seed": 1}
    rows = bootstrap_intervals(*repeated[:2], 0.5, **how)
    customers = bootstrap_intervals(*repeated[:2], 0.5, **how, entity=entity)
    for metric in ("roc_auc", "log_loss", "f1", "recall"):
        width = [one[metric]["high"] - one[metric]["low"] for one in (rows, customers)]
        assert width[1] > 1.5 * width[0], metric
    pair = (repeated[1], repeated[2]), (0.5, 0.5)
    narrow = paired_bootstrap_difference(repeated[0], *pair, **how)["roc_auc"]
    wide = paired_bootstrap_difference(repeated[0], *pair, **how, entity=entity)["roc_auc"]
    assert wide["high"] - wide["low"] > 1.5 * (narrow["high"] - narrow["low"])


@pytest.mark.slow
def test_where_neither_model_is_better_the_clustered_tests_find_a_difference_in_5_percent():
    """Models and outcomes that differ by customer: rows of one lean the same way."""
    found = np.zeros((300, 4))
    for trial in range(len(found)):
        draw = np.random.default_rng(trial)
        entity = np.repeat(np.arange(120), 6)
        truth = draw.normal(size=120)
        outcome = draw.random(120) < expit(truth)
        y = (outcome[entity] ^ (draw.random(len(entity)) < 0.1)).astype(int)
        a, b = (expit(truth + draw.normal(size=120))[entity] for _ in range(2))
        decided = (a >= 0.5), (b >= 0.5)
        found[trial] = [
            clustered_delong(y, a, b, entity).p_value < 0.05,
            clustered_mcnemar(y, *decided, entity).p_value < 0.05,
            delong(y, a, b).p_value < 0.05,
            mcnemar(y, *decided).p_value < 0.05,
        ]
    rate = found.mean(axis=0)
    assert (rate[:2] <= 0.09).all(), rate
    assert (rate[2:] >= 0.15).all(), f"the usual tests are fooled: {rate}"
