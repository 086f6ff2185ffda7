"""The training runs of a revision, read from what its stages left, logged to MLflow once."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import yaml

from churnlab.errors import ChurnlabError
from churnlab.paths import StudyPaths
from churnlab.registry.dvc_hashes import LOCK, fingerprint, locked_stages, outputs
from churnlab.registry.git import changes, git, head
from churnlab.registry.tracking import Tracking
from churnlab.registry.versions import COMMIT
from churnlab.repository import files_at
from churnlab.review.revisions import WORKSPACE, Revision
from churnlab.serialization import write_bytes, write_json

RUN, COMPLETE = "churnlab.run", "churnlab.complete"
STAGES = ("tune", "train", "cross_validate")
PARTS = ("cv", "test")
NOTES = "mlflow"
BATCH = 1000  # values that a server takes at once
Curve = list[tuple[int, float]]


@dataclass(frozen=True)
class TrainingRun:
    """What the stages of one family left in one revision.

    Attributes:
        family: rf, xgb or mlp.
        fingerprint: changes with any code, parameter, input or output of the stages.
        parameters: those that the search chose, with those of params.yaml that stages read.
        metrics: of the tuned model and of the baseline, as `part.metric`.
        curves: values by step, by name.
        files: content by path: parameters, trials, importance of parameters, curves.
        hashes: MD5 of every output, by path; of models too, which are not uploaded.
    """

    family: str
    fingerprint: str
    parameters: dict[str, Any]
    metrics: dict[str, float]
    curves: dict[str, Curve]
    files: dict[str, bytes]
    hashes: dict[str, str]


@dataclass(frozen=True)
class Origin:
    """The commit of a revision, the experiment of DVC that it is, and whether files differ."""

    commit: str
    experiment: str | None
    changed: bool


@dataclass(frozen=True)
class Results:
    """The results of a study in one revision; nothing is checked out."""

    revision: Revision
    study: str

    @property
    def families(self) -> list[str]:
        """The families of the revision's params.yaml."""
        return list(yaml.safe_load(self.revision.read(Path("params.yaml")))["models"])

    def training_run(self, family: str) -> TrainingRun:
        """Return what the stages of a family left.

        Raises:
            ChurnlabError: they have not run in this revision.
        """
        wanted = {f"{stage}@{self.study}-{family}" for stage in STAGES}
        stages = {name: entry for name, entry in self._stages.items() if name in wanted}
        if missing := sorted(wanted - set(stages)):
            raise ChurnlabError(
                f"{self.revision.name}: {LOCK} has no run of {', '.join(missing)}; run "
                f"`dvc repro report@{self.study}`, or name another revision"
            )
        files = {path.name: self.revision.read(path) for path in self._files(family)}
        best = yaml.safe_load(files["best_params.yaml"]) or {}
        return TrainingRun(
            family,
            fingerprint(stages),
            {**_settings(stages), **best},
            self._metrics(family),
            {
                name.removesuffix(".tsv"): _curve(content)
                for name, content in files.items()
                if name.endswith(".tsv")
            },
            files,
            outputs(stages),
        )

    def _files(self, family: str) -> list[Path]:
        paths = StudyPaths(Path(), self.study)
        named = [
            paths.best_params(family),
            paths.trials(family),
            paths.search_importance(family),
        ]
        return [*named, *self._below(paths.curve_dir(family), ".tsv")]

    def _below(self, folder: Path, suffix: str) -> list[Path]:
        root = self.revision.root
        if self.revision.name == WORKSPACE:
            found = [path.relative_to(root) for path in (root / folder).rglob(f"*{suffix}")]
        else:
            every = files_at(root, self.revision.name).find(f"/{folder.as_posix()}")
            found = [Path(name.lstrip("/")) for name in every if name.endswith(suffix)]
        return sorted(found)

    def _metrics(self, family: str) -> dict[str, float]:
        paths = StudyPaths(Path(), self.study)
        parts = {part: json.loads(self.revision.read(paths.metrics(part))) for part in PARTS}
        models = {"": family, "baseline.": f"{family}_baseline"}
        return {
            f"{prefix}{part}.{name}": value
            for part, found in parts.items()
            for prefix, model in models.items()
            for name, value in found.get(model, {}).items()
        }

    @cached_property
    def _stages(self) -> dict[str, dict[str, Any]]:
        return locked_stages(self.revision.read(Path(LOCK)).decode(), self.study)


def origin(root: Path, name: str) -> Origin:
    """Return what Git and DVC know of a revision.

    Raises:
        ChurnlabError: there is no Git repository, or no such revision in it.
    """
    if name == WORKSPACE:
        commit = head(root)
        return Origin(commit, _experiment(root, commit), bool(changes(root)))
    listed = git(root, "for-each-ref", "--format=%(objectname) %(refname:lstrip=4)", "refs/exps")
    pairs = [line.split(" ", 1) for line in listed.splitlines()]
    experiments = {label: commit for commit, label in pairs}
    if name in experiments:
        return Origin(experiments[name], name, changed=False)
    commit = git(root, "rev-parse", "--verify", f"{name}^{{commit}}")
    return Origin(commit, _experiment(root, commit), changed=False)


def log_run(run: TrainingRun, study: str, made_by: Origin, tracking: Tracking) -> tuple[str, bool]:
    """Log a run, unless it is there; return its id, and whether it is new.

    A run that is there gets the commit that has its results now.
    """
    client, experiment = tracking.client, tracking.experiment(study)
    tags = _tags(run, study, made_by)
    for found in client.search_runs([experiment], f"tags.`{RUN}` = '{run.fingerprint}'"):
        known = found.info.run_id
        if COMPLETE in found.data.tags:
            if not made_by.changed:
                for key, value in tags.items():
                    client.set_tag(known, key, value)
            return str(known), False
        client.delete_run(known)
    new = client.create_run(experiment, run_name=f"{run.family} {run.fingerprint}", tags=tags)
    _write(run, client, new.info.run_id)
    return str(new.info.run_id), True


def note(root: Path, made_by: Origin, lines: Sequence[str]) -> None:
    """Note runs at their commit in Git: `git notes --ref=mlflow show COMMIT` prints them.

    Raises:
        ChurnlabError: Git refuses, for instance because it does not know who writes.
    """
    reference = f"--ref={NOTES}"
    listed = git(root, "notes", reference, "list") if _has_notes(root) else ""
    present: list[str] = []
    if made_by.commit in listed:
        present = git(root, "notes", reference, "show", made_by.commit).splitlines()
    if missing := [line for line in lines if line not in present]:
        text = "\n".join([*present, *missing])
        git(root, "notes", reference, "add", "--force", "--file=-", made_by.commit, text=text)


def _write(run: TrainingRun, client: Any, run_id: str) -> None:
    from mlflow.entities import Metric, Param

    params = [Param(name, str(value)) for name, value in run.parameters.items()]
    summary = [Metric(name, value, 0, 0) for name, value in run.metrics.items()]
    client.log_batch(run_id, metrics=summary, params=params)
    for name, curve in run.curves.items():
        points = [Metric(f"curve.{name}", value, 0, step) for step, value in curve]
        for start in range(0, len(points), BATCH):
            client.log_batch(run_id, metrics=points[start : start + BATCH])
    with TemporaryDirectory() as place:
        for name, content in run.files.items():
            write_bytes(Path(place) / name, content)
        write_json(Path(place) / "dvc.json", run.hashes)
        client.log_artifacts(run_id, place)
    client.set_tag(run_id, COMPLETE, "true")
    client.set_terminated(run_id)


def _tags(run: TrainingRun, study: str, made_by: Origin) -> dict[str, str]:
    experiment = {"dvc.experiment": made_by.experiment} if made_by.experiment else {}
    models = {f"dvc.{Path(path).name}": md5 for path, md5 in run.hashes.items()}
    return {
        RUN: run.fingerprint,
        COMMIT: made_by.commit,
        "churnlab.family": run.family,
        "churnlab.kind": "training",
        "churnlab.study": study,
        "churnlab.uncommitted": str(made_by.changed).lower(),
        **experiment,
        **{name: md5 for name, md5 in models.items() if name.endswith((".joblib", ".parquet"))},
    }


def _settings(stages: Mapping[str, Mapping[str, Any]]) -> dict[str, Any]:
    """Return the parameters of params.yaml that the stages read, by their full name."""
    found: dict[str, Any] = {}
    for stage in stages.values():
        found |= stage.get("params", {}).get("params.yaml", {})
    return {name: json.dumps(value) for name, value in found.items()}


def _curve(content: bytes) -> Curve:
    """Return step and value of each line of DVCLive's file."""
    lines = csv.reader(io.StringIO(content.decode()), delimiter="\t")
    next(lines)
    return [(int(step), float(value)) for step, value in lines]


def _experiment(root: Path, commit: str) -> str | None:
    """Return the experiment of DVC that a commit is, if any."""
    listed = git(
        root, "for-each-ref", f"--points-at={commit}", "--format=%(refname:lstrip=4)", "refs/exps"
    )
    return listed.splitlines()[0] if listed else None


def _has_notes(root: Path) -> bool:
    return bool(git(root, "for-each-ref", f"refs/notes/{NOTES}"))
