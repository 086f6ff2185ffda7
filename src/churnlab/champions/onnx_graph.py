"""A small builder of ONNX graphs, and symbols that record arithmetic as its nodes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from onnx import GraphProto, ModelProto, NodeProto, TensorProto, helper, numpy_helper

OPSET = 21
ML_OPSET = 3
IR_VERSION = 10


class GraphBuilder:
    """Collects inputs, constants and nodes; names are counted, so equal calls give equal bytes."""

    def __init__(self) -> None:
        self._nodes: list[NodeProto] = []
        self._constants: list[TensorProto] = []
        self._inputs: list[Any] = []
        self._count = 0

    def input(self, name: str, element_type: int) -> str:
        """Declare an input of shape (rows, 1) and return its name."""
        self._inputs.append(helper.make_tensor_value_info(name, element_type, [None, 1]))
        return name

    def constant(self, value: Any, dtype: Any = np.float64) -> str:
        """Add a constant and return its name."""
        name = self._fresh("constant")
        self._constants.append(numpy_helper.from_array(np.asarray(value, dtype=dtype), name))
        return name

    def text(self, value: str) -> str:
        """Add a text constant and return its name."""
        name = self._fresh("text")
        self._constants.append(helper.make_tensor(name, TensorProto.STRING, [1], [value.encode()]))
        return name

    def node(
        self, operator: str, inputs: Sequence[str], domain: str | None = None, **attributes: Any
    ) -> str:
        """Add a node with one output and return the name of that output."""
        output = self._fresh(operator)
        self._nodes.append(
            helper.make_node(operator, list(inputs), [output], domain=domain, **attributes)
        )
        return output

    def lookup(self, name: str, table: Mapping[str, float]) -> str:
        """Add a table of texts and float32 numbers; a text that it lacks gives 0."""
        found = self.node(
            "LabelEncoder",
            [name],
            domain="ai.onnx.ml",
            keys_strings=list(table),
            values_floats=list(table.values()),
            default_float=0.0,
        )
        return self.cast(found, TensorProto.DOUBLE)

    def cast(self, name: str, element_type: int) -> str:
        """Add a conversion to another element type."""
        return self.node("Cast", [name], to=element_type)

    def include(self, graph: GraphProto, source: str, wanted: str) -> str:
        """Copy the nodes of `graph`, feeding its only input from `source`; return output `wanted`.

        Nodes that only serve other outputs (labels) are left out.
        """
        prefix = self._fresh("part")
        renamed = {graph.input[0].name: source}

        def name_here(name: str) -> str:
            return renamed.get(name, f"{prefix}/{name}") if name else name

        for constant in graph.initializer:
            copy = TensorProto()
            copy.CopyFrom(constant)
            copy.name = name_here(constant.name)
            self._constants.append(copy)
        for node in _ancestors(graph, wanted):
            copied = NodeProto()
            copied.CopyFrom(node)
            copied.name = ""
            copied.input[:] = [name_here(name) for name in node.input]
            copied.output[:] = [name_here(name) for name in node.output]
            self._nodes.append(copied)
        return name_here(wanted)

    def model(self, output: str, name: str) -> ModelProto:
        """Return the checked model with `output`, shape (rows, 1), float64, called `name`."""
        self._nodes.append(helper.make_node("Identity", [output], [name]))
        graph = helper.make_graph(
            self._nodes,
            "churnlab",
            self._inputs,
            [helper.make_tensor_value_info(name, TensorProto.DOUBLE, [None, 1])],
            initializer=self._constants,
        )
        return helper.make_model(
            graph,
            opset_imports=[
                helper.make_opsetid("", OPSET),
                helper.make_opsetid("ai.onnx.ml", ML_OPSET),
            ],
            ir_version=IR_VERSION,
            producer_name="churnlab",
        )

    def _fresh(self, kind: str) -> str:
        self._count += 1
        return f"{kind}_{self._count}"


def _ancestors(graph: GraphProto, wanted: str) -> list[NodeProto]:
    """Return the nodes that `wanted` depends on, in their order."""
    needed = {wanted}
    kept = []
    for node in reversed(graph.node):
        if needed & set(node.output):
            kept.append(node)
            needed |= set(node.input)
    return kept[::-1]


class Symbol:
    """A float64 column of a graph under construction; operators add nodes to the graph.

    It stands in for a NumPy column in feature functions, which therefore have one definition for
    training and for serving.
    """

    def __init__(self, graph: GraphBuilder, name: str) -> None:
        self.graph = graph
        self.name = name

    def _operand(self, other: Any) -> str:
        return other.name if isinstance(other, Symbol) else self.graph.constant([float(other)])

    def _binary(self, operator: str, other: Any) -> Symbol:
        return Symbol(self.graph, self.graph.node(operator, [self.name, self._operand(other)]))

    def _reflected(self, operator: str, other: Any) -> Symbol:
        return Symbol(self.graph, self.graph.node(operator, [self._operand(other), self.name]))

    def _comparison(self, operator: str, other: Any) -> Symbol:
        truth = self.graph.node(operator, [self.name, self._operand(other)])
        return Symbol(self.graph, self.graph.cast(truth, TensorProto.DOUBLE))

    def __add__(self, other: Any) -> Symbol:
        return self._binary("Add", other)

    def __radd__(self, other: Any) -> Symbol:
        return self._reflected("Add", other)

    def __sub__(self, other: Any) -> Symbol:
        return self._binary("Sub", other)

    def __rsub__(self, other: Any) -> Symbol:
        return self._reflected("Sub", other)

    def __mul__(self, other: Any) -> Symbol:
        return self._binary("Mul", other)

    def __rmul__(self, other: Any) -> Symbol:
        return self._reflected("Mul", other)

    def __truediv__(self, other: Any) -> Symbol:
        return self._binary("Div", other)

    def __rtruediv__(self, other: Any) -> Symbol:
        return self._reflected("Div", other)

    def __abs__(self) -> Symbol:
        return Symbol(self.graph, self.graph.node("Abs", [self.name]))

    def __ge__(self, other: Any) -> Symbol:
        return self._comparison("GreaterOrEqual", other)

    def __gt__(self, other: Any) -> Symbol:
        return self._comparison("Greater", other)

    def __le__(self, other: Any) -> Symbol:
        return self._comparison("LessOrEqual", other)

    def __lt__(self, other: Any) -> Symbol:
        return self._comparison("Less", other)

    def __eq__(self, other: object) -> Symbol:  # type: ignore[override]
        return self._comparison("Equal", other)

    __hash__ = None  # type: ignore[assignment]
