import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats
from sklearn.metrics import roc_auc_score
from statsmodels.stats.contingency_tables import mcnemar as oracle_mcnemar
from statsmodels.stats.multitest import multipletests

from churnlab.errors import ChurnlabError
from churnlab.evaluation import significance

from .samples import simulated

P_VALUES = st.lists(st.floats(0, 1), min_size=1, max_size=12).map(np.array)


def components(y, p):
    """Structural components of one AUC, by comparing every churner with every stayer."""
    wins = np.array([[(a > b) + 0.5 * (a == b) for b in p[y == 0]] for a in p[y == 1]])
    return wins.mean(), wins.mean(axis=1), wins.mean(axis=0)


def two_models(seed, rows=80, digits=1, noise=1.0):
    y, p = simulated(seed, rows)
    shaken = np.log(p / (1 - p)) + np.random.default_rng(seed).normal(scale=noise, size=rows)
    return y, np.round(p, digits), np.round(1 / (1 + np.exp(-shaken)), digits)


@pytest.mark.parametrize("digits", [1, 8], ids=["tied", "distinct"])
def test_delong_agrees_with_comparing_every_pair_of_rows(digits):
    y, p_a, p_b = two_models(1, digits=digits)
    (auc_a, churn_a, stay_a), (auc_b, churn_b, stay_b) = components(y, p_a), components(y, p_b)
    variance = np.var(churn_a - churn_b, ddof=1) / len(churn_a)
    variance += np.var(stay_a - stay_b, ddof=1) / len(stay_a)
    found = significance.delong(y, p_a, p_b)
    assert found.difference == pytest.approx(roc_auc_score(y, p_a) - roc_auc_score(y, p_b))
    assert found.difference == pytest.approx(auc_a - auc_b)
    z = (auc_a - auc_b) / np.sqrt(variance)
    assert found.p_value == pytest.approx(2 * stats.norm.sf(abs(z)))
    assert found.high - found.difference == pytest.approx(stats.norm.ppf(0.975) * variance**0.5)


def test_auc_covariance_agrees_with_the_two_sample_jackknife_of_one_class():
    y, p, _ = two_models(2, digits=3)
    auc, covariance = significance.auc_covariance(y, [p])
    _, churn, stay = components(y, p)
    # Leaving out one churner moves the AUC by its component's distance from the mean.
    left_out = np.array([np.delete(churn, i).mean() for i in range(len(churn))])
    jackknife = (len(churn) - 1) / len(churn) * np.sum((left_out - left_out.mean()) ** 2)
    assert auc[0] == pytest.approx(roc_auc_score(y, p))
    assert covariance[0, 0] == pytest.approx(jackknife + np.var(stay, ddof=1) / len(stay))


@given(st.integers(0, 200))
def test_delong_is_antisymmetric(seed):
    y, p_a, p_b = two_models(seed, rows=40)
    found, swapped = significance.delong(y, p_a, p_b), significance.delong(y, p_b, p_a)
    assert found.difference == pytest.approx(-swapped.difference, abs=1e-12)
    assert found.p_value == pytest.approx(swapped.p_value)
    assert found.low == pytest.approx(-swapped.high, abs=1e-12)


def test_a_model_does_not_differ_from_itself():
    y, p, _ = two_models(3)
    assert significance.delong(y, p, p).p_value == 1.0
    assert significance.mcnemar(y, p > 0.3, p > 0.3).p_value == 1.0
    assert significance.corrected_resampled_t(np.zeros(10), 0.25).p_value == 1.0


def test_delong_needs_two_rows_of_each_class():
    with pytest.raises(ChurnlabError, match="1 churners"):
        significance.delong(np.array([1, 0, 0]), np.array([0.3, 0.2, 0.1]), np.ones(3) / 2)


def test_midranks_agree_with_scipy():
    values = np.array([3, 1, 1, 2, 3, 3, 0.5])
    assert significance.midranks(values) == pytest.approx(stats.rankdata(values))


@pytest.mark.parametrize(
    ("only_a", "only_b", "exact"),
    [(0, 0, True), (1, 9, True), (12, 12, True), (10, 15, False), (40, 40, False), (86, 40, False)],
)
def test_mcnemar_agrees_with_statsmodels(only_a, only_b, exact):
    right = np.ones(30, bool)
    a = np.r_[np.ones(only_a, bool), np.zeros(only_b, bool), right]
    b = np.r_[np.zeros(only_a, bool), np.ones(only_b, bool), right]
    found = significance.mcnemar(np.ones(len(a), int), a, b)
    assert (found.only_first_right, found.only_second_right) == (only_a, only_b)
    if only_a == only_b:
        assert found.p_value == pytest.approx(1.0)
    else:
        table = [[30, only_a], [only_b, 0]]
        expected = oracle_mcnemar(table, exact=exact, correction=True).pvalue
        assert found.p_value == pytest.approx(expected)


def test_mcnemar_of_the_textbook_table_of_agresti():
    # Approval ratings of 1,600 voters (Agresti, 2002, table 10.1): 150 and 86 changed their minds.
    a = np.r_[np.ones(150, bool), np.zeros(86, bool)]
    found = significance.mcnemar(np.ones(236, int), a, ~a)
    assert found.p_value == pytest.approx(stats.chi2.sf((150 - 86 - 1) ** 2 / 236, 1))
    assert found.p_value == pytest.approx(4.1e-5, rel=0.01)


def test_the_corrected_t_of_nadeau_and_bengio_by_hand():
    differences = np.array([0.02, 0.04, 0.01, 0.03, 0.05])
    # Mean 0.03, variance 0.00025; (1/5 + 1/4) * 0.00025 = 0.0001125, so t = 2.828427, df 4.
    found = significance.corrected_resampled_t(differences, 0.25)
    assert found.difference == pytest.approx(0.03)
    assert found.p_value == pytest.approx(2 * stats.t.sf(2.8284271247, 4))
    assert found.high == pytest.approx(0.03 + stats.t.ppf(0.975, 4) * np.sqrt(0.0001125))


def test_without_a_test_part_the_corrected_t_is_the_paired_t():
    differences = np.random.default_rng(0).normal(0.1, 0.3, size=12)
    found = significance.corrected_resampled_t(differences, 0.0)
    assert found.p_value == pytest.approx(stats.ttest_1samp(differences, 0).pvalue)


def test_a_constant_gap_over_all_folds_is_certain():
    assert significance.corrected_resampled_t(np.full(5, 0.5), 0.25).p_value == 0.0


def test_one_fold_is_no_evidence():
    with pytest.raises(ChurnlabError, match="two folds"):
        significance.corrected_resampled_t(np.array([0.1]), 0.25)


# Few cases: statsmodels collects garbage in each call of its Holm adjustment.
@pytest.mark.parametrize(
    "p_values",
    [[0.2], [0.01, 0.04, 0.03, 0.005], [0.5, 0.5, 0.01, 0.01, 1.0, 0.0]],
    ids=["one", "four", "ties"],
)
def test_holm_agrees_with_statsmodels(p_values):
    expected = multipletests(p_values, method="holm")[1]
    assert significance.holm(np.array(p_values)) == pytest.approx(expected)


@given(P_VALUES)
def test_benjamini_hochberg_agrees_with_statsmodels(p_values):
    expected = multipletests(p_values, method="fdr_bh")[1]
    assert significance.benjamini_hochberg(p_values) == pytest.approx(expected)


@given(P_VALUES)
def test_holm_keeps_the_order_and_never_lowers_a_p_value(p_values):
    adjusted = significance.holm(p_values)
    assert (adjusted >= p_values - 1e-15).all()
    assert (np.diff(adjusted[np.argsort(p_values, kind="stable")]) >= 0).all()


def test_delong_is_wrong_one_time_in_twenty_when_models_are_equally_good():
    generator = np.random.default_rng(20261122)
    y = np.r_[np.ones(60), np.zeros(140)]
    rejected = 0
    for _ in range(1500):
        shared = generator.normal(size=200) + y
        p_a, p_b = (
            1 / (1 + np.exp(-shared - generator.normal(scale=0.7, size=200))) for _ in range(2)
        )
        rejected += significance.delong(y, p_a, p_b).p_value < 0.05
    # Five standard errors of a share of 0.05 among 1,500 are 0.028.
    assert rejected / 1500 == pytest.approx(0.05, abs=0.028)


def test_mcnemar_keeps_its_level_when_models_are_equally_good():
    generator = np.random.default_rng(20261122)
    y = np.ones(200, int)
    p_values = []
    for _ in range(2000):
        a, b = generator.random((2, 200)) < 0.8
        p_values.append(significance.mcnemar(y, a, b).p_value)
    # Conservative by construction: never above 5 % but for chance, and not absurdly below.
    assert 0.015 < np.mean(np.array(p_values) < 0.05) < 0.05 + 0.0146


def test_the_correction_cures_the_overconfidence_of_the_naive_t_over_folds():
    generator = np.random.default_rng(20261122)
    naive, corrected = [], []
    ratio = 0.25
    for _ in range(1200):
        # Fold means that share training rows: correlation test / (test + train), as in the paper.
        shared = generator.normal(scale=np.sqrt(ratio / (1 + ratio)))
        folds = shared + generator.normal(scale=np.sqrt(1 / (1 + ratio)), size=25)
        statistic = folds.mean() / (folds.std(ddof=1) / np.sqrt(25))
        naive.append(2 * stats.t.sf(abs(statistic), 24) < 0.05)
        corrected.append(significance.corrected_resampled_t(folds, ratio).p_value < 0.05)
    assert np.mean(naive) > 0.3
    assert np.mean(corrected) == pytest.approx(0.05, abs=0.031)
