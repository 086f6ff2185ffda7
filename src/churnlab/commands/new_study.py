"""`churnlab new-study`: a study of one's own table."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from rich.table import Table

    from churnlab.onboarding.study import NewStudy

MOST_SHOWN = 40


File = Annotated[Path, typer.Argument(metavar="FILE.csv", help="The table: one row per customer.")]
Target = Annotated[str, typer.Option(help="Column that says who left.")]
Id = Annotated[str | None, typer.Option("--id", help="Column that numbers the customers.")]
Time = Annotated[str | None, typer.Option(help="Column with the date of each row's prediction.")]
Positive = Annotated[str | None, typer.Option(help="Value of the target that means left.")]
Name = Annotated[str | None, typer.Option(help="Name of the study; that of the file by default.")]
Url = Annotated[
    str | None,
    typer.Option(help="Public address of the file; its path on this machine by default."),
]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Say what was found and write nothing.")]


def new_study(
    file: File,
    target: Target,
    id_column: Id = None,
    time: Time = None,
    positive: Positive = None,
    name: Name = None,
    url: Url = None,
    dry_run: DryRun = False,
) -> None:
    """Make a study of your own table: no Python needed.

    Reads the table, finds what each column holds, flags columns that give the outcome away and
    those that number customers, writes data/catalog/NAME.yaml and adds the study to params.yaml.
    The file stays where it is; only its hash and place are written down.

    `churnlab new-study customers.csv --target churned --id customer_id` starts a study called
    customers; `dvc repro report@customers` runs it. With `--time snapshot_date` the model is tested
    on the latest customers, and other dates count as days before that date.
    """
    from churnlab.onboarding.proposal import Asked
    from churnlab.onboarding.study import plan_study
    from churnlab.paths import find_root

    root = find_root(Path.cwd())
    study = plan_study(file, root, Asked(target, id_column, time, positive), name, url)
    _tell(study)
    if dry_run:
        typer.echo("\nNothing was written (--dry-run).")
        return
    written = [path.relative_to(root).as_posix() for path in study.write(root)]
    typer.echo(f"\nWritten: {', '.join(written)}. The data stay where they are:")
    typer.echo(f"`ingest` takes them from {study.location.words}, if the hash is the same.")
    typer.echo("\nNext:")
    typer.echo(f"  1. read data/catalog/{study.name}.yaml; correct roles, privacy, descriptions")
    typer.echo(f"  2. dvc repro prepare@{study.name}   checks every value, in seconds to minutes")
    typer.echo(f"  3. dvc repro report@{study.name}    everything; then reports/{study.name}.html")


def _tell(study: NewStudy) -> None:
    from rich.console import Console

    share = study.churners / study.rows
    typer.echo(
        f"{study.name}: {study.rows:,} rows, {len(study.columns)} columns; "
        f"{study.churners:,} churned ({share:.2%}, value '{study.positive}'); split: {study.split}."
    )
    Console(highlight=False).print(_columns(study))
    if study.checks:
        typer.echo("\nCheck:")
        for check in study.checks:
            typer.echo(f"  - {check}")


def _columns(study: NewStudy) -> Table:
    """Return the columns as a table; of very many inputs, those that need no look are left out."""
    from rich import box
    from rich.table import Table

    shown = study.columns
    if len(shown) > MOST_SHOWN:
        shown = [c for c in shown if c.role != "input" or c.check or c.kind.missing][:MOST_SHOWN]
    rest = len(study.columns) - len(shown)
    table = Table(box=box.SIMPLE_HEAD, caption=f"and {rest} more columns" if rest else None)
    for head in ("column", "holds", "role", "found", "missing"):
        table.add_column(head, justify="right" if head == "missing" else "left", overflow="fold")
    for column in shown:
        gaps = f"{column.kind.missing:,}" if column.kind.missing else ""
        table.add_row(column.name, column.kind.type, column.role, column.kind.summary, gaps)
    return table
