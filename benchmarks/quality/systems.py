"""The systems of the comparison and what passes between them and the judge."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from importlib import import_module
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

OURS = "churnlab"
BUDGETED = ("flaml", "autogluon")
KEYS = ("row", "fold", "id", "y")
"""The columns of a table of rows that are not inputs."""


@dataclass(frozen=True)
class Settings:
    """What a system may know besides its rows.

    Attributes:
        root: the repository.
        study: name of the study.
        seed: of everything random.
        threads: cores to use.
        budget_seconds: of a search in one fold, for the systems that take a budget.
        models: the families of our recipe.
    """

    root: Path
    study: str
    seed: int
    threads: int
    budget_seconds: float
    models: tuple[str, ...]


@dataclass(frozen=True)
class FoldPredictions:
    """What a system gives for one fold.

    Attributes:
        p: churn probabilities of the held-out rows, shape (rows,).
        inner: columns `row, y, p`: predictions of training rows by models that did not see them;
            the threshold is chosen on these.
        note: plain values for the page, such as the model that was chosen.
    """

    p: np.ndarray
    inner: pd.DataFrame
    note: dict[str, Any] = field(default_factory=dict)


FitFold = Callable[[pd.DataFrame, pd.DataFrame, Settings], FoldPredictions]
"""(rows to fit on, rows to predict, settings) -> predictions."""


@dataclass(frozen=True)
class System:
    """One system: its title, the module with its `fit_fold`, and the packages it stands on."""

    title: str
    module: str
    packages: tuple[str, ...]

    def load(self, name: str) -> FitFold:
        """Return the function that fits this system in one fold."""
        functions: dict[str, FitFold] = import_module(f"benchmarks.quality.{self.module}").FIT_FOLD
        return functions[name]


SYSTEMS = {
    OURS: System(
        "Churnlab, the whole recipe", "ours", ("scikit-learn", "xgboost-cpu", "keras", "catboost")
    ),
    "rf_default": System("Random Forest, defaults", "libraries", ("scikit-learn",)),
    "xgb_default": System("XGBoost, defaults", "libraries", ("xgboost-cpu",)),
    "lightgbm_default": System("LightGBM, defaults", "libraries", ("lightgbm",)),
    "catboost_default": System("CatBoost, defaults", "libraries", ("catboost",)),
    "flaml": System("FLAML", "automl", ("flaml",)),
    "autogluon": System("AutoGluon, best_quality", "automl", ("autogluon.tabular",)),
}


def inputs(rows: pd.DataFrame) -> pd.DataFrame:
    """Return the input columns: numbers as float64, categories as pandas categories."""
    table = rows.drop(columns=list(KEYS))
    return table.astype(dict.fromkeys(categories(table), "category"))


def categories(table: pd.DataFrame) -> list[str]:
    """Return the columns of `table` that are not numeric."""
    return [str(name) for name in table if not pd.api.types.is_numeric_dtype(table[name])]
