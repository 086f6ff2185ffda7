"""`churnlab rollback`: the champion before is the champion again."""

from __future__ import annotations

import typer

from churnlab.commands.promote import Version_, mark
from churnlab.commands.registries import By, Study, Why, opened_registry, somebody


def rollback(study: Study, why: Why, version: Version_ = None, by: By = None) -> None:
    """Return to the champion before, in one step and without a gate.

    `churnlab rollback telecom --why "scores of Tuesday are wrong"`; twice goes two versions back. A
    pin does not hold it up.
    """
    from churnlab.registry.promotion import roll_back

    with opened_registry(study) as registry, registry.locked():
        if note := registry.mend():
            typer.echo(note, err=True)
        after = roll_back(registry, somebody(by), why, version)
        target = registry.versions.named(after.version)
        typer.echo(f"{study}: back at v{target.number} ({target.bundle})")
        mark(registry, target, somebody(by), why)
