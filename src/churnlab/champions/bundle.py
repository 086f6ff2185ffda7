"""The exported bundle: a graph and plain JSON, with a manifest of hashes; never a pickle."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from churnlab.champions.onnx_conversion import OUTPUT
from churnlab.config import Catalog
from churnlab.errors import ChurnlabError
from churnlab.models.blending import log_odds
from churnlab.models.recipe import TableSchema
from churnlab.serialization import write_bytes, write_json

if TYPE_CHECKING:
    import onnxruntime

GRAPH = "model.onnx"
MANIFEST = "manifest.json"
VERSION_DIGITS = 12
QUANTILES = np.linspace(0.0, 1.0, 11)
DAYS = "days before the time of prediction"


def write_bundle(directory: Path, graph: bytes, documents: Mapping[str, Any]) -> None:
    """Write the graph, each document as `<name>.json`, and the manifest last."""
    write_bytes(directory / GRAPH, graph)
    for name, content in documents.items():
        write_json(directory / f"{name}.json", content)
    names = sorted([GRAPH, *(f"{name}.json" for name in documents)])
    write_json(directory / MANIFEST, {name: _sha256(directory / name) for name in names})


def bundle_schema(schema: TableSchema, catalog: Catalog) -> dict[str, Any]:
    """Return the input columns with type, bounds and categories, as the catalog declares them.

    A date is a number of days before the time of prediction; where `missing` is `filled`, NaN is
    accepted.
    """
    numeric = {
        name: {
            "integer": catalog.columns[name].integer,
            "max": catalog.columns[name].max,
            "min": catalog.columns[name].min,
            "type": "numeric",
            **({"missing": "filled"} if name in schema.filled else {}),
            **({"unit": DAYS} if catalog.columns[name].type == "date" else {}),
        }
        for name in schema.numeric
    }
    categorical = {
        name: {"categories": list(levels), "type": "categorical"}
        for name, levels in schema.categorical.items()
    }
    codes = {name: {"type": "code"} for name in schema.codes}
    return {"columns": {**numeric, **categorical, **codes}, "output": OUTPUT}


def reference_profile(
    rows: pd.DataFrame, schema: TableSchema, scores: np.ndarray
) -> dict[str, Any]:
    """Return what later batches are compared with: deciles, category shares, score deciles.

    Of columns in which values may be missing also the share of these, of codes the share of each.
    """
    missing = {name: float(rows[name].isna().mean()) for name in schema.filled}
    codes = {n: rows[n].value_counts(normalize=True).sort_index().to_dict() for n in schema.codes}
    return {
        "numeric": {name: np.quantile(rows[name].dropna(), QUANTILES) for name in schema.numeric},
        "categorical": {
            name: {level: float((rows[name] == level).mean()) for level in levels}
            for name, levels in schema.categorical.items()
        },
        "rows": len(rows),
        "score": np.quantile(scores, QUANTILES),
        **({"missing": missing} if missing else {}),
        **({"codes": codes} if codes else {}),
    }


@dataclass(frozen=True)
class BundledModel:
    """A bundle that scores rows; it goes to another process by its directory alone."""

    directory: Path

    @classmethod
    def load(cls, directory: Path) -> BundledModel:
        """Return the model of a bundle whose files are as its manifest states.

        Raises:
            ChurnlabError: a file of the bundle is missing or altered.
        """
        verify_bundle(directory)
        return cls(directory)

    @property
    def version(self) -> str:
        """The beginning of the manifest's hash, which changes with any file of the bundle."""
        return _sha256(self.directory / MANIFEST)[:VERSION_DIGITS]

    def document(self, name: str) -> Any:
        """Return one of the plain documents of the bundle: `card`, `rates`, `schema`."""
        return json.loads((self.directory / f"{name}.json").read_text(encoding="utf-8"))

    def predict(self, rows: pd.DataFrame) -> np.ndarray:
        """Return churn probabilities of `rows`, shape (rows,)."""
        session = _session(self.directory / GRAPH, self.version)
        columns = {
            entry.name: rows[entry.name]
            .to_numpy(dtype=np.float64 if entry.type == "tensor(double)" else object)
            .reshape(-1, 1)
            for entry in session.get_inputs()
        }
        return np.asarray(session.run([OUTPUT], columns)[0][:, 0], dtype=np.float64)

    def log_odds(self, rows: pd.DataFrame) -> np.ndarray:
        """Return the log-odds of churn, shape (rows,): the scale on which reasons add up."""
        return log_odds(self.predict(rows))


@lru_cache(maxsize=1)
def _session(graph: Path, version: str) -> onnxruntime.InferenceSession:
    """Return the running graph; `version` tells apart bundles that follow each other in a place."""
    import onnxruntime

    options = onnxruntime.SessionOptions()
    # Rows are scored in processes side by side, each on a core of its own.
    options.intra_op_num_threads = 1
    return onnxruntime.InferenceSession(str(graph), options)


def verify_bundle(directory: Path) -> None:
    """Raise when a file of the bundle is missing or altered.

    Raises:
        ChurnlabError: names the file and both hashes.
    """
    manifest = directory / MANIFEST
    if not manifest.is_file():
        raise ChurnlabError(
            f"{manifest}: there is no such file; run `dvc repro` up to export first"
        )
    for name, expected in json.loads(manifest.read_text()).items():
        path = directory / name
        actual = _sha256(path) if path.is_file() else "no file"
        if actual != expected:
            raise ChurnlabError(
                f"{path}: sha256 is {actual}, but the manifest says {expected}; export again, or "
                "restore the bundle with `dvc checkout`"
            )


def _sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()
