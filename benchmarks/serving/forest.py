"""One forest of 100 trees on 12 columns, in the three forms that services load."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import joblib
import numpy as np
import pandas as pd
from onnx import TensorProto
from sklearn.ensemble import RandomForestClassifier

from churnlab.champions.bundle import write_bundle
from churnlab.champions.onnx_conversion import OUTPUT
from churnlab.champions.onnx_graph import GraphBuilder
from churnlab.deployments import Deployments
from churnlab.models.family import load_family
from churnlab.paths import StudyPaths

STUDY = "telecom"
COLUMNS = 12
TREES = 100


@dataclass(frozen=True)
class Forest:
    """The model, and rows to ask about."""

    columns: list[str]
    model: RandomForestClassifier
    rows: pd.DataFrame

    def values(self, count: int) -> list[dict[str, float]]:
        """Return so many rows as JSON has them, drawn from the test part."""
        drawn = self.rows.sample(count, replace=count > len(self.rows), random_state=0)
        return json.loads(drawn.to_json(orient="records"))


def fit(root: Path) -> Forest:
    """Return a forest on the first numeric columns of the telecom study."""
    paths = StudyPaths(root, STUDY)
    train, test = pd.read_parquet(paths.prepared_train), pd.read_parquet(paths.prepared_test)
    numeric = train.drop(columns=["id", "y"]).select_dtypes("number").columns
    columns = list(numeric[:COLUMNS])
    model = RandomForestClassifier(TREES, random_state=0, n_jobs=1)
    model.fit(train[columns].to_numpy(dtype=np.float32), train["y"])
    return Forest(columns, model, test[columns].astype(np.float64))


def write_joblib(forest: Forest, path: Path) -> None:
    """Write what the plain service loads."""
    joblib.dump({"columns": forest.columns, "model": forest.model}, path)


def write_mlflow(forest: Forest, folder: Path) -> None:
    """Write what `mlflow models serve` loads."""
    import mlflow

    example = forest.rows.head(2)
    # Of the formats that MLflow offers the one that it serves without a list of trusted types.
    mlflow.sklearn.save_model(
        forest.model,
        str(folder),
        signature=mlflow.models.infer_signature(example, forest.model.predict_proba(example)),
        pyfunc_predict_fn="predict_proba",
        serialization_format="cloudpickle",
        pip_requirements=[],
    )


def deploy(forest: Forest, home: Path, export: Path, copies: int = 1) -> list[str]:
    """Put the bundle into service, and return its versions: equal but for their names."""
    deployments = Deployments(home / "deployments")
    versions = []
    for copy in range(copies):
        folder = export / str(copy)
        write_bundle(folder, _graph(forest), _documents(forest, copy))
        versions.append(deployments.add(STUDY, folder, _words(forest)))
    deployments.promote(STUDY, versions[0], "benchmark", "the model that is measured")
    return versions


def _graph(forest: Forest) -> bytes:
    graph = GraphBuilder()
    inputs = [graph.input(name, TensorProto.DOUBLE) for name in forest.columns]
    matrix = graph.cast(graph.node("Concat", inputs, axis=1), TensorProto.FLOAT)
    append = load_family("rf").append_onnx
    assert append is not None
    output = graph.cast(append(graph, matrix, [forest.model]), TensorProto.DOUBLE)
    return graph.model(output, OUTPUT).SerializeToString(deterministic=True)


def _documents(forest: Forest, copy: int) -> dict[str, Any]:
    grid, deciles = np.linspace(0.0, 1.0, 51), np.linspace(0.0, 1.0, 11)
    return {
        "card": {
            "champion": "rf",
            "copy": copy,
            "data_sha256": "0" * 64,
            "metrics": {},
            "study": STUDY,
            "threshold": 0.5,
            "threshold_reason": "none: a benchmark",
        },
        "rates": {"p": grid, "low": grid, "high": grid},
        "reference": {
            "numeric": {name: np.quantile(forest.rows[name], deciles) for name in forest.columns},
            "categorical": {},
            "rows": len(forest.rows),
            "score": deciles,
        },
        "schema": {
            "columns": {
                name: {"integer": False, "max": None, "min": 0.0, "type": "numeric"}
                for name in forest.columns
            },
            "output": OUTPUT,
        },
    }


def _words(forest: Forest) -> dict[str, Any]:
    columns = {name: {"description": name, "type": "numeric"} for name in forest.columns}
    return {"columns": columns, "groups": {"high": 0.5, "medium": 0.2}, "examples": {"rows": []}}
