"""A small bundle with the documents that scoring reads, rows for it, and what it says of them."""

import datetime

import numpy as np
import pandas as pd

from champions.fitted import FRESH, single
from churnlab.batch.local import opened, score_table
from churnlab.champions.bundle import BundledModel, write_bundle
from churnlab.champions.onnx_conversion import to_onnx
from models.samples import SCHEMA

ROWS = FRESH.drop(columns="y").reset_index(drop=True)
DAY = datetime.date(2026, 1, 31)
GROUPS = {"high": 0.5, "medium": 0.2}
THRESHOLD = 0.4
GRID = np.linspace(0.0, 1.0, 11)
BOUNDS = {"min": 0, "max": 10_000, "integer": False}


def schema_document():
    numeric = {name: {"type": "numeric", **BOUNDS} for name in SCHEMA.numeric}
    categorical = {
        name: {"type": "categorical", "categories": list(levels)}
        for name, levels in SCHEMA.categorical.items()
    }
    return {"columns": {**numeric, **categorical}}


def small_bundle(folder, threshold=THRESHOLD):
    graph = to_onnx(single("xgb").pipelines, None).SerializeToString(deterministic=True)
    documents = {
        "card": {"champion": "xgb", "threshold": threshold},
        "rates": {"p": GRID, "low": 0.8 * GRID, "high": 0.1 + 0.9 * GRID},
        "schema": schema_document(),
    }
    write_bundle(folder / "bundle", graph, documents)
    return BundledModel.load(folder / "bundle")


def expected(scorer, rows=ROWS):
    """What is written of rows, computed apart from the code under test."""
    p = scorer.model.predict(rows)
    group = ["high" if one >= 0.5 else "medium" if one >= 0.2 else "low" for one in p]
    return pd.DataFrame(
        {
            "id": rows["id"].tolist(),
            "p": p,
            "p_low": 0.8 * p,
            "p_high": 0.1 + 0.9 * p,
            "churn": p >= THRESHOLD,
            "risk_group": group,
            "model_version": scorer.version,
            "date": scorer.date,
        }
    )


def scored(scorer, source, target, id_column="id", **options):
    """Score between two addresses, as the command does."""
    options = {"study": "small", "threads": 2, "batch_rows": 50, **options}
    with opened(scorer, str(source), str(target), id_column) as (rows, place):
        return score_table(scorer, rows, place, **options)
