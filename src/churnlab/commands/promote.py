"""`churnlab promote`: a version becomes champion, once it has passed the gate."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from churnlab.commands.registries import By, Home, Study, Why, opened_registry, printed, somebody

if TYPE_CHECKING:
    from churnlab.registry.promotion import Registry
    from churnlab.registry.versions import Version

Version_ = Annotated[
    str | None, typer.Option("--version", help="Its bundle or number; by default the challenger.")
]


def promote(
    study: Study,
    why: Why,
    version: Version_ = None,
    by: By = None,
    force: Annotated[
        bool, typer.Option("--force", help="Promote although a check failed; --why says why.")
    ] = False,
    new_inputs: Annotated[
        str | None,
        typer.Option("--new-inputs", help="Why callers have to send more columns.", metavar="WHY"),
    ] = None,
    latency: Annotated[
        float, typer.Option("--latency", help="Bound of one row's median, milliseconds.", min=0)
    ] = 1.0,
    home: Home = None,
) -> None:
    """Make a published version the champion of a study: it answers from now on.

    `churnlab promote telecom --why "fewer false alarms, agreed on Monday"` sets the challenger
    against the champion on the same customers, checks calibration, inputs, parity and latency, and
    prints what was measured. What fails ends with status 1, unless forced. Who, when, from, to and
    why are kept: `churnlab history telecom`. Git gets the tags of GTO.
    """
    from churnlab.deployments.deployed import check_reason
    from churnlab.registry.gate import Bounds, failed, gate
    from churnlab.registry.printing import gate_table
    from churnlab.registry.promotion import promote as move
    from churnlab.registry.versions import CHAMPION

    check_reason(study, why)
    with opened_registry(study, home) as registry, registry.locked():
        _say(registry.mend())
        target, champion = registry.versions.named(version), registry.versions.aliased(CHAMPION)
        if registry.is_champion(target):
            mended = registry.obtain(target)
            note = "; its files were altered here, and are mended" if mended else ""
            typer.echo(f"{study}: v{target.number} ({target.bundle}) is the champion already{note}")
            return
        registry.check_free()
        registry.obtain(target)
        checks = gate(registry, target, champion, Bounds(latency=latency, new_inputs=new_inputs))
        printed(gate_table(checks))
        missed = failed(checks)
        if missed and not force:
            typer.echo(f"{study}: v{target.number} stays out: {', '.join(missed)}", err=True)
            raise typer.Exit(1)
        said = f"forced past {', '.join(missed)}: {why}" if missed else why
        registry.keep_gate(target, checks, somebody(by), said)
        move(registry, target, somebody(by), said)
        typer.echo(f"{study}: v{target.number} ({target.bundle}) is the champion")
        mark(registry, target, somebody(by), said)


def mark(registry: Registry, version: Version, by: str, why: str) -> None:
    """Tag the version in Git; where that cannot be, say so: it is in service all the same."""
    from churnlab.errors import ChurnlabError
    from churnlab.registry import tags

    try:
        made = tags.mark(registry.root, registry.study, version.number, version.commit, by, why)
    except ChurnlabError as reason:
        typer.echo(f"not tagged in Git: {reason}", err=True)
        return
    if made:
        typer.echo(f"tagged in Git: {', '.join(made)}; `git push origin {' '.join(made)}` shares")


def _say(note: str | None) -> None:
    if note:
        typer.echo(note, err=True)
