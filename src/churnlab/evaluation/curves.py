"""Points of the curves that overlay models, small enough to keep in Git.

A frame of predictions has the columns `model, id, y, p`; every result has a column `model`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np
import pandas as pd

from churnlab.evaluation.intervals import wilson_interval
from churnlab.evaluation.metrics import decisions, threshold_metrics
from churnlab.evaluation.profit import PAPER, Campaign
from churnlab.evaluation.ranking import Ranking, both_classes, checked

POINTS = 200
DIGITS = 6
WORDS = np.array(["stayed", "churned"])


def roc_curve_points(predictions: pd.DataFrame) -> pd.DataFrame:
    """Return `model, fpr, tpr`, from (0, 0) to (1, 1), at most 200 points per model."""
    return _per_model(predictions, _roc)


def precision_recall_points(predictions: pd.DataFrame) -> pd.DataFrame:
    """Return `model, recall, precision`, by ascending recall, at most 200 points per model."""
    return _per_model(predictions, _precision_recall)


def lift_points(predictions: pd.DataFrame) -> pd.DataFrame:
    """Return `model, contacted, gain, lift`: shares of customers contacted and churners reached."""
    return _per_model(predictions, _lift)


def calibration_points(
    predictions: pd.DataFrame, bins: int = 10, confidence: float = 0.95
) -> pd.DataFrame:
    """Return `model, mean_p, churn_rate, low, high, rows` of bins with equally many rows.

    Equal probabilities stay in one bin, so there may be fewer bins. The interval of the churn
    rate is Wilson's (1927).
    """
    return _per_model(predictions, lambda y, p: _calibration(y, p, bins, confidence))


def threshold_curve(predictions: pd.DataFrame, campaign: Campaign = PAPER) -> pd.DataFrame:
    """Return what each threshold from 0.01 to 0.99 does.

    Columns `model, threshold, contacted, f1, precision, recall, accuracy, profit`; contacted is
    a share of the customers, profit is per customer at the mean acceptance rate.
    """
    return _per_model(predictions, lambda y, p: _thresholds(y, p, campaign))


def confusion_counts(predictions: pd.DataFrame, thresholds: Mapping[str, float]) -> pd.DataFrame:
    """Return `model, actual, predicted, rows`: four rows per model, in words."""
    decided = actual_and_predicted(predictions, thresholds)
    cells = pd.MultiIndex.from_product(
        [decided["model"].unique(), WORDS, WORDS], names=["model", "actual", "predicted"]
    )
    counted = decided.groupby(["model", "actual", "predicted"], sort=False).size()
    return counted.reindex(cells, fill_value=0).rename("rows").reset_index()


def actual_and_predicted(
    predictions: pd.DataFrame, thresholds: Mapping[str, float]
) -> pd.DataFrame:
    """Return `model, actual, predicted`, one row per prediction: DVC counts these itself."""
    limits = predictions["model"].map(dict(thresholds)).to_numpy(dtype=np.float64)
    decided = predictions["p"].to_numpy() >= limits
    return pd.DataFrame(
        {
            "model": predictions["model"].to_numpy(),
            "actual": WORDS[predictions["y"].to_numpy().astype(int)],
            "predicted": WORDS[decided.astype(int)],
        }
    )


def _per_model(
    predictions: pd.DataFrame,
    curve: Callable[[np.ndarray, np.ndarray], dict[str, np.ndarray]],
) -> pd.DataFrame:
    parts = []
    for model, rows in predictions.groupby("model", sort=False):
        points = pd.DataFrame(curve(*checked(rows["y"].to_numpy(), rows["p"].to_numpy())))
        points.insert(0, "model", str(model))
        parts.append(points)
    return pd.concat(parts, ignore_index=True).round(DIGITS)


def _counts(y: np.ndarray, p: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return cumulated churners and stayers, thinned evenly along the ROC curve."""
    both_classes(y)
    churners, stayers = (part[0] for part in Ranking.of(y, p).cumulated(np.ones((1, len(y)))))
    along = churners / churners[-1] + stayers / stayers[-1]
    kept = np.searchsorted(along, np.linspace(along[0], 2.0, POINTS - 1))
    kept = np.unique(np.minimum(kept, len(along) - 1))
    return churners[kept], stayers[kept]


def _roc(y: np.ndarray, p: np.ndarray) -> dict[str, np.ndarray]:
    churners, stayers = _counts(y, p)
    return {
        "fpr": np.r_[0.0, stayers / stayers[-1]],
        "tpr": np.r_[0.0, churners / churners[-1]],
    }


def _precision_recall(y: np.ndarray, p: np.ndarray) -> dict[str, np.ndarray]:
    churners, stayers = _counts(y, p)
    return {"recall": churners / churners[-1], "precision": churners / (churners + stayers)}


def _lift(y: np.ndarray, p: np.ndarray) -> dict[str, np.ndarray]:
    churners, stayers = _counts(y, p)
    contacted = (churners + stayers) / len(y)
    gain = churners / churners[-1]
    return {"contacted": contacted, "gain": gain, "lift": gain / contacted}


def _calibration(
    y: np.ndarray, p: np.ndarray, bins: int, confidence: float
) -> dict[str, np.ndarray]:
    edges = np.unique(np.quantile(p, np.linspace(0, 1, bins + 1)[1:-1]))
    place = np.searchsorted(edges, p, side="left")
    rows = np.bincount(place)
    filled = rows > 0
    churned = np.bincount(place, weights=y)[filled]
    low, high = wilson_interval(churned, rows[filled], confidence)
    return {
        "mean_p": np.bincount(place, weights=p)[filled] / rows[filled],
        "churn_rate": churned / rows[filled],
        "low": low,
        "high": high,
        "rows": rows[filled],
    }


def _thresholds(y: np.ndarray, p: np.ndarray, campaign: Campaign) -> dict[str, np.ndarray]:
    grid = np.arange(1, 100) / 100
    found = [threshold_metrics(y, decisions(p, limit)) for limit in grid]
    columns = {name: np.array([values[name] for values in found]) for name in found[0]}
    contacted = np.array([np.mean(decisions(p, limit)) for limit in grid])
    caught = columns["recall"] * np.mean(y)
    acceptance = campaign.alpha / (campaign.alpha + campaign.beta)
    kept = campaign.clv * (acceptance * (1 - campaign.delta) - campaign.phi) * caught
    wasted = campaign.clv * (campaign.delta + campaign.phi) * (contacted - caught)
    return {"threshold": grid, "contacted": contacted, **columns, "profit": kept - wasted}
