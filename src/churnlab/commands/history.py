"""`churnlab history`: the versions of a study, which one answers, and every change of it."""

from __future__ import annotations

import typer

from churnlab.commands.registries import Home, Study, opened_registry, printed


def history(study: Study, home: Home = None) -> None:
    """Show the published versions, and who changed the champion when, from, to and why."""
    from churnlab.registry.printing import changes_table, versions_table

    with opened_registry(study, home) as registry:
        present, versions = registry.deployments.current(study), registry.versions.all()
        if not versions:
            typer.echo(f"{study}: nothing is published; `churnlab publish {study}` does")
            return
        printed(versions_table(versions, present))
        if other := registry.elsewhere():
            typer.echo(
                f"MLflow's champion is {other}, and {present.version if present else 'nothing'} is "
                "in service here: promoted from another machine, or cut short; the next `publish`, "
                f"`promote` or `rollback` mends what was cut short, `churnlab promote {study} "
                f"--version {other}` follows the other machine",
                err=True,
            )
        if present:
            printed(changes_table(present.changes, versions))
