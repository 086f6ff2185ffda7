"""The predictions that go with a published version, so that the next one can be set against it."""

from __future__ import annotations

import hashlib
import json
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from churnlab.errors import ChurnlabError
from churnlab.evaluation.clusters import places
from churnlab.review.evidence import Evidence
from churnlab.serialization import read_parquet, write_json, write_parquet

if TYPE_CHECKING:
    import pandas as pd

FOLDER = "evidence"
PARTS = ("test", "held_out")


def write_evidence(folder: Path, evidence: Evidence) -> None:
    """Write the predictions without the ids of customers, and what was decided with them.

    In place of an id stands its rank among the ids, so that two versions still pair row by row; a
    hash over all ids together tells whether they were judged on the same rows.
    """
    write_json(
        folder / "evidence.json",
        {
            "label": evidence.label,
            "threshold": evidence.threshold,
            "primary": evidence.primary,
            "horizon_days": evidence.horizon_days,
            "rows": {part: rows_hash(getattr(evidence, part)) for part in PARTS},
        },
        digits=15,
    )
    for part in PARTS:
        frame = getattr(evidence, part)
        write_parquet(folder / f"{part}.parquet", frame.assign(id=anonymous(frame["id"])))


def read_evidence(folder: Path, label: str) -> tuple[Evidence, dict[str, str]]:
    """Return the predictions, and by part the hash of the rows that were predicted.

    Raises:
        ChurnlabError: the version was published without predictions.
    """
    file = folder / "evidence.json"
    if not file.is_file():
        raise ChurnlabError(f"{label}: published without predictions; publish it again")
    said: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))
    frames = {part: read_parquet(folder / f"{part}.parquet") for part in PARTS}
    evidence = Evidence(
        label,
        threshold=said["threshold"],
        primary=said["primary"],
        horizon_days=said.get("horizon_days"),
        **frames,
    )
    return evidence, said["rows"]


def labelled(evidence: Evidence, label: str) -> Evidence:
    """Return the same evidence under another name."""
    return replace(evidence, label=label)


def anonymous(ids: pd.Series) -> np.ndarray:
    """Return numbers in place of ids, in their order; an `id@date` keeps its date."""
    values = ids.to_numpy()
    place = places(values)
    if place is None:
        return np.unique(values, return_inverse=True)[1]
    return np.array(
        [f"{entity}@{time}" for entity, time in zip(place.entity, place.time, strict=True)]
    )


def rows_hash(frame: pd.DataFrame) -> str:
    """Return a hash over the ids of all rows, in order, from which none can be told."""
    text = "\n".join(sorted({str(value) for value in frame["id"]}))
    return hashlib.sha256(text.encode()).hexdigest()
