"""The paired comparison of two models on the same customers."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from churnlab.evaluation.clusters import cluster_counts, places
from churnlab.evaluation.cross_validation import fold_metrics, held_out_ratio
from churnlab.evaluation.metrics import HIGHER_IS_BETTER, METRICS, all_metrics, decisions
from churnlab.evaluation.resampling import BATCH, bootstrap_metrics, stratified_counts
from churnlab.evaluation.significance import (
    PairedTest,
    clustered_delong,
    clustered_mcnemar,
    corrected_resampled_t,
    delong,
    holm,
    mcnemar,
)
from churnlab.review.evidence import Evidence
from churnlab.review.pairing import aligned, check_same_folds, check_same_test_rows

BETTER, WORSE = "better", "worse"
EQUAL, INCONCLUSIVE = "equivalent", "inconclusive"
LEAST_SAMPLES = 2000


@dataclass(frozen=True)
class Rules:
    """How differences are judged.

    Attributes:
        alpha: level of the tests, after Holm's adjustment over everything that is compared.
        rope: region of practical equivalence, as a share of the first model's metric.
        confidence: coverage of the intervals.
        samples: bootstrap resamples.
        seed: of the resamples.
        test_only: leave the folds alone, since they differ.
    """

    alpha: float = 0.05
    rope: float = 0.01
    confidence: float = 0.95
    samples: int = LEAST_SAMPLES
    seed: int = 0
    test_only: bool = False


@dataclass(frozen=True)
class MetricComparison:
    """One metric of two models; differences are second minus first.

    Attributes:
        metric: its name.
        first, second: the metric of each model on the test part.
        test: difference on the test part, with interval and p-value.
        held_out: the same out of fold, by the corrected resampled t-test; None for the test
            part alone.
        adjusted_p_value: of `test`, after Holm.
        verdict: of the second model against the first.
    """

    metric: str
    first: float
    second: float
    test: PairedTest
    held_out: PairedTest | None
    adjusted_p_value: float = 1.0
    verdict: str = INCONCLUSIVE


def samples_for(alpha: float, studies: int) -> int:
    """Return how many resamples let a bootstrap p-value fall below `alpha` after Holm.

    The smallest is 1 / (samples + 1), and Holm multiplies it by the number of tests; half of
    `alpha` is left to spare.
    """
    return max(LEAST_SAMPLES, math.ceil(2 * len(METRICS) * studies / alpha))


def compare_evidence(first: Evidence, second: Evidence, rules: Rules) -> list[MetricComparison]:
    """Return the comparison of every metric, not yet adjusted for their number.

    Intervals are percentiles of a paired, stratified bootstrap. Its p-value is the share of
    resamples whose difference strays from their mean by at least as much as the observed one is
    from 0 (Efron & Tibshirani 1993, chapter 16); ROC AUC has DeLong's test (1988), accuracy
    McNemar's.

    Raises:
        ChurnlabError: the two were judged on other rows or folds.
    """
    check_same_test_rows(first, second)
    if not rules.test_only:
        check_same_folds(first, second)
    y = aligned(first.test, "y")
    p = aligned(first.test, "p"), aligned(second.test, "p")
    limits = (first.threshold, second.threshold)
    one, other = (all_metrics(y, *model) for model in zip(p, limits, strict=True))
    place = places(np.sort(np.asarray(first.test["id"])))
    entity = None if place is None else place.entity
    drawn = _drawn_differences(y, p, limits, entity, rules)
    exact = _exact_p_values(y, p, limits, entity)
    folds = {} if rules.test_only else _fold_tests(first, second, rules.confidence)
    return [
        MetricComparison(
            metric=name,
            first=one[name],
            second=other[name],
            test=_test(other[name] - one[name], drawn[name], exact.get(name), rules),
            held_out=folds.get(name),
        )
        for name in METRICS
    ]


def judge(
    compared: Mapping[str, Sequence[MetricComparison]], rules: Rules
) -> dict[str, list[MetricComparison]]:
    """Adjust the p-values over all studies and metrics (Holm 1979) and give each its verdict."""
    every = [one for comparisons in compared.values() for one in comparisons]
    adjusted = iter(holm(np.array([one.test.p_value for one in every])))
    return {
        study: [_judged(one, float(next(adjusted)), rules) for one in comparisons]
        for study, comparisons in compared.items()
    }


def _drawn_differences(
    y: np.ndarray,
    p: tuple[np.ndarray, np.ndarray],
    limits: tuple[float, float],
    entity: np.ndarray | None,
    rules: Rules,
) -> dict[str, np.ndarray]:
    """Return second minus first of every metric on resamples of the rows, shape (samples,).

    Where customers are there several times (`entity`), resamples are of customers.
    """
    # A batch at a time: the counts are samples by rows, too many to hold for a long table.
    sizes = [min(BATCH, rules.samples - start) for start in range(0, rules.samples, BATCH)]
    seeds = np.random.SeedSequence(rules.seed).generate_state(len(sizes))
    parts = []
    for size, seed in zip(sizes, seeds, strict=True):
        counts = (
            stratified_counts(y, size, int(seed))
            if entity is None
            else cluster_counts(entity, size, int(seed))
        )
        one, other = (bootstrap_metrics(y, *model, counts) for model in zip(p, limits, strict=True))
        parts.append({name: other[name] - one[name] for name in METRICS})
    return {name: np.concatenate([part[name] for part in parts]) for name in METRICS}


def _exact_p_values(
    y: np.ndarray,
    p: tuple[np.ndarray, np.ndarray],
    limits: tuple[float, float],
    entity: np.ndarray | None,
) -> dict[str, float]:
    def decided(at: tuple[float, float]) -> float:
        pair = decisions(p[0], at[0]), decisions(p[1], at[1])
        if entity is None:
            return mcnemar(y, *pair).p_value
        return clustered_mcnemar(y, *pair, entity).p_value

    ranked = delong(y, p[1], p[0]) if entity is None else clustered_delong(y, p[1], p[0], entity)
    return {
        "roc_auc": ranked.p_value,
        "accuracy": decided(limits),
        "accuracy_at_half": decided((0.5, 0.5)),
    }


def _test(difference: float, drawn: np.ndarray, exact: float | None, rules: Rules) -> PairedTest:
    tail = (1 - rules.confidence) / 2
    low, high = np.quantile(drawn, [tail, 1 - tail])
    strays = np.abs(drawn - drawn.mean()) >= abs(difference)
    drawn_p = 1.0 if difference == 0 else (1 + int(strays.sum())) / (1 + len(drawn))
    return PairedTest(
        difference,
        min(float(low), difference),
        max(float(high), difference),
        drawn_p if exact is None else exact,
    )


def _fold_tests(first: Evidence, second: Evidence, confidence: float) -> dict[str, PairedTest]:
    one, other = (
        fold_metrics(model.held_out, model.horizon_days).set_index(["repeat", "fold"]).sort_index()
        for model in (first, second)
    )
    ratio = held_out_ratio(first.held_out)
    return {
        name: corrected_resampled_t((other[name] - one[name]).to_numpy(), ratio, confidence)
        for name in METRICS
    }


def _judged(one: MetricComparison, adjusted: float, rules: Rules) -> MetricComparison:
    return replace(one, adjusted_p_value=adjusted, verdict=_verdict(one, adjusted, rules))


def _verdict(one: MetricComparison, adjusted: float, rules: Rules) -> str:
    margin = rules.rope * abs(one.first)
    if max(abs(one.test.low), abs(one.test.high)) <= margin:
        return EQUAL
    if adjusted >= rules.alpha or one.test.low <= 0 <= one.test.high:
        return INCONCLUSIVE
    return BETTER if (one.test.difference > 0) == HIGHER_IS_BETTER[one.metric] else WORSE
