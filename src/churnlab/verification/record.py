"""What `dvc.lock` records: which stage read and wrote which bytes, with which parameters."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import yaml

Record = Mapping[str, "StageRecord"]


@dataclass(frozen=True)
class StageRecord:
    """One stage: its command, and path or parameter -> hash or value."""

    command: str
    deps: Mapping[str, str]
    params: Mapping[str, Any]
    outs: Mapping[str, str]


@dataclass(frozen=True)
class InputChange:
    """An input that a stage had when it was recorded, and has no more."""

    what: str
    stages: tuple[str, ...]


def read_record(lock: str) -> dict[str, StageRecord]:
    """Return the stages that the text of a `dvc.lock` records, by name."""
    document = yaml.safe_load(lock) or {}
    return {name: _stage(entry) for name, entry in document.get("stages", {}).items()}


def study_of(stage: str) -> str:
    """Return the study of a stage: `telecom` for `tune@telecom-rf`; no stage runs for two."""
    return stage.partition("@")[2].partition("-")[0]


def directory_hash(files: Mapping[str, bytes]) -> str:
    """Return DVC's hash of a folder, from the contents of its files by path inside it.

    It is the MD5 of a JSON list of MD5 and path of each file, in the order of the paths, and ends
    in `.dir`.
    """
    entries = [{"md5": content_hash(files[path]), "relpath": path} for path in sorted(files)]
    return content_hash(json.dumps(entries, sort_keys=True).encode()) + ".dir"


def content_hash(content: bytes) -> str:
    """Return DVC's hash of a file."""
    return hashlib.md5(content, usedforsecurity=False).hexdigest()


def input_changes(committed: Record, rerun: Record) -> list[InputChange]:
    """Return what the stages read that is not what `dvc.lock` says they read, with the stages.

    Outputs of other stages are left out: where they differ, that is a result, not an input.
    """
    produced = {path for record in (committed, rerun) for s in record.values() for path in s.outs}
    found: dict[str, list[str]] = {}
    for name in committed.keys() & rerun.keys():
        for what in _changes(committed[name], rerun[name], produced):
            found.setdefault(what, []).append(name)
    return [InputChange(what, tuple(sorted(stages))) for what, stages in sorted(found.items())]


def overlaps(path: str, other: str) -> bool:
    """Return whether two paths are the same, or one lies inside the other."""
    return path == other or path.startswith(f"{other}/") or other.startswith(f"{path}/")


def followers(record: Record, stage: str) -> set[str]:
    """Return the stages that read, directly or not, what `stage` writes."""
    return _reached(stage, {name: (s.outs, s.deps) for name, s in record.items()})


def origins(record: Record, stage: str) -> set[str]:
    """Return the stages that write, directly or not, what `stage` reads."""
    return _reached(stage, {name: (s.deps, s.outs) for name, s in record.items()})


def _reached(start: str, ends: Mapping[str, tuple[Mapping, Mapping]]) -> set[str]:
    found, waiting = set(), [start]
    while waiting:
        here, _ = ends[waiting.pop()]
        for name, (_, there) in ends.items():
            if name not in found and any(overlaps(a, b) for a in here for b in there):
                found.add(name)
                waiting.append(name)
    return found - {start}


def _stage(entry: Mapping[str, Any]) -> StageRecord:
    params = {
        f"{file}:{key}": value
        for file, values in entry.get("params", {}).items()
        for key, value in values.items()
    }
    return StageRecord(
        str(entry.get("cmd", "")), _hashes(entry, "deps"), params, _hashes(entry, "outs")
    )


def _hashes(entry: Mapping[str, Any], part: str) -> dict[str, str]:
    return {item["path"]: item.get("md5", "") for item in entry.get(part, [])}


def _changes(before: StageRecord, after: StageRecord, produced: set[str]) -> Iterator[str]:
    if before.command != after.command:
        yield f"command: {before.command} -> {after.command}"
    for key in before.params.keys() | after.params.keys():
        old, new = before.params.get(key), after.params.get(key)
        if old != new:
            yield f"{key.replace(':', ': ', 1)}: {_short(old)} -> {_short(new)}"
    for path in {path for path, _ in before.deps.items() ^ after.deps.items()}:
        if not any(overlaps(path, out) for out in produced):
            yield path


def _short(value: Any) -> str:
    text = "nothing" if value is None else json.dumps(value)
    return text if len(text) <= 60 else f"{text[:57]}..."
