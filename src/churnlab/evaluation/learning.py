"""Learning curves from predictions: does the model want more rows?"""

from __future__ import annotations

import pandas as pd

from churnlab.evaluation.metrics import average_precision, log_loss, roc_auc


def learning_points(predictions: pd.DataFrame) -> pd.DataFrame:
    """Return metrics by share of the training rows.

    Args:
        predictions: `model, fraction, id, repeat, fold, y, p`.

    Returns:
        Columns `model, fraction, log_loss, roc_auc, average_precision`, each the mean over folds.
    """
    points = [
        {
            "model": model,
            "fraction": fraction,
            "log_loss": log_loss(part["y"].to_numpy(), part["p"].to_numpy()),
            "roc_auc": roc_auc(part["y"].to_numpy(), part["p"].to_numpy()),
            "average_precision": average_precision(part["y"].to_numpy(), part["p"].to_numpy()),
        }
        for (model, fraction, _, _), part in predictions.groupby(
            ["model", "fraction", "repeat", "fold"], sort=False
        )
    ]
    table = pd.DataFrame(points).groupby(["model", "fraction"], sort=False).mean()
    return table.reset_index().round(6)
