"""The champion's curves on the test part, from the data files of the plots."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pandas as pd

from churnlab.paths import StudyPaths

POINTS = 40
CELLS = {
    ("churned", "churned"): "tp",
    ("stayed", "churned"): "fp",
    ("churned", "stayed"): "fn",
    ("stayed", "stayed"): "tn",
}


def curves(paths: StudyPaths, champion: str) -> dict[str, Any]:
    """Return calibration, confusion at the threshold, gain and lift, as a page draws them.

    `gain` is the share of all churners among the customers contacted first, `lift` how many times
    more of them churn than on average, both by the share contacted.
    """
    calibration = _of(paths.curve("calibration"), champion)
    confusion = _of(paths.curve("confusion"), champion)
    ranked = _thinned(_of(paths.curve("lift"), champion))
    return {
        "calibration": [
            {
                "predicted": bin.mean_p,
                "observed": bin.churn_rate,
                "low": bin.low,
                "high": bin.high,
                "rows": bin.rows,
            }
            for bin in calibration.itertuples()
        ],
        "confusion": {
            CELLS[cell.actual, cell.predicted]: cell.rows for cell in confusion.itertuples()
        },
        "gain": [{"share": point.contacted, "found": point.gain} for point in ranked.itertuples()],
        "lift": [{"share": point.contacted, "lift": point.lift} for point in ranked.itertuples()],
    }


def _of(path: Path, champion: str) -> Any:
    found = pd.read_csv(path)
    return found[found["model"] == champion].drop(columns="model")


def _thinned(points: pd.DataFrame) -> pd.DataFrame:
    """Return so many points, the first and the last among them."""
    step = max(len(points) // POINTS, 1)
    kept = sorted({*range(0, len(points), step), len(points) - 1})
    return points.iloc[kept]
