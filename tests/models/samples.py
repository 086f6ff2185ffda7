"""A small prepared table with a known signal, its schema, and recipes over it."""

import numpy as np
import pandas as pd
from scipy.special import expit

from churnlab.models.recipe import Recipe, TableSchema

SCHEMA = TableSchema(
    study="small",
    numeric=("minutes", "calls"),
    categorical={"plan": ("basic", "family", "premium")},
)


def prepared(rows=120, seed=0):
    """Rows as the prepare stage writes them; long minutes and a basic plan make a churner."""
    generator = np.random.default_rng(seed)
    frame = pd.DataFrame(
        {
            "id": np.arange(1000, 1000 + rows),
            "minutes": generator.normal(100.0, 30.0, rows).round(1),
            "calls": generator.integers(0, 9, rows).astype(float),
            "plan": generator.choice(["basic", "family", "premium"], rows),
        }
    )
    log_odds = (frame["minutes"] - 110.0) / 10.0 + 2.0 * (frame["plan"] == "basic")
    churned = generator.random(rows) < expit(log_odds)
    frame.insert(1, "y", churned.astype(np.int8))
    return frame


def recipe(family, parameters=None, name=None, seed=7, schema=SCHEMA, variant="all"):
    return Recipe(name or family, family, variant, schema, seed, parameters)


SMALL_PARAMETERS = {
    "rf": {"n_estimators": 8, "max_depth": 4, "class_weight": "none"},
    "xgb": {"n_estimators": 8, "max_depth": 3, "learning_rate": 0.3},
    "mlp": {
        "units": 4,
        "layers": 1,
        "bins": 4,
        "members": 2,
        "epochs": 2,
        "batch_size": 32,
        "learning_rate": 0.02,
        "dropout": 0.1,
        "weight_decay": 0.01,
    },
    "catboost": {"iterations": 8, "depth": 3, "learning_rate": 0.3},
    "lightgbm": {"n_estimators": 8, "num_leaves": 7, "learning_rate": 0.3},
    "logistic": {"C": 0.5},
}
