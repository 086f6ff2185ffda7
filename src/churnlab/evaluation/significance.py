"""Paired tests: DeLong for AUC, McNemar for decisions, corrected t for CV, and families of them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.special import bdtr, chdtrc, ndtr, ndtri, stdtr, stdtrit

from churnlab.errors import ChurnlabError
from churnlab.evaluation.ranking import both_classes, checked

# Below this many discordant rows the chi-squared distribution is too rough for McNemar's test.
EXACT_BELOW = 25


@dataclass(frozen=True)
class PairedTest:
    """A difference of the first minus the second model, its interval and two-sided p-value."""

    difference: float
    low: float
    high: float
    p_value: float


@dataclass(frozen=True)
class DecisionTest:
    """Rows that only one of two models decides rightly, and McNemar's two-sided p-value."""

    only_first_right: int
    only_second_right: int
    p_value: float


def delong(y: np.ndarray, p_a: np.ndarray, p_b: np.ndarray, confidence: float = 0.95) -> PairedTest:
    """Test the difference of two correlated AUCs (DeLong et al., 1988).

    Uses mid-ranks, O(n log n) (Sun & Xu, 2014).

    Args:
        y: 0/1, shape (n,), at least two rows of each class.
        p_a, p_b: probabilities of the two models for the same rows, shape (n,).
        confidence: coverage of the interval, such as 0.95.
    """
    auc, covariance = auc_covariance(y, [p_a, p_b])
    difference = float(auc[0] - auc[1])
    variance = float(covariance[0, 0] + covariance[1, 1] - 2 * covariance[0, 1])
    error = float(np.sqrt(max(variance, 0.0)))
    spread = float(ndtri((1 + confidence) / 2)) * error
    p_value = _two_sided(difference, error, None)
    return PairedTest(difference, difference - spread, difference + spread, p_value)


def auc_covariance(y: np.ndarray, scores: list[np.ndarray]) -> tuple[np.ndarray, np.ndarray]:
    """Return AUCs, shape (models,), and their covariance, shape (models, models).

    Args:
        y: 0/1, shape (n,), at least two rows of each class.
        scores: one array of probabilities per model, each of shape (n,).
    """
    auc, components = _auc_components(y, scores)
    churned = np.asarray(y) == 1
    churners, stayers = components[:, churned], components[:, ~churned]
    if min(churners.shape[1], stayers.shape[1]) < 2:
        raise ChurnlabError(
            f"DeLong's test needs two rows of each class; there are {churners.shape[1]} churners "
            f"and {stayers.shape[1]} stayers. Use a larger part."
        )
    covariance = np.atleast_2d(np.cov(churners)) / churners.shape[1]
    covariance = covariance + np.atleast_2d(np.cov(stayers)) / stayers.shape[1]
    return auc, covariance


def clustered_delong(
    y: np.ndarray, p_a: np.ndarray, p_b: np.ndarray, entity: np.ndarray, confidence: float = 0.95
) -> PairedTest:
    """Test the difference of two AUCs on rows of which several belong to one customer.

    DeLong's components are summed over each customer's rows before their variance is taken, so
    that rows of one customer count as one observation (Obuchowski, 1997, Biometrics 53, 567-578).

    Args:
        y: 0/1, shape (n,).
        p_a, p_b: probabilities of the two models for the same rows, shape (n,).
        entity: number of each row's customer, shape (n,).
        confidence: coverage of the interval, such as 0.95.
    """
    auc, components = _auc_components(y, [p_a, p_b])
    difference = float(auc[0] - auc[1])
    own = components[0] - components[1] - difference
    labels = np.asarray(y) == 1
    per_row = np.where(labels, own / labels.sum(), own / (~labels).sum())
    sums = np.bincount(entity, weights=per_row)
    sums = sums[np.bincount(entity) > 0]
    error = float(np.sqrt(len(sums) / (len(sums) - 1) * np.sum(sums**2)))
    spread = float(ndtri((1 + confidence) / 2)) * error
    p_value = _two_sided(difference, error, None)
    return PairedTest(difference, difference - spread, difference + spread, p_value)


def _auc_components(y: np.ndarray, scores: list[np.ndarray]) -> tuple[np.ndarray, np.ndarray]:
    """Return AUCs, shape (models,), and each row's share of pairs won, shape (models, n)."""
    aucs, components = [], []
    for score in scores:
        labels, p = checked(y, score)
        both_classes(labels)
        churned = labels == 1
        rank = midranks(p)
        part = np.empty(len(p))
        part[churned] = (rank[churned] - midranks(p[churned])) / np.sum(~churned)
        part[~churned] = 1 - (rank[~churned] - midranks(p[~churned])) / np.sum(churned)
        aucs.append(float(part[churned].mean()))
        components.append(part)
    return np.array(aucs), np.array(components)


def midranks(values: np.ndarray) -> np.ndarray:
    """Return ranks from 1, ties sharing the mean of theirs, shape (n,)."""
    _, place, counts = np.unique(values, return_inverse=True, return_counts=True)
    last = np.cumsum(counts)
    return (last - (counts - 1) / 2)[place]


def mcnemar(y: np.ndarray, d_a: np.ndarray, d_b: np.ndarray) -> DecisionTest:
    """Test whether two models' decisions are right equally often (McNemar, 1947).

    With fewer than 25 discordant rows the exact binomial test, otherwise chi-squared with the
    continuity correction of Edwards (1948).

    Args:
        y: 0/1, shape (n,).
        d_a, d_b: decisions of the two models, 0/1 or bool, shape (n,).
    """
    truth = np.asarray(y) == 1
    right_a, right_b = (np.asarray(decided) == truth for decided in (d_a, d_b))
    only_a = int(np.sum(right_a & ~right_b))
    only_b = int(np.sum(right_b & ~right_a))
    discordant = only_a + only_b
    if discordant < EXACT_BELOW:
        p_value = min(1.0, 2 * float(bdtr(min(only_a, only_b), discordant, 0.5)))
    else:
        # At a tie the correction would turn 0 into a positive statistic's square; cap it.
        statistic = max(abs(only_a - only_b) - 1, 0) ** 2 / discordant
        p_value = float(chdtrc(1, statistic))
    return DecisionTest(only_a, only_b, p_value)


def clustered_mcnemar(
    y: np.ndarray, d_a: np.ndarray, d_b: np.ndarray, entity: np.ndarray
) -> DecisionTest:
    """Test whether two models' decisions are right equally often, customers being there repeatedly.

    Discordant rows are netted within each customer; the sum of these over its root sum of squares
    is normal (Durkalski et al., 2003, Statistics in Medicine 22, 2417-2428).

    Args:
        y: 0/1, shape (n,).
        d_a, d_b: decisions of the two models, 0/1 or bool, shape (n,).
        entity: number of each row's customer, shape (n,).
    """
    truth = np.asarray(y) == 1
    right_a, right_b = (np.asarray(decided) == truth for decided in (d_a, d_b))
    only_a, only_b = right_a & ~right_b, right_b & ~right_a
    net = np.bincount(entity, weights=only_a.astype(float) - only_b)
    error = float(np.sqrt(np.sum(net**2)))
    p_value = _two_sided(float(net.sum()), error, None)
    return DecisionTest(int(only_a.sum()), int(only_b.sum()), p_value)


def corrected_standard_error(values: np.ndarray, test_train_ratio: float) -> float:
    """Return the standard error of a mean over folds (Nadeau & Bengio, 2003, section 3).

    Training sets of folds overlap, so the naive 1/J variance factor grows by test/train rows.
    """
    values = np.asarray(values, dtype=np.float64)
    if len(values) < 2:
        raise ChurnlabError(
            f"A corrected resampled interval needs two folds; there is {len(values)}. "
            "Raise `cross_validate.folds`."
        )
    return float(np.sqrt((1 / len(values) + test_train_ratio) * np.var(values, ddof=1)))


def corrected_resampled_t(
    differences: np.ndarray, test_train_ratio: float, confidence: float = 0.95
) -> PairedTest:
    """Test a mean difference over (repeated) cross-validation folds (Nadeau & Bengio, 2003).

    Repeats count as further folds (Bouckaert & Frank, 2004): degrees of freedom are folds - 1.

    Args:
        differences: first minus second model per fold and repeat, shape (folds,).
        test_train_ratio: rows held out over rows fitted on, 1 / (folds - 1) for K folds.
        confidence: coverage of the interval, such as 0.95.
    """
    error = corrected_standard_error(differences, test_train_ratio)
    mean, freedom = float(np.mean(differences)), len(differences) - 1
    spread = float(stdtrit(freedom, (1 + confidence) / 2)) * error
    return PairedTest(mean, mean - spread, mean + spread, _two_sided(mean, error, freedom))


def holm(p_values: np.ndarray) -> np.ndarray:
    """Return p-values adjusted for the family-wise error rate (Holm, 1979), in the order given."""
    values = np.asarray(p_values, dtype=np.float64)
    order = np.argsort(values, kind="stable")
    steps = np.maximum.accumulate(values[order] * np.arange(len(values), 0, -1))
    return _restore(order, steps)


def benjamini_hochberg(p_values: np.ndarray) -> np.ndarray:
    """Return p-values adjusted for the false discovery rate (Benjamini & Hochberg, 1995)."""
    values = np.asarray(p_values, dtype=np.float64)
    order = np.argsort(values, kind="stable")
    steps = values[order] * len(values) / np.arange(1, len(values) + 1)
    return _restore(order, np.minimum.accumulate(steps[::-1])[::-1])


def _restore(order: np.ndarray, adjusted: np.ndarray) -> np.ndarray:
    restored = np.empty_like(adjusted)
    restored[order] = np.minimum(adjusted, 1.0)
    return restored


def _two_sided(difference: float, error: float, freedom: int | None) -> float:
    """Two-sided p-value of a difference; without degrees of freedom, of the normal."""
    # Sums of rounded terms leave a trace of variance between identical models.
    if error <= 1e-12:
        return 1.0 if abs(difference) <= 1e-12 else 0.0
    statistic = -abs(difference) / error
    return 2 * float(ndtr(statistic) if freedom is None else stdtr(freedom, statistic))
