"""`churnlab`: what people ask of a study at the command line."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from typer.core import TyperGroup

from churnlab.errors import ChurnlabError

if TYPE_CHECKING:
    from churnlab.reporting.results import StudyResults


class _Commands(TyperGroup):
    """Ends a user's mistake with its message and status 1, without a traceback."""

    def invoke(self, ctx: Any) -> Any:
        try:
            return super().invoke(ctx)
        except ChurnlabError as mistake:
            typer.echo(f"error: {mistake}", err=True)
            raise typer.Exit(1) from None


app = typer.Typer(cls=_Commands, no_args_is_help=True, add_completion=False)


@app.callback()
def churnlab() -> None:
    """Churn studies, from published bytes to a judged champion.

    The pipeline runs with DVC: `dvc repro report@telecom` makes everything that the report of the
    telecom study needs, `dvc repro` runs every study of params.yaml. The commands here read what it
    left in metrics/, plots/ and models/; none of them trains anything.
    """


@app.command()
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

    summaries = [summarise(results) for results in _asked_for(studies or [])]
    if markdown:
        typer.echo("\n\n".join(map(as_markdown, summaries)))
        return
    from rich.console import Console

    console = Console(highlight=False)
    for summary in summaries:
        console.print(as_terminal(summary))


def _asked_for(studies: list[str]) -> list[StudyResults]:
    """Return the named studies; without names, those of params.yaml that have been judged."""
    from churnlab.config import load_params
    from churnlab.paths import StudyPaths, find_root
    from churnlab.reporting.results import StudyResults

    root = find_root(Path.cwd())
    if not studies:
        known = load_params(root / "params.yaml").studies
        studies = [s for s in known if StudyPaths(root, s).metrics("comparison").is_file()]
        if not studies:
            raise ChurnlabError(
                f"{root / 'metrics'}: no study of params.yaml ({', '.join(known)}) has results "
                f"here; run `dvc repro report@{known[0]}` first"
            )
    return [StudyResults.load(study, root) for study in studies]


if __name__ == "__main__":
    app()
