"""`churnlab features`: what the features of an event study mean."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer


def features(
    study: Annotated[str, typer.Argument(help="Name of a study of event tables.")],
) -> None:
    """Print every feature of an event study with its unit and meaning, as Markdown.

    The definitions are those that the `features` stage computes, with the windows of params.yaml
    and the further tables of the catalog. `churnlab features olist > docs/features.md` keeps them.
    """
    from churnlab.config import load_event_catalog, load_params
    from churnlab.event_features.dictionary import dictionary
    from churnlab.event_features.registry import families_of, registry
    from churnlab.paths import find_root

    root = find_root(Path.cwd())
    settings = load_params(root / "params.yaml").event_study(study)
    further = load_event_catalog(study, root).further
    listed = registry(settings.windows, families_of(further))
    typer.echo(dictionary(listed), nl=False)
