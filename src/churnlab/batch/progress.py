"""How far a run has come, and which run it is: what a run that was killed goes on from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol

import pyarrow as pa

WORDS = {
    "study": "study",
    "model_version": "model",
    "date": "date",
    "groups": "risk groups",
    "id": "column of ids",
    "input_sha256": "input",
    "batch_rows": "size of batches",
}


@dataclass(frozen=True)
class Progress:
    """How far a run has come.

    Attributes:
        read: rows of the input that are done with.
        scored: rows written.
        bad: rows that could not be scored.
        bad_bytes: length of the file that tells of these.
    """

    read: int = 0
    scored: int = 0
    bad: int = 0
    bad_bytes: int = 0


@dataclass(frozen=True)
class State:
    """What a target has of a run."""

    progress: Progress
    finished: bool


class Target(Protocol):
    """Where scores go."""

    @property
    def name(self) -> str:
        """What people call it."""

    def state(self, run: Mapping[str, Any]) -> tuple[State | None, str]:
        """Return what is there of this run, or why nothing is that could be gone on with."""

    def start(self, run: Mapping[str, Any], schema: pa.Schema) -> None:
        """Forget what was begun, and make room for rows of a schema."""

    def write(self, rows: pa.Table, progress: Progress) -> None:
        """Keep rows together with the progress that they make: both, or none."""

    def finish(self, progress: Progress) -> None:
        """Make the whole visible."""


def differences(run: Mapping[str, Any], other: Mapping[str, Any]) -> str:
    """Return in words what tells two runs apart; empty where they are the same."""
    return " and ".join(word for name, word in WORDS.items() if run.get(name) != other.get(name))
