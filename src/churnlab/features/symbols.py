"""What a feature function computes on: anything with arithmetic and comparisons.

The same function runs on NumPy columns (training, batch) and on symbols that record an ONNX graph
(export), so there is one definition of every feature.
"""

from collections.abc import Mapping
from typing import Any

Column = Any
"""A float64 NumPy array of shape (rows,), or a symbol with the same operators."""

Columns = Mapping[str, Column]
"""Numeric columns by name, and one indicator `<column>=<level>` per category level."""
