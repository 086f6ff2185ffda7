"""Symbols do what NumPy does: every operator, on both sides, with numbers and with columns."""

import operator

import numpy as np
import onnxruntime
import pytest
from onnx import TensorProto, helper

from churnlab.champions.onnx_graph import GraphBuilder, Symbol

A = np.array([-2.5, -1.0, 0.0, 0.5, 2.0, 3.0])
B = np.array([1.0, -1.0, 4.0, 0.5, 1e9, -3.0])


def evaluated(formula):
    graph = GraphBuilder()
    a, b = (Symbol(graph, graph.input(name, TensorProto.DOUBLE)) for name in "ab")
    model = graph.model(formula(a, b).name, "value")
    session = onnxruntime.InferenceSession(model.SerializeToString())
    feed = {"a": A[:, None], "b": B[:, None]}
    wanted = {entry.name for entry in session.get_inputs()}
    return session.run(["value"], {k: v for k, v in feed.items() if k in wanted})[0][:, 0]


@pytest.mark.parametrize("name", ["add", "sub", "mul", "truediv"])
def test_arithmetic_between_columns_and_with_numbers_on_either_side(name):
    apply = getattr(operator, name)
    np.testing.assert_array_equal(evaluated(apply), apply(A, B))
    np.testing.assert_array_equal(evaluated(lambda a, b: apply(a, 3.0) + 0 * b), apply(A, 3.0))
    np.testing.assert_array_equal(evaluated(lambda a, b: apply(3.0, b) + 0 * a), apply(3.0, B))


@pytest.mark.parametrize("name", ["ge", "gt", "le", "lt", "eq"])
def test_comparisons_give_one_and_zero(name):
    apply = getattr(operator, name)
    for formula, expected in (
        (apply, apply(A, B)),
        (lambda a, b: apply(a, 0.5) + 0 * b, apply(A, 0.5)),
    ):
        found = evaluated(formula)
        np.testing.assert_array_equal(found, expected.astype(float))
        assert 0 < found.sum() < len(A)


def test_absolute_value_and_sum():
    np.testing.assert_array_equal(evaluated(lambda a, b: abs(a) + 0 * b), np.abs(A))
    np.testing.assert_array_equal(evaluated(lambda a, b: sum([a, b, a])), A + B + A)


def test_a_symbol_has_no_truth_that_could_be_branched_on_by_hash():
    with pytest.raises(TypeError):
        hash(Symbol(GraphBuilder(), "a"))


def test_equal_calls_give_equal_bytes():
    def build():
        graph = GraphBuilder()
        a = Symbol(graph, graph.input("a", TensorProto.DOUBLE))
        return graph.model(((a + 1.0) * 2.0 >= 3.0).name, "value").SerializeToString()

    assert build() == build()


def included(wanted):
    """A graph with two outputs, of which one is taken over."""
    other = helper.make_graph(
        [
            helper.make_node("Add", ["X", "one"], ["kept"]),
            helper.make_node("Neg", ["X"], ["other"]),
        ],
        "part",
        [helper.make_tensor_value_info("X", TensorProto.DOUBLE, [None, 1])],
        [
            helper.make_tensor_value_info(name, TensorProto.DOUBLE, [None, 1])
            for name in ("kept", "other")
        ],
        [helper.make_tensor("one", TensorProto.DOUBLE, [1], [1.0])],
    )
    graph = GraphBuilder()
    source = graph.input("a", TensorProto.DOUBLE)
    doubled = (Symbol(graph, source) * 2.0).name
    return graph.model(graph.include(other, doubled, wanted), "value")


def test_an_included_graph_is_fed_from_its_source_and_loses_what_nobody_asks_for():
    model = included("kept")
    session = onnxruntime.InferenceSession(model.SerializeToString())
    np.testing.assert_array_equal(session.run(["value"], {"a": A[:, None]})[0][:, 0], 2 * A + 1)
    assert "Neg" not in {node.op_type for node in model.graph.node}
