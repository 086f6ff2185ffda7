"""`churnlab log-runs`: the training runs of a revision in MLflow."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from churnlab.commands.registries import opened_registry
from churnlab.errors import ChurnlabError

if TYPE_CHECKING:
    from churnlab.registry.tracking import Tracking


def log_runs(
    studies: Annotated[
        list[str] | None,
        typer.Argument(metavar="[STUDY]...", help="By default all of params.yaml with results."),
    ] = None,
    rev: Annotated[
        str, typer.Option(help="A commit, branch, tag or experiment; the files here by default.")
    ] = "workspace",
) -> None:
    """Log the training runs of studies, one of each family, with what its stages left.

    `churnlab log-runs telecom --rev my-experiment` logs parameters, metrics, curves, trials, commit
    and hashes of data to MLFLOW_TRACKING_URI, or to the file of this machine; what is there is not
    logged again. The commit gets a note: `git notes --ref=mlflow show my-experiment`.
    """
    from churnlab.commands.studies import judged

    for study in studies or [results.study for results in judged([])]:
        with opened_registry(study) as registry:
            log_revision(registry.root, study, rev, registry.tracking)


def log_revision(root: Path, study: str, rev: str, tracking: Tracking) -> dict[str, str]:
    """Log every family of a revision; return the ids of the runs by family."""
    from churnlab.registry.training_runs import Results, log_run, note, origin
    from churnlab.review.revisions import Revision

    made_by, results = origin(root, rev), Results(Revision(root, rev), study)
    logged, lines = {}, []
    for family in results.families:
        run, new = log_run(results.training_run(family), study, made_by, tracking)
        logged[family] = run
        lines.append(f"{study} {family}: {tracking.run_name(run)}")
        typer.echo(f"{lines[-1]}{'' if new else ', logged before'}")
    if made_by.changed:
        typer.echo(
            f"files differ from {made_by.commit[:8]}: the runs are marked as not committed; after "
            "`git commit`, the same command links them with the commit",
            err=True,
        )
        return logged
    try:
        note(root, made_by, lines)
    except ChurnlabError as reason:
        typer.echo(f"not noted in Git: {reason}", err=True)
    return logged
