"""`churnlab list`: lists of customers by risk, for the analysts' page."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated

import typer

from churnlab.commands.registries import Study, known_study

lists = typer.Typer(
    no_args_is_help=True,
    rich_markup_mode="markdown",
    help="Lists of customers by risk: published for the analysts' page, and shown.",
)
Home = Annotated[
    Path | None, typer.Option(help="Folder of the service that shows them (CHURNLAB_HOME).")
]


@lists.command()
def publish(
    study: Study,
    date: Annotated[
        str | None,
        typer.Option(help="Day of the list, as 2026-01-31, where its rows have none."),
    ] = None,
    replace: Annotated[
        bool, typer.Option("--replace", help="In the place of another of this date and model.")
    ] = False,
    home: Home = None,
) -> None:
    """Publish the list that the stage `score` made: analysts see it from now on.

    `churnlab list publish olist` keeps it by date and version of the model, with what the model
    read of each customer. Publishing the same list again changes nothing.
    """
    from churnlab.champions.bundle import BundledModel
    from churnlab.config import load_params
    from churnlab.lists import Lists
    from churnlab.registry.list_rows import date_of, list_rows
    from churnlab.serving.settings import read_settings
    from churnlab.stages.context import StudyContext

    root = known_study(Path.cwd(), study)
    context = StudyContext.load(root, study, load_params(root / "params.yaml"))
    model = BundledModel.load(context.paths.bundle_dir)
    rows = list_rows(context, model, date)
    kept = Lists(read_settings(os.environ, home=home).lists)
    name = kept.add(study, rows, date_of(rows), model.version, replace)
    typer.echo(f"{study} {name.id}: {rows.num_rows:,} customers, {kept.path(study, name)}")


@lists.command()
def show(home: Home = None) -> None:
    """Show which lists are published, the newest of each study first."""
    from churnlab.lists import Lists
    from churnlab.serving.settings import read_settings

    kept = Lists(read_settings(os.environ, home=home).lists)
    for study in kept.studies():
        for name in kept.all(study):
            typer.echo(f"{study}  {name.date or 'undated':10}  {name.version}")
    if not kept.studies():
        typer.echo("no lists yet; `churnlab list publish STUDY` publishes one")
