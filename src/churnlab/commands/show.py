"""`churnlab show`: the results of studies as tables."""

from __future__ import annotations

from typing import Annotated

import typer

from churnlab.commands.studies import judged


def show(
    studies: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="[STUDY]...",
            help="Names of studies; by default all of params.yaml that have been run.",
        ),
    ] = None,
    markdown: Annotated[
        bool, typer.Option("--markdown", help="Print Markdown, for a page or a pull request.")
    ] = False,
) -> None:
    """Print the results of studies: models by metrics with intervals, champion, report.

    `churnlab show` prints every study that has been run; `churnlab show telecom --markdown` one
    study, as Markdown.
    """
    from churnlab.reporting.summary import as_markdown, as_terminal, summarise

    summaries = [summarise(results) for results in judged(studies or [])]
    if markdown:
        typer.echo("\n\n".join(map(as_markdown, summaries)))
        return
    from rich.console import Console

    console = Console(highlight=False)
    for summary in summaries:
        console.print(as_terminal(summary))
