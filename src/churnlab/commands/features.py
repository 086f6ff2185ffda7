"""`churnlab features`: what the features of an event study mean."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer


def features(
    study: Annotated[str, typer.Argument(help="Name of a study of event tables.")],
) -> None:
    """Print every feature of an event study with its unit and meaning, as Markdown.

    The definitions are those that the `features` stage computes, with the windows and further
    tables of params.yaml. `churnlab features olist > docs/features.md` keeps them.
    """
    from churnlab.config import load_params
    from churnlab.features.events.dictionary import dictionary
    from churnlab.features.events.registry import families_of, registry
    from churnlab.paths import find_root

    settings = load_params(find_root(Path.cwd()) / "params.yaml").event_study(study)
    listed = registry(settings.windows, families_of(settings.further))
    typer.echo(dictionary(listed), nl=False)
