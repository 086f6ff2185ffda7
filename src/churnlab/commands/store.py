"""`churnlab store`: features registered, brought online and looked up."""

from __future__ import annotations

import os
import sys
from datetime import UTC, date, datetime
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from churnlab.errors import ChurnlabError

if TYPE_CHECKING:
    from churnlab.store.served import ServedStudy

store = typer.Typer(
    no_args_is_help=True,
    rich_markup_mode="markdown",
    help="Features with owner, version and freshness: offline for training, online for lookups.",
)


class Format(StrEnum):
    """How values are printed."""

    table = "table"
    json = "json"


Studies = Annotated[
    list[str] | None,
    typer.Argument(metavar="[STUDY]...", help="Names of studies; by default all that are made."),
]
Study = Annotated[str, typer.Argument(help="Name of a study.")]
AsOf = Annotated[
    datetime | None, typer.Option("--as-of", formats=["%Y-%m-%d"], metavar="DATE", help="A day.")
]
Ids = Annotated[list[str], typer.Argument(metavar="ID...", help="Ids; - reads them from a pipe.")]
Output = Annotated[Format, typer.Option("--format", help="A table, or JSON.")]


@store.command()
def apply(studies: Studies = None) -> None:
    """Register views and rows in Feast, under pseudonyms where the study asks for them.

    `churnlab store apply bank` after `dvc repro store@bank`. The key of the pseudonyms is that of
    CHURNLAB_PSEUDONYM_KEY, or else of .churnlab/pseudonym.key, which is drawn on first use.
    """
    for served in _served(studies):
        applied = served.apply()
        document = served.document
        fields = sum(len(view.fields) for view in document.views)
        key = f"; pseudonyms by key {applied.key}" if applied.key else ""
        typer.echo(
            f"{document.study}: registered {len(document.views)} views with {fields} features of "
            f"{document.rows.entities:,} {document.entity}s{key}"
        )


@store.command()
def materialise(studies: Studies = None, as_of: AsOf = None) -> None:
    """Bring the values as of a day online, in place of those that are there.

    `churnlab store materialise olist --as-of 2018-07-01`; the latest day of the rows by default.
    They go to the SQLite file of this machine, or to the Redis server of `store.online` or of
    CHURNLAB_ONLINE_STORE.
    """
    for served in _served(studies):
        online = served.materialise(as_of.date() if as_of else None)
        views = ", ".join(view.name for view in served.document.online_views)
        typer.echo(
            f"{served.document.study}: {views} online as of {online.as_of} in {online.where}"
        )


@store.command()
def get(study: Study, ids: Ids, as_of: AsOf = None, output: Output = Format.table) -> None:
    """Look up what the models see of customers or sellers, online.

    `churnlab store get olist SELLER_ID --format json`. With `--as-of`, values that are too old on
    that day are left out, as a join for training leaves them out.
    """
    from churnlab.store.printing import as_json, as_table, warning

    served = _served([study])[0]
    found = served.lookup(_read(ids), as_of.date() if as_of else None)
    if note := warning(served.document, found, _today()):
        typer.echo(note, err=True)
    typer.echo(as_json(found) if output is Format.json else as_table(served.document, found))


@store.command("list")
def list_views(studies: Studies = None) -> None:
    """List the views with owner, version and freshness, and say what is online and still fresh."""
    from rich.console import Console

    from churnlab.store.printing import WIDTH, overview

    served = _served(studies)
    # A pipe has no width of its own, and cells broken over lines are hard to search.
    width = None if sys.stdout.isatty() else WIDTH
    Console(highlight=False, width=width).print(
        overview([(s.document, s.state) for s in served], _today())
    )


@store.command()
def pseudonym(study: Study, ids: Ids) -> None:
    """Print the pseudonyms of ids, one a line; it takes the key.

    `churnlab store pseudonym bank - < ids.txt` keeps the ids out of the history of the shell.
    """
    served = _served([study])[0]
    key = served.key()
    if key is None:
        raise ChurnlabError(f"{study}: ids are served as published; no pseudonym is needed")
    for one in key.pseudonyms(study, _read(ids)):
        typer.echo(one)


def _served(studies: list[str] | None) -> list[ServedStudy]:
    """Return the named studies; without names, those whose rows are made.

    Raises:
        ChurnlabError: a study is unknown or not served, or none is made.
    """
    from churnlab.config import load_params, load_study
    from churnlab.paths import StudyPaths, find_root
    from churnlab.store.served import ServedStudy

    root = find_root(Path.cwd())
    params = load_params(root / "params.yaml")
    known = list(params.store.studies)
    if not studies:
        studies = [s for s in known if StudyPaths(root, s).store_views.is_file()]
        if not studies:
            raise ChurnlabError(
                f"{root / 'data' / 'store'}: nothing is made of the studies of params.yaml "
                f"({', '.join(known) or 'none'}); run `dvc repro store@STUDY` first"
            )
    for study in studies:
        load_study(study, root)
        params.served_study(study)
    return [ServedStudy.load(StudyPaths(root, s), params.store.online, os.environ) for s in studies]


def _read(ids: list[str]) -> list[str]:
    if ids != ["-"]:
        return list(dict.fromkeys(ids))
    read = dict.fromkeys(line.strip() for line in sys.stdin)
    if not (found := [one for one in read if one]):
        raise ChurnlabError("-: no id came through the pipe; write one a line")
    return found


def _today() -> date:
    return datetime.now(UTC).date()
