"""A verification in words: tables for people, plain values for programs."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from typing import Any

from churnlab.verification.contents import Verdict
from churnlab.verification.judgement import Finding
from churnlab.verification.libraries import LOCK, OtherVersion
from churnlab.verification.verifying import Verification

VERDICTS: Sequence[Verdict] = ("identical", "within tolerance", "accepted", "different")
SHOWN = 12


def as_text(result: Verification) -> str:
    """Return the whole verification: every output, a summary by stage, causes, the outcome."""
    sections = [
        [_title(result)],
        _table([("stage", "output", "verdict", "largest difference"), *_output_rows(result)]),
        _table([("stage", "outputs", *VERDICTS, "seconds"), *_stage_rows(result)]),
        [*_inputs(result), *_libraries(result.libraries), *_unstable(result)],
        [conclusion(result)],
    ]
    return "\n\n".join("\n".join(lines) for lines in sections if lines)


def as_values(result: Verification) -> dict[str, Any]:
    """Return the verification as plain values, for JSON."""
    return {
        "commit": result.commit,
        "exact": result.exact,
        "inputs_changed": [asdict(change) for change in result.inputs],
        "libraries_changed": None
        if result.libraries is None
        else [asdict(library) for library in result.libraries],
        "machine": result.machine,
        "outcome": result.outcome,
        "outputs": [asdict(finding) for finding in result.findings],
        "python": result.python,
        "revision": result.revision,
        "stages": [
            {"counts": _counts(result, stage), "seconds": seconds, "stage": stage}
            for stage, seconds in _stages(result)
        ],
        "studies": list(result.studies),
        "unstable": list(result.unstable),
    }


def conclusion(result: Verification) -> str:
    """Return the outcome in one sentence."""
    counts = Counter(finding.verdict for finding in result.findings)
    said = ", ".join(f"{counts[verdict]} {verdict}" for verdict in VERDICTS if counts[verdict])
    if result.outcome == "reproduced":
        return f"Reproduced: {said}."
    if result.outcome == "stale":
        return (
            f"Stale: {said}, but dvc.lock records other inputs than the revision has; "
            "run `dvc repro` and commit dvc.lock."
        )
    if counts["different"]:
        return f"Not reproduced: {said}."
    reason = "this machine does not repeat its own bytes" if result.unstable else "not all the same"
    return f"Not reproduced: {said}; {reason}."


def _title(result: Verification) -> str:
    studies = ", ".join(result.studies)
    revision = result.commit[:10]
    if not result.commit.startswith(result.revision):
        revision += f" ({result.revision})"
    return (
        f"{studies} at {revision}, run from nothing in {result.seconds:.0f} s "
        f"on {result.machine}, Python {result.python}"
    )


def _output_rows(result: Verification) -> Iterator[tuple[str, ...]]:
    for finding in result.findings:
        yield finding.stage, finding.path, finding.verdict, _difference(finding)


def _difference(finding: Finding) -> str:
    if finding.verdict == "identical":
        return ""
    if finding.largest is not None and finding.place:
        return f"{finding.largest:.2g}, {finding.place}"
    return finding.note


def _stages(result: Verification) -> list[tuple[str, float]]:
    seconds = {stage.name: stage.seconds for stage in result.stages}
    names = dict.fromkeys([*seconds, *(finding.stage for finding in result.findings)])
    return [(name, round(seconds.get(name, 0.0), 1)) for name in names]


def _counts(result: Verification, stage: str) -> dict[str, int]:
    counts = Counter(f.verdict for f in result.findings if f.stage == stage)
    return {verdict: counts[verdict] for verdict in VERDICTS}


def _stage_rows(result: Verification) -> Iterator[tuple[str, ...]]:
    totals: Counter[str] = Counter()
    for stage, seconds in _stages(result):
        counts = _counts(result, stage)
        totals.update(counts)
        numbers = [str(counts[verdict] or "") for verdict in VERDICTS]
        yield stage, str(sum(counts.values())), *numbers, f"{seconds:.1f}"
    numbers = [str(totals[verdict] or "") for verdict in VERDICTS]
    yield "all", str(sum(totals.values())), *numbers, f"{result.seconds:.1f}"


def _inputs(result: Verification) -> list[str]:
    if not result.inputs:
        return []
    head = "dvc.lock was recorded from other inputs (recorded -> in the revision):"
    return [
        head,
        *(f"  {change.what}  [{_some(change.stages)}]" for change in result.inputs),
    ]


def _libraries(libraries: Sequence[OtherVersion] | None) -> list[str]:
    if libraries is None:
        return [f"The revision has no {LOCK}, so versions of libraries were not compared."]
    if not libraries:
        return []
    lines = [
        f"  {other.name} {other.installed or 'is not installed'}, locked {other.locked}"
        for other in libraries[:SHOWN]
    ]
    if len(libraries) > SHOWN:
        lines.append(f"  and {len(libraries) - SHOWN} more (--json lists all)")
    return [f"Libraries that ran are not those that {LOCK} locks:", *lines]


def _unstable(result: Verification) -> list[str]:
    if not result.unstable:
        return []
    return ["A second run on this machine made other bytes:", *(f"  {p}" for p in result.unstable)]


def _some(names: Sequence[str]) -> str:
    shown = ", ".join(names[:3])
    return f"{shown} and {len(names) - 3} more" if len(names) > 3 else shown


def _table(rows: Sequence[tuple[str, ...]]) -> list[str]:
    """Return the rows with their columns aligned; the last column is as wide as it is."""
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    lines = [
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
        for row in rows
    ]
    return [lines[0], "-" * min(len(lines[0]), 100), *lines[1:]]
