"""The champion as one thing that scores rows, whether it is one model or a blend."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd
from sklearn.pipeline import Pipeline

from churnlab.models.blending import Blend, log_odds


@dataclass(frozen=True)
class Champion:
    """Fitted pipelines by model name, each with its family, and the blend over them if any."""

    name: str
    pipelines: Mapping[str, tuple[str, Pipeline]]
    blend: Blend | None = None

    def predict(self, rows: pd.DataFrame) -> np.ndarray:
        """Return churn probabilities, shape (rows,), float64."""
        parts = pd.DataFrame(
            {
                name: np.asarray(pipeline.predict_proba(rows)[:, 1], dtype=np.float64)
                for name, (_, pipeline) in self.pipelines.items()
            }
        )
        return parts.iloc[:, 0].to_numpy() if self.blend is None else self.blend.predict(parts)

    def log_odds(self, rows: pd.DataFrame) -> np.ndarray:
        """Return the log-odds of churn, shape (rows,): the scale on which reasons add up."""
        return log_odds(self.predict(rows))
