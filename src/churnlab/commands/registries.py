"""The registry of a study that a command is asked about, and who asks."""

from __future__ import annotations

import getpass
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from churnlab.errors import ChurnlabError

if TYPE_CHECKING:
    from rich.table import Table

    from churnlab.registry.promotion import Registry

WIDTH = 200  # characters at most, where no terminal says how wide it is

Study = Annotated[str, typer.Argument(metavar="study", help="Name of a study of params.yaml.")]
Why = Annotated[str, typer.Option("--why", help="The reason, in ten characters or more; kept.")]
By = Annotated[str | None, typer.Option("--by", help="Who decides; by default who is logged in.")]


Home = Annotated[
    Path | None,
    typer.Option(
        help="Folder of the service (CHURNLAB_HOME); by default .churnlab of the repository."
    ),
]


@contextmanager
def opened_registry(study: str, home: Path | None = None) -> Iterator[Registry]:
    """Yield the registry of a study of the repository around the work folder.

    Raises:
        ChurnlabError: there is no repository here, or no such study in it.
    """
    from churnlab.registry.promotion import Registry
    from churnlab.registry.tracking import opened

    root = known_study(Path.cwd(), study)
    with opened(root) as tracking:
        yield Registry(root, study, tracking, home_of(root, home))


def home_of(root: Path, home: Path | None) -> Path:
    """Return the folder of the service that is meant: the given one, CHURNLAB_HOME, or our own.

    Raises:
        ChurnlabError: a setting of the service is wrong.
    """
    from churnlab.paths import private_dir
    from churnlab.serving.settings import read_settings

    settings = read_settings(os.environ, home=home)
    return settings.home if "home" in settings.model_fields_set else private_dir(root)


def known_study(start: Path, study: str) -> Path:
    """Return the repository around a folder, if it has the study.

    Raises:
        ChurnlabError: there is no repository here, or no such study in it.
    """
    from churnlab.config import load_params
    from churnlab.config.validation import suggestion
    from churnlab.paths import find_root

    root = find_root(start)
    studies = load_params(root / "params.yaml").studies
    if study not in studies:
        raise ChurnlabError(f"study '{study}': params.yaml has none; {suggestion(study, studies)}")
    return root


def somebody(by: str | None) -> str:
    """Return who decides: the given name, or the user of this machine."""
    return by or getpass.getuser()


def printed(table: Table) -> None:
    """Print a table, as wide as the terminal, or as it needs where there is none."""
    from rich.console import Console

    Console(highlight=False, width=None if sys.stdout.isatty() else WIDTH).print(table)
