"""The paired comparison of two models on the same customers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from churnlab.errors import ChurnlabError
from churnlab.evaluation.cross_validation import fold_metrics, held_out_ratio
from churnlab.evaluation.metrics import HIGHER_IS_BETTER, METRICS, all_metrics, decisions
from churnlab.evaluation.resampling import bootstrap_metrics, stratified_counts
from churnlab.evaluation.significance import (
    PairedTest,
    corrected_resampled_t,
    delong,
    holm,
    mcnemar,
)
from churnlab.review.evidence import Evidence

if TYPE_CHECKING:
    import pandas as pd

BETTER, WORSE = "better", "worse"
EQUAL, INCONCLUSIVE = "equivalent", "inconclusive"


@dataclass(frozen=True)
class Rules:
    """How differences are judged.

    Attributes:
        alpha: level of the tests, after Holm's adjustment over everything that is compared.
        rope: region of practical equivalence, as a share of the first model's metric.
        confidence: coverage of the intervals.
        samples: bootstrap resamples.
        seed: of the resamples.
    """

    alpha: float = 0.05
    rope: float = 0.01
    confidence: float = 0.95
    samples: int = 2000
    seed: int = 0


@dataclass(frozen=True)
class MetricComparison:
    """One metric of two models; differences are second minus first.

    Attributes:
        metric: its name.
        first, second: the metric of each model on the test part.
        test: difference on the test part, with interval and p-value.
        held_out: the same out of fold, by the corrected resampled t-test.
        adjusted_p_value: of `test`, after Holm.
        verdict: of the second model against the first.
    """

    metric: str
    first: float
    second: float
    test: PairedTest
    held_out: PairedTest
    adjusted_p_value: float = 1.0
    verdict: str = INCONCLUSIVE


def compare_evidence(first: Evidence, second: Evidence, rules: Rules) -> list[MetricComparison]:
    """Return the comparison of every metric, not yet adjusted for their number.

    Intervals are percentiles of a paired, stratified bootstrap. Its p-value is the share of
    resamples whose difference strays from the observed one by at least as much as that is from 0
    (Efron & Tibshirani 1993, chapter 16); ROC AUC has DeLong's test (1988), accuracy McNemar's.

    Raises:
        ChurnlabError: the two were judged on other rows or folds.
    """
    check_same_rows(first, second)
    y = _aligned(first.test, "y")
    p = _aligned(first.test, "p"), _aligned(second.test, "p")
    limits = (first.threshold, second.threshold)
    counts = stratified_counts(y, rules.samples, rules.seed)
    one, other = (all_metrics(y, *model) for model in zip(p, limits, strict=True))
    drawn = [bootstrap_metrics(y, *model, counts) for model in zip(p, limits, strict=True)]
    exact = _exact_p_values(y, p, limits)
    folds = _fold_tests(first.held_out, second.held_out, rules.confidence)
    return [
        MetricComparison(
            metric=name,
            first=one[name],
            second=other[name],
            test=_test(
                other[name] - one[name], drawn[1][name] - drawn[0][name], exact.get(name), rules
            ),
            held_out=folds[name],
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


def check_same_rows(first: Evidence, second: Evidence) -> None:
    """Raise a ChurnlabError where the two were judged on other rows, outcomes or folds."""
    for part, keys, remedy in (
        ("test", ["id", "y"], "the same data and `split`"),
        ("held_out", ["repeat", "fold", "id", "y"], "the same `seed` and `cross_validate`"),
    ):
        one, other = (
            getattr(side, part)[keys].sort_values(keys, ignore_index=True)
            for side in (first, second)
        )
        if not one.equals(other):
            shared = len(one.merge(other, on=keys))
            what = "test rows" if part == "test" else "folds"
            raise ChurnlabError(
                f"{first.label} and {second.label} were judged on different {what}: "
                f"{len(one):,} and {len(other):,} rows, {shared:,} of them the same. Paired "
                f"comparisons need the same; run both with {remedy}"
            )


def _aligned(predictions: pd.DataFrame, column: str) -> np.ndarray:
    return np.asarray(predictions.set_index("id").sort_index()[column])


def _exact_p_values(
    y: np.ndarray, p: tuple[np.ndarray, np.ndarray], limits: tuple[float, float]
) -> dict[str, float]:
    def decided(at: tuple[float, float]) -> float:
        return mcnemar(y, decisions(p[0], at[0]), decisions(p[1], at[1])).p_value

    return {
        "roc_auc": delong(y, p[1], p[0]).p_value,
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


def _fold_tests(
    first: pd.DataFrame, second: pd.DataFrame, confidence: float
) -> dict[str, PairedTest]:
    one, other = (
        fold_metrics(frame).set_index(["repeat", "fold"]).sort_index() for frame in (first, second)
    )
    ratio = held_out_ratio(first)
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
