"""Fitted pipelines and blends to one graph: columns in, churn probability out."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from onnx import ModelProto, TensorProto
from sklearn.pipeline import Pipeline

from churnlab.champions.onnx_graph import GraphBuilder, Symbol
from churnlab.errors import ChurnlabError
from churnlab.features.builder import FeatureBuilder
from churnlab.features.learnt import LearntFeatureBuilder
from churnlab.features.variants import derive, indicator
from churnlab.models.blending import PROBABILITY_FLOOR, Blend
from churnlab.models.family import load_family

OUTPUT = "churn_probability"


def to_onnx(pipelines: Mapping[str, tuple[str, Pipeline]], blend: Blend | None) -> ModelProto:
    """Return the graph of a blend, or of a single pipeline where `blend` is None.

    Args:
        pipelines: (family, fitted pipeline) by model name.
        blend: weights by model name and calibration.

    Raises:
        ChurnlabError: a family cannot be exported.
    """
    graph = GraphBuilder()
    first = next(iter(pipelines.values()))[1]
    columns = _encoded_inputs(graph, first[0])
    probabilities = {
        name: _probability(graph, family, pipeline, columns)
        for name, (family, pipeline) in pipelines.items()
    }
    if blend is None:
        (output,) = probabilities.values()
    else:
        output = _blended(graph, probabilities, blend)
    return graph.model(output, OUTPUT)


def _encoded_inputs(graph: GraphBuilder, builder: FeatureBuilder) -> dict[str, Symbol]:
    """Declare the prepared columns as inputs and return numeric columns and indicators.

    What was learnt is the same in every model, since all are fitted on the same training rows.
    """
    sources = {name: graph.input(name, TensorProto.DOUBLE) for name in builder.numeric}
    columns = {name: Symbol(graph, source) for name, source in sources.items()}
    for name, levels in builder.categorical.items():
        source = graph.input(name, TensorProto.STRING)
        for level in levels:
            truth = graph.node("Equal", [source, graph.text(level)])
            columns[indicator(name, level)] = Symbol(graph, graph.cast(truth, TensorProto.DOUBLE))
    if isinstance(builder, LearntFeatureBuilder):
        sources |= {name: graph.input(name, TensorProto.STRING) for name in builder.codes}
        learnt = builder.append_onnx(graph, sources)
        columns |= {name: Symbol(graph, found) for name, found in learnt.items()}
    return columns


def _probability(
    graph: GraphBuilder, family: str, pipeline: Pipeline, columns: Mapping[str, Symbol]
) -> str:
    """Return the name of the (rows, 1) float64 probability of one pipeline."""
    append = load_family(family).append_onnx
    if append is None:
        raise ChurnlabError(
            f"models: '{family}' has no export to ONNX; give its FAMILY an append_onnx, or choose "
            "another champion"
        )
    b = pipeline[0]
    derived = derive(columns, b.study, b.variant, *b.layout())
    matrix = graph.node("Concat", [symbol.name for symbol in derived.values()], axis=1)
    features = graph.cast(matrix, TensorProto.FLOAT)
    probability = append(graph, features, list(pipeline[1:]))
    return graph.cast(probability, TensorProto.DOUBLE)


def _blended(graph: GraphBuilder, probabilities: Mapping[str, str], blend: Blend) -> str:
    terms = []
    for name, weight in blend.weights.items():
        clipped = graph.node(
            "Clip",
            [
                probabilities[name],
                graph.constant(PROBABILITY_FLOOR),
                graph.constant(1.0 - PROBABILITY_FLOOR),
            ],
        )
        p = Symbol(graph, clipped)
        odds = graph.node("Log", [(p / (1.0 - p)).name])
        terms.append(Symbol(graph, odds) * weight)
    score = sum(terms[1:], start=terms[0])
    if blend.knots:
        return _interpolated(graph, score, np.array(blend.knots)).name
    return graph.node("Sigmoid", [(score * blend.slope + blend.intercept).name])


def _interpolated(graph: GraphBuilder, score: Symbol, knots: np.ndarray) -> Symbol:
    """Return linear interpolation as a sum of clipped ramps, constant beyond the ends."""
    grid, values = knots.T
    value: Any = Symbol(graph, score.name) * 0.0 + values[0]
    for low, width, rise in zip(grid[:-1], np.diff(grid), np.diff(values), strict=True):
        # Rounding can bring two knots together; what is left of their ramp is a step.
        if width == 0:
            value = value + (score >= low) * rise
            continue
        ramp = graph.node("Clip", [(score - low).name, graph.constant(0.0), graph.constant(width)])
        value = value + Symbol(graph, ramp) * (rise / width)
    return value
