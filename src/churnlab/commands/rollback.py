"""`churnlab rollback`: the champion before is the champion again."""

from __future__ import annotations

import typer

from churnlab.commands.promote import Version_, mark
from churnlab.commands.registries import By, Home, Study, Why, opened_registry, somebody


def rollback(
    study: Study, why: Why, version: Version_ = None, by: By = None, home: Home = None
) -> None:
    """Return to the champion before, in one step and without a gate.

    `churnlab rollback telecom --why "scores of Tuesday are wrong"`; twice goes two versions back. A
    pin does not hold it up, nor does an MLflow that does not answer: its alias follows later.
    """
    from churnlab.registry.promotion import roll_back

    with opened_registry(study, home) as registry, registry.locked():
        if reason := registry.unreachable():
            after = registry.deployments.roll_back(study, somebody(by), why, version)
            typer.echo(
                f"{reason}\n{study}: rolled back on this machine alone; the next `churnlab "
                "publish`, `promote` or `rollback` that reaches MLflow lets its alias follow",
                err=True,
            )
            typer.echo(f"{study}: back at {after.version}")
            return
        if note := registry.mend():
            typer.echo(note, err=True)
        after = roll_back(registry, somebody(by), why, version)
        target = registry.versions.named(after.version)
        typer.echo(f"{study}: back at v{target.number} ({target.bundle})")
        mark(registry, target, somebody(by), why)
