"""The champion, and the paired evidence for it against every other model."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import pandas as pd

from churnlab.errors import ChurnlabError
from churnlab.evaluation.clusters import places
from churnlab.evaluation.cross_validation import fold_metrics, held_out_ratio, summarise_folds
from churnlab.evaluation.metrics import HIGHER_IS_BETTER, METRICS, decisions
from churnlab.evaluation.significance import (
    PairedTest,
    clustered_delong,
    clustered_mcnemar,
    corrected_resampled_t,
    delong,
    holm,
    mcnemar,
)

SECONDARY = ("roc_auc", "average_precision", "log_loss", "f1")
DIGITS = 6
WORSE = "significantly worse"
NOT_WORSE = "not significantly worse"


@dataclass(frozen=True)
class ChampionRule:
    """Who becomes champion.

    The best model by the cross-validated mean of the primary metric, unless simpler ones are within
    the margin of it and not significantly worse: then the simplest of those. The test alone would
    hand the title to any simple model wherever folds are few, since it then has little power; the
    margin alone would ignore how sure the difference is.

    Attributes:
        primary: the metric that decides, one of `METRICS`.
        alpha: family-wise level of the corrected resampled t-tests (Nadeau & Bengio, 2003),
            Holm-adjusted over all models.
        margin: the share of the best mean that a simpler model may lose.
        simplicity: model names, simplest first; only these may replace the best, and only if they
            stand before it. A best model that is not named counts as the least simple. Names
            without predictions are passed over.
        references: models that are compared with and never become champion, nor best.
    """

    primary: str
    alpha: float
    margin: float
    simplicity: Sequence[str]
    references: Sequence[str] = ()

    def __post_init__(self) -> None:
        """Refuse an unknown metric."""
        if self.primary not in METRICS:
            raise ChurnlabError(
                f"`compare.primary` is {self.primary!r}; choose one of {', '.join(METRICS)}."
            )


def compare_models(
    cv_predictions: pd.DataFrame,
    test_predictions: pd.DataFrame,
    thresholds: Mapping[str, float],
    rule: ChampionRule,
    horizon_days: int | None = None,
) -> dict[str, Any]:
    """Return `champion`, `best`, `rule`, `primary`, `alpha`, `margin` and `pairs`.

    Args:
        cv_predictions: `model, id, repeat, fold, y, p`.
        test_predictions: `model, id, y, p`; reported, never used for the choice.
        thresholds: decision threshold of each model.
        rule: how the champion is chosen.
        horizon_days: where folds are ordered in time, days that decide an outcome.

    Returns:
        Each of `pairs` sets the best model against one other: `cv` holds the differences
        (best minus other, so below 0 is better for losses), `adjusted_p_value`, `verdict` and
        `relative_loss` (as a share of the best mean) belong to the primary metric, `test` holds
        DeLong's and McNemar's tests.
    """
    folds = fold_metrics(cv_predictions, horizon_days)
    means = {name: values[rule.primary] for name, values in summarise_folds(folds).items()}
    sign = 1 if HIGHER_IS_BETTER[rule.primary] else -1
    candidates = [model for model in means if model not in rule.references]
    best = max(candidates, key=lambda model: sign * means[model])
    ratio = held_out_ratio(cv_predictions)
    pairs = [
        {**pair, "test": decision_tests(test_predictions, best, pair["other"], thresholds)}
        for pair in _judged_pairs(folds, means, best, rule, ratio)
    ]
    champion = _champion(best, pairs, rule)
    return {
        "alpha": rule.alpha,
        "best": best,
        "champion": champion,
        "margin": rule.margin,
        "pairs": pairs,
        "primary": rule.primary,
        "rule": _sentence(champion, best, means, rule),
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

    Where customers are there at several times, both are the tests for rows that hang together.

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
    p = one["p"].to_numpy(), other["p"].to_numpy()
    decided = decisions(p[0], thresholds[first]), decisions(p[1], thresholds[second])
    place = places(one.index.to_numpy())
    if place is None:
        return {"decisions": _rounded(mcnemar(y, *decided)), "roc_auc": _rounded(delong(y, *p))}
    return {
        "decisions": _rounded(clustered_mcnemar(y, *decided, place.entity)),
        "roc_auc": _rounded(clustered_delong(y, *p, place.entity)),
    }


def _judged_pairs(
    folds: pd.DataFrame, means: Mapping[str, float], best: str, rule: ChampionRule, ratio: float
) -> list[dict[str, Any]]:
    """Set the best model against every other on the folds, Holm-adjusted over all of them."""
    found = {
        str(other): fold_differences(folds, best, str(other), rule.primary, ratio)
        for other in folds["model"].unique()
        if other != best
    }
    adjusted = holm(np.array([tests[rule.primary].p_value for tests in found.values()]))
    return [
        {
            "best": best,
            "other": other,
            "cv": {name: _rounded(test) for name, test in tests.items()},
            "adjusted_p_value": round(float(p_value), DIGITS),
            "relative_loss": round(abs(means[other] / means[best] - 1), DIGITS),
            "verdict": WORSE if p_value < rule.alpha else NOT_WORSE,
        }
        for (other, tests), p_value in zip(found.items(), adjusted, strict=True)
    ]


def _champion(best: str, pairs: Sequence[Mapping[str, Any]], rule: ChampionRule) -> str:
    order = list(rule.simplicity)
    simpler = order[: order.index(best)] if best in order else order
    as_good = {
        pair["other"]
        for pair in pairs
        if pair["verdict"] == NOT_WORSE and pair["relative_loss"] <= rule.margin
    }
    return next((model for model in simpler if model in as_good), best)


def _sentence(champion: str, best: str, means: Mapping[str, float], rule: ChampionRule) -> str:
    sentence = (
        f"The best by cross-validated {rule.primary}, unless a simpler model is within "
        f"{rule.margin:.1%} of it and not significantly worse (corrected resampled t-test, "
        f"Holm-adjusted, alpha {rule.alpha:g}). Best: {best} ({means[best]:.4f})"
    )
    if champion == best:
        return f"{sentence}; no simpler model qualifies."
    return f"{sentence}; {champion} ({means[champion]:.4f}) is simpler and as good."


def _rounded(test: Any) -> dict[str, float]:
    return {
        name: value if isinstance(value, int) else round(float(value), DIGITS)
        for name, value in asdict(test).items()
    }
