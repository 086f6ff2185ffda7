"""The published model as MLflow runs it: the bundle's graph in ONNX Runtime, and no pickle.

MLflow keeps a copy of this file with every version and runs it wherever the version is served, so
it imports nothing of Churnlab.
"""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import mlflow
import numpy as np
import onnxruntime
import pandas as pd


class ServedModel(mlflow.pyfunc.PythonModel):
    """Columns of a data frame in; the column `p`, the probability of churn, out."""

    def load_context(self, context: mlflow.pyfunc.PythonModelContext) -> None:
        """Start the graph, once every file is what the bundle's manifest says.

        Raises:
            ValueError: a file was altered.
        """
        bundle = Path(context.artifacts["bundle"])
        for name, expected in json.loads((bundle / "manifest.json").read_bytes()).items():
            if hashlib.sha256((bundle / name).read_bytes()).hexdigest() != expected:
                raise ValueError(f"{bundle / name}: altered since it was published")
        options = onnxruntime.SessionOptions()
        # Servers answer side by side, each on a core of its own.
        options.intra_op_num_threads = 1
        self.session = onnxruntime.InferenceSession(str(bundle / "model.onnx"), options)

    def predict(
        self,
        context: mlflow.pyfunc.PythonModelContext,
        model_input: pd.DataFrame,
        params: dict | None = None,
    ) -> pd.DataFrame:
        """Return `p`, shape (rows, 1)."""
        columns = {
            entry.name: model_input[entry.name]
            .to_numpy(dtype=np.float64 if entry.type == "tensor(double)" else object)
            .reshape(-1, 1)
            for entry in self.session.get_inputs()
        }
        (found,) = self.session.run(None, columns)
        return pd.DataFrame({"p": np.asarray(found[:, 0], dtype=np.float64)})


mlflow.models.set_model(ServedModel())
