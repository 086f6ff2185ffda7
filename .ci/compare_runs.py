"""Holds a second run of the pipeline against a first one.

    python .ci/compare_runs.py FIRST SECOND [--tolerance T]

FIRST and SECOND are directories with a `dvc.lock` and a `metrics` folder. Exit status: 0 when every
output has the same bytes; 3 when bytes differ but the inputs are the same and every metric agrees
within the tolerance; 1 when the inputs differ, or a metric is further off.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml

SAME, FAILED, WITHIN_TOLERANCE = 0, 1, 3
METRIC_FILES = ("test.json", "cv.json")

Stages = dict[str, dict[str, Any]]


def read_stages(directory: Path) -> Stages:
    """Return the stages of the `dvc.lock` in a directory, by name."""
    lock = yaml.safe_load((directory / "dvc.lock").read_text(encoding="utf-8"))
    return lock["stages"]


def hashes(stage: dict[str, Any], part: str) -> dict[str, str]:
    """Return path -> md5 of a stage's `deps` or `outs`."""
    return {entry["path"]: entry["md5"] for entry in stage.get(part, [])}


def is_produced(path: str, outputs: set[str]) -> bool:
    """Return whether a path is an output, lies inside one or holds one."""
    return any(
        path == out or path.startswith(f"{out}/") or out.startswith(f"{path}/") for out in outputs
    )


def changed_inputs(first: Stages, second: Stages) -> Iterator[str]:
    """Yield what makes the two runs different experiments: sources, parameters, commands."""
    for name in sorted(first.keys() ^ second.keys()):
        yield f"{name}: a stage of one run only"
    outputs = {path for stage in second.values() for path in hashes(stage, "outs")}
    for name in sorted(first.keys() & second.keys()):
        before, after = first[name], second[name]
        for part in ("cmd", "params"):
            if before.get(part) != after.get(part):
                yield f"{name}: {part}"
        deps = hashes(before, "deps").items() ^ hashes(after, "deps").items()
        for path in sorted({path for path, _ in deps if not is_produced(path, outputs)}):
            yield f"{name}: {path}"


def changed_outputs(first: Stages, second: Stages) -> Iterator[str]:
    """Yield the outputs whose bytes differ."""
    for name in sorted(first.keys() & second.keys()):
        outs = hashes(first[name], "outs").items() ^ hashes(second[name], "outs").items()
        for path in sorted({path for path, _ in outs}):
            yield f"{name}: {path}"


def read_metrics(directory: Path) -> dict[str, Any]:
    """Return `file model metric` -> value of every metrics file in a directory."""
    values = {}
    for path in sorted(directory.glob("metrics/*/*.json")):
        if path.name not in METRIC_FILES:
            continue
        for model, metrics in json.loads(path.read_text(encoding="utf-8")).items():
            for metric, value in metrics.items():
                values[f"{path.relative_to(directory)} {model} {metric}"] = value
    return values


def changed_metrics(
    first: dict[str, Any], second: dict[str, Any], tolerance: float
) -> Iterator[str]:
    """Yield the metrics that are missing on one side or differ by more than the tolerance."""
    for key in sorted(first.keys() | second.keys()):
        before, after = first.get(key), second.get(key)
        if before == after:
            continue
        if before is None or after is None or not abs(before - after) <= tolerance:
            yield f"{key}: {before} -> {after}"


def show(title: str, lines: list[str]) -> None:
    """Write a titled list to standard output."""
    sys.stdout.write("\n  ".join([title, *lines]) + "\n")


def compare(first: Path, second: Path, tolerance: float) -> int:
    """Return the exit status for two runs, and say what differs."""
    before, after = read_stages(first), read_stages(second)
    if inputs := list(changed_inputs(before, after)):
        show("Not the same experiment; run `make repro` and commit dvc.lock. Changed:", inputs)
        return FAILED
    outputs = list(changed_outputs(before, after))
    if not outputs:
        if (first / "dvc.lock").read_bytes() != (second / "dvc.lock").read_bytes():
            show("dvc.lock holds the same hashes but was written in another form", [])
            return FAILED
        sys.stdout.write("Every output has the same bytes.\n")
        return SAME
    show(f"Outputs with other bytes: {len(outputs)}", outputs)
    metrics = list(changed_metrics(read_metrics(first), read_metrics(second), tolerance))
    if metrics:
        show(f"Metrics that differ by more than {tolerance}: {len(metrics)}", metrics)
        return FAILED
    sys.stdout.write(f"Every metric agrees within {tolerance}.\n")
    return WITHIN_TOLERANCE


def main() -> int:
    """Read the command line and compare."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("first", type=Path)
    parser.add_argument("second", type=Path)
    parser.add_argument("--tolerance", type=float, default=0.0, help="largest absolute difference")
    arguments = parser.parse_args()
    return compare(arguments.first, arguments.second, arguments.tolerance)


if __name__ == "__main__":
    sys.exit(main())
