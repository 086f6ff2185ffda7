"""Identifiers of 32 hexadecimal digits, as in the published tables, made by the million."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    import pyarrow as pa

LENGTH = 32
_DIGITS = np.array([f"{value:02x}" for value in range(256)], dtype="S2")


def hex_ids(rng: np.random.Generator, number: int) -> np.ndarray:
    """Return random identifiers, shape (number,), 32 bytes of ASCII each."""
    values = np.frombuffer(rng.bytes(number * LENGTH // 2), dtype=np.uint8)
    return _DIGITS[values].view(f"S{LENGTH}")


def as_text(ids: np.ndarray) -> pa.Array:
    """Return identifiers as an Arrow column of texts, without a copy of each."""
    import pyarrow as pa

    offsets = np.arange(len(ids) + 1, dtype=np.int32) * LENGTH
    content = np.ascontiguousarray(ids)
    return pa.StringArray.from_buffers(len(ids), pa.py_buffer(offsets), pa.py_buffer(content))
