"""How models of an event study do at each reference date of the out-of-time part."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd

from churnlab.errors import ChurnlabError
from churnlab.evaluation.clusters import places
from churnlab.evaluation.intervals import bootstrap_intervals

MEASURES = ("roc_auc", "average_precision", "log_loss", "brier", "ece", "f1", "top_decile_lift")


@dataclass(frozen=True)
class Resampling:
    """How intervals are drawn."""

    samples: int
    confidence: float
    seed: int


def by_time(
    predictions: pd.DataFrame, thresholds: Mapping[str, float], resampling: Resampling
) -> dict[str, dict[str, dict[str, Any]]]:
    """Return `{model: {date: {rows, churners, mean_p, metrics}}}`, metrics with intervals.

    At one date every seller has one row, so the intervals draw rows.

    Args:
        predictions: `model, id, y, p`; an id is `seller@date`.
        thresholds: decision threshold of each model.
        resampling: how intervals are drawn.

    Raises:
        ChurnlabError: the ids do not say when.
    """
    found: dict[str, dict[str, dict[str, Any]]] = {}
    for model, rows in predictions.groupby("model", sort=False):
        place = places(rows["id"].to_numpy())
        if place is None:
            raise ChurnlabError(
                f"{model}: ids such as '{rows['id'].iloc[0]}' do not end with '@' and a date; only "
                "event studies are judged by date"
            )
        found[str(model)] = {
            str(date): _judged(part, thresholds[str(model)], resampling)
            for date, part in rows.groupby(place.time)
        }
    return found


def long_table(judged: Mapping[str, Mapping[str, Mapping[str, Any]]]) -> pd.DataFrame:
    """Return one row per model and date for a plot: every measure with its bounds."""
    return pd.DataFrame(
        [
            {
                "model": model,
                "date": date,
                **{
                    (name if bound == "estimate" else f"{name}_{bound}"): value
                    for name, interval in values["metrics"].items()
                    for bound, value in interval.items()
                },
            }
            for model, dates in judged.items()
            for date, values in dates.items()
        ]
    )


def _judged(rows: pd.DataFrame, threshold: float, resampling: Resampling) -> dict[str, Any]:
    y, p = rows["y"].to_numpy(), rows["p"].to_numpy()
    intervals = bootstrap_intervals(
        y,
        p,
        threshold,
        samples=resampling.samples,
        confidence=resampling.confidence,
        seed=resampling.seed,
    )
    return {
        "rows": len(y),
        "churners": int(y.sum()),
        "mean_p": float(p.mean()),
        "metrics": _only(intervals, MEASURES),
    }


def _only(intervals: Mapping[str, Any], names: Sequence[str]) -> dict[str, Any]:
    return {name: intervals[name] for name in names}
