"""A verdict on every output of a study."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from churnlab.paths import StudyPaths
from churnlab.verification.committed import CommittedOutputs, NotAtHand
from churnlab.verification.contents import ComparedFile, Verdict, compare_files, files_below
from churnlab.verification.record import (
    Record,
    content_hash,
    directory_hash,
    followers,
    origins,
    study_of,
)
from churnlab.verification.tolerances import Tolerances

GIT_IS_RIGHT = "Git holds what the re-run makes, dvc.lock records other bytes"
EDITED = "Git holds other bytes than dvc.lock records: edited after the run"
AGREEING = ("identical", "within tolerance")


@dataclass(frozen=True)
class Finding:
    """The verdict on one output.

    `largest` is the largest difference of two numbers (None where there is none to state), `place`
    where it is, `note` why the verdict is what it is; `compared` is whether content was compared.
    """

    stage: str
    path: str
    verdict: Verdict
    largest: float | None = None
    place: str = ""
    note: str = ""
    compared: bool = True


def judge(
    committed: Record,
    rerun: Record,
    outputs: CommittedOutputs,
    checkout: Path,
    tolerances: Tolerances,
) -> list[Finding]:
    """Return the finding on each output that either record names.

    Args:
        committed: what `dvc.lock` of the revision records of the studies.
        rerun: what it records after the re-run.
        outputs: the contents of the revision.
        checkout: where the re-run was made.
        tolerances: how far each kind of file may be off.
    """
    judge_one = _Judge(outputs, checkout, tolerances)
    findings = [
        judge_one.output(stage, path, _hash(committed, stage, path), _hash(rerun, stage, path))
        for stage, path in _all_outputs(committed, rerun)
    ]
    return [decide(finding, findings, rerun) for finding in findings]


def decide(finding: Finding, findings: Sequence[Finding], record: Record) -> Finding:
    """Return the finding with a verdict, where its content could not be compared.

    What was made with it says whether it is the same: the other outputs of its stage and those of
    the stages after. Where there is nothing of the kind, as for a picture, what it was made from
    explains other bytes if that is itself within a tolerance, and not identical.
    """
    if finding.verdict != "undecided":
        return finding
    after = {finding.stage} | followers(record, finding.stage)
    evidence = [f for f in findings if f.stage in after and f.verdict != "undecided"]
    partly = [finding] if finding.compared else []
    if evidence or partly:
        return _by_consequences(finding, evidence)
    before = origins(record, finding.stage)
    sources = [f for f in findings if f.stage in before and f.verdict != "undecided"]
    return _by_sources(finding, sources)


def _by_consequences(finding: Finding, evidence: Sequence[Finding]) -> Finding:
    if off := [f.path for f in evidence if f.verdict not in AGREEING]:
        note = f"{finding.note}; of what was made with it, {off[0]} is different"
        return replace(finding, verdict="different", note=note)
    agreeing = f"the {len(evidence)} outputs made with it agree" if evidence else "the rest agrees"
    return replace(finding, verdict="accepted", note=f"{finding.note}; {agreeing}")


def _by_sources(finding: Finding, sources: Sequence[Finding]) -> Finding:
    if all(f.verdict in AGREEING for f in sources) and any(
        f.verdict == "within tolerance" for f in sources
    ):
        note = f"{finding.note}; what it is made from is within tolerance"
        return replace(finding, verdict="accepted", note=note)
    note = f"{finding.note}; nothing that could be compared explains other bytes"
    return replace(finding, verdict="different", note=note)


@dataclass(frozen=True)
class _Judge:
    outputs: CommittedOutputs
    checkout: Path
    tolerances: Tolerances

    def output(self, stage: str, path: str, recorded: str | None, made: str | None) -> Finding:
        """Return the finding on one output, from its hash in both records."""
        if made is None:
            return Finding(stage, path, "different", note="the pipeline does not make it any more")
        if recorded is None:
            return Finding(stage, path, "different", note="dvc.lock does not record it")
        in_git = self.outputs.in_git(path)
        if in_git and (actual := _hash_of(path, in_git)) != recorded:
            return Finding(
                stage, path, "different", note=GIT_IS_RIGHT if actual == made else EDITED
            )
        if recorded == made:
            return Finding(stage, path, "identical", 0.0)
        content = in_git or self.outputs.in_dvc(path)
        if isinstance(content, NotAtHand):
            return Finding(stage, path, "undecided", note=content.reason, compared=False)
        paths = StudyPaths(self.checkout, study_of(stage))
        made_files = files_below(self.checkout, path)
        return _fold(stage, path, compare_files(content, made_files, self.tolerances, paths))


def _fold(stage: str, path: str, files: Sequence[ComparedFile]) -> Finding:
    """Return one finding for all files of an output: the worst verdict, its largest difference."""

    def file_name(file: ComparedFile) -> str:
        inside = file.path.removeprefix(path).removeprefix("/")
        return f"{inside}: " if inside else ""

    for verdict in ("different", "undecided"):
        if found := [file for file in files if file.verdict == verdict]:
            worst = max(found, key=lambda file: file.largest or 0.0)
            compared = any(file.verdict in AGREEING for file in files)
            note = f"{file_name(worst)}{worst.place}"
            if worst.largest is None:
                return Finding(stage, path, worst.verdict, None, "", note, compared)
            return Finding(stage, path, worst.verdict, worst.largest, note, "", compared)
    worst = max(files, key=lambda file: file.largest or 0.0)
    return Finding(
        stage, path, "within tolerance", worst.largest, f"{file_name(worst)}{worst.place}"
    )


def _all_outputs(committed: Record, rerun: Record) -> Iterable[tuple[str, str]]:
    """Yield stage and path of every output, each once, stages in the order of the re-run."""
    for stage in dict.fromkeys([*rerun, *committed]):
        paths: dict[str, None] = {}
        for record in (committed, rerun):
            if stage in record:
                paths |= dict.fromkeys(record[stage].outs)
        yield from ((stage, path) for path in paths)


def _hash(record: Record, stage: str, path: str) -> str | None:
    return record[stage].outs.get(path) if stage in record else None


def _hash_of(path: str, files: Mapping[str, bytes]) -> str:
    if path in files:
        return content_hash(files[path])
    return directory_hash({name.removeprefix(f"{path}/"): files[name] for name in files})
