"""From the events of a measured run to the time of each stage."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

STAGE_SCRIPT = "stage.py"

Interval = tuple[float, float]


@dataclass(frozen=True)
class StageTime:
    """One stage: its name, when it ran (monotonic seconds), and its share that is no work.

    Attributes:
        name: stage and model, such as `tune rf`.
        begin, end: from the birth of its process to the last thing that Python does in it.
        loading: seconds in which some process of the stage was starting or importing.
    """

    name: str
    begin: float
    end: float
    loading: float

    @property
    def seconds(self) -> float:
        """Wall time."""
        return self.end - self.begin


def read_events(file: Path) -> list[dict[str, Any]]:
    """Return the events that the hook noted, in the order of their begin."""
    events = [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines()]
    return sorted(events, key=lambda event: float(event["begin"]))


def stage_times(events: Sequence[dict[str, Any]]) -> list[StageTime]:
    """Return the stages in the order in which they ran.

    DVC runs one stage at a time, so a process that starts or imports while a stage runs belongs to
    it, whichever way it was started; DVC itself and other processes are told by their ids.
    """
    ends = {event["pid"]: event["end"] for event in events if event["event"] == "end"}
    starts = [event for event in events if event["event"] == "start"]
    mains = {event["pid"]: event for event in starts if _stage_name(event["command"])}
    outside = _ancestors(starts, mains)
    loading = [
        (event["begin"], event["end"])
        for event in events
        if event["event"] in ("start", "import") and event["pid"] not in outside
    ]
    return [
        StageTime(
            _stage_name(event["command"]),
            event["begin"],
            ends[pid],
            covered(loading, (event["begin"], ends[pid])),
        )
        for pid, event in mains.items()
        if pid in ends
    ]


def covered(intervals: Iterable[Interval], window: Interval) -> float:
    """Return the length of the union of `intervals` inside `window`."""
    reached, high = window
    total = 0.0
    for begin, end in sorted(intervals):
        total += max(0.0, min(end, high) - max(begin, reached))
        reached = max(reached, min(end, high))
    return total


def _stage_name(command: Sequence[str]) -> str:
    """Return `stage` or `stage model` of `python src/stage.py STAGE STUDY [MODEL]`, else ''."""
    if not command or Path(command[0]).name != STAGE_SCRIPT:
        return ""
    stage, _, *model = command[1:]
    return " ".join([stage, *model])


def _ancestors(starts: Sequence[dict[str, Any]], mains: dict[int, dict[str, Any]]) -> set[int]:
    """Return the processes that were there before the first stage: DVC."""
    first = min((event["begin"] for event in mains.values()), default=float("inf"))
    return {event["pid"] for event in starts if event["begin"] < first}
