"""A small study with a column of every kind, exported as the pipeline exports, without a fit."""

from __future__ import annotations

import numpy as np
from onnx import TensorProto

from churnlab.champions.bundle import write_bundle
from churnlab.champions.onnx_conversion import OUTPUT
from churnlab.champions.onnx_graph import GraphBuilder, Symbol
from churnlab.deployments import Deployments

DATA = "d" * 64
THRESHOLD = 0.4
CITIES = {"Olinda": 0.5, "Recife": -0.5}
WORDS = {
    "study": "shop",
    "title": "Customers of a shop",
    "entity": "customer",
    "columns": {
        "calls": {"description": "Calls to the service", "type": "numeric", "usual": 1.0},
        "Spent (BRL)": {"description": "Spent in the month", "type": "numeric", "usual": 80.5},
        "plan": {"description": "Plan", "type": "categorical", "usual": None},
        "city": {"description": "City", "type": "code", "usual": None},
    },
    "groups": {"high": 0.5, "medium": 0.2},
    "value": 200.0,
    "currency": "BRL",
    "metrics": {"roc_auc": 0.8},
    "intervals": {},
    "examples": {
        "rows": [
            {"calls": 3, "Spent (BRL)": 120.5, "plan": "basic", "city": "Recife"},
            {"calls": 9, "Spent (BRL)": None, "plan": "plus", "city": "Olinda"},
        ]
    },
}
ROWS = WORDS["examples"]["rows"]


def probability(row: dict, weight: float = 0.3) -> float:
    """Return what the graph says of a row, computed apart from it."""
    spent = row["Spent (BRL)"]
    odds = weight * row["calls"] - 2.0 + (0.0 if spent is None else 0.01 * spent)
    odds += 0.7 * (row["plan"] == "plus") + CITIES.get(row["city"], 0.0)
    return float(1.0 / (1.0 + np.exp(-odds)))


def graph(weight: float) -> bytes:
    """Return the graph of `probability`."""
    builder = GraphBuilder()
    calls = Symbol(builder, builder.input("calls", TensorProto.DOUBLE))
    spent = builder.input("Spent (BRL)", TensorProto.DOUBLE)
    filled = builder.node("Where", [builder.node("IsNaN", [spent]), builder.constant(0.0), spent])
    plan = builder.node("Equal", [builder.input("plan", TensorProto.STRING), builder.text("plus")])
    city = builder.lookup(builder.input("city", TensorProto.STRING), CITIES)
    odds = calls * weight - 2.0 + Symbol(builder, filled) * 0.01
    odds = odds + Symbol(builder, builder.cast(plan, TensorProto.DOUBLE)) * 0.7
    output = builder.node("Sigmoid", [(odds + Symbol(builder, city)).name])
    return builder.model(output, OUTPUT).SerializeToString(deterministic=True)


def export(folder, weight: float = 0.3):
    """Write the bundle, another version for another weight, and return its folder."""
    quantity = {"integer": True, "max": 50.0, "min": 0.0, "type": "numeric"}
    money = {"integer": False, "max": None, "min": 0.0, "missing": "filled", "type": "numeric"}
    columns = {
        "calls": quantity,
        "Spent (BRL)": money,
        "plan": {"categories": ["basic", "plus"], "type": "categorical"},
        "city": {"type": "code"},
    }
    grid = np.linspace(0.0, 1.0, 51)
    documents = {
        "card": {
            "champion": "logistic",
            "data_sha256": DATA,
            "metrics": {"test": {"roc_auc": 0.8}},
            "study": "shop",
            "threshold": THRESHOLD,
            "threshold_reason": "chosen by hand",
        },
        "rates": {"p": grid, "low": 0.9 * grid, "high": 1.0 - 0.9 * (1.0 - grid)},
        "reference": {
            "numeric": {
                "calls": np.arange(11.0),
                "Spent (BRL)": np.linspace(0.0, 300.0, 11),
            },
            "categorical": {"plan": {"basic": 0.75, "plus": 0.25}},
            "codes": {"city": {"Olinda": 0.5, "Recife": 0.5}},
            "missing": {"Spent (BRL)": 0.1},
            "rows": 1000,
            "score": np.linspace(0.05, 0.95, 11),
        },
        "schema": {"columns": columns, "output": OUTPUT},
    }
    write_bundle(folder, graph(weight), documents)
    return folder


def deploy(home, folder, weight: float = 0.3, promote: bool = True) -> str:
    """Put a version of the shop into service below `home`, and return it."""
    deployments = Deployments(home / "deployments")
    version = deployments.add("shop", export(folder, weight), WORDS)
    if promote:
        deployments.promote("shop", version, "tests", "the tests need it")
    return version
