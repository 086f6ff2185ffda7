"""The champion, and the paired evidence for it against every other model."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

import numpy as np
import pandas as pd

from churnlab.errors import ChurnlabError
from churnlab.evaluation.cross_validation import fold_metrics, held_out_ratio, summarise_folds
from churnlab.evaluation.metrics import HIGHER_IS_BETTER, METRICS, decisions
from churnlab.evaluation.significance import (
    PairedTest,
    corrected_resampled_t,
    delong,
    holm,
    mcnemar,
)

SECONDARY = ("roc_auc", "average_precision", "log_loss", "f1")
DIGITS = 6
WORSE = "significantly worse"
NOT_WORSE = "not significantly worse"


def compare_models(
    cv_predictions: pd.DataFrame,
    test_predictions: pd.DataFrame,
    thresholds: Mapping[str, float],
    *,
    primary: str,
    alpha: float,
    simplicity: Sequence[str],
) -> dict[str, Any]:
    """Return `champion`, `best`, `rule`, `primary`, `alpha` and `pairs`.

    The champion is the best model by the cross-validated mean of the primary metric, unless a
    simpler one is not significantly worse: then the simplest such model. Worse means a corrected
    resampled t-test on the folds (Nadeau & Bengio, 2003), Holm-adjusted over all models.

    Args:
        cv_predictions: `model, id, repeat, fold, y, p`.
        test_predictions: `model, id, y, p`; reported, never used for the choice.
        thresholds: decision threshold of each model.
        primary: the metric that decides, one of `METRICS`.
        alpha: family-wise significance level.
        simplicity: model names, simplest first; only these may replace the best, and only
            if they stand before it. A best model that is not named counts as the least simple.
            Names without predictions are passed over.

    Returns:
        Each of `pairs` sets the best model against one other: `cv` holds the differences
        (best minus other, so below 0 is better for losses), `adjusted_p_value` and `verdict`
        belong to the primary metric, `test` holds DeLong's and McNemar's tests.
    """
    if primary not in METRICS:
        raise ChurnlabError(
            f"`compare.primary` is {primary!r}; choose one of {', '.join(METRICS)}."
        )
    folds = fold_metrics(cv_predictions)
    means = {model: values[primary] for model, values in summarise_folds(folds).items()}
    sign = 1 if HIGHER_IS_BETTER[primary] else -1
    best = max(means, key=lambda model: sign * means[model])
    ratio = held_out_ratio(cv_predictions)
    pairs = [
        {**pair, "test": decision_tests(test_predictions, best, pair["other"], thresholds)}
        for pair in _judged_pairs(folds, best, primary, alpha, ratio)
    ]
    champion = _champion(best, pairs, simplicity)
    return {
        "alpha": alpha,
        "best": best,
        "champion": champion,
        "pairs": pairs,
        "primary": primary,
        "rule": _rule(champion, best, means, primary, alpha),
    }


def fold_differences(
    folds: pd.DataFrame, first: str, second: str, primary: str, ratio: float
) -> dict[str, PairedTest]:
    """Return corrected t-tests of first minus second over the folds, primary metric first.

    Args:
        folds: from `fold_metrics`.
        first, second: model names.
        primary: a metric to test besides the usual ones.
        ratio: rows held out over rows fitted on.

    Raises:
        ChurnlabError: if the two models were not judged on the same folds.
    """
    one, other = (
        folds[folds["model"] == model].set_index(["repeat", "fold"]).sort_index()
        for model in (first, second)
    )
    if not one.index.equals(other.index):
        raise ChurnlabError(
            f"{first} has {len(one)} folds and {second} {len(other)}, or other ones; paired "
            "tests need the same. Run cross_validate again for both."
        )
    return {
        name: corrected_resampled_t((one[name] - other[name]).to_numpy(), ratio)
        for name in dict.fromkeys([primary, *SECONDARY])
    }


def decision_tests(
    predictions: pd.DataFrame, first: str, second: str, thresholds: Mapping[str, float]
) -> dict[str, dict[str, float]]:
    """Return DeLong's test under `roc_auc` and McNemar's under `decisions`, on the test part.

    Args:
        predictions: `model, id, y, p`.
        first, second: model names.
        thresholds: decision threshold of each model.
    """
    one, other = (
        predictions[predictions["model"] == model].set_index("id").sort_index()
        for model in (first, second)
    )
    if not one.index.equals(other.index):
        raise ChurnlabError(
            f"{first} and {second} predict different rows of the test part ({len(one)} and "
            f"{len(other)}). Run train again for both."
        )
    y = one["y"].to_numpy()
    p_one, p_other = one["p"].to_numpy(), other["p"].to_numpy()
    decided = mcnemar(
        y, decisions(p_one, thresholds[first]), decisions(p_other, thresholds[second])
    )
    return {"decisions": _rounded(decided), "roc_auc": _rounded(delong(y, p_one, p_other))}


def _judged_pairs(
    folds: pd.DataFrame, best: str, primary: str, alpha: float, ratio: float
) -> list[dict[str, Any]]:
    """Set the best model against every other on the folds, Holm-adjusted over all of them."""
    found = {
        str(other): fold_differences(folds, best, str(other), primary, ratio)
        for other in folds["model"].unique()
        if other != best
    }
    adjusted = holm(np.array([tests[primary].p_value for tests in found.values()]))
    return [
        {
            "best": best,
            "other": other,
            "cv": {name: _rounded(test) for name, test in tests.items()},
            "adjusted_p_value": round(float(p_value), DIGITS),
            "verdict": WORSE if p_value < alpha else NOT_WORSE,
        }
        for (other, tests), p_value in zip(found.items(), adjusted, strict=True)
    ]


def _champion(best: str, pairs: Sequence[Mapping[str, Any]], simplicity: Sequence[str]) -> str:
    order = list(simplicity)
    simpler = order[: order.index(best)] if best in order else order
    not_worse = {pair["other"] for pair in pairs if pair["verdict"] == NOT_WORSE}
    return next((model for model in simpler if model in not_worse), best)


def _rule(champion: str, best: str, means: Mapping[str, float], primary: str, alpha: float) -> str:
    rule = (
        f"The best by cross-validated {primary}, unless a simpler model is not significantly "
        f"worse (corrected resampled t-test, Holm-adjusted, alpha {alpha:g}). "
        f"Best: {best} ({means[best]:.4f})"
    )
    if champion == best:
        return f"{rule}; no simpler model qualifies."
    return f"{rule}; {champion} ({means[champion]:.4f}) is simpler and not significantly worse."


def _rounded(test: Any) -> dict[str, float]:
    return {
        name: value if isinstance(value, int) else round(float(value), DIGITS)
        for name, value in asdict(test).items()
    }
