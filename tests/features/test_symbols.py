"""One definition of every feature: NumPy columns and ONNX symbols give the same values."""

import pkgutil
from importlib import import_module

import numpy as np
import onnxruntime
import pytest
from onnx import TensorProto

import churnlab.features
from churnlab.champions.onnx_graph import GraphBuilder, Symbol
from churnlab.config import load_catalog
from churnlab.features.variants import indicator

STUDIES = [
    module.name
    for module in pkgutil.iter_modules(churnlab.features.__path__)
    if hasattr(import_module(f"churnlab.features.{module.name}"), "engineered")
]
# Where comparisons switch, and either side of it.
EDGES = np.array([0.0, 0.01, 1.0, 2.0, 2.5, 3.0, 4.0, 5.0, 13.0, 13.1, 13.2, 55.0, 1e6])


def random_columns(catalog, rows=400):
    generator = np.random.default_rng(3)
    columns = {name: generator.choice(EDGES, rows) for name in catalog.numeric_inputs}
    for name, levels in catalog.categorical_inputs.items():
        chosen = generator.choice(len(levels), rows)
        for code, level in enumerate(levels):
            columns[indicator(name, level)] = (chosen == code).astype(float)
    return columns


def evaluated_as_graph(engineered, columns, feature):
    graph = GraphBuilder()
    symbols = {
        name: Symbol(graph, graph.input(name, TensorProto.DOUBLE)) for name in sorted(columns)
    }
    model = graph.model(engineered(symbols)[feature].name, "value")
    session = onnxruntime.InferenceSession(model.SerializeToString())
    fed = {entry.name: columns[entry.name][:, None] for entry in session.get_inputs()}
    return session.run(["value"], fed)[0][:, 0]


def test_both_shipped_studies_have_a_feature_module():
    assert {"telecom", "bank"} <= set(STUDIES)


@pytest.mark.parametrize("study", STUDIES)
def test_numpy_and_graph_agree_on_every_feature_to_the_last_bit(repo_root, study):
    engineered = import_module(f"churnlab.features.{study}").engineered
    columns = random_columns(load_catalog(study, repo_root))
    expected = engineered(columns)
    for feature, values in expected.items():
        assert len(np.unique(values)) > 1, f"{feature} never changes: the sample proves nothing"
        found = evaluated_as_graph(engineered, columns, feature)
        np.testing.assert_array_equal(found, values, err_msg=feature)
