"""Two exported graphs, by what they answer."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from churnlab.champions.onnx_conversion import OUTPUT
from churnlab.serialization import read_parquet
from churnlab.verification.numbers import Allowance, Comparison, compare_numbers, other

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd


def compare_graphs(
    committed: bytes, rerun: bytes, allowance: Allowance, rows_file: Path
) -> Comparison:
    """Compare the churn probabilities that two ONNX graphs give for the same customers.

    Trees that split at another threshold are other bytes and may be the same model, so the bytes of
    the graphs are not looked into.

    Args:
        committed: the committed graph.
        rerun: that of the re-run.
        allowance: how far two probabilities may be apart.
        rows_file: the customers, a prepared Parquet table.
    """
    import onnxruntime

    graphs = [onnxruntime.InferenceSession(side) for side in (committed, rerun)]
    inputs = [{entry.name: entry.type for entry in graph.get_inputs()} for graph in graphs]
    if inputs[0] != inputs[1]:
        changed = sorted(name for name, _ in inputs[0].items() ^ inputs[1].items())
        return other(f"inputs of the graph: {', '.join(dict.fromkeys(changed))}")
    rows = read_parquet(rows_file)
    first, second = (_answers(graph, rows) for graph in graphs)
    return compare_numbers(first, second, allowance, lambda row: f"answer for test row {row + 1}")


def _answers(graph: Any, rows: pd.DataFrame) -> np.ndarray:
    """Return the probabilities, shape (rows,)."""
    columns = {
        entry.name: rows[[entry.name]].to_numpy(
            dtype="float64" if entry.type == "tensor(double)" else object
        )
        for entry in graph.get_inputs()
    }
    return graph.run([OUTPUT], columns)[0][:, 0]
