"""`churnlab publish`: the exported champion as a version of the registry."""

from __future__ import annotations

import typer

from churnlab.commands.log_runs import log_revision
from churnlab.commands.registries import Home, Study, opened_registry


def publish(study: Study, home: Home = None) -> None:
    """Publish the exported champion of a study, as a version that may be promoted.

    `churnlab publish telecom` registers `bundles/telecom` in MLflow under the alias `challenger`,
    with parameters, metrics, model card, predictions without ids, commit and data hashes, and adds
    it to the versions of this machine, in CHURNLAB_HOME where that is set. MLFLOW_TRACKING_URI
    names a server; without it the registry is a file of this machine. The training runs behind the
    champion are logged with it. Publishing the same bundle again changes nothing.
    """
    from churnlab.registry.publishing import publish as register
    from churnlab.registry.release import load_release
    from churnlab.review.revisions import WORKSPACE

    with opened_registry(study, home) as registry, registry.locked():
        if note := registry.mend():
            typer.echo(note, err=True)
        release = load_release(registry.root, study)
        runs = log_revision(registry.root, study, WORKSPACE, registry.tracking)
        published = register(release, registry.tracking, runs)
        version = published.version
        registry.deployments.add(study, release.model.directory, release.words(version.commit))
        where = registry.tracking.run_name(version.run)
    said = "published" if published.new else "is published already, nothing changed"
    typer.echo(f"{study} v{version.number} ({version.bundle}) {said}: {where}")
