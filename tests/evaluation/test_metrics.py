import numpy as np
import pytest
from empulse.metrics import lift_score
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn import metrics as oracle

from churnlab.errors import ChurnlabError
from churnlab.evaluation import metrics

from .samples import f1_of, judged, simulated


@pytest.mark.parametrize("digits", [None, 2], ids=["distinct", "tied"])
def test_all_metrics_agree_with_scikit_learn(digits):
    y, p = simulated(3, rows=700, digits=digits)
    chosen, half = p >= 0.3, p >= 0.5
    expected = {
        "roc_auc": oracle.roc_auc_score(y, p),
        "average_precision": oracle.average_precision_score(y, p),
        "log_loss": oracle.log_loss(y, p),
        "brier": oracle.brier_score_loss(y, p),
        "f1": oracle.f1_score(y, chosen),
        "precision": oracle.precision_score(y, chosen),
        "recall": oracle.recall_score(y, chosen),
        "accuracy": oracle.accuracy_score(y, chosen),
        "f1_at_half": oracle.f1_score(y, half),
        "accuracy_at_half": oracle.accuracy_score(y, half),
    }
    found = metrics.all_metrics(y, p, 0.3)
    assert tuple(found) == metrics.METRICS
    assert {name: found[name] for name in expected} == pytest.approx(expected, abs=1e-12)


def test_each_single_metric_equals_its_entry_among_all():
    y, p = simulated(4)
    found = metrics.all_metrics(y, p, 0.4)
    for name in ("roc_auc", "average_precision", "log_loss", "brier", "ece", "top_decile_lift"):
        assert getattr(metrics, name)(y, p) == pytest.approx(found[name], abs=1e-12)
    chosen = metrics.threshold_metrics(y, p >= 0.4)
    assert chosen == {name: found[name] for name in metrics.THRESHOLD_METRICS}


@pytest.mark.parametrize("rows", [9, 100, 1667])
def test_lift_without_ties_agrees_with_empulse(rows):
    y, p = simulated(5, rows)
    assert metrics.top_decile_lift(y, p) == pytest.approx(lift_score(y, p))


def test_lift_counts_rows_tied_at_the_border_in_proportion():
    y = np.r_[1, 1, 0, 0, 0, np.zeros(15, int)]
    p = np.r_[0.9, np.full(4, 0.5), np.full(15, 0.1)]
    # The top 2 of 20 hold the first churner and one of four tied rows, a quarter of which churned.
    assert metrics.top_decile_lift(y, p) == pytest.approx((1.25 / 2) / (2 / 20))


def test_calibration_error_of_a_worked_example():
    p = np.array([0.05, 0.1, 0.15, 0.95])
    y = np.array([0, 1, 0, 1])
    # The first bin is (0, 0.1]: |1 - 0.15|; the second 0.15; the last 0.05; over four rows.
    assert metrics.ece(y, p) == pytest.approx((0.85 + 0.15 + 0.05) / 4)


def test_calibration_error_agrees_with_a_direct_reading_of_the_definition():
    y, p = simulated(6, rows=500)
    expected = 0.0
    for upper in np.arange(1, 11) / 10:
        inside = (p > upper - 0.1) & (p <= upper)
        if inside.any():
            expected += inside.mean() * abs(y[inside].mean() - p[inside].mean())
    assert metrics.ece(y, p) == pytest.approx(expected)


def test_a_certain_and_wrong_probability_costs_a_finite_log_loss():
    assert metrics.log_loss(np.array([1, 0]), np.array([0.0, 0.0])) == pytest.approx(
        -np.log(1e-15) / 2
    )


def test_metrics_of_no_positive_decision_are_zero_and_not_undefined():
    found = metrics.threshold_metrics(np.array([0, 1, 1]), np.array([False, False, False]))
    assert found == {"f1": 0.0, "precision": 0.0, "recall": 0.0, "accuracy": pytest.approx(1 / 3)}


def test_losses_are_the_only_metrics_where_lower_is_better():
    lower = {name for name, higher in metrics.HIGHER_IS_BETTER.items() if not higher}
    assert lower == {"log_loss", "brier", "ece"}


@given(judged())
def test_no_threshold_has_a_better_f1_than_the_best_one(sample):
    y, p = sample
    best = f1_of(y, p >= metrics.best_f1_threshold(y, p))
    everywhere = [f1_of(y, p >= limit) for limit in np.unique(p)]
    assert best == pytest.approx(max(everywhere))


def test_of_equally_good_thresholds_the_lowest_wins_and_lies_midway_between_scores():
    y = np.array([1, 0, 1, 0, 0, 1])
    p = np.array([0.9, 0.5, 0.4, 0.3, 0.2, 0.1])
    # Above 0.3: 2 of 3 caught with 1 false, F1 2/3; above 0: all caught with 3 false, F1 2/3.
    assert metrics.best_f1_threshold(y, p) == pytest.approx(0.05)


def test_a_threshold_between_neighbouring_floats_still_separates_them():
    high = 0.5
    low = np.nextafter(high, 0)
    for upper, lower in ((high, low), (low, np.nextafter(low, 0))):
        threshold = metrics.best_f1_threshold(np.array([1, 0]), np.array([upper, lower]))
        assert lower < threshold <= upper


@given(judged())
def test_ranking_metrics_ignore_a_monotone_transformation(sample):
    y, p = sample
    for name in ("roc_auc", "average_precision", "top_decile_lift", "empc"):
        metric = getattr(metrics, name)
        assert metric(y, p**3) == pytest.approx(metric(y, p), abs=1e-12)


@given(judged())
def test_flipping_labels_and_probabilities_changes_no_symmetric_metric(sample):
    y, p = sample
    found, flipped = metrics.all_metrics(y, p, 0.31), metrics.all_metrics(1 - y, 1 - p, 0.31)
    for name in ("roc_auc", "log_loss", "brier"):
        assert flipped[name] == pytest.approx(found[name], abs=1e-12)
    assert metrics.roc_auc(1 - y, p) == pytest.approx(1 - metrics.roc_auc(y, p))


@settings(max_examples=50)
@given(judged(), st.randoms(use_true_random=False))
def test_no_metric_depends_on_the_order_of_the_rows(sample, random):
    y, p = sample
    order = list(range(len(y)))
    random.shuffle(order)
    assert metrics.all_metrics(y[order], p[order], 0.31) == pytest.approx(
        metrics.all_metrics(y, p, 0.31), abs=1e-12
    )


@settings(max_examples=50)
@given(judged(20), st.integers(0, 1000))
def test_a_weight_counts_like_that_many_copies_of_the_row(sample, seed):
    y, p = sample
    weights = np.random.default_rng(seed).integers(0, 4, size=len(y))
    weights[:2] += 1
    found = metrics.weighted_metrics(y, p, 0.31, weights[None, :])
    copied = metrics.all_metrics(np.repeat(y, weights), np.repeat(p, weights), 0.31)
    assert {name: float(value[0]) for name, value in found.items()} == pytest.approx(copied)


@pytest.mark.parametrize(
    ("y", "p", "named"),
    [
        ([0, 1], [0.2], "(2,)"),
        ([], [], "(0,)"),
        ([0, 2], [0.2, 0.3], "2"),
        ([0, 1], [0.2, 1.3], "1.3"),
        ([0, 1], [0.2, np.nan], "nan"),
        ([0, np.nan], [0.2, 0.2], "nan"),
        ([1, 1], [0.2, 0.3], "All 2 labels are 1"),
    ],
)
def test_what_cannot_be_judged_is_refused_by_name(y, p, named):
    with pytest.raises(ChurnlabError) as refused:
        metrics.all_metrics(np.array(y), np.array(p), 0.5)
    assert named in str(refused.value)


def test_the_stable_threshold_lies_in_the_middle_of_a_gap_between_the_classes() -> None:
    y = np.array([0] * 50 + [1] * 50)
    p = np.where(y == 1, 0.8, 0.2)
    assert metrics.stable_f1_threshold(y, p) == pytest.approx(0.5, abs=0.01)


def test_the_stable_threshold_is_not_drawn_to_a_lone_peak() -> None:
    rng = np.random.default_rng(3)
    p = rng.uniform(size=4000)
    y = (rng.uniform(size=4000) < p).astype(int)
    # For calibrated scores the best F1 threshold is half the best F1 (Lipton et al. 2014).
    best_f1 = f1_of(y, p >= metrics.best_f1_threshold(y, p))
    assert metrics.stable_f1_threshold(y, p) == pytest.approx(best_f1 / 2, abs=0.04)


def test_without_outcomes_the_threshold_is_that_of_right_probabilities() -> None:
    p = np.random.default_rng(5).beta(2, 5, size=3000)
    expected = {t: 2 * p[p >= t].sum() / ((p >= t).sum() + p.sum()) for t in np.unique(p)}
    best = max(expected, key=lambda t: expected[t])
    found = metrics.expected_f1_threshold(p)
    assert found == pytest.approx(best, abs=0.01)
    assert found == pytest.approx(expected[best] / 2, abs=0.01), "Lipton et al. 2014"


def test_where_nobody_can_churn_there_is_a_threshold_all_the_same() -> None:
    assert 0 < metrics.expected_f1_threshold(np.zeros(10)) < 1


def test_the_stable_threshold_finds_its_place_among_rare_churners() -> None:
    rng = np.random.default_rng(4)
    p = rng.beta(1, 200, size=20000)
    y = (rng.uniform(size=20000) < p).astype(int)
    stable = f1_of(y, p >= metrics.stable_f1_threshold(y, p))
    assert stable >= 0.8 * f1_of(y, p >= metrics.best_f1_threshold(y, p))
