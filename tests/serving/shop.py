"""A small study with a column of every kind, exported as the pipeline exports, without a fit."""

from __future__ import annotations

import json

import numpy as np
import pyarrow as pa
from onnx import TensorProto

from churnlab.champions.bundle import write_bundle
from churnlab.champions.onnx_conversion import OUTPUT
from churnlab.champions.onnx_graph import GraphBuilder, Symbol
from churnlab.deployments import Deployments
from churnlab.lists import ListName, Lists

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
    "metrics": {"roc_auc": 0.8, "f1": 0.61, "log_loss": 0.4123},
    "cv": {"roc_auc": 0.79, "f1": 0.6, "log_loss": 0.42},
    "intervals": {
        "test": {
            "roc_auc": {"estimate": 0.8, "low": 0.76, "high": 0.84},
            "f1": {"estimate": 0.61, "low": 0.55, "high": 0.66},
        },
        "cv": {"roc_auc": {"estimate": 0.79, "low": 0.77, "high": 0.81}},
    },
    "curves": {
        "calibration": [
            {"predicted": 0.05, "observed": 0.04, "rows": 200},
            {"predicted": 0.25, "observed": 0.28, "rows": 150},
            {"predicted": 0.45, "observed": 0.41, "rows": 90},
            {"predicted": 0.7, "observed": 0.75, "rows": 60},
        ],
        "confusion": {"tp": 70, "fp": 40, "fn": 50, "tn": 340},
        "gain": [{"share": share / 10, "found": 1 - (1 - share / 10) ** 2} for share in range(11)],
        "lift": [{"share": share / 10, "lift": 2 - share / 10} for share in range(1, 11)],
    },
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


def deploy(home, folder, weight: float = 0.3, promote: bool = True, words=WORDS) -> str:
    """Put a version of the shop into service below `home`, and return it."""
    deployments = Deployments(home / "deployments")
    version = deployments.add("shop", export(folder, weight), words)
    if promote:
        deployments.promote("shop", version, "tests", "the tests need it")
    return version


HOSTILE = "<script>alert(1)</script>"
FORMULA = '=HYPERLINK("x")'
DATES = ("2018-07-01", "2018-08-01", "2018-09-01")
CUSTOMERS = 120


def customers(seed: int, weight: float = 0.3) -> list[dict]:
    """Return rows of the shop with their probabilities, the riskiest first; two have odd ids."""
    generator = np.random.default_rng(seed)
    names = [HOSTILE, FORMULA, "a/b?c&d", *(f"C{i:04}" for i in range(3, CUSTOMERS))]
    rows = [
        {
            "id": name,
            "calls": min(int(generator.poisson(2.5)), 10),
            "Spent (BRL)": None if i % 10 == 0 else round(float(generator.uniform(0, 300)), 2),
            "plan": "plus" if generator.uniform() < 0.25 else "basic",
            "city": "Olinda" if generator.uniform() < 0.5 else "Recife",
        }
        for i, name in enumerate(names)
    ]
    return sorted(rows, key=lambda row: -probability(row, weight))


def listed(date: str, version: str, seed: int, weight: float = 0.3) -> pa.Table:
    """Return a list as the pipeline publishes it; the riskiest half has reasons."""
    rows = customers(seed, weight)
    p = np.array([probability(row, weight) for row in rows])
    half = len(rows) // 2
    first = [f"Calls to the service: {row['calls']} (usual: 1)" for row in rows[:half]]
    first[0] = f"City: {HOSTILE}"
    inputs = [json.dumps({k: v for k, v in row.items() if k != "id"}) for row in rows]
    return pa.table(
        {
            "rank": np.arange(1, len(rows) + 1),
            "id": [row["id"] for row in rows],
            "date": [date] * len(rows),
            "p": p.round(6),
            "p_low": (0.9 * p).round(6),
            "p_high": (1.0 - 0.9 * (1.0 - p)).round(6),
            "risk_group": np.where(p >= 0.5, "high", np.where(p >= 0.2, "medium", "low")),
            "value": np.full(len(rows), 200.0),
            "value_at_stake": (200.0 * p).round(2),
            "model": ["logistic"] * len(rows),
            "model_version": [version] * len(rows),
            "features_version": ["f" * 12] * len(rows),
            "data_version": ["e" * 12] * len(rows),
            "reason_1": pa.array([*first, *[None] * (len(rows) - half)], pa.string()),
            "contribution_1": pa.array(
                [*np.linspace(2, 1, half), *[None] * (len(rows) - half)], pa.float64()
            ),
            "reason_2": pa.array(
                [f"City: {row['city']}" if i < half else None for i, row in enumerate(rows)]
            ),
            "contribution_2": pa.array(
                [-0.2 if i < half else None for i in range(len(rows))], pa.float64()
            ),
            "inputs": inputs,
        }
    )


def publish(home, version: str, weight: float = 0.3) -> list[ListName]:
    """Publish a list per date below `home`, and return their names, the newest first."""
    lists = Lists(home / "lists")
    for seed, date in enumerate(DATES):
        lists.add("shop", listed(date, version, seed, weight), date, version)
    return lists.all("shop")
