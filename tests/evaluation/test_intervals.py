import numpy as np
import pytest
from hypothesis import given, settings
from statsmodels.stats.proportion import proportion_confint

from churnlab.evaluation.intervals import (
    bootstrap_intervals,
    paired_bootstrap_difference,
    wilson_interval,
)
from churnlab.evaluation.metrics import METRICS, all_metrics

from .samples import f1_of, judged, simulated


@pytest.mark.parametrize("successes", [0, 3, 20])
def test_the_interval_of_a_share_is_wilsons(successes):
    expected = proportion_confint(successes, 20, alpha=0.1, method="wilson")
    assert [float(x) for x in wilson_interval(successes, 20, 0.9)] == pytest.approx(expected)


def test_a_share_of_nothing_has_no_interval():
    assert np.isnan(wilson_interval(0, 0, 0.95)).all()


@settings(max_examples=30, deadline=None)
@given(judged())
def test_every_interval_contains_its_estimate(sample):
    y, p = sample
    estimates = all_metrics(y, p, 0.31)
    found = bootstrap_intervals(y, p, 0.31, samples=60, confidence=0.95, seed=1)
    assert list(found) == list(METRICS)
    for name, interval in found.items():
        assert interval["low"] <= interval["estimate"] <= interval["high"], name
        assert interval["estimate"] == pytest.approx(estimates[name], abs=1e-12)


def test_bootstrap_limits_are_percentiles_of_the_metric_on_redrawn_rows():
    y, p = simulated(2, rows=300)
    generator = np.random.default_rng(99)
    classes = [np.flatnonzero(y == label) for label in (0, 1)]
    squares, f1 = [], []
    for _ in range(2000):
        rows = np.concatenate([generator.choice(members, len(members)) for members in classes])
        squares.append(np.mean((y[rows] - p[rows]) ** 2))
        f1.append(f1_of(y[rows], p[rows] >= 0.4))
    found = bootstrap_intervals(y, p, 0.4, samples=2000, confidence=0.9, seed=1)
    for name, redrawn in (("brier", squares), ("f1", f1)):
        limits = [found[name]["low"], found[name]["high"]]
        assert limits == pytest.approx(np.quantile(redrawn, [0.05, 0.95]), rel=0.02)


def test_a_perfect_precision_keeps_an_honest_lower_limit():
    y = np.r_[np.ones(10, int), np.zeros(90, int)]
    found = bootstrap_intervals(y, y * 0.9, 0.5, samples=100, confidence=0.95, seed=0)
    expected = proportion_confint(10, 10, alpha=0.05, method="wilson")
    assert (found["precision"]["low"], found["precision"]["high"]) == pytest.approx(expected)


def test_the_interval_of_the_calibration_error_reaches_down_to_that_of_a_calibrated_model():
    generator = np.random.default_rng(3)
    reached = 0
    for seed in range(20):
        p = generator.uniform(size=600)
        y = (generator.uniform(size=600) < p).astype(int)
        found = bootstrap_intervals(y, p, 0.5, samples=100, confidence=0.95, seed=seed)["ece"]
        assert found["estimate"] > 0.01
        reached += found["low"] < 0.005
    assert reached >= 15


def test_a_wider_confidence_gives_wider_intervals():
    y, p = simulated(5)
    narrow, wide = (
        bootstrap_intervals(y, p, 0.4, samples=300, confidence=level, seed=1)
        for level in (0.8, 0.99)
    )
    for name in METRICS:
        assert wide[name]["low"] <= narrow[name]["low"] < narrow[name]["high"], name
        assert narrow[name]["high"] <= wide[name]["high"], name


def test_the_difference_of_a_model_with_itself_is_nothing():
    y, p = simulated(6)
    found = paired_bootstrap_difference(y, (p, p), (0.4, 0.4), samples=50, confidence=0.95, seed=1)
    assert all(value == 0 for interval in found.values() for value in interval.values())


def test_swapping_the_models_mirrors_every_difference():
    y, p = simulated(7)
    q = np.clip(p + np.random.default_rng(0).normal(scale=0.1, size=len(p)), 0.01, 0.99)
    options = {"samples": 200, "confidence": 0.9, "seed": 3}
    found = paired_bootstrap_difference(y, (p, q), (0.4, 0.3), **options)
    mirrored = paired_bootstrap_difference(y, (q, p), (0.3, 0.4), **options)
    for name in METRICS:
        assert found[name]["estimate"] == pytest.approx(-mirrored[name]["estimate"])
        assert found[name]["low"] == pytest.approx(-mirrored[name]["high"])


def test_pairing_narrows_the_difference_of_two_similar_models():
    y, p = simulated(8, rows=1000)
    q = np.clip(p + np.random.default_rng(0).normal(scale=0.01, size=len(p)), 0.01, 0.99)
    options = {"samples": 300, "confidence": 0.95, "seed": 3}
    paired = paired_bootstrap_difference(y, (p, q), (0.4, 0.4), **options)["roc_auc"]
    alone = bootstrap_intervals(y, p, 0.4, **options)["roc_auc"]
    assert paired["high"] - paired["low"] < (alone["high"] - alone["low"]) / 3
