"""Predictions of one system, kept in one file with what they were made of.

The file is replaced after every fold, so that a run which was killed goes on where it stopped.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

COLUMNS = {"fold": "int64", "part": "str", "row": "int64", "y": "int64", "p": "float64"}
METADATA = b"benchmark"


@dataclass
class Cached:
    """Predictions and the notes on each fold that is done.

    Attributes:
        fingerprint: of rows, settings and code; other predictions are stale.
        versions: packages that the system stands on.
        notes: fold -> `seconds` and whatever the system tells.
        predictions: columns `fold, part, row, y, p`; the part is `test` for held-out rows and
            `inner` for those that the threshold is chosen on.
    """

    fingerprint: str
    versions: dict[str, str] = field(default_factory=dict)
    notes: dict[int, dict[str, Any]] = field(default_factory=dict)
    predictions: pd.DataFrame = field(
        default_factory=lambda: pd.DataFrame(columns=list(COLUMNS)).astype(COLUMNS)
    )

    def add(self, fold: int, parts: dict[str, pd.DataFrame], note: dict[str, Any]) -> None:
        """Add the predictions of one fold, as frames of `row, y, p` by part."""
        tables = [table.assign(fold=fold, part=part) for part, table in parts.items()]
        known = [] if self.predictions.empty else [self.predictions]
        joined = pd.concat([*known, *tables], ignore_index=True)
        self.predictions = joined[list(COLUMNS)].astype(COLUMNS)
        self.notes[fold] = note


def load(path: Path, fingerprint: str | None) -> Cached | None:
    """Return what is cached under `fingerprint`, or None where there is nothing of that kind.

    Without a `fingerprint`, return what is there, whatever made it.
    """
    if not path.is_file():
        return None
    table = pq.read_table(path)
    metadata = json.loads((table.schema.metadata or {}).get(METADATA, b"{}"))
    found = metadata.get("fingerprint")
    if found is None or fingerprint not in (None, found):
        return None
    notes = {int(fold): note for fold, note in metadata["notes"].items()}
    return Cached(found, metadata["versions"], notes, table.to_pandas())


def save(path: Path, cached: Cached) -> None:
    """Write `cached` in place of what is there."""
    content = {
        "fingerprint": cached.fingerprint,
        "versions": cached.versions,
        "notes": cached.notes,
    }
    table = pa.Table.from_pandas(cached.predictions, preserve_index=False)
    table = table.replace_schema_metadata({METADATA: json.dumps(content).encode()})
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f".{path.name}.part")
    pq.write_table(table, temporary)
    temporary.replace(path)
