"""A study verified: run again from nothing, every output held against what is committed."""

from __future__ import annotations

import os
import platform
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from churnlab.config.validation import suggestion
from churnlab.errors import ChurnlabError
from churnlab.verification.committed import CommittedOutputs
from churnlab.verification.judgement import Finding, judge
from churnlab.verification.libraries import OtherVersion, other_versions
from churnlab.verification.record import (
    InputChange,
    Record,
    StageRecord,
    input_changes,
    read_record,
    study_of,
)
from churnlab.verification.rerun import StageRun, environment, rerun
from churnlab.verification.revision import clean_checkout, resolve
from churnlab.verification.tolerances import load_tolerances

Outcome = Literal["reproduced", "different", "stale"]
LOCK = "dvc.lock"


@dataclass(frozen=True)
class Request:
    """What is to be verified.

    Attributes:
        root: the repository.
        studies: names; none means every study that the revision's `dvc.lock` records.
        revision: a branch, tag, commit or DVC experiment.
        exact: accept nothing but the same bytes.
        repeat: where bytes differ, run once more, which must give the first run's bytes.
    """

    root: Path
    studies: Sequence[str] = ()
    revision: str = "HEAD"
    exact: bool = False
    repeat: bool = False


@dataclass(frozen=True)
class Watch:
    """Who is told what is going on: `begin(stages)` at each run, `stage(name)` as each starts.

    `finished(checkout)` is called with the checkout of a study that was reproduced, before it is
    removed.
    """

    begin: Callable[[int], None] = lambda stages: None
    stage: Callable[[str], None] = lambda name: None
    finished: Callable[[Path], None] = lambda checkout: None


@dataclass(frozen=True)
class Verification:
    """What came out: the findings on all outputs, and what may explain them."""

    studies: Sequence[str]
    revision: str
    commit: str
    findings: Sequence[Finding]
    inputs: Sequence[InputChange]
    libraries: Sequence[OtherVersion] | None
    stages: Sequence[StageRun]
    exact: bool = False
    unstable: Sequence[str] = ()
    machine: str = field(default_factory=lambda: f"{platform.system()} {platform.machine()}")
    python: str = field(default_factory=platform.python_version)

    @property
    def outcome(self) -> Outcome:
        """Whether the revision is reproduced; `stale`: it is, but not from the recorded inputs."""
        passing = {"identical"} if self.exact else {"identical", "within tolerance", "accepted"}
        if self.unstable or not {f.verdict for f in self.findings} <= passing:
            return "different"
        return "stale" if self.inputs else "reproduced"

    @property
    def seconds(self) -> float:
        """Wall time of the stages of the first run."""
        return sum(stage.seconds for stage in self.stages)


def verify(request: Request, watch: Watch) -> Verification:
    """Run the studies again in a clean checkout of the revision and judge every output.

    Raises:
        ChurnlabError: the revision or a study is unknown, or a stage fails in the checkout.
    """
    tolerances = load_tolerances(request.root)
    commit = resolve(request.root, request.revision)
    with clean_checkout(request.root, commit) as checkout:
        studies = _studies(checkout, request)
        before = _record(checkout, studies)
        stages = _run(request, checkout, studies, len(before), watch)
        made = _record(checkout, studies)
        after = {stage.name: made[stage.name] for stage in stages}
        outputs = CommittedOutputs(request.root, commit)
        findings = judge(before, after, outputs, checkout, tolerances)
        changed = any(finding.verdict != "identical" for finding in findings)
        result = Verification(
            studies=studies,
            revision=request.revision,
            commit=commit,
            findings=findings,
            inputs=input_changes(before, after),
            libraries=other_versions(checkout),
            stages=stages,
            exact=request.exact,
            unstable=_unstable(request, commit, after, watch) if changed else (),
        )
        if result.outcome == "reproduced":
            watch.finished(checkout)
        return result


def _run(
    request: Request, checkout: Path, studies: Sequence[str], stages: int, watch: Watch
) -> list[StageRun]:
    watch.begin(stages)
    return rerun(checkout, studies, environment(request.root, os.environ), watch.stage)


def _unstable(request: Request, commit: str, first: Record, watch: Watch) -> tuple[str, ...]:
    """Return the outputs whose bytes a second run on this machine does not repeat."""
    if not request.repeat:
        return ()
    studies = sorted({study_of(name) for name in first})
    with clean_checkout(request.root, commit) as checkout:
        _run(request, checkout, studies, len(first), watch)
        second = _record(checkout, studies)
    return tuple(
        path
        for name, stage in first.items()
        for path, found in stage.outs.items()
        if second[name].outs.get(path) != found
    )


def _record(checkout: Path, studies: Sequence[str]) -> dict[str, StageRecord]:
    record = read_record((checkout / LOCK).read_text(encoding="utf-8"))
    return {name: stage for name, stage in record.items() if study_of(name) in studies}


def _studies(checkout: Path, request: Request) -> list[str]:
    """Return the studies to run: those asked for, or all that the revision records."""
    if not (checkout / LOCK).is_file():
        raise ChurnlabError(
            f"{LOCK}: revision {request.revision} has none, so it records no result to verify; "
            "run `dvc repro` and commit dvc.lock"
        )
    record = read_record((checkout / LOCK).read_text(encoding="utf-8"))
    known = list(dict.fromkeys(study_of(name) for name in record))
    for study in request.studies:
        if study not in known:
            raise ChurnlabError(
                f"study '{study}': {LOCK} of {request.revision} records no such study; "
                f"{suggestion(study, known)}"
            )
    return list(dict.fromkeys(request.studies)) or known
