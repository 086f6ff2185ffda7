"""A small bundle with the documents that scoring reads, and rows for it."""

from champions.fitted import FRESH, single
from churnlab.champions.bundle import BundledModel, write_bundle
from churnlab.champions.onnx_conversion import to_onnx
from models.samples import SCHEMA

ROWS = FRESH.drop(columns="y").reset_index(drop=True)
BOUNDS = {"min": 0, "max": 10_000, "integer": False}


def schema_document():
    numeric = {name: {"type": "numeric", **BOUNDS} for name in SCHEMA.numeric}
    categorical = {
        name: {"type": "categorical", "categories": list(levels)}
        for name, levels in SCHEMA.categorical.items()
    }
    return {"columns": {**numeric, **categorical}}


def small_bundle(folder):
    graph = to_onnx(single("xgb").pipelines, None).SerializeToString(deterministic=True)
    documents = {"card": {"champion": "xgb"}, "schema": schema_document()}
    write_bundle(folder / "bundle", graph, documents)
    return BundledModel.load(folder / "bundle")
