"""How long the graph of a bundle takes for one row."""

from __future__ import annotations

import json
import statistics
import time
from pathlib import Path
from typing import Any

import numpy as np

from churnlab.deployments.bundles import GRAPH, WORDS
from churnlab.errors import ChurnlabError

WARM_UP, CALLS = 50, 500


def one_row_milliseconds(bundle: Path) -> float:
    """Return the median of one row through ONNX Runtime on one thread, in milliseconds.

    Args:
        bundle: folder of a deployed version; its words have the row.

    Raises:
        ChurnlabError: the words have no example.
    """
    import onnxruntime

    rows = json.loads((bundle / WORDS).read_text(encoding="utf-8"))["examples"]["rows"]
    if not rows:
        raise ChurnlabError(f"{bundle / WORDS}: there is no example row; publish the version again")
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    session = onnxruntime.InferenceSession(str(bundle / GRAPH), options)
    columns = {entry.name: _cell(rows[0][entry.name], entry.type) for entry in session.get_inputs()}
    for _ in range(WARM_UP):
        session.run(None, columns)
    return statistics.median(_timed(session, columns) for _ in range(CALLS))


def _timed(session: Any, columns: dict[str, np.ndarray]) -> float:
    start = time.perf_counter()
    session.run(None, columns)
    return (time.perf_counter() - start) * 1e3


def _cell(value: Any, kind: str) -> np.ndarray:
    if kind == "tensor(double)":
        return np.array([[np.nan if value is None else value]], dtype=np.float64)
    return np.array([[value]], dtype=object)
