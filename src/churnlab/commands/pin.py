"""`churnlab pin` and `churnlab unpin`: promotions held up, and let go."""

from __future__ import annotations

from pathlib import Path

import typer

from churnlab.commands.registries import By, Home, Study, Why, home_of, known_study, somebody


def pin(study: Study, why: Why, by: By = None, home: Home = None) -> None:
    """Refuse promotions of a study until `churnlab unpin`; a roll-back is still possible."""
    _pin(study, why, by, home, pinned=True)


def unpin(study: Study, why: Why, by: By = None, home: Home = None) -> None:
    """Let promotions of a study through again."""
    _pin(study, why, by, home, pinned=False)


def _pin(study: str, why: str, by: str | None, home: Path | None, pinned: bool) -> None:
    from churnlab.deployments import Deployments
    from churnlab.registry.promotion import deployments_dir

    folder = deployments_dir(home_of(known_study(Path.cwd(), study), home))
    after = Deployments(folder).pin(study, somebody(by), why, pinned)
    typer.echo(f"{study}: {'pinned to' if pinned else 'no longer pinned;'} {after.version}")
